//! `leitai hub`: a hub's store, looked after.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use leitai_hub::records::ImportDetail;
use leitai_hub::{BackupError, Part};

use super::publish::{Connection, own_token};
use crate::arguments::{HubAction, Import};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Acts on a store.
pub fn run(context: &Context, action: &HubAction) -> Result<Exit, Failure> {
    match action {
        HubAction::Work { folder, index } => work(context, folder, *index),
        HubAction::Check { data, records } => check(context, &folder(context, data.as_deref())?, !records),
        HubAction::Backup { file, data } => backup(context, &folder(context, data.as_deref())?, file),
        HubAction::Restore { file, data } => restore(context, file, &folder(context, data.as_deref())?),
        HubAction::Import(arguments) => import(context, arguments),
    }
}

/// The store that the user means: the one named, or the user's own.
pub fn folder(context: &Context, named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return Ok(folder.to_path_buf());
    }
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) { variable("LOCALAPPDATA") } else { variable("XDG_DATA_HOME") };
    let base = base.or_else(|| variable("HOME").map(|home| home.join(".local").join("share")));
    base.map(|base| base.join("leitai").join("hub")).ok_or_else(|| {
        Failure::usage(
            context.say("找不到用户的数据文件夹：HOME 未设置", "there is no data folder: HOME is not set"),
            context.say("用 --data 指定存储所在的文件夹", "name the store's folder with --data"),
        )
    })
}

/// Runs one part of a proof.
fn work(context: &Context, folder: &Path, index: u64) -> Result<Exit, Failure> {
    let next = context.say(
        "这条命令由服务站经 Slurm 调用；部分和文件夹都由它给出",
        "the hub has Slurm call this command, and gives it part and folder",
    );
    leitai_hub::work(folder, index)
        .map_err(|error| Failure::from_error(Exit::Failed, context.language, "这一部分无法运行", &error, next))?;
    Ok(Exit::Good)
}

/// A store that is there.
fn existing(context: &Context, folder: &Path) -> Result<(), Failure> {
    if folder.join("hub.sqlite").is_file() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{}: {}", folder.display(), context.say("这里没有服务站的存储", "there is no hub's store here")),
        context.say("用 --data 指定，或先运行 leitai serve", "name it with --data, or run leitai serve first"),
    ))
}

/// Counts on a terminal.
fn counter(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length();
    bar.set_style(
        ProgressStyle::with_template("{msg} {bar:24} {human_pos}/{human_len}  {eta}").expect("the template is well formed"),
    );
    bar.set_message(message);
    bar
}

fn backup(context: &Context, folder: &Path, file: &Path) -> Result<Exit, Failure> {
    existing(context, folder)?;
    let bar = counter(context.say("备份证据包", "bundles"));
    let made = leitai_hub::backup(folder, file, &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let made = made.map_err(|error| failure(context, "无法备份", &error))?;
    let text = context.say(
        format!(
            "{}：证据包 {} 个，{} 字节\n其中有服务站的密钥和运行者的令牌：像对待密码一样保管。\n",
            file.display(),
            made.bundles,
            made.bytes
        ),
        format!(
            "{}: {} bundles, {} bytes\nIt holds the hub's key and the operator's token: keep it as you keep a password.\n",
            file.display(),
            made.bundles,
            made.bytes
        ),
    );
    context.print(&made, &text)?;
    Ok(Exit::Good)
}

fn restore(context: &Context, file: &Path, folder: &Path) -> Result<Exit, Failure> {
    let bar = counter(context.say("恢复文件", "files"));
    let made = leitai_hub::restore(file, folder, &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    made.map_err(|error| failure(context, "无法恢复", &error))?;
    check(context, folder, true)
}

fn failure(context: &Context, lead: &str, error: &BackupError) -> Failure {
    let exit = match error {
        BackupError::Occupied(_) => Exit::Usage,
        BackupError::NotIntact { .. } => Exit::Refused,
        BackupError::Store(_) | BackupError::File { .. } => Exit::Failed,
    };
    Failure::from_error(exit, context.language, lead, error, "")
}

fn check(context: &Context, folder: &Path, bundles: bool) -> Result<Exit, Failure> {
    existing(context, folder)?;
    let bar = counter("");
    let mut shown = None;
    let checked = leitai_hub::check(folder, bundles, &mut |part, done, of| {
        if shown != Some(part) {
            shown = Some(part);
            bar.set_length(of);
            bar.set_message(match part {
                Part::Ledger => context.say("账本", "ledger"),
                Part::Evidence => context.say("证据", "evidence"),
                Part::Bundles => context.say("证据包", "bundles"),
            });
        }
        // Some of them are looked at within a microsecond.
        if done % 64 == 0 || done == of {
            bar.set_position(done);
        }
    });
    bar.finish_and_clear();
    let checked = checked.map_err(|error| Failure::from_error(Exit::Failed, context.language, "无法检查", &error, ""))?;
    let mut text = context.say(
        format!("账本 {} 条，证据 {} 条，证据包 {} 个\n", checked.entries, checked.evidence, checked.bundles),
        format!(
            "{} entries of the ledger, {} pieces of evidence, {} bundles\n",
            checked.entries, checked.evidence, checked.bundles
        ),
    );
    for finding in &checked.findings {
        text += &format!("  {}\n", context.say(&finding.zh, &finding.en));
    }
    let good = checked.findings.is_empty();
    text += context.say(
        if good { "每个数字都能由记录得出。\n" } else { "存储已损坏或被改动；请从备份恢复。\n" },
        if good {
            "Every figure follows from the records.\n"
        } else {
            "The store is damaged or was altered; restore it from a backup.\n"
        },
    );
    context.print(&checked, &text)?;
    Ok(if good { Exit::Good } else { Exit::Refused })
}

/// Sends a file of reported figures to a hub.
fn import(context: &Context, arguments: &Import) -> Result<Exit, Failure> {
    let file = std::fs::read(&arguments.file).map_err(|error| {
        Failure::usage(format!("{}: {error}", arguments.file.display()), context.say("检查路径是否写对", "check the path"))
    })?;
    let token = arguments.token.clone().map_or_else(|| own_token(context), Ok)?;
    let connection = Connection::new(context, &arguments.hub);
    let mut request = connection.agent.post(format!("{}/api/v1/imports", connection.base));
    let told = [
        ("publisher", Some(&arguments.publisher)),
        ("title", Some(&arguments.title)),
        ("date", Some(&arguments.date)),
        ("url", arguments.url.as_ref()),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            request = request.query(name, value);
        }
    }
    let request = request.header("authorization", format!("Bearer {token}")).header("content-type", "text/csv");
    let made: ImportDetail = connection.answer(request.send(&file))?;
    let page = format!("{}/monitor?import={}", connection.base, made.import.digest);
    let text = context.say(
        format!("{page}\n{} 个数据，按上报显示\n", made.import.rows),
        format!("{page}\n{} figures, shown as reported\n", made.import.rows),
    );
    context.print(&serde_json::json!({ "page": page, "import": made }), &text)?;
    Ok(Exit::Good)
}
