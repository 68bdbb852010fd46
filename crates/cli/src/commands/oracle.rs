//! `leitai oracle`: what the engine makes of given states, in MuJoCo's fields, so that anybody can lay it beside MuJoCo.

use std::path::Path;

use leitai_oracle::format::MOST_BYTES;
use leitai_oracle::{answer, read_states};
use leitai_package::disk::Folder;
use leitai_package::urdf::{Base, Options};
use leitai_package::{Loss, load};

use super::view::write_file;
use crate::arguments::Oracle;
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};

/// Answers.
pub fn run(context: &Context, arguments: &Oracle) -> Result<Exit, Failure> {
    let path = arguments.model.to_string_lossy().into_owned();
    let wrong = |file: &Path, error: &dyn std::error::Error| {
        let lead = format!("{}: {}", file.display(), context.say("无法使用", "cannot be used"));
        let mut failure = Failure::from_error(Exit::Usage, context.language, &lead, error, next(context));
        if !failure.what.contains(&*file.to_string_lossy()) {
            failure.what = format!("{}: {}", file.display(), failure.what);
        }
        failure
    };
    let states = read_states(&read(context, &arguments.states)?).map_err(|error| wrong(&arguments.states, &error))?;
    let options = Options {
        base: if arguments.urdf.floating || states.floating { Base::Floating } else { Base::Fixed },
        packages: arguments.urdf.packages.iter().map(|folder| folder.to_string_lossy().into_owned()).collect(),
        visual: false,
    };
    let mut loaded = load(path.strip_prefix("./").unwrap_or(&path), &Folder::anywhere("."), &options)
        .map_err(|error| wrong(&arguments.model, &error))?;
    if arguments.model.extension().is_some_and(|e| e.eq_ignore_ascii_case("urdf")) {
        // So that inertias which MuJoCo's importer refuses do not end the comparison.
        loaded.spec.inertia.balance = true;
        if states.fusestatic.unwrap_or(true) {
            loaded.spec.fuse_static().map_err(|error| wrong(&arguments.model, &error))?;
        }
    }
    let unread: Vec<_> = loaded.reports.iter().filter(|report| report.loss == Loss::Motion).collect();
    for report in &unread {
        let what = context.say(&report.zh, &report.what);
        context.note(&format!("{}:{}: {what}", report.file, report.line));
    }
    let model = loaded.spec.build().map_err(|error| wrong(&arguments.model, &error))?;
    let name = arguments.model.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let answers = answer(&name, &model, &states.states).map_err(|error| wrong(&arguments.states, &error))?;
    let text = answers.to_text().map_err(|error| wrong(&arguments.states, &error))?;
    match &arguments.out {
        None => context.print_text(&text)?,
        Some(out) => {
            write_file(context, out, &text)?;
            let (states, contacts) = (answers.states.len(), answers.states.iter().map(|s| s.contact.ncon).sum::<usize>());
            context.print(
                &serde_json::json!({ "answers": out, "states": states, "contacts": contacts, "not_read": unread.len() }),
                &context.say(
                    format!("{}：{states} 个状态，{contacts} 个接触点\n", out.display()),
                    format!("{}: states {states}, contacts {contacts}\n", out.display()),
                ),
            )?;
        }
    }
    Ok(Exit::Good)
}

fn next(context: &Context) -> String {
    let help = format!("{} oracle --help", program());
    context.say(format!("按上面所说修改，或看 {help}"), format!("change what is said above, or see {help}"))
}

/// The bytes of a file that is not too large to hold.
fn read(context: &Context, path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |what: String| Failure::usage(format!("{}: {what}", path.display()), next(context));
    let about = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?;
    if !about.is_file() || about.len() > MOST_BYTES as u64 {
        return Err(fail(context.say("不是文件，或超过 1 GiB", "is no file, or is larger than 1 GiB").into()));
    }
    std::fs::read(path).map_err(|error| fail(error.to_string()))
}
