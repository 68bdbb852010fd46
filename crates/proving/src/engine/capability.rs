//! What a robot must have before any trial, and what its maker says about the load.
//!
//! Only a missing capability or a bound that no controller can beat rejects a claim. The maker's rated payload never does:
//! exceeding it is said, and the trials decide.

use leitai_math::Pose;

use crate::packages::Packages;
use crate::report::Text;
use crate::trial::bound;
use crate::trial::cell::Cell;
use crate::verdict::Rejection;

/// What the job needs and the robot does not have.
pub(super) fn missing(packages: &Packages) -> Option<Rejection> {
    let (interface, model) = (&packages.robot.interface, &packages.robot_model);
    let lacks = |bound: &str, needed: usize, available: usize, zh: String, en: String| {
        Some(Rejection {
            bound: bound.to_string(),
            needed: needed as f64,
            available: available as f64,
            unit: String::new(),
            en,
            zh,
        })
    };
    let mut mounted = false;
    model.world.visit(Pose::IDENTITY, &mut |body, _| mounted |= body.sites.iter().any(|s| s.name == interface.tool_mount));
    if !mounted && packages.tool.is_some() {
        let (zh, en) = ("没有工具安装面，无法携带作业工具", "it has no tool mount, so it cannot carry the tool of this job");
        return lacks("tool_mount", 1, 0, zh.to_string(), en.to_string());
    }
    let driven = interface.actuators.iter().filter(|name| model.actuators.iter().any(|a| a.name == **name)).count();
    if driven < interface.joints.len() {
        let joints = interface.joints.len();
        let zh = format!("{joints} 个关节中只有 {driven} 个有驱动");
        return lacks("drive", joints, driven, zh, format!("only {driven} of its {joints} joints have a drive"));
    }
    None
}

/// A bound that no controller can beat.
pub(super) fn bound(cell: &Cell) -> Option<Rejection> {
    if let Some(angle) = bound::attitude(cell) {
        let degrees = angle.to_degrees();
        return Some(Rejection {
            bound: "attitude".to_string(),
            needed: angle,
            available: 0.0,
            unit: "rad".to_string(),
            en: format!(
                "all axes of the arm are parallel, so it cannot tilt its tool, which would have to tilt by {degrees:.0}° for this job"
            ),
            zh: format!("手臂各轴平行，无法倾转工具，而本任务须倾转 {degrees:.0}°"),
        });
    }
    let out = bound::reach(cell)?;
    let (needed, span) = (format!("{:.3}", out.needed_m), format!("{:.3}", out.span_m));
    let what = &out.what;
    Some(Rejection {
        bound: "reach".to_string(),
        needed: out.needed_m,
        available: out.span_m,
        unit: "m".to_string(),
        en: format!("{what} is out of reach: the arm must span {needed} m, and its links laid end to end are {span} m"),
        zh: format!("{}超出臂展：手臂须跨越 {needed} m，而各连杆首尾相接仅长 {span} m", place_zh(what)),
    })
}

/// A place named by [`bound::reach`], in Chinese.
fn place_zh(what: &str) -> String {
    let (goal, rest) = match what.strip_prefix("the place of ") {
        Some(rest) => (true, rest),
        None => (false, what),
    };
    let Some((piece, at)) = rest.strip_prefix("piece ").and_then(|r| r.split_once(" on ")) else { return what.to_string() };
    let at = if at == "`the base`" { "机座" } else { at };
    if goal { format!("{at} 上第 {piece} 件的放置位置") } else { format!("{at} 上的第 {piece} 件") }
}

/// What a reader should know before the verdict.
pub(super) fn warnings(cell: &Cell) -> Vec<Text> {
    let packages = cell.packages();
    let mut warnings = Vec::new();
    let heaviest = cell.task.jobs.iter().map(|job| cell.task.pieces[job.piece].mass_kg).fold(0.0, f64::max);
    let model = &cell.robot.model;
    let of_tool = model.bodies.iter().filter(|body| body.name.starts_with("tool/"));
    let tool_kg: f64 = of_tool.map(|body| body.mass).sum();
    let carried_kg = heaviest + tool_kg;
    if let Some(rated) = packages.robot.claimed("payload_kg").filter(|rated| carried_kg > rated.value) {
        let rated_kg = rated.value;
        warnings.push(Text::new(
            format!("超出厂家额定负载：工件 {heaviest:.1} kg 加工具 {tool_kg:.1} kg 共 {carried_kg:.1} kg，厂家额定 {rated_kg:.1} kg；额定值不作准入条件"),
            format!(
                "Outside the maker's rating: piece {heaviest:.1} kg and tool {tool_kg:.1} kg make {carried_kg:.1} kg, and the maker rates \
                 {rated_kg:.1} kg; a rating gates nothing here"
            ),
        ));
    }
    for report in &packages.reports {
        let report = report.to_string();
        warnings.push(Text::new(format!("模型中有未支持的内容：{report}"), format!("Not supported in a model: {report}")));
    }
    warnings
}
