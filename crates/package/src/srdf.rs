//! SRDF, MoveIt's companion of a URDF: here, which pairs of links need no check for collision.
//!
//! Only `disable_collisions` is read. Groups, named states, end effectors, virtual and passive joints are skipped on purpose:
//! they say how people use a robot, not what touches. Anything else is reported with file and line.

use crate::files::Files;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::Report;
use crate::xml::tree;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What an SRDF file says about collisions.
#[derive(Clone, Debug, Default)]
pub struct Srdf {
    /// Pairs of links that need no check, in the order of the file.
    pub disabled: Vec<[String; 2]>,
    /// What the file asks for and does not get.
    pub reports: Vec<Report>,
}

const SKIPPED: [&str; 6] = ["group", "group_state", "end_effector", "virtual_joint", "passive_joint", "joint_property"];

/// Reads the SRDF file at `path` inside `files`.
///
/// # Errors
/// If the file is missing, is not SRDF, or a pair lacks a name; the message says where, what, and what to change.
///
/// ```
/// use std::collections::BTreeMap;
/// let xml = br#"<robot name="arm"><disable_collisions link1="base" link2="hand" reason="Never"/></robot>"#;
/// let files = BTreeMap::from([("arm.srdf".to_string(), xml.to_vec())]);
/// let srdf = leitai_package::srdf::read("arm.srdf", &files).unwrap();
/// assert_eq!(srdf.disabled, [["base", "hand"]]);
/// ```
pub fn read(path: &str, files: &dyn Files) -> Result<Srdf, DescriptionError> {
    let root = tree::read(path, files)?;
    if &*root.name != "robot" {
        return Err(root.error("this is not the root element of SRDF", "start the file with <robot>"));
    }
    let mut srdf = Srdf::default();
    for child in &root.children {
        match &*child.name {
            "disable_collisions" => {
                let mut a = Attributes::new(child);
                srdf.disabled.push([a.required("link1")?.into(), a.required("link2")?.into()]);
                a.finish_open(&mut srdf.reports, &["reason"]);
            }
            name if SKIPPED.contains(&name) => {}
            name => {
                let zh = format!("SRDF 中的 <{name}> 不认识，不起作用");
                let en = format!("<{name}> in SRDF is not known; it has no effect");
                srdf.reports.push(Report::new(&child.at, zh, en));
            }
        }
    }
    Ok(srdf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::string::ToString;

    fn read_text(text: &str) -> Result<Srdf, DescriptionError> {
        read("r.srdf", &BTreeMap::from([("r.srdf".to_string(), text.as_bytes().to_vec())]))
    }

    #[test]
    fn what_is_not_read_is_reported_with_its_line() {
        let srdf = read_text("<robot name=\"r\">\n<group name=\"arm\"/>\n<enable_collisions link1=\"a\" link2=\"b\"/></robot>");
        let reports = srdf.expect("well-formed").reports;
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].to_string(), "r.srdf:3: <enable_collisions> in SRDF is not known; it has no effect");
    }

    #[test]
    fn a_pair_needs_both_links() {
        let error = read_text("<robot><disable_collisions link1=\"a\"/></robot>").expect_err("one link is missing");
        assert!(error.to_string().contains("`link2` is missing"), "{error}");
    }
}
