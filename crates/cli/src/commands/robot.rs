//! `leitai robot`: robot descriptions, before anybody trusts a figure that comes out of them.

use leitai_package::lint::Level;
use serde_json::{Value, json};

use crate::arguments::{RobotAction, Urdf};
use crate::context::Context;
use crate::description;
use crate::failure::{Exit, Failure};
use crate::text::{columns, figure, level, wrap};

/// Acts on a description.
pub fn run(context: &Context, action: &RobotAction) -> Result<Exit, Failure> {
    match action {
        RobotAction::Check { target, urdf } => check(context, target, urdf),
    }
}

/// Says everything that is doubtful. The exit code tells whether the description can be used.
fn check(context: &Context, word: &str, urdf: &Urdf) -> Result<Exit, Failure> {
    let found = description::read(context, word, urdf)?;
    let findings = &found.checked.findings;
    let mut text = format!("{} · {}\n", found.source, context.of(&found.name));
    if let Some(model) = &found.checked.model {
        let mass = model.bodies.first().map_or(0.0, |world| world.subtree_mass);
        text += &format!(
            "{}\n",
            context.say(
                format!(
                    "{} 个物体，{} 个关节，{} 个自由度，共 {}",
                    model.bodies.len() - 1,
                    model.joints.len(),
                    model.nv,
                    figure(mass, "kg")
                ),
                format!(
                    "{} bodies, {} joints, {} degrees of freedom, {}",
                    model.bodies.len() - 1,
                    model.joints.len(),
                    model.nv,
                    figure(mass, "kg")
                ),
            )
        );
    }
    text.push('\n');
    for finding in findings {
        // The path was typed a moment ago; its last part tells the files apart.
        let place = finding.place.strip_prefix(parent(&found.source)).unwrap_or(&finding.place);
        let line = format!("{place}: [{}] {}", finding.rule, context.of(&finding.text));
        text += &format!("{}  {}\n", level(context.language, finding.level), wrap(&line, columns(), 9));
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings, notes) = (count(Level::Error), count(Level::Warning), count(Level::Note));
    text += &match findings.len() {
        0 => context.say("没有发现问题。\n", "Nothing doubtful was found.\n").to_string(),
        _ => context.say(
            format!("\n{errors} 个错误，{warnings} 个警告，{notes} 条提示\n"),
            format!("\n{}, {}, {}\n", counted(errors, "error"), counted(warnings, "warning"), counted(notes, "note")),
        ),
    };
    let listed: Vec<Value> = findings
        .iter()
        .map(|f| json!({ "level": level_word(f.level), "rule": f.rule, "place": f.place, "text": f.text }))
        .collect();
    let document = json!({ "source": found.source, "errors": errors, "warnings": warnings, "notes": notes, "findings": listed });
    context.print(&document, &text)?;
    if errors > 0 && !context.json {
        context.note(context.say(
            "下一步：按上面的错误逐条修改，再运行同一命令",
            "next: correct the errors above, then run the same command again",
        ));
    }
    Ok(if errors > 0 { Exit::Usage } else { Exit::Good })
}

/// `1 error`, `2 errors`.
fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// The path up to its last part, with the slash.
fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
