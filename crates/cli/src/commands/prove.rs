//! `leitai prove`: from a claim to its evidence.

/// Acceptance files.
pub mod agreed;
mod announce;
mod folder;
mod progress;

use std::path::{Path, PathBuf};

use leitai_proving::bundle::{Bundle, WriteError};
use leitai_proving::engine::{AcceptanceError, Case, CaseError, Options, Proof, ProveError, Request, prove};
use leitai_proving::envelope::Signer;
use leitai_proving::key::SecretKey;
use leitai_proving::schedule::RunError;
use serde_json::json;

use super::{key, view};
use crate::arguments::{Kind, Prove, Trials, threads};
use crate::catalog::Catalog;
use crate::context::{Context, again, program};
use crate::failure::{Exit, Failure};
use crate::verdict;
use folder::Folder;
use progress::Watcher;

/// Proves.
pub fn run(context: &Context, arguments: &Prove) -> Result<Exit, Failure> {
    let mut catalog = Catalog::open(context)?;
    let (case, name) = match &arguments.acceptance {
        Some(file) => agreed::open(context, &mut catalog, arguments, file)?,
        None => {
            let request = request(context, &mut catalog, arguments)?;
            let opened = Case::open(&catalog.files, &request);
            let case = opened.map_err(|error| case_failure(context, &catalog, &request.robot, &request.scenario, &error))?;
            (case, folder::name(&request, arguments))
        }
    };
    if let Some(file) = &arguments.write_acceptance {
        return agreed::write(context, &case, file);
    }
    // Before the run, so that a wrong key costs nobody a minute.
    let key = signing_key(context, arguments)?;
    let folder = Folder::open(context, arguments.out.as_deref(), &name)?;

    if !context.json {
        context.print_text(&announce::text(context, &case))?;
    }
    let proof = settle(context, arguments, &case, &folder)?;
    let bundle = folder.bundle();
    proof.seal(&bundle, key.as_ref()).map_err(|error| write_failure(context, &error))?;
    let written = Written::of(context, &folder)?;
    folder.finish();
    report(context, &proof, &written, arguments.unsigned)
}

/// What stands on the disk after a run.
struct Written {
    bundle: PathBuf,
    read: Bundle,
    page: Option<PathBuf>,
}

impl Written {
    /// Reads the bundle back, as anyone else will, and writes its report beside it.
    fn of(context: &Context, folder: &Folder) -> Result<Self, Failure> {
        let path = folder.bundle();
        let read = Bundle::read(&path)
            .map_err(|error| Failure::from_error(Exit::Failed, context.language, "刚写出的证据包无法读回", &error, ""))?;
        let page = match view::report_page(context, &read)? {
            Some(html) => {
                let target = folder.report();
                view::write_file(context, &target, &html)?;
                Some(target)
            }
            None => None,
        };
        Ok(Self { bundle: path, read, page })
    }
}

/// What is asked for, with packages on disk laid over the catalog.
fn request(context: &Context, catalog: &mut Catalog, arguments: &Prove) -> Result<Request, Failure> {
    let mut parameters = std::collections::BTreeMap::new();
    for (name, value) in &arguments.parameters {
        if parameters.insert(name.clone(), *value).is_some() {
            return Err(Failure::usage(
                format!("--set {name}: {}", context.say("设定了两次", "set twice")),
                context.say("只保留一个", "keep one of the two"),
            ));
        }
    }
    let solution = arguments.solution.as_ref().map(|word| catalog.resolve(context, Kind::Solution, word)).transpose()?;
    Ok(Request {
        robot: catalog.resolve(context, Kind::Robot, arguments.robot.as_deref().unwrap_or_default())?,
        scenario: catalog.resolve(context, Kind::Scenario, arguments.scenario.as_deref().unwrap_or_default())?,
        solution,
        parameters,
        trials: match arguments.trials {
            Trials::Auto => None,
            Trials::Exactly(trials) => Some(trials),
        },
        most: arguments.limit,
        seed: arguments.seed,
        dt_s: arguments.dt,
    })
}

fn case_failure(context: &Context, catalog: &Catalog, robot: &str, scenario: &str, error: &CaseError) -> Failure {
    let (lead, next) = match error {
        CaseError::Packages(_) => {
            ("包有误", context.say("按上面所说修改，再运行同一命令", "correct that, then run the same command again").to_string())
        }
        CaseError::Acceptance(AcceptanceError::NoRobot { .. }) => {
            ("验收文件没有指定机器人", again(context.say("机器人", "ROBOT")))
        }
        CaseError::Acceptance(AcceptanceError::Request { .. }) | CaseError::Request(_) => {
            ("所求与场景不符", format!("{} show {scenario}", program()))
        }
        CaseError::Acceptance(_) => (
            "验收文件与此处的包不符",
            context.say("按上面所说处理，再运行同一命令", "do what it says, then run the same command again").to_string(),
        ),
        CaseError::Claim(_) => ("这一声明无法判定", format!("{} prove --help", program())),
        CaseError::Cell(_) => ("机器人、工具与场景无法组合", format!("{} robot check {robot}", program())),
    };
    let mut failure = Failure::from_error(Exit::Usage, context.language, lead, error, next);
    failure.what = catalog.where_it_is(&failure.what);
    failure
}

/// The key that signs: the one named, else the user's own, else none.
fn signing_key(context: &Context, arguments: &Prove) -> Result<Option<SecretKey>, Failure> {
    match &arguments.key {
        Some(path) => key::read(context, path).map(Some),
        None if arguments.unsigned => Ok(None),
        None => key::own(context),
    }
}

/// Runs the trials, with a bar on the terminal and an ear for Ctrl-C.
fn settle(context: &Context, arguments: &Prove, case: &Case, folder: &Folder) -> Result<Proof, Failure> {
    let watcher = Watcher::new(context, case);
    let stop = crate::stop::flag({
        let watcher = watcher.clone();
        move || watcher.stopping()
    });
    let jobs = threads(arguments.jobs);
    let journal = folder.journal();
    if !arguments.resume && journal.exists() {
        context.note(context.say(
            "注意：上一次运行被中断，其试验记录将被覆盖；要继续它，请加 --resume",
            "note: an interrupted run left its trials here, and they are replaced; --resume would continue it",
        ));
    }
    let options = Options { jobs, journal: Some(&journal), resume: arguments.resume, controls: !arguments.no_controls, stop };
    let result = prove(case, &options, &mut |stage| watcher.show(&stage));
    watcher.finish();
    result.map_err(|error| prove_failure(context, case, &error))
}

fn prove_failure(context: &Context, case: &Case, error: &ProveError) -> Failure {
    let again = again("--resume");
    match error {
        ProveError::Run(RunError::Interrupted { done }) => Failure {
            exit: Exit::Interrupted,
            what: context.say(
                format!("已在 {done} 次试验后停止；做完的试验都已记下，没有写出证据包"),
                format!("stopped after {done} trials; those are kept, and no bundle was written"),
            ),
            next: again,
        },
        ProveError::Stopped => Failure {
            exit: Exit::Interrupted,
            what: context
                .say(
                    "已在最后一次试验后停止；试验都已记下，没有写出证据包",
                    "stopped after the last trial; the trials are kept, and no bundle was written",
                )
                .to_string(),
            next: again,
        },
        ProveError::Journal(_) | ProveError::Run(RunError::Journal(_)) => Failure::from_error(
            Exit::Failed,
            context.language,
            "试验记录无法使用",
            error,
            context.say("不带 --resume 重新运行", "run it again without --resume"),
        ),
        ProveError::Case(_) | ProveError::Trial(_) | ProveError::Run(RunError::Trial(_)) => Failure::from_error(
            Exit::Failed,
            context.language,
            "有一次试验无法运行",
            error,
            format!("{} robot check {}", program(), case.claim.robot.id),
        ),
    }
}

fn write_failure(context: &Context, error: &WriteError) -> Failure {
    let next = context.say(
        "检查磁盘空间和权限，再用 --resume 运行同一命令",
        "look at disk space and permissions, then run the same command with --resume",
    );
    Failure::from_error(Exit::Failed, context.language, "证据包无法写出", error, next)
}

/// Tells what came out.
fn report(context: &Context, proof: &Proof, written: &Written, unsigned: bool) -> Result<Exit, Failure> {
    let evidence = &written.read.evidence;
    let decided = &evidence.verdict;
    let signer = written
        .read
        .signer(&key::trusted(context)?)
        .map_err(|error| Failure::from_error(Exit::Failed, context.language, "签名有误", &error, ""))?;
    let name = program();
    let shown = |path: &Path| path.display().to_string();
    let mut text = verdict::text(context, evidence);
    text += &announce::rests_on(context, &proof.case);
    text += &format!("\n{}  {}\n", context.say("证据包", "bundle"), shown(&written.bundle));
    text += &format!("        {} · {}\n", written.read.digest(), verdict::signer(context, &signer));
    if let Some(page) = &written.page {
        text += &format!("{}  {}\n", context.say("报告  ", "report"), shown(page));
    }
    let folder = written.bundle.parent().map_or_else(|| shown(&written.bundle), shown);
    text += &format!(
        "\n{}\n  {name} view {folder}\n  {name} verify {folder}\n",
        context.say("查看报告，或由任何人重跑验证：", "look at it, or let anyone check it by running it again:"),
    );
    if signer == Signer::Unsigned && !unsigned {
        let why = context.say("生成密钥后，下次的证据包由你签名", "make a key, and the next bundle carries your signature");
        text += &format!("  {name} key new   # {why}\n");
    }
    let document = json!({
        "decision": decided.decision,
        "sentence": { "zh": decided.sentence(leitai_proving::verdict::Language::Zh), "en": decided.sentence(leitai_proving::verdict::Language::En) },
        "claim": evidence.claim,
        "claim_digest": evidence.claim.digest(),
        "plan": proof.plan,
        "warnings": proof.case.warnings,
        "verdict": decided,
        "controls": proof.evidence.controls,
        "reasons": proof.evidence.reasons,
        "bundle": written.bundle,
        "bundle_digest": written.read.digest(),
        "signer": signer,
        "report": written.page,
    });
    context.print(&document, &text)?;
    Ok(decided.decision.into())
}
