//! `plan.toml`: where a catalog's products stand in the action plan's "1+4" product system.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Source, Standing};
use super::document::{Document, ManifestError};

/// A checked `plan.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanManifest {
    /// Products, by class.
    #[serde(default)]
    pub product: Vec<Classed>,
    /// Where that comes from.
    #[serde(default)]
    pub source: Vec<Source>,
}

/// Products of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classed {
    /// The class.
    pub class: PlanClass,
    /// Catalog ids of robots.
    pub ids: Vec<String>,
    /// How far to trust it.
    pub standing: Standing,
    /// Key of its source.
    pub source: String,
}

/// The plan's "1+4": humanoids, and four classes beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanClass {
    /// 人形机器人.
    Humanoid,
    /// 医疗健康机器人.
    Medical,
    /// 协作机器人.
    Collaborative,
    /// 特种机器人.
    Special,
    /// 物流机器人.
    Logistics,
}

impl PlanManifest {
    /// Reads and checks a `plan.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let plan: Self = document.decode()?;
        document.sources(&plan.source)?;
        let mut known = Vec::new();
        for (i, classed) in plan.product.iter().enumerate() {
            document.source(&format!("product.{i}.source"), &classed.source, &plan.source)?;
            for (k, id) in classed.ids.iter().enumerate() {
                let at = format!("product.{i}.ids.{k}");
                document.id(&at, id)?;
                if known.contains(&id) {
                    return Err(document.fault(&at, format!("`{id}` stands twice; a product has one class")));
                }
                known.push(id);
            }
        }
        Ok(plan)
    }

    /// The class of a robot, if it is stated.
    #[must_use]
    pub fn class(&self, robot: &str) -> Option<PlanClass> {
        self.product.iter().find(|classed| classed.ids.iter().any(|id| id == robot)).map(|classed| classed.class)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const GOOD: &str = r#"
[[product]]
class = "special"
ids = ["a-1", "b-2"]
standing = "assumed"
source = "sample"

[[source]]
key = "sample"
gives = ["class"]
publisher = "nobody"
title = "a sample"
date = "2026-11-26"
standing = "assumed"
"#;

    #[test]
    fn a_product_has_the_class_that_the_file_states() {
        let plan = PlanManifest::parse("plan.toml", GOOD).expect("reads");
        assert_eq!((plan.class("b-2"), plan.class("c-3")), (Some(PlanClass::Special), None));
    }

    #[test]
    fn faults_say_where_they_are() {
        let fault = |text: &str| PlanManifest::parse("plan.toml", text).expect_err("refused").to_string();
        assert!(fault(&GOOD.replace("special", "toys")).starts_with("plan.toml:3: "));
        assert_eq!(fault(&GOOD.replace("b-2", "a-1")), "plan.toml:4: `a-1` stands twice; a product has one class");
        assert!(fault(&GOOD.replace("ids", "robots")).contains("robots"));
        assert!(fault(&GOOD.replace("source = \"sample\"", "source = \"memory\"")).contains("memory"));
    }
}
