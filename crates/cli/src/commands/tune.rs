//! `leitai tune`: servo loops that tune themselves against the parts that turn a robot's joints.

use std::path::PathBuf;

use leitai_proving::packages::Machine;
use leitai_proving::tune::joint::Answer;
use leitai_proving::tune::{self, HEAVIER, Tuned, page};
use serde_json::{Value, json};

use crate::arguments::{Kind, Tune};
use crate::catalog::Catalog;
use crate::commands::view::write_file;
use crate::context::{Context, again};
use crate::failure::{Exit, Failure};
use crate::text::{Table, number};

/// Tunes every joint, prints a table and writes a page. The exit code tells whether every joint is safe under the heavy payload.
pub fn run(context: &Context, arguments: &Tune) -> Result<Exit, Failure> {
    let word = &arguments.robot;
    let mut catalog = Catalog::open(context)?;
    let id = catalog.resolve(context, Kind::Robot, word)?;
    let wrong = |what: String| Failure {
        exit: Exit::Usage,
        what: catalog.where_it_is(&what),
        next: context
            .say("按上面所说修改机器人包，再运行同一命令", "correct the robot's package, then run the same command again")
            .to_string(),
    };
    let mut machine = Machine::read(&catalog.files, &id).map_err(|error| wrong(error.to_string()))?;
    let assumed = machine.trains.is_empty();
    if assumed && !arguments.assume_parts {
        return Err(Failure {
            exit: Exit::Usage,
            what: context.say(
                format!("`{id}` 没有写明驱动关节的部件（robot.toml 中的 [[drive_train]]），没有可整定的对象"),
                format!(
                    "`{id}` names no parts that turn its joints ([[drive_train]] in robot.toml), so there is nothing to tune"
                ),
            ),
            next: format!(
                "{}\n  {}",
                context.say(
                    "用通用部件代替（全部为假设，结果会注明）：",
                    "take generic parts instead, all assumed, and labelled so:"
                ),
                again("--assume-parts")
            ),
        });
    }
    if assumed {
        machine.trains = tune::assumed(&catalog.files, &machine.robot);
    }
    let tuned = tune::tune(&machine.robot, &machine.model, &machine.trains).map_err(|error| wrong(error.to_string()))?;
    let banner = assumed.then(|| {
        context.say(
            format!("`{id}` 没有写明部件：以下全部按假设的通用部件整定，与该产品的实际部件无关。"),
            format!("`{id}` names no parts: everything below was tuned against assumed generic parts, not those of the product."),
        )
    });
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{id}-tune.html")));
    let payload = machine.robot.claimed("payload_kg").map_or(0.0, |claim| claim.value);
    let line = context.say(
        format!("{id} · 起始姿态，法兰处负载 {} kg；检查负载 {} 倍", number(payload), number(HEAVIER)),
        format!("{id} · at home, {} kg at the flange; checked with {} times as much", number(payload), number(HEAVIER)),
    );
    let head =
        page::Head { robot: context.of(&machine.robot.robot.name).to_string(), line: line.clone(), banner: banner.clone() };
    write_file(context, &out, &page::page(context.language, &head, &tuned))?;
    let safe = tuned.iter().all(|t| t.safe);
    let mut text = format!("{line}\n");
    if let Some(banner) = &banner {
        text += &format!("! {banner}\n");
    }
    text += &format!("\n{}\n{}\n", loops(context, &tuned), steps(context, &tuned));
    if tuned.iter().any(|t| t.kept) {
        text += context.say(
            "* 没有满足裕度和 3 倍负载的增益，保持出厂值。\n",
            "* No gains keep the margins and hold three times the payload; the joint stays as delivered.\n",
        );
    }
    text += &format!(
        "{}\n{} {}\n",
        if safe {
            context.say("每个关节在 3 倍负载下都稳定停住。", "Every joint comes to rest with three times the payload.")
        } else {
            context.say("有关节在 3 倍负载下不稳定！", "A joint does NOT come to rest with three times the payload!")
        },
        context.say("图：", "plots:"),
        out.display()
    );
    text += context.say(
        "由部件数据仿真得到，未经实物测量。\n",
        "Simulated from the figures of the parts; nothing was measured on hardware.\n",
    );
    let document = json!({
        "robot": id, "payload_kg": payload, "heavier": HEAVIER, "assumed_parts": assumed, "safe": safe, "page": out,
        "joints": tuned.iter().map(entry).collect::<Vec<_>>(),
    });
    context.print(&document, &text)?;
    Ok(if safe { Exit::Good } else { Exit::Refuted })
}

fn loops(context: &Context, tuned: &[Tuned]) -> String {
    let mut table = Table::new(context.say(
        &[
            "关节",
            ">电流环 Hz",
            ">锁定 Hz",
            ">谐振 Hz",
            ">时延 ms",
            ">Kp 前",
            ">Kp 后",
            ">Ti 后 ms",
            ">Kv 前",
            ">Kv 后",
            ">陷波 Hz",
            ">相位裕度 °",
            ">|S|",
        ],
        &[
            "joint",
            ">current Hz",
            ">locked Hz",
            ">resonance Hz",
            ">delay ms",
            ">Kp was",
            ">Kp now",
            ">Ti now ms",
            ">Kv was",
            ">Kv now",
            ">notch Hz",
            ">phase °",
            ">|S|",
        ],
    ));
    for t in tuned {
        table.row(vec![
            if t.kept { format!("{} *", t.joint) } else { t.joint.clone() },
            format!("{:.0}→{:.0}", t.current.delivered_hz, t.current.tuned_hz),
            format!("{:.1}", t.found.locked_hz),
            format!("{:.1}", t.found.resonance_hz),
            format!("{:.2}", 1e3 * t.found.delay_s),
            format!("{:.4}", t.delivered.velocity),
            format!("{:.4}", t.gains.velocity),
            format!("{:.1}", 1e3 * t.gains.integral_s),
            format!("{:.1}", t.delivered.position),
            format!("{:.1}", t.gains.position),
            t.gains.notch.map_or("–".to_string(), |n| format!("{:.0}", n.frequency_hz)),
            t.margins[1].phase_deg.map_or("–".to_string(), |p| format!("{p:.0}")),
            format!("{:.2}", t.margins[1].sensitivity),
        ]);
    }
    table.render()
}

fn steps(context: &Context, tuned: &[Tuned]) -> String {
    let mut table = Table::new(context.say(
        &["关节", ">稳定 前 s", ">后 s", ">3 倍 s", ">超调 前 %", ">后 %", ">3 倍 %", ">ITAE 前", ">后", ">运动 s", ">转过 rad"],
        &[
            "joint",
            ">settled was s",
            ">now s",
            ">3x s",
            ">over was %",
            ">now %",
            ">3x %",
            ">ITAE was",
            ">now",
            ">moved s",
            ">turned rad",
        ],
    ));
    for t in tuned {
        let settled = |a: &Answer| a.settled_s.map_or("–".to_string(), |s| format!("{s:.2}"));
        let over = |a: &Answer| format!("{:.1}", 100.0 * a.overshoot);
        let [was, now, heavy] = &t.steps;
        table.row(vec![
            t.joint.clone(),
            settled(was),
            settled(now),
            settled(heavy),
            over(was),
            over(now),
            over(heavy),
            format!("{:.4}", was.itae_s2),
            format!("{:.4}", now.itae_s2),
            format!("{:.1}", t.motion_s),
            format!("{:.2}", t.way_rad),
        ]);
    }
    table.render()
}

fn entry(t: &Tuned) -> Value {
    let gains = |g: &tune::cascade::Gains| {
        json!({ "velocity_nm_s_rad": g.velocity, "integral_s": g.integral_s, "position_1_s": g.position,
            "notch_hz": g.notch.map(|n| n.frequency_hz) })
    };
    let step = |a: &Answer| json!({ "overshoot": a.overshoot, "settled_s": a.settled_s, "itae_s2": a.itae_s2, "calm": a.calm });
    let margins = |m: &tune::choose::Margins| json!({ "sensitivity": m.sensitivity, "phase_deg": m.phase_deg, "gain_db": m.gain_db, "crossover_hz": m.crossover_hz });
    json!({
        "joint": t.joint, "motor": t.parts[0], "reducer": t.parts[1], "drive": t.parts[2],
        "current": { "delivered_hz": t.current.delivered_hz, "tuned_hz": t.current.tuned_hz, "gain_v_a": t.current.gain_v_a,
            "integral_s": t.current.integral_s },
        "found": { "rotor_kg_m2": t.found.rotor_kg_m2, "all_kg_m2": t.found.all_kg_m2, "locked_hz": t.found.locked_hz,
            "resonance_hz": t.found.resonance_hz, "damping": t.found.damping, "delay_s": t.found.delay_s },
        "delivered": gains(&t.delivered), "tuned": gains(&t.gains),
        "margins": { "delivered": margins(&t.margins[0]), "tuned": margins(&t.margins[1]) },
        "steps": { "delivered": step(&t.steps[0]), "tuned": step(&t.steps[1]), "heavy": step(&t.steps[2]) },
        "kept": t.kept, "safe": t.safe, "motion_s": t.motion_s, "way_rad": t.way_rad,
    })
}
