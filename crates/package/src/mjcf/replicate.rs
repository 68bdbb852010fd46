//! `replicate`: copies of a part of the tree, each moved on from the one before, with names of their own.
//!
//! Expansion works on elements, inner replicas first, and gives what one could have written by hand: a `frame` for each copy.
//! Names of bodies, joints, geoms and sites in it get an ending, and so do elements of other sections that refer to them, which
//! are copied too: first those that stay as they are, then those of the first copy, and so on (MuJoCo's order).

use super::Reading;
use super::orientation::Orientation;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::{Element, MOST_ELEMENTS};
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, Vec3};

/// The most replications whose names are remembered: every referring element is held against each.
const MOST_REPLICAS: usize = 100;

/// Names that one replication multiplied: of what, and by which endings.
#[derive(Debug)]
pub struct Replica {
    names: BTreeSet<(&'static str, String)>,
    endings: Vec<String>,
}

/// Elements whose names others refer to.
const NAMED: [(&str, &str); 6] =
    [("body", "body"), ("joint", "joint"), ("freejoint", "joint"), ("geom", "geom"), ("site", "site"), ("camera", "camera")];

/// Attributes that refer, and to what.
const REFERRING: [(&str, &str); 24] = [
    ("subtree1", "body"),
    ("subtree2", "body"),
    ("cranksite", "site"),
    ("slidersite", "site"),
    ("camera", "camera"),
    ("body", "body"),
    ("body1", "body"),
    ("body2", "body"),
    ("joint", "joint"),
    ("joint1", "joint"),
    ("joint2", "joint"),
    ("jointinparent", "joint"),
    ("geom", "geom"),
    ("geom1", "geom"),
    ("geom2", "geom"),
    ("site", "site"),
    ("site1", "site"),
    ("site2", "site"),
    ("refsite", "site"),
    ("sidesite", "site"),
    ("tendon", "tendon"),
    ("tendon1", "tendon"),
    ("tendon2", "tendon"),
    ("actuator", "actuator"),
];

/// Replaces every `replicate` in `section` by its copies, and remembers the names.
pub fn expand<'a>(reading: &mut Reading, section: &'a Element) -> Result<Cow<'a, Element>, DescriptionError> {
    if !holds_replica(section) {
        return Ok(Cow::Borrowed(section));
    }
    let mut expanded = section.clone();
    let mut room = MOST_ELEMENTS;
    expand_children(reading, &mut expanded, &mut room)?;
    Ok(Cow::Owned(expanded))
}

fn holds_replica(element: &Element) -> bool {
    &*element.name == "replicate" || element.children.iter().any(holds_replica)
}

fn expand_children(reading: &mut Reading, element: &mut Element, room: &mut usize) -> Result<(), DescriptionError> {
    let children = core::mem::take(&mut element.children);
    for mut child in children {
        expand_children(reading, &mut child, room)?;
        if &*child.name == "replicate" {
            copies(reading, &child, room, &mut element.children)?;
        } else {
            element.children.push(child);
        }
    }
    Ok(())
}

/// The copies that one `replicate` without inner ones asks for.
fn copies(reading: &mut Reading, element: &Element, room: &mut usize, into: &mut Vec<Element>) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    a.required("count")?;
    let count = a.integer_in("count", 0, MOST_ELEMENTS as i64)?.unwrap_or(0) as usize;
    let offset = a.vector("offset")?.unwrap_or(Vec3::ZERO);
    let turn = match a.numbers("euler")? {
        Some(angles) => Orientation::Euler(angles).resolve(&reading.compiler, element)?,
        None => leitai_math::Quat::IDENTITY,
    };
    let separator = a.name("sep");
    a.finish(&mut reading.reports, &[], &[])?;
    if let Some(child) = element.children.iter().find(|c| matches!(&*c.name, "joint" | "freejoint" | "inertial")) {
        return Err(child.error("it stands directly in <replicate>", "put it into a <body>, which can be copied"));
    }
    let size: usize = element.children.iter().map(elements).sum();
    // Each copy is an element itself.
    let needed = count.saturating_mul(size + 1);
    *room = room.checked_sub(needed).ok_or_else(|| DescriptionError::TooMuch {
        at: element.at.clone(),
        what: "elements",
        limit: MOST_ELEMENTS,
    })?;

    let digits = format!("{}", count.saturating_sub(1)).len();
    let step = Pose::new(offset, turn);
    let mut pose = Pose::IDENTITY;
    let mut replica = Replica { names: BTreeSet::new(), endings: Vec::with_capacity(count) };
    element.children.iter().for_each(|child| collect(child, &mut replica.names));
    for number in 0..count {
        let ending = format!("{separator}{number:0digits$}");
        let mut children = element.children.clone();
        children.iter_mut().for_each(|child| rename(child, &ending));
        let (p, q) = (pose.position, pose.rotation);
        // Shortest text that reads back as the same number.
        let attributes = vec![
            ("pos".into(), format!("{:?} {:?} {:?}", p.x, p.y, p.z).into()),
            ("quat".into(), format!("{:?} {:?} {:?} {:?}", q.w, q.x, q.y, q.z).into()),
        ];
        into.push(Element { name: "frame".into(), attributes, children, at: element.at.clone() });
        replica.endings.push(ending);
        pose = pose * step;
    }
    if !replica.names.is_empty() {
        reading.replicas.push(replica);
    }
    if reading.replicas.len() > MOST_REPLICAS {
        return Err(DescriptionError::TooMuch { at: element.at.clone(), what: "replicas with names", limit: MOST_REPLICAS });
    }
    Ok(())
}

/// How many elements `element` is, with everything in it.
fn elements(element: &Element) -> usize {
    1 + element.children.iter().map(elements).sum::<usize>()
}

fn kind_of(element: &Element) -> Option<&'static str> {
    NAMED.iter().find(|(name, _)| *name == &*element.name).map(|(_, kind)| *kind)
}

fn collect(element: &Element, names: &mut BTreeSet<(&'static str, String)>) {
    if let (Some(kind), Some(name)) = (kind_of(element), element.attribute("name")) {
        names.insert((kind, name.into()));
    }
    element.children.iter().for_each(|child| collect(child, names));
}

fn rename(element: &mut Element, ending: &str) {
    if kind_of(element).is_some() {
        append(element, "name", ending);
    }
    element.children.iter_mut().for_each(|child| rename(child, ending));
}

fn append(element: &mut Element, attribute: &str, ending: &str) {
    for (name, value) in &mut element.attributes {
        if &**name == attribute && !value.is_empty() {
            *value = format!("{value}{ending}").into();
        }
    }
}

/// One section for all of this name, with what refers to replicated names copied as often as they were.
pub fn follow(reading: &mut Reading, sections: &[&Element]) -> Result<Option<Element>, DescriptionError> {
    let Some(first) = sections.first() else { return Ok(None) };
    let mut joined = Element { children: Vec::new(), ..(*first).clone() };
    joined.children.extend(sections.iter().flat_map(|section| section.children.iter().cloned()));
    // What is copied here may be referred to in turn: actuators pull on tendons, sensors watch actuators.
    let kind = match &*first.name {
        "tendon" => Some("tendon"),
        "actuator" => Some("actuator"),
        _ => None,
    };
    let mut room = MOST_ELEMENTS;
    for replica in &mut reading.replicas {
        let children = core::mem::take(&mut joined.children);
        let (referring, mut kept): (Vec<_>, Vec<_>) = children.into_iter().partition(|child| refers(child, replica));
        let size: usize = referring.iter().map(elements).sum();
        room = room.checked_sub(size.saturating_mul(replica.endings.len())).ok_or_else(|| DescriptionError::TooMuch {
            at: first.at.clone(),
            what: "elements",
            limit: MOST_ELEMENTS,
        })?;
        for ending in &replica.endings {
            for element in &referring {
                let mut copy = element.clone();
                redirect(&mut copy, replica, ending);
                append(&mut copy, "name", ending);
                kept.push(copy);
            }
        }
        if let Some(kind) = kind {
            replica.names.extend(referring.iter().filter_map(|element| Some((kind, element.attribute("name")?.into()))));
        }
        joined.children = kept;
    }
    Ok(Some(joined))
}

/// What an attribute of `element` refers to, if it refers.
fn target(element: &Element, attribute: &str) -> Option<&'static str> {
    let of_type = |name: &str| match element.attribute(name)? {
        "body" | "xbody" => Some("body"),
        "geom" => Some("geom"),
        "site" => Some("site"),
        "camera" => Some("camera"),
        _ => None,
    };
    match attribute {
        "objname" => of_type("objtype"),
        "refname" => of_type("reftype"),
        name => REFERRING.iter().find(|(attribute, _)| *attribute == name).map(|(_, kind)| *kind),
    }
}

fn hits(element: &Element, replica: &Replica, attribute: &str, value: &str) -> bool {
    target(element, attribute).is_some_and(|kind| replica.names.contains(&(kind, value.into())))
}

fn refers(element: &Element, replica: &Replica) -> bool {
    element.attributes.iter().any(|(name, value)| hits(element, replica, name, value))
        || element.children.iter().any(|child| refers(child, replica))
}

fn redirect(element: &mut Element, replica: &Replica, ending: &str) {
    let hit: Vec<String> = element
        .attributes
        .iter()
        .filter(|(name, value)| hits(element, replica, name, value))
        .map(|(name, _)| (&**name).into())
        .collect();
    hit.iter().for_each(|name| append(element, name, ending));
    element.children.iter_mut().for_each(|child| redirect(child, replica, ending));
}
