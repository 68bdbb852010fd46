//! A robot in single precision, laid out for lanes.
//!
//! Links that move as one are a *group* with one ball around all of it. A group's levers bound how far the centers of its balls
//! move when a joint does, which tells how far a whole stretch of a line can be from the configuration in its middle.

use super::cover;
use super::lanes::{Frames, LARGEST_ANGLE_RAD, Lanes, WIDTH, sin_cos_of};
use super::model::{CollisionModel, Frame, LARGEST, MOST_JOINTS, MOST_LINKS};
use alloc::vec::Vec;
use core::ops::Range;
use leitai_math::{Vec3, real};

/// Cosines and sines this near to none or one are taken for it.
const SNAP: f64 = 1e-8;

/// A planned joint's frame.
#[derive(Clone, Debug)]
pub struct LaneFrame {
    pub joint: usize,
    pub parent: Option<usize>,
    hinge: bool,
    turn: Turn,
    origin: [f32; 3],
    reference: f32,
}

/// The frame's axes before its joint moves, seen from its parent.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Turned about x by nothing, or by a quarter turn either way, as most joints of most arms.
    None,
    Quarter,
    BackQuarter,
    /// Turned about x: cosine and sine.
    AboutX(f32, f32),
    /// Any three axes.
    Any([[f32; 3]; 3]),
}

/// Links that move as one.
#[derive(Clone, Debug)]
pub struct Group {
    pub frame: Option<usize>,
    pub center: [f32; 3],
    pub radius: f32,
    /// Its links, numbered in a row.
    pub links: Range<usize>,
    /// Most [m] that a ball's center moves for a unit of each joint.
    pub levers: [f32; MOST_JOINTS],
    /// No ball's center comes farther from the first frame's origin than this [m].
    pub reach: f64,
    /// Origin of the first frame of its chain [m].
    pub root: Vec3,
}

/// A link.
#[derive(Clone, Debug)]
pub struct LaneLink {
    pub frame: Option<usize>,
    pub center: [f32; 3],
    pub radius: f32,
    pub balls: Range<usize>,
}

/// Pairs of a link with links of a group.
#[derive(Clone, Debug)]
pub struct Run {
    pub link: usize,
    /// Its pairs among the robot's.
    pub pairs: Range<usize>,
}

/// Pairs of links in two groups.
#[derive(Clone, Debug)]
pub struct GroupPair {
    pub groups: [usize; 2],
    /// Those of each link of the first group.
    pub runs: Vec<Run>,
}

/// The robot.
#[derive(Clone, Debug, Default)]
pub struct LaneModel {
    pub frames: Vec<LaneFrame>,
    pub groups: Vec<Group>,
    pub links: Vec<LaneLink>,
    pub group_pairs: Vec<GroupPair>,
    pub centers: Vec<[f32; 3]>,
    pub radii: Vec<f32>,
    /// The frame that carries each ball.
    pub frame_of: Vec<Option<usize>>,
}

fn narrow(v: Vec3) -> [f32; 3] {
    v.to_array().map(|x| x as f32)
}

impl LaneModel {
    /// Links of one frame must stand in a row, and pairs be sorted by the groups of their links.
    pub fn new(robot: &CollisionModel) -> Self {
        const { assert!(MOST_LINKS <= 64 && LARGEST_ANGLE_RAD as f64 > 2.0 * LARGEST) };
        let mut out = Self {
            frames: robot.frames.iter().map(LaneFrame::new).collect(),
            groups: Vec::new(),
            links: Vec::new(),
            group_pairs: Vec::new(),
            centers: robot.balls.iter().map(|b| narrow(b.center)).collect(),
            radii: robot.balls.iter().map(|b| b.radius as f32).collect(),
            frame_of: robot.links.iter().flat_map(|l| core::iter::repeat_n(l.frame, l.count)).collect(),
        };
        let mut group_of = Vec::new();
        for (k, link) in robot.links.iter().enumerate() {
            if k == 0 || link.frame != robot.links[k - 1].frame {
                let count = robot.links[k..].iter().take_while(|l| l.frame == link.frame).count();
                out.groups.push(group(robot, k..k + count));
            }
            group_of.push(out.groups.len() - 1);
            out.links.push(LaneLink {
                frame: link.frame,
                center: narrow(link.bound.center),
                radius: link.bound.radius as f32,
                balls: link.first..link.first + link.count,
            });
        }
        for (k, &[a, b]) in robot.pairs.iter().enumerate() {
            let groups = [group_of[a], group_of[b]];
            if out.group_pairs.last().is_none_or(|last| last.groups != groups) {
                out.group_pairs.push(GroupPair { groups, runs: Vec::new() });
            }
            let runs = &mut out.group_pairs.last_mut().expect("just there").runs;
            match runs.last_mut().filter(|last| last.link == a) {
                Some(last) => last.pairs.end = k + 1,
                None => runs.push(Run { link: a, pairs: k..k + 1 }),
            }
        }
        out
    }
}

fn group(robot: &CollisionModel, links: Range<usize>) -> Group {
    let members = &robot.links[links.clone()];
    let frame = members[0].frame;
    let balls = &robot.balls[members[0].first..members.last().map_or(0, |l| l.first + l.count)];
    let mut bound = match members {
        [one] => one.bound,
        _ => cover::around_balls(balls),
    };
    bound.radius += cover::ROUNDING_M;
    // Outward from the balls: how far they are at most from the origin of each frame that carries them.
    let centers = || balls.iter().map(|b| b.center).chain(members.iter().map(|l| l.bound.center)).chain([bound.center]);
    let mut far = centers().fold(0.0, |most, c| real::max(most, c.norm()));
    let across = |c: Vec3| real::sqrt(c.x * c.x + c.y * c.y);
    let mut lever = centers().fold(0.0, |most, c| real::max(most, across(c)));
    let mut levers = [0.0; MOST_JOINTS];
    let (mut at, mut root) = (frame, Vec3::ZERO);
    while let Some(f) = at {
        let here = &robot.frames[f];
        let travel = |q: f64| real::abs(q - here.reference);
        // Upwards, so that rounding does not make a bound too small.
        let grown = |x: f64| (x * 1.0001 + 1e-6) as f32;
        if here.hinge {
            levers[here.joint] = grown(lever);
        } else {
            levers[here.joint] = 1.0001;
            far += real::max(travel(robot.low[here.joint]), travel(robot.high[here.joint]));
        }
        root = here.origin;
        at = here.parent;
        if at.is_some() {
            lever = across(here.origin) + far;
            far += here.origin.norm();
        }
    }
    Group {
        frame,
        center: narrow(bound.center),
        radius: bound.radius as f32,
        links,
        levers,
        reach: if frame.is_some() { far + bound.radius } else { bound.radius },
        root: if frame.is_some() { root } else { bound.center },
    }
}

impl Group {
    /// Most [m] that a ball's center moves along a line that moves each joint by `way`.
    pub fn travel(&self, way: &[f32]) -> f32 {
        way.iter().zip(&self.levers).fold(0.0, |sum, (way, lever)| sum + if *way < 0.0 { -way } else { *way } * lever)
    }
}

impl LaneFrame {
    fn new(f: &Frame) -> Self {
        let axes = [0, 1, 2].map(|k| f.rotation.column(k));
        let near = |x: f64, y: f64| real::abs(x - y) < SNAP;
        let (cos, sin) = (axes[1].y, axes[1].z);
        let turn = if f.parent.is_none() || !near(axes[0].x, 1.0) || axes[0].y * axes[0].y + axes[0].z * axes[0].z > SNAP * SNAP {
            Turn::Any(axes.map(narrow))
        } else if near(cos, 1.0) && near(sin, 0.0) {
            Turn::None
        } else if near(cos, 0.0) && near(sin, 1.0) {
            Turn::Quarter
        } else if near(cos, 0.0) && near(sin, -1.0) {
            Turn::BackQuarter
        } else {
            Turn::AboutX(cos as f32, sin as f32)
        };
        Self { joint: f.joint, parent: f.parent, hinge: f.hinge, turn, origin: narrow(f.origin), reference: f.reference as f32 }
    }

    /// Places the frame with its joint at `q`.
    #[inline]
    pub fn place(&self, parent: Option<&Frames>, q: &Lanes, out: &mut Frames) {
        let parent = parent.unwrap_or(&Frames::WORLD);
        match self.turn {
            Turn::None => self.moved(parent, q, out, |x, y, z| [x, y, z]),
            Turn::Quarter => self.moved(parent, q, out, |x, y, z| [x, z, -y]),
            Turn::BackQuarter => self.moved(parent, q, out, |x, y, z| [x, -z, y]),
            Turn::AboutX(cos, sin) => self.moved(parent, q, out, |x, y, z| [x, y * cos + z * sin, z * cos - y * sin]),
            Turn::Any(axes) => self.moved(parent, q, out, |x, y, z| axes.map(|axis| x * axis[0] + y * axis[1] + z * axis[2])),
        }
    }

    /// Turns the parent's axes by `turned`, which takes a component of each, then moves the joint: turns about z, or slides along it.
    ///
    /// One loop over lanes, out of line so that the compiler knows what does not overlap: then it becomes vector instructions.
    #[inline(never)]
    fn moved(&self, parent: &Frames, q: &Lanes, out: &mut Frames, turned: impl Fn(f32, f32, f32) -> [f32; 3]) {
        let (o, reference) = (self.origin, self.reference);
        let component = |k: usize, l: usize| turned(parent.axes[0][k][l], parent.axes[1][k][l], parent.axes[2][k][l]);
        for l in 0..WIDTH {
            let moved = q[l] - reference;
            let (sin, cos, slid) = if self.hinge {
                let (sin, cos) = sin_cos_of(moved);
                (sin, cos, 0.0)
            } else {
                (0.0, 1.0, moved)
            };
            for k in 0..3 {
                let [x, y, z] = component(k, l);
                out.axes[0][k][l] = x * cos + y * sin;
                out.axes[1][k][l] = y * cos - x * sin;
                out.axes[2][k][l] = z;
                out.origin[k][l] = parent.origin[k][l]
                    + parent.axes[0][k][l] * o[0]
                    + parent.axes[1][k][l] * o[1]
                    + parent.axes[2][k][l] * o[2]
                    + z * slid;
            }
        }
    }
}
