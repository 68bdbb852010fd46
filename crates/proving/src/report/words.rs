//! What a trial says of itself, in Chinese.
//!
//! Outcomes are evidence and carry one language, English. Their sentences are built from the patterns below, so a page can say
//! them in Chinese too; a sentence that fits none is shown as it is.

/// English pattern and its Chinese form. `{}` stands for any text; in the Chinese form `{0}` is the first such text, and so on.
const SENTENCES: &[(&str, &str)] = &[
    // What a task program does.
    ("move home", "回到初始姿态"),
    ("move to {} mm above {}", "移动到{1}上方 {0} mm"),
    ("approach {}", "直线接近{0}"),
    ("lower onto {}", "下放到{0}"),
    ("retreat by {} mm", "直线退出 {0} mm"),
    ("take hold", "夹取"),
    ("let go", "松开"),
    ("wait {} s", "等待 {0} s"),
    ("rise", "上升"),
    ("sink", "下降"),
    ("insert", "插孔"),
    ("zero the sensor", "传感器清零"),
    ("touch the face", "触碰孔口端面"),
    ("come down leaning", "倾斜下降"),
    ("lean against the wall", "靠向孔壁"),
    ("stand up", "扶正"),
    ("slide in", "推入"),
    ("come back", "退出"),
    ("trace", "沿面作业"),
    ("watch the site", "观察工位起伏"),
    ("come down", "下降"),
    ("press", "加压"),
    ("go over the patch", "沿面行进"),
    ("scoop", "舀取"),
    ("feel for the floor", "探触碗底"),
    ("sweep the floor", "贴底推扫"),
    ("turn level", "放平"),
    ("shed what lies loose", "抖落松散食物"),
    ("offer", "送餐"),
    ("come to the mouth", "靠近口部"),
    ("wait for the bite", "等待进食"),
    ("leave", "离开"),
    ("finished", "完成"),
    ("hold", "保持不动"),
    ("the piece", "工件"),
    ("the bowl", "碗"),
    ("its place", "目标位置"),
    // Why it could not.
    ("site {} was measured {} times, {} are needed", "位置 {0} 只测得 {1} 次，需要 {2} 次"),
    ("piece {} was measured {} times, {} are needed", "第 {0} 件只测得 {1} 次，需要 {2} 次"),
    ("piece {} does not fit the tool", "第 {0} 件与工具不匹配"),
    ("the piece has not been seen", "未测得工件位姿"),
    ("the place has not been seen", "未测得目标位置"),
    ("nothing is held that could be placed", "没有夹持可放置的工件"),
    ("from above, {}", "从上方：{0}"),
    ("the move cannot start: {}", "运动无法开始：{0}"),
    ("the goal is blocked: {}", "目标姿态受阻：{0}"),
    ("no way around was found: {}", "未找到无碰撞路径：{0}"),
    ("no way was found on which joint {} can hold what the arm carries", "未找到关节 {0} 能承受负载的路径"),
    ("the held piece would touch {}", "所夹工件会碰到 {0}"),
    ("{} would touch {}", "{0} 会碰到 {1}"),
    (
        "no posture reaches the pose; the nearest of {} tries misses by {} mm and {}",
        "没有姿态能到达该位姿；{0} 次求解中最近的相差 {1} mm、{2}",
    ),
    ("joint {} meets its limit after {} % of the straight line", "沿直线走完 {1} % 时关节 {0} 到达限位"),
    ("the straight line leaves the arm's reach after {} % (missed by {} mm)", "直线走完 {0} % 时超出臂展（相差 {1} mm）"),
    ("the jaws closed on nothing", "夹爪空合，没有夹到工件"),
    ("the jaws did not come to a grip", "夹爪未能夹紧"),
    ("the jaws stopped at {} mm on a piece of {} mm", "夹爪停在 {0} mm，而工件长 {1} mm"),
    ("no vacuum: the cups do not seal", "没有真空：吸盘未密封"),
    ("the grip was closed without an approach to a piece", "未接近工件便夹紧"),
    ("the tool did not open", "工具未能打开"),
    ("only a job has a piece and a target", "只有任务步骤才有工件和目标"),
    ("home is a posture, not a place", "初始姿态不是位置"),
    ("protective stop: joint {} is {} rad from where it should be", "保护性停机：关节 {0} 偏离应在位置 {1} rad"),
    ("the piece was lost from the tool", "工件从工具中脱落"),
    ("the tool holds nothing", "该工具不夹持工件"),
    ("nothing is to be done with the tip", "没有须用工具末端完成的工作"),
    ("there is no force sensor at the wrist", "腕部没有力传感器"),
    ("there is no surface to go over", "没有须沿行的表面"),
    ("the surface was not felt where it must be", "在应有表面处未触到表面"),
    ("the tip did not go in from any side", "从各侧均未能插入"),
    ("there is no bowl to take food from", "没有可取食的碗"),
    ("nothing is taken from the bowl after this", "此后没有从碗中取食的步骤"),
    ("the floor of the bowl was not felt where it must be", "在应有碗底处未触到碗底"),
    ("the straight way to the mouth is blocked", "到口部的直线路径受阻"),
    ("from over the bowl, {}", "从碗上方出发，{0}"),
    // What a trial says.
    ("not finished within {} s", "{0} s 内未完成"),
    ("piece {} was dropped", "第 {0} 件掉落"),
    ("piece {} leaves its place", "第 {0} 件被取走"),
    ("piece {} falls", "第 {0} 件掉落"),
    ("joint {} was at its torque limit for {} s", "关节 {0} 处于力矩上限 {1} s"),
    ("the simulation became unstable at {} s at body {}: {}", "仿真在 {0} s 失稳：物体 {1}，{2}"),
    ("a command is not a finite number", "指令不是有限数"),
    ("the position is out of bounds", "位置超出范围"),
    ("the velocity is out of bounds", "速度超出范围"),
    ("the acceleration is out of bounds", "加速度超出范围"),
    ("the contact problem has no solution", "接触问题无解"),
    ("more than {} pairs of shapes are near each other", "彼此接近的形状超过 {0} 对"),
    ("there are more than {} contacts", "接触点超过 {0} 个"),
    ("the constraints need more than {} numbers", "约束所需数值超过 {0} 个"),
    ("the controller asked joint {} for a torque that is not a finite number", "控制器要求关节 {0} 的力矩不是有限数"),
    ("the controller asked the tool for something that is not a finite number", "控制器对工具的指令不是有限数"),
    ("the controller", "控制器"),
    // What a module in its sandbox does.
    ("run the controller", "运行控制器"),
    ("the controller gave up", "控制器放弃了任务"),
    ("the controller used up the fuel of one step, {} units", "控制器用尽了一步的计算量 {0}"),
    ("the controller used up the fuel of its start, {} units", "控制器用尽了启动的计算量 {0}"),
    ("the controller used up the fuel of the whole trial, {} units", "控制器用尽了整次试验的计算量 {0}"),
    ("the controller called functions more than {} deep or filled its stack", "控制器的函数调用超过 {0} 层或栈已满"),
    (
        "the controller stopped itself (`unreachable`): an assertion failed in it",
        "控制器自行中止（`unreachable`）：其中有断言不成立",
    ),
    ("the controller broke down: {}", "控制器出错中止：{0}"),
    (
        "the controller's {} of {} bytes at address {} is not inside its memory of {} bytes",
        "控制器的{0}（地址 {2}，{1} 字节）不在其 {3} 字节的内存之内",
    ),
    (
        "the controller answered a step with {}; it must be 0 (go on), 1 (finished) or 2 (gave up)",
        "控制器的应答为 {0}，应为 0（继续）、1（完成）或 2（放弃）",
    ),
    ("brief", "任务说明"),
    ("observation array", "观测数组"),
    ("command array", "指令数组"),
    ("out of bounds memory access", "访问内存越界"),
    ("undefined element: out of bounds table access", "访问函数表越界"),
    ("integer divide by zero", "整数除以零"),
    ("integer overflow", "整数溢出"),
    ("invalid conversion to integer", "无法转换为整数"),
    ("indirect call type mismatch", "间接调用的函数类型不符"),
    ("metric {} is not a finite number", "指标 {0} 不是有限数"),
    ("the computation left the real numbers", "计算超出实数范围"),
    ("the physics", "物理仿真"),
    ("every requirement held", "全部要求成立"),
    ("a requirement was missed", "有要求未满足"),
    ("piece {}", "第 {0} 件"),
];

/// `english` in Chinese, as far as the patterns go.
#[must_use]
pub fn chinese(english: &str) -> String {
    for (pattern, form) in SENTENCES {
        if let Some(parts) = fit(pattern, english)
            // A colon outside the pattern joins two sentences; each is said on its own below.
            && (pattern.contains(": ") || !parts.iter().any(|part| part.contains(": ")))
        {
            return parts
                .iter()
                .enumerate()
                .fold((*form).to_string(), |said, (i, part)| said.replace(&format!("{{{i}}}"), &chinese(part)));
        }
    }
    match english.split_once(": ") {
        Some((before, after)) => format!("{}：{}", chinese(before), chinese(after)),
        None => english.to_string(),
    }
}

/// What stands in the pattern's gaps, if the text fits it.
fn fit<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut pieces = pattern.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let pieces: Vec<&str> = pieces.collect();
    let mut parts = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let at = match (piece.is_empty(), i + 1 == pieces.len()) {
            (true, true) => rest.len(),
            (false, true) => rest.len().checked_sub(piece.len()).filter(|at| rest.get(*at..) == Some(piece))?,
            (_, false) => rest.find(piece)?,
        };
        parts.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    (rest.is_empty() && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_a_trial_are_said_in_chinese() {
        for (en, zh) in [
            ("piece 3: take hold: the jaws closed on nothing", "第 3 件：夹取：夹爪空合，没有夹到工件"),
            ("piece 8: move to 250 mm above its place", "第 8 件：移动到目标位置上方 250 mm"),
            ("not finished within 160 s", "160 s 内未完成"),
            ("joint `wrist_1_joint` was at its torque limit for 37.59 s", "关节 `wrist_1_joint` 处于力矩上限 37.59 s"),
            ("the goal is blocked: `tool/jaw` would touch piece 4", "目标姿态受阻：`tool/jaw` 会碰到 第 4 件"),
            ("the goal is blocked: the held piece would touch piece 4", "目标姿态受阻：所夹工件会碰到 第 4 件"),
            (
                "piece 1: approach the piece: no posture reaches the pose; the nearest of 17 tries misses by 3.2 mm and 0.10°",
                "第 1 件：直线接近工件：没有姿态能到达该位姿；17 次求解中最近的相差 3.2 mm、0.10°",
            ),
            (
                "the simulation became unstable at 0.1 s at body `tool/jaw`: a command is not a finite number",
                "仿真在 0.1 s 失稳：物体 `tool/jaw`，指令不是有限数",
            ),
            ("something nobody foresaw", "something nobody foresaw"),
        ] {
            assert_eq!(chinese(en), zh);
        }
    }

    /// The sources of what a controller says, so that a new sentence without its Chinese form is noticed.
    #[test]
    fn every_sentence_of_a_controller_has_a_chinese_form() {
        let sources = [
            "skills/src/run.rs",
            "skills/src/run/feel.rs",
            "skills/src/insert.rs",
            "skills/src/trace.rs",
            "skills/src/scoop.rs",
            "skills/src/offer.rs",
            "skills/src/run/serve.rs",
            "skills/src/motion/level.rs",
            "skills/src/guard.rs",
            "control/src/path.rs",
            "control/src/ik.rs",
        ];
        let mut checked = 0;
        let mut missing = Vec::new();
        for source in sources {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(source);
            let text = std::fs::read_to_string(&path).expect("the sources are beside this crate");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !["//", "expect(", "assert", "#["].iter().any(|no| line.contains(no)));
            for literal in lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_string)) {
                // Whatever is formatted in reads like a number or a name.
                let mut pieces = literal.split('{');
                let first = pieces.next().unwrap_or_default().to_string();
                let said = pieces.fold(first, |said, piece| said + "7" + piece.split_once('}').map_or("", |(_, rest)| rest));
                if said.contains(' ') && said.starts_with(|c: char| c.is_ascii_lowercase()) {
                    checked += 1;
                    if chinese(&said) == said {
                        missing.push(format!("{source}: {literal}"));
                    }
                }
            }
        }
        assert!(checked > 20, "{checked} sentences were found");
        assert!(missing.is_empty(), "add their forms to SENTENCES: {missing:#?}");
    }

    /// Every gap of the English pattern appears in the Chinese form, and no other.
    #[test]
    fn forms_use_what_patterns_catch() {
        for (pattern, form) in SENTENCES {
            let gaps = pattern.matches("{}").count();
            for i in 0..5 {
                assert_eq!(form.contains(&format!("{{{i}}}")), i < gaps, "{pattern}");
            }
        }
    }
}
