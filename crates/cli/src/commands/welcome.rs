//! `leitai` alone: what it can do, and the first commands to try.

use serde::Serialize;

use crate::catalog::{Catalog, KINDS};
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::text::heading;

#[derive(Serialize)]
struct Welcome {
    name: &'static str,
    version: &'static str,
    packages: std::collections::BTreeMap<&'static str, usize>,
    try_first: Vec<String>,
}

/// Says hello.
pub fn run(context: &Context) -> Result<Exit, Failure> {
    let catalog = Catalog::open(context)?;
    let name = program();
    let tries = [
        ("list", "看目录里有哪些机器人和任务", "the robots and jobs at hand"),
        ("prove ur20 con-block-palletizing", "判定一项声明，约一分钟", "settle a claim; it takes about a minute"),
        ("view out/ur20-con-block-palletizing", "在浏览器中看报告和三维回放", "look at the report and replay in a browser"),
    ];
    let commands: Vec<String> = tries.iter().map(|(command, ..)| format!("{name} {command}")).collect();
    let width = commands.iter().map(String::len).max().unwrap_or(0);
    let lines: Vec<String> = commands
        .iter()
        .zip(&tries)
        .map(|(command, (_, zh, en))| format!("  {command:width$}   {}", context.say(zh, en)))
        .collect();
    let counts = KINDS.iter().map(|k| (k.folder, catalog.ids(k.kind).len())).collect();
    let text = format!(
        "{}\n{}\n\n{}\n{}\n\n{}\n",
        heading(&format!("Leitai 擂台 {}", env!("CARGO_PKG_VERSION"))),
        context.say(
            "机器人试验场：某款机器人能否胜任某项任务，由任何人都可重跑、逐位一致的试验来判定。\n\
             可以：判定声明并出具签名证据（prove），重跑验证他人的证据（verify），同种子比较两款机器人（compare），\n\
             查看报告与模型（view），检查机器人描述文件（robot check），浏览目录（list、show）。",
            "A proving ground for robots: whether this robot can do this job is settled by trials that anyone can run\n\
             again and get the same bits. It proves claims and signs the evidence (prove), verifies a stranger's evidence\n\
             by running it again (verify), compares two robots on the same seeds (compare), shows reports and models\n\
             (view), checks robot descriptions (robot check) and browses the catalog (list, show).",
        ),
        context.say("先试这三条：", "Try first:"),
        lines.join("\n"),
        context.say(
            &format!("全部命令：{name} --help        English: {name} --lang en"),
            &format!("All commands: {name} --help        中文: {name} --lang zh"),
        ),
    );
    let version = env!("CARGO_PKG_VERSION");
    context.print(&Welcome { name: "leitai", version, packages: counts, try_first: commands }, &text)?;
    Ok(Exit::Good)
}
