//! From links and joints to one tree.

use super::joint::{Joint, Kind, Mimic};
use super::{Base, Reading};
use crate::xml::error::DescriptionError;
use crate::xml::tree::{DEEPEST, Element, nearest};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_model::spec::{BodySpec, JointKind, JointSpec, Source};

/// The link that is the world itself, if it is the root.
const WORLD: &str = "world";

fn wrong(at: &Source, element: &str, what: String, change: impl Into<String>) -> DescriptionError {
    DescriptionError::Element { at: at.clone(), element: element.into(), what, change: change.into() }
}

/// Hangs `links` on `joints` below the world of `reading.spec`; children stand in the order of their joints.
pub fn assemble(
    reading: &mut Reading,
    robot: &Element,
    links: Vec<BodySpec>,
    joints: Vec<Joint>,
) -> Result<(), DescriptionError> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for (number, link) in links.iter().enumerate() {
        if numbers.insert(link.name.clone(), number).is_some() {
            return Err(wrong(&link.source, "link", format!("a second link is called `{}`", link.name), "names must differ"));
        }
    }
    check_names(&joints)?;
    let mut parents: Vec<Option<usize>> = vec![None; links.len()];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
    for (number, joint) in joints.iter().enumerate() {
        let find = |name: &str| numbers.get(name).copied().ok_or_else(|| no_link(joint, name, &numbers));
        let (parent, child) = (find(&joint.parent)?, find(&joint.child)?);
        if let Some(other) = parents[child] {
            let what = format!("link `{}` already hangs on joint `{}`", joint.child, joints[other].name);
            return Err(wrong(
                &joint.source,
                "joint",
                what,
                "a link has one parent; remove a joint, or close the loop with an equality",
            ));
        }
        parents[child] = Some(number);
        below[parent].push(number);
    }
    let mut roots = (0..links.len()).filter(|link| parents[*link].is_none());
    let Some(root) = roots.next() else {
        let what = if links.is_empty() { "there is no link" } else { "every link hangs on another, in a circle" };
        return Err(robot.error(what, "one link must be the root, which is no joint's child"));
    };
    if let Some(other) = roots.next() {
        let what = format!("both `{}` and `{}` hang on nothing", links[root].name, links[other].name);
        return Err(wrong(&links[other].source, "link", what, "connect them with a joint; one link is the root"));
    }

    let mut tree = Tree { links: links.into_iter().map(Some).collect(), numbers, joints: &joints, below };
    let root_is_world = tree.links[root].as_ref().is_some_and(|link| link.name == WORLD);
    let mut top = tree.hang(root, 0, root_is_world)?;
    if let Some(link) = tree.links.iter().flatten().next() {
        let what = format!("link `{}` hangs on itself, in a circle of joints", link.name);
        return Err(wrong(&link.source, "link", what, "break the circle; an equality can close a loop"));
    }
    if root_is_world {
        if reading.options.base == Base::Floating {
            return Err(wrong(
                &top.source,
                "link",
                format!("the root link is `{WORLD}`, which cannot float"),
                "load it with a fixed base",
            ));
        }
        top.inertial = None;
        reading.spec.world = top;
    } else {
        if reading.options.base == Base::Floating {
            top.joints.push(JointSpec { kind: JointKind::Free, source: top.source.clone(), ..JointSpec::default() });
        }
        reading.spec.world.bodies.push(top);
    }
    follow(reading, &joints)
}

/// Names of joints differ.
fn check_names(joints: &[Joint]) -> Result<(), DescriptionError> {
    let mut seen = alloc::collections::BTreeSet::new();
    for joint in joints {
        if !seen.insert(&*joint.name) {
            return Err(wrong(&joint.source, "joint", format!("a second joint is called `{}`", joint.name), "names must differ"));
        }
    }
    Ok(())
}

fn no_link(joint: &Joint, name: &str, links: &BTreeMap<String, usize>) -> DescriptionError {
    let near = nearest(name, links.keys().map(String::as_str));
    let change = near.map_or_else(|| "add the link".into(), |near| format!("is `{near}` meant?"));
    wrong(&joint.source, "joint", format!("there is no link `{name}`"), change)
}

struct Tree<'a> {
    /// Links not hung yet.
    links: Vec<Option<BodySpec>>,
    numbers: BTreeMap<String, usize>,
    joints: &'a [Joint],
    /// Joints of which a link is the parent.
    below: Vec<Vec<usize>>,
}

impl Tree<'_> {
    /// Link number `link` with everything below it.
    fn hang(&mut self, link: usize, depth: usize, is_world: bool) -> Result<BodySpec, DescriptionError> {
        let mut body = self.links[link].take().expect("a link has one parent, so it is hung once");
        if depth > DEEPEST {
            return Err(DescriptionError::TooDeep { at: body.source });
        }
        if body.name == WORLD && !is_world {
            return Err(wrong(&body.source, "link", format!("link `{WORLD}` is not the root"), "give it another name"));
        }
        for number in core::mem::take(&mut self.below[link]) {
            let joint = &self.joints[number];
            let mut child = self.hang(self.numbers[&joint.child], depth + 1, false)?;
            child.pose = joint.pose;
            child.joints = joint.joints(is_world);
            body.bodies.push(child);
        }
        Ok(body)
    }
}

/// Adds the constraints of joints that follow others.
fn follow(reading: &mut Reading, joints: &[Joint]) -> Result<(), DescriptionError> {
    let mimics: BTreeMap<&str, &Mimic> = joints.iter().filter_map(|j| Some((&*j.name, j.mimic.as_ref()?))).collect();
    let kinds: BTreeMap<&str, Kind> = joints.iter().map(|j| (&*j.name, j.kind)).collect();
    for joint in joints {
        let Some(mimic) = &joint.mimic else { continue };
        match kinds.get(&*mimic.joint) {
            Some(Kind::Revolute | Kind::Continuous | Kind::Prismatic) => {}
            Some(_) => {
                let what = format!("joint `{}` does not have one axis", mimic.joint);
                return Err(wrong(&mimic.source, "mimic", what, "follow a revolute, continuous or prismatic joint"));
            }
            None => {
                let near = nearest(&mimic.joint, kinds.keys().copied());
                let (hint_zh, hint_en) = near
                    .map_or_else(Default::default, |near| (format!("；是否应为 `{near}`？"), format!("; is `{near}` meant?")));
                let zh = format!("没有可跟随的关节 `{}`，本关节自由运动{hint_zh}", mimic.joint);
                let en = format!("there is no joint `{}` to follow; the joint moves freely{hint_en}", mimic.joint);
                reading.report(&mimic.source, zh, en);
                continue;
            }
        }
        // A circle of followers has no leader.
        let mut leader = Some(mimic);
        for _ in 0..DEEPEST {
            leader = leader.and_then(|next| mimics.get(&*next.joint).copied());
        }
        if leader.is_some() {
            let what = format!("joint `{}` follows itself, in a circle, or a chain of more than {DEEPEST} joints", joint.name);
            return Err(wrong(&mimic.source, "mimic", what, "let one joint lead the others"));
        }
        reading.spec.equalities.push(joint.equality(mimic));
    }
    Ok(())
}
