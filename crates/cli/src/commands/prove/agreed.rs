//! `--acceptance FILE`: everything comes from the file. `--write-acceptance FILE`: a claim becomes such a file.

use std::path::Path;

use leitai_proving::engine::{Acceptance, Case};
use serde_json::json;

use super::case_failure;
use crate::arguments::{Kind, Prove, Trials};
use crate::catalog::Catalog;
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::text::heading;

/// A longer file is none of ours.
const MOST_BYTES: u64 = 1 << 20;

/// The case that the file asks for, and what its folder is called.
pub fn open(context: &Context, catalog: &mut Catalog, arguments: &Prove, file: &Path) -> Result<(Case, String), Failure> {
    only_the_file(context, arguments, file)?;
    let shown = file.display().to_string();
    let text = read(context, file)?;
    let acceptance = Acceptance::read(&shown, &text).map_err(|error| {
        let next = context.say("按上面所说修改该文件，再运行同一命令", "correct that line, then run the same command again");
        Failure::from_error(Exit::Usage, context.language, "验收文件有误", &error, next)
    })?;
    let named = acceptance.manifest.scenario.id.clone();
    let mut given = |kind, word: &Option<String>| word.as_ref().map(|word| catalog.resolve(context, kind, word)).transpose();
    let robot = given(Kind::Robot, &arguments.robot)?;
    let scenario = given(Kind::Scenario, &arguments.scenario)?;
    let solution = given(Kind::Solution, &arguments.solution)?;
    if let Some(other) = scenario.filter(|scenario| *scenario != named) {
        let what = context.say(
            format!("{shown}: 文件指定的场景是“{named}”，而不是“{other}”"),
            format!("{shown}: the file names the scenario `{named}`, not `{other}`"),
        );
        return Err(Failure::usage(what, context.say("去掉 SCENARIO", "leave SCENARIO out")));
    }
    let opened = Case::accept(&catalog.files, &acceptance, robot.as_deref(), solution.as_deref());
    let case = opened.map_err(|error| case_failure(context, catalog, robot.as_deref().unwrap_or("ROBOT"), &named, &error))?;
    let stem = file.file_stem().map_or("acceptance".into(), |stem| stem.to_string_lossy().into_owned());
    let name = format!("{}-{}-{stem}", case.claim.robot.id, case.claim.scenario.id);
    Ok((case, name))
}

/// Whatever else would change the claim is refused.
fn only_the_file(context: &Context, arguments: &Prove, file: &Path) -> Result<(), Failure> {
    let given = [
        ("--set", !arguments.parameters.is_empty()),
        ("--trials", arguments.trials != Trials::Auto),
        ("--limit", arguments.limit.is_some()),
        ("--seed", arguments.seed.is_some()),
        ("--dt", arguments.dt.is_some()),
    ];
    let Some((option, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let file = file.display();
    let what = context.say(
        format!("{option} 不能与 --acceptance 同用：{file} 已定下整个声明"),
        format!("{option} cannot be used with --acceptance: {file} fixes the whole claim"),
    );
    let next = context.say(
        format!("去掉 {option}；或用 --write-acceptance 另写一个文件"),
        format!("leave {option} out, or write another file with --write-acceptance"),
    );
    Err(Failure::usage(what, next))
}

/// The text of a file that a user names.
fn read(context: &Context, file: &Path) -> Result<String, Failure> {
    let failed = |what: String| {
        let next = context.say("给出由 --write-acceptance 写出的文件", "give a file that --write-acceptance wrote");
        Failure::usage(format!("{}: {what}", file.display()), next)
    };
    let size = std::fs::metadata(file).map_err(|error| failed(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(failed(
            context.say(format!("{size} 字节，不是验收文件"), format!("{size} bytes; this is no acceptance file")),
        ));
    }
    std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))
}

/// Writes a file that is not there yet.
pub fn write_new(context: &Context, file: &Path, text: &str) -> Result<(), Failure> {
    let shown = file.display();
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut open| std::io::Write::write_all(&mut open, text.as_bytes()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::usage(
            format!("{shown}: {}", context.say("文件已存在，不会覆盖", "the file is there already and is not overwritten")),
            context.say("换一个文件名，或先移走它", "choose another name, or move it away first"),
        ),
        _ => Failure::usage(format!("{shown}: {error}"), context.say("换一个可写的位置", "choose a place that can be written")),
    })
}

/// Writes the case's claim as a file and says what it fixes. An existing file is never overwritten: somebody may have signed it.
pub fn write(context: &Context, case: &Case, file: &Path) -> Result<Exit, Failure> {
    let shown = file.display().to_string();
    let manifest = Acceptance::of(&case.claim, &case.packages.scenario).map_err(|error| {
        let next = context.say("去掉 --seed", "leave --seed out");
        Failure::from_error(Exit::Usage, context.language, "这一声明不能写成验收文件", &error, next)
    })?;
    write_new(context, file, &manifest.to_string())?;
    let digest = case.claim.digest();
    let run = format!("{} prove --acceptance {shown}", program());
    let mut text = format!("{}  {shown}\n", heading(context.say("验收文件", "Acceptance file")));
    text += &format!("  {} {digest}\n\n{}\n  {run}\n", context.say("声明摘要", "claim digest"), context.say(
        "作为合同附件：可补上 title、made_by、[[require]]（其他限值）与 [terms]（价格、交期）；双方原样运行：",
        "As a contract annex: add title, made_by, [[require]] (other thresholds) and [terms] (price, delivery) as agreed; both sides run it unchanged:",
    ));
    let document = json!({ "acceptance": file, "claim_digest": digest, "claim": case.claim });
    context.print(&document, &text)?;
    Ok(Exit::Good)
}
