//! `--help` in Chinese.
//!
//! The English text stands beside each argument in `arguments`; here stands the Chinese, by command and argument. A test holds
//! the two together.

use clap::Command;
use leitai_proving::verdict::Language;

/// Exit codes and the first steps, under the list of commands.
const AFTER_EN: &str = "\
Exit codes: 0 proved or done · 1 the machine stood in the way · 2 wrong command line or file · 3 refuted · 4 undecided
            5 rejected before any trial · 6 bundle refused, or fresh trials disagree · 130 interrupted

A ROBOT, SCENARIO or SOLUTION is a catalog id (leitai list) or the path of a package folder (./my-robot).
中文帮助: leitai --help --lang zh";
const AFTER_ZH: &str = "\
退出码：0 已证实或完成 · 1 本机原因未能完成 · 2 命令行或文件有误 · 3 已证伪 · 4 未决
        5 未经试验即不予试验 · 6 证据包被拒绝，或新增试验与之不符 · 130 被中断

机器人、场景、方案可写目录中的编号（leitai list），也可写包所在文件夹的路径（./my-robot）。
English help: leitai --help --lang en";

/// Chinese for each command and argument: path of the command, argument (empty for the command itself), text.
const ZH: &[(&str, &str, &str)] = &[
    ("", "", "擂台：机器人试验场。某款机器人能否胜任某项任务，由任何人都可重跑的试验来判定"),
    ("", "lang", "消息语言 zh 或 en；默认随系统"),
    ("", "json", "在标准输出给出一个 JSON 文档，供程序读取"),
    ("", "catalog", "目录文件夹，其中的包优先于内置的包"),
    ("", "help", "显示帮助"),
    ("", "version", "显示版本"),
    ("prove", "", "判定“某机器人能胜任某任务”这一声明，并写出证据"),
    ("prove", "robot", "机器人编号，或其包所在的文件夹"),
    ("prove", "scenario", "场景编号，或其包所在的文件夹"),
    ("prove", "acceptance", "原样运行该验收文件所定的任务；文件未指定机器人时才需给出 ROBOT"),
    ("prove", "write_acceptance", "把声明写成验收文件，供他人用 --acceptance 运行；本次不做试验"),
    ("prove", "solution", "作业方案的编号或文件夹；默认取为该场景编写的第一个"),
    ("prove", "parameters", "设定声明参数，如 block_mass_kg=25；可重复"),
    ("prove", "trials", "恰好 N 次试验；auto 则按判定所需"),
    ("prove", "limit", "最多 N 次试验，代替场景的上限"),
    ("prove", "seed", "人工指定随机种子；结果标为探索性"),
    ("prove", "dt", "仿真步长（秒），代替场景的步长"),
    ("prove", "jobs", "线程数，默认用满本机；结果与其无关"),
    ("prove", "resume", "继续被中断的运行"),
    ("prove", "out", "证据包和报告的文件夹；默认 out/<声明>"),
    ("prove", "key", "用此密钥签名，代替自己的密钥"),
    ("prove", "unsigned", "不签名"),
    ("prove", "no_controls", "不运行对照组（对照组用来说明场景本身可靠）"),
    ("verify", "", "验证证据包：签名、摘要，并重跑试验逐位比对"),
    ("verify", "bundle", "证据包或其所在的文件夹"),
    ("verify", "reexecute", "只重跑由验证者种子抽出的 N 次；默认全部"),
    ("verify", "fresh", "用验证者自己的种子新增 N 次试验，看是否相符"),
    ("verify", "seed", "验证者的种子；不给则随机抽取并打印"),
    ("verify", "jobs", "线程数，默认用满本机"),
    ("compare", "", "在相同种子上逐次比较同一任务的两个证据包"),
    ("compare", "a", "第一个证据包或其文件夹"),
    ("compare", "b", "第二个；若种子不同，则将其机器人和方案在第一个的种子上重跑"),
    ("compare", "jobs", "线程数，默认用满本机"),
    ("view", "", "在浏览器中打开证据包的报告，或模型"),
    ("view", "target", "证据包、运行的文件夹、目录编号、包的文件夹，或 MJCF、URDF 文件"),
    ("view", "packages", "在此文件夹中查找 URDF 的 package://NAME/…；可重复"),
    ("view", "floating", "URDF 的根连杆浮动，而不是固定在世界上"),
    ("view", "out", "把网页写到此处，不打开"),
    ("view", "no_open", "只写网页并打印路径，不打开"),
    ("robot", "", "检查机器人描述文件"),
    ("robot check", "", "逐条说明可疑之处：质量、惯量、限位、姿态、碰撞、未采用的内容"),
    ("robot check", "target", "目录编号、包的文件夹，或 MJCF、URDF 文件"),
    ("robot check", "packages", "在此文件夹中查找 URDF 的 package://NAME/…；可重复"),
    ("robot check", "floating", "URDF 的根连杆浮动，而不是固定在世界上"),
    ("test", "", "在机器人模型上执行检验规程"),
    ("test datasheet", "", "把厂家所述（质量、臂展、负载）与模型比对；有不符则退出码为 3"),
    ("test datasheet", "robot", "机器人编号、包所在的文件夹，或 MJCF、URDF 文件"),
    ("test datasheet", "tip", "用于文件：手臂末端的物体；默认为最长关节链的末端"),
    ("test datasheet", "packages", "在此文件夹中查找 URDF 的 package://NAME/…；可重复"),
    ("test datasheet", "floating", "URDF 的根连杆浮动，而不是固定在世界上"),
    ("test datasheet", "state", "用于文件：厂家所述，如 mass_kg=18、reach_m=0.855、payload_kg=3；可重复"),
    ("test iso9283", "", "在仿真中执行 ISO 9283（GB/T 12642）规程：位姿、距离、稳定、轨迹、速度、柔顺性"),
    ("test iso9283", "robot", "机器人编号，或其包所在的文件夹"),
    ("test iso9283", "load_kg", "负载质量（kg），或 rated：取包中所述的额定负载"),
    ("test iso9283", "speed", "位姿与轨迹检验的速度，额定值的百分数"),
    ("test iso9283", "cycles", "位姿检验的循环次数；默认为标准的 30"),
    ("test iso9283", "ideal", "不模拟任何误差源：检验无效，只显示伺服本身的作用"),
    ("test iso9283", "seed", "所有随机抽取由此数得出"),
    ("test iso9283", "out", "把报告（report.html、report.json、report.txt）写入此文件夹"),
    ("test contact", "", "参照 ISO/TS 15066，在仿真中测量运动手臂的接触力（自由与夹紧）；限值未核实"),
    ("test contact", "robot", "机器人编号，或其包所在的文件夹"),
    ("test contact", "region", "身体部位，如 chest,hand-fingers；默认全部"),
    ("test contact", "load_kg", "负载质量（kg），或 rated：取包中所述的额定负载"),
    ("test contact", "at", "另给出工具以此速度（m/s）运动时的力"),
    ("test contact", "seed", "所有随机抽取由此数得出"),
    ("test contact", "out", "把报告（report.html、report.json、report.txt）写入此文件夹"),
    ("program", "", "运动程序：检查、在物理仿真中运行、写成厂家语言、从厂家语言读入"),
    ("program check", "", "运行前先证明：可达、限位、奇异姿态、碰撞、循环时间；有任何一项不允许则退出码为 2"),
    ("program check", "file", "运动程序（docs/offline-programming.md），或 URScript（.script）、RAPID（.mod）文本"),
    ("program check", "robot", "机器人，代替程序所指定的：编号，或其包所在的文件夹"),
    ("program run", "", "在物理仿真中运行，给出机械臂的跟踪误差"),
    ("program run", "file", "运动程序，或 URScript（.script）、RAPID（.mod）文本"),
    ("program run", "robot", "机器人，代替程序所指定的"),
    ("program export", "", "写成厂家语言；文本未在厂家控制器上运行"),
    ("program export", "file", "运动程序"),
    ("program export", "language", "urscript 或 rapid"),
    ("program export", "robot", "机器人，代替程序所指定的"),
    ("program export", "out", "写到此文件，代替标准输出"),
    ("program import", "", "把厂家语言子集中的文本读成运动程序"),
    ("program import", "file", "文本文件"),
    ("program import", "language", "urscript 或 rapid；不给则按文件名后缀（.script、.mod）"),
    ("program import", "out", "写到此文件，代替标准输出"),
    ("tune", "", "按驱动关节的部件自整定伺服环"),
    ("tune", "robot", "机器人编号，或其包所在的文件夹"),
    ("tune", "assume_parts", "机器人未写明部件时用假设的通用部件；结果会注明"),
    ("tune", "out", "把图页写到此处 [默认：ROBOT-tune.html]"),
    ("list", "", "列出目录中的包"),
    ("list", "kind", "只列其一：robots 机器人、parts 部件、scenarios 场景、solutions 方案"),
    ("show", "", "显示一个包：身份、数据及来源、要求、假设"),
    ("show", "package", "目录编号（如 ur20），或包所在的文件夹"),
    ("oracle", "", "按 MuJoCo 的字段和约定，给出模型在所给各状态下的计算结果，供比对"),
    ("oracle", "model", "MJCF 或 URDF 文件；URDF 按 MuJoCo 导入的方式读取，不含只供显示的形状"),
    (
        "oracle",
        "states",
        "各状态：{\"states\":[{\"qpos\":[],\"qvel\":[],\"ctrl\":[],\"act\":[]}]}，或完整的答案文件（见 oracle/README.md）",
    ),
    ("oracle", "packages", "在此文件夹中查找 URDF 的 package://NAME/…；可重复"),
    ("oracle", "floating", "URDF 的根连杆浮动，而不是固定在世界上"),
    ("oracle", "out", "把答案写到此处，而不是标准输出"),
    ("serve", "", "运行服务站：在浏览器中查看目录，以及被重新执行的证据"),
    ("serve", "data", "存储所在的文件夹；默认为用户的数据文件夹"),
    ("serve", "address", "监听的地址和端口"),
    ("serve", "sample", "每个发布的证据包重跑的试验次数"),
    ("serve", "rate", "每个地址平均每秒的请求数（本机除外）；0 为不限"),
    ("serve", "behind_proxy", "前面有代理：由它提供 TLS，并在 X-Forwarded-For 中给出请求者"),
    ("serve", "jobs", "重跑所用的线程数，默认用满本机"),
    ("serve", "executor", "证明的试验在何处运行：threads 本机线程，slurm 作为 Slurm 的任务"),
    ("serve", "slurm_folder", "各节点以同一路径可见的文件夹；默认为存储中的 units"),
    ("serve", "slurm_partition", "分区；默认由 Slurm 选择"),
    ("serve", "slurm_tasks", "每个作业数组的任务数"),
    ("serve", "slurm_trials", "每个任务的试验次数"),
    ("serve", "no_open", "不打开浏览器"),
    ("publish", "", "把证据包发布到服务站"),
    ("publish", "bundle", "证据包或其所在的文件夹"),
    ("publish", "hub", "服务站的地址"),
    ("publish", "token", "有权发布者的令牌；在服务站本机上会自动找到"),
    ("publish", "no_wait", "立即返回，不等服务站重跑完抽样"),
    ("match", "", "按需求查找产品，以已证实的结果排名"),
    ("match", "need", "需求文件：任务、参数与限制（写法见 docs/hub.md）"),
    ("match", "hub", "询问此服务站；不给则用本机的目录和存储"),
    ("match", "data", "本机存储所在的文件夹；默认为用户的数据文件夹"),
    ("match", "show", "显示 N 个产品"),
    ("match", "acceptance", "把对某一产品的约定写成文件，供 leitai prove --acceptance 运行"),
    ("match", "robot", "所选的产品"),
    ("hub", "", "照管服务站的存储"),
    ("hub work", "", "运行一项证明的一部分，把结果留在文件夹中；Slurm 的任务即如此运行"),
    ("hub work", "folder", "该证明各部分所在的文件夹，由服务站建立"),
    ("hub work", "index", "第几部分"),
    ("hub check", "", "检查每个数字都能由记录得出：账本、证据包、计数"),
    ("hub check", "data", "存储所在的文件夹；默认为用户的数据文件夹"),
    ("hub check", "records", "只检查账本、证据记录和计数，不逐个读证据包"),
    ("hub backup", "", "把整个存储写入一个文件，服务站运行时也可以；其中有服务站的密钥和运行者的令牌，须保密"),
    ("hub backup", "file", "要写的文件；不能已经存在"),
    ("hub backup", "data", "存储所在的文件夹；默认为用户的数据文件夹"),
    ("hub restore", "", "由备份重建存储，并检查"),
    ("hub restore", "file", "备份文件"),
    ("hub restore", "data", "存储的文件夹，须为空或不存在；默认为用户的数据文件夹"),
    ("hub import", "", "把上报数据的 CSV 文件连同来源发送到服务站"),
    ("hub import", "file", "文件：UTF-8，列为 indicator、period、district、value、unit、note"),
    ("hub import", "publisher", "数据的发布者"),
    ("hub import", "title", "出处的标题"),
    ("hub import", "date", "发布日期，如 2026-01-31"),
    ("hub import", "url", "出处的网址"),
    ("hub import", "hub", "服务站的地址"),
    ("hub import", "token", "有权导入者的令牌；在服务站本机上会自动找到"),
    ("key", "", "生成签名密钥，管理信任的密钥"),
    ("key new", "", "生成签署证据包的 Ed25519 密钥；绝不覆盖已有文件"),
    ("key new", "file", "私钥存放位置（权限 0600）；公钥在旁边，以 .pub 结尾"),
    ("key show", "", "显示密钥的编号和公钥"),
    ("key show", "file", "私钥或公钥文件；默认为自己的密钥"),
    ("key trust", "", "验证时信任某人的公钥"),
    ("key trust", "file", "对方的公钥文件"),
    ("key trust", "name", "显示的名称；默认取文件名"),
    ("key list", "", "列出自己的密钥和信任的密钥"),
    ("completions", "", "输出命令补全脚本"),
    ("completions", "shell", "bash、zsh、fish、elvish 或 powershell"),
];

/// The command with all its help in this language.
pub fn in_language(command: Command, language: Language) -> Command {
    match language {
        Language::En => command.after_help(AFTER_EN),
        Language::Zh => chinese(command.after_help(AFTER_ZH), ""),
    }
}

fn chinese(command: Command, path: &str) -> Command {
    let own = |argument: &str| {
        let of = |path: &str| ZH.iter().find(|(p, a, _)| *p == path && *a == argument).map(|(_, _, text)| *text);
        of(path).or_else(|| if argument.is_empty() { None } else { of("") })
    };
    let mut command = command
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .mut_args(|argument| {
            let heading = match (argument.is_positional(), argument.get_help_heading()) {
                (true, _) => "参数",
                (false, Some(_)) => "通用选项",
                (false, None) => "选项",
            };
            let argument = argument.help_heading(heading);
            match own(argument.get_id().as_str()) {
                Some(text) => argument.help(text),
                None => argument,
            }
        });
    if let Some(about) = own("") {
        command = command.about(about);
    }
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_string()).collect();
    for name in names {
        let inner = format!("{path} {name}").trim_start().to_string();
        command = command.mut_subcommand(&name, |subcommand| chinese(subcommand, &inner));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::CommandFactory;

    fn paths(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
        found.push((path.to_string(), String::new()));
        found.extend(command.get_arguments().map(|argument| (path.to_string(), argument.get_id().to_string())));
        for inner in command.get_subcommands() {
            paths(inner, format!("{path} {}", inner.get_name()).trim_start(), found);
        }
    }

    #[test]
    fn every_argument_has_chinese_help_and_nothing_else_has() {
        let mut found = Vec::new();
        paths(&Arguments::command(), "", &mut found);
        let written: Vec<_> = ZH.iter().map(|(path, argument, _)| (path.to_string(), argument.to_string())).collect();
        let missing: Vec<_> = found.iter().filter(|entry| !written.contains(entry)).collect();
        let stale: Vec<_> = written.iter().filter(|entry| !found.contains(entry)).collect();
        assert!(missing.is_empty() && stale.is_empty(), "without Chinese: {missing:?}; without an argument: {stale:?}");
    }

    /// Clap checks a command's definition only when asked.
    #[test]
    fn the_command_is_well_formed_in_both_languages() {
        for language in [Language::Zh, Language::En] {
            in_language(Arguments::command(), language).debug_assert();
        }
    }
}
