//! `leitai list`: the packages of the catalog, one line each.

use leitai_package::manifest::{PartClass, RobotManifest};
use serde::Serialize;
use serde_json::{Value, json};

use crate::arguments::{Kind, List};
use crate::catalog::{Catalog, KINDS, Manifest};
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::text::{Table, figure, heading, number};

/// Lists packages.
pub fn run(context: &Context, arguments: &List) -> Result<Exit, Failure> {
    let catalog = Catalog::open(context)?;
    let mut text = String::new();
    let mut document = serde_json::Map::new();
    for about in KINDS.iter().filter(|k| arguments.kind.is_none_or(|kind| kind == k.kind)) {
        let manifests: Vec<Manifest> =
            catalog.ids(about.kind).iter().map(|id| catalog.manifest(context, about.kind, id)).collect::<Result<_, _>>()?;
        document.insert(about.folder.to_string(), manifests.iter().map(summary).collect());
        if manifests.is_empty() {
            continue;
        }
        let mut table = Table::new(header(context, about.kind));
        manifests.iter().for_each(|manifest| table.row(row(context, manifest)));
        text += &format!("{}\n{}\n", heading(context.say(about.zh, about.folder)), table.render());
    }
    text += &format!("{}{} show ID\n", context.say("详情：", "more about one: "), program());
    context.print(&document, &text)?;
    Ok(Exit::Good)
}

fn header(context: &Context, kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Robot => context.say(
            &["编号", "名称", ">额定负载", ">臂展", ">自重", ">轴数", "动力学等级"],
            &["id", "name", ">payload", ">reach", ">mass", ">joints", "dynamics"],
        ),
        Kind::Scenario => context.say(
            &["编号", "任务", "行业", ">层级", "工具", ">要求数"],
            &["id", "job", "sector", ">tier", "tool", ">requirements"],
        ),
        Kind::Solution => context.say(&["编号", "名称", "适用场景", "工具类别"], &["id", "name", "for", "tool"]),
        Kind::Part => context.say(&["编号", "名称", "类别"], &["id", "name", "class"]),
    }
}

fn row(context: &Context, manifest: &Manifest) -> Vec<String> {
    match manifest {
        Manifest::Robot(m) => {
            let claimed = |name: &str| m.claimed(name).map_or("–".to_string(), |c| figure(c.value, &c.unit));
            let (id, name, grade) =
                (m.robot.id.clone(), context.of(&m.robot.name).to_string(), format!("{:?}", m.robot.dynamics_grade.grade));
            vec![id, name, claimed("payload_kg"), claimed("reach_m"), claimed("mass_kg"), m.robot.dof.to_string(), grade]
        }
        Manifest::Scenario(m) => vec![
            m.scenario.id.clone(),
            context.of(&m.scenario.name).to_string(),
            m.scenario.sector.clone(),
            number(f64::from(m.scenario.tier)),
            m.mount.tool.clone().unwrap_or_else(|| "–".to_string()),
            m.require.len().to_string(),
        ],
        Manifest::Solution(m) => vec![
            m.solution.id.clone(),
            context.of(&m.solution.name).to_string(),
            m.solution.scenarios.join(", "),
            class(context, m.solution.tool_class).to_string(),
        ],
        Manifest::Part(m) => {
            vec![m.part.id.clone(), context.of(&m.part.name).to_string(), class(context, m.part.class).to_string()]
        }
    }
}

/// A kind of part, in a word.
pub fn class(context: &Context, class: PartClass) -> &'static str {
    match class {
        PartClass::Gripper => context.say("夹爪", "gripper"),
        PartClass::Suction => context.say("吸盘", "suction"),
        PartClass::Reducer => context.say("减速器", "reducer"),
        PartClass::ServoMotor => context.say("伺服电机", "servo motor"),
        PartClass::Drive => context.say("驱动器", "drive"),
        PartClass::ForceSensor => context.say("力传感器", "force sensor"),
        PartClass::Blade => context.say("叶片", "blade"),
        PartClass::Process => context.say("作业工具", "process"),
    }
}

/// What a program wants to know before it asks for all.
fn summary(manifest: &Manifest) -> Value {
    fn named(id: &str, name: &impl Serialize, version: &str, more: Value) -> Value {
        let mut entry = json!({ "id": id, "name": name, "version": version });
        if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), more) {
            entry.extend(more);
        }
        entry
    }
    let claims = |m: &RobotManifest| -> Value {
        m.claim.iter().map(|c| (c.name.clone(), json!({ "value": c.value, "unit": c.unit, "standing": c.standing }))).collect()
    };
    match manifest {
        Manifest::Robot(m) => {
            let more = json!({
                "maker": m.robot.maker, "class": m.robot.class, "dof": m.robot.dof,
                "dynamics_grade": m.robot.dynamics_grade.grade, "claims": claims(m),
            });
            named(&m.robot.id, &m.robot.name, &m.robot.version, more)
        }
        Manifest::Scenario(m) => {
            let more =
                json!({ "sector": m.scenario.sector, "plan": m.scenario.plan, "tier": m.scenario.tier, "tool": m.mount.tool });
            named(&m.scenario.id, &m.scenario.name, &m.scenario.version, more)
        }
        Manifest::Solution(m) => {
            let more = json!({ "scenarios": m.solution.scenarios, "tool_class": m.solution.tool_class });
            named(&m.solution.id, &m.solution.name, &m.solution.version, more)
        }
        Manifest::Part(m) => {
            named(&m.part.id, &m.part.name, &m.part.version, json!({ "class": m.part.class, "maker": m.part.maker }))
        }
    }
}
