//! `leitai show`: one package, with every figure's unit, source and standing.

mod job;
mod machine;

use std::fmt::Write as _;

use leitai_package::manifest::{Assumption, Claim, Source, Standing, Text};
use serde_json::{Value, json};

use crate::arguments::Show;
use crate::catalog::{Catalog, Manifest};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::text::{Table, columns, figure, heading, number, unit, wrap};

/// Shows a package.
pub fn run(context: &Context, arguments: &Show) -> Result<Exit, Failure> {
    let mut catalog = Catalog::open(context)?;
    let (kind, id) = catalog.resolve_any(context, &arguments.package)?;
    let manifest = catalog.manifest(context, kind, &id)?;
    let page = Page { context, text: String::new() };
    let (content, text) = match &manifest {
        Manifest::Robot(m) => (serde_json::to_value(m), machine::robot(page, m)),
        Manifest::Part(m) => (serde_json::to_value(m), machine::part(page, m)),
        Manifest::Scenario(m) => (serde_json::to_value(m), job::scenario(page, m)),
        Manifest::Solution(m) => (serde_json::to_value(m), job::solution(page, m)),
    };
    let content: Value = content.expect("manifests hold text and finite numbers only");
    context.print(&json!({ "kind": kind.about().word, "package": content }), &text)?;
    Ok(Exit::Good)
}

/// A page that grows section by section.
struct Page<'a> {
    context: &'a Context,
    text: String,
}

impl Page<'_> {
    /// Both names of a package and a line of what it is.
    fn title(&mut self, id: &str, name: &Text, about: &[String]) {
        let names = self.context.say(&name.zh, &name.en).to_string();
        let other = self.context.say(&name.en, &name.zh);
        self.text += &format!("{}  {names} · {other}\n", heading(id));
        self.text += &format!("{}\n", about.join(" · "));
    }

    fn section(&mut self, zh: &str, en: &str) {
        self.text += &format!("\n{}\n", heading(self.context.say(zh, en)));
    }

    fn table(&mut self, table: &Table) {
        self.text += &table.render();
    }

    /// Paragraphs as a list, broken to the terminal's width.
    fn items(&mut self, items: impl Iterator<Item = String>) {
        for item in items {
            self.text += &format!("- {}\n", wrap(&item, columns(), 2));
        }
    }

    fn claims(&mut self, claims: &[Claim]) {
        if claims.is_empty() {
            return;
        }
        self.section("厂家宣称（只作展示和检验，不限制试验）", "The maker's claims (shown and tested; they limit no trial)");
        let header: [&str; 5] =
            self.context.say(["数据", ">数值", "单位", "可信度", "来源"], ["figure", ">value", "unit", "standing", "source"]);
        let mut table = Table::new(&header);
        for claim in claims {
            let standing = standing(self.context, claim.standing).to_string();
            table.row(vec![claim.name.clone(), number(claim.value), unit(&claim.unit), standing, claim.source.clone()]);
        }
        self.table(&table);
    }

    fn assumptions(&mut self, assumptions: &[Assumption]) {
        if assumptions.is_empty() {
            return;
        }
        let count = assumptions.len();
        self.section(&format!("假设（{count} 条，每份报告都列出）"), &format!("Assumptions ({count}, listed on every report)"));
        let context = self.context;
        self.items(assumptions.iter().map(|assumption| {
            let mut text = format!("{}: {}", assumption.id, context.of(&assumption.text));
            if let Some(value) = assumption.value {
                let _ = write!(text, " [{}]", figure(value, assumption.unit.as_deref().unwrap_or("1")));
            }
            text
        }));
    }

    fn sources(&mut self, sources: &[Source]) {
        self.section("来源", "Sources");
        let context = self.context;
        self.items(sources.iter().map(|source| {
            let standing = standing(context, source.standing);
            format!("{} ({standing}, {}): {}. {}", source.key, source.date, source.publisher, source.title)
        }));
    }
}

/// How far a number is to be trusted, in a word.
pub(super) fn standing(context: &Context, standing: Standing) -> &'static str {
    match standing {
        Standing::Verified => context.say("已核实", "verified"),
        Standing::Recalled => context.say("凭记忆", "recalled"),
        Standing::Assumed => context.say("假设", "assumed"),
    }
}
