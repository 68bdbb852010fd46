//! Whether configurations and the straight lines between them are free.
//!
//! A line is looked at in eight places at once, spread over its whole length (Thomason, Kingston & Kavraki, *Motions in
//! Microseconds via Vectorized Sampling-Based Planning*, ICRA 2024): what blocks a line is usually wide and soon found. Then all
//! eight places step together until the line is covered at [`RESOLUTION`]. In each place the robot's balls are checked first;
//! where they overlap something, [`Precision::Exact`] looks at the shapes themselves.
//!
//! Steps are taken in stretches. The step in the middle of a stretch looks at everything and remembers what is so near that it
//! could be met elsewhere in the stretch, judged by how far the joints can move each ball; the other steps look at that alone.

use super::kernels;
use super::laned::{Group, GroupPair};
use super::lanes::{Frames, Lanes, WIDTH};
use super::model::{CollisionModel, MOST_JOINTS};
use super::scene::Scene;
use super::touch::{self, Touch};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use leitai_geometry::Placement;
use leitai_math::real;

/// Places that are looked at for each unit of distance between configurations (root of the sum of squares [rad, m]).
pub const RESOLUTION: f64 = 32.0;
/// Most steps of a line.
const MOST_STEPS: u32 = 1 << 20;
/// Most steps of a stretch, at [`RESOLUTION`].
const STRETCH: f64 = 5.0;
/// Overlaps that are remembered.
const RECENT: usize = 16;
/// No ball.
const NONE: u16 = u16::MAX;
/// What single precision may add to a distance [m].
const SLACK_M: f32 = 1e-5;

/// Coordinates of a configuration; those beyond the robot's joints stay zero.
pub type Config = [f32; MOST_JOINTS];

/// What counts as touching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Balls that overlap.
    Balls,
    /// Convex shapes that overlap, where their balls do.
    Exact,
}

/// A robot, a scene, and the work space to check one against the other.
#[derive(Clone, Debug)]
pub struct Checker<'a> {
    /// The robot.
    pub robot: &'a CollisionModel,
    /// What stands around.
    pub scene: &'a Scene,
    /// What counts as touching.
    pub precision: Precision,
    /// Places looked at for each unit of distance between configurations; [`RESOLUTION`] unless set.
    pub per_unit: f64,
    /// Blocks of eight configurations looked at so far.
    pub blocks: u64,
    frames: [Frames; MOST_JOINTS],
    groups: Vec<[Lanes; 3]>,
    links: Vec<[Lanes; 3]>,
    balls: Vec<[Lanes; 3]>,
    /// Links that are placed with their balls, a bit each.
    placed: u64,
    /// Most that a line moves a ball of each group [m], once it is asked for.
    travels: Vec<f32>,
    travels_known: bool,
    /// What each group can add to a distance within the stretch [m].
    margins: Vec<f32>,
    near: Vec<Near>,
    near_balls: Vec<u16>,
    /// A link, a ball of it, and another link that it is near.
    near_pairs: Vec<[u16; 3]>,
    /// How many frames what is near needs.
    depth: usize,
    /// Balls and obstacles that overlapped not long ago, the last first: what blocked one line is likely to block the next.
    recent: [(u16, u16); RECENT],
    /// What overlapped by balls in the last block, and in which lanes.
    hits: Vec<(Touch, u8)>,
    /// Exact placements, for each lane, and the lanes that have them.
    exact: [Vec<Placement>; WIDTH],
    exact_placed: u8,
}

/// Balls of a link that an obstacle is near.
#[derive(Clone, Debug)]
struct Near {
    link: u16,
    obstacle: u16,
    /// Among `near_balls`.
    balls: Range<u32>,
}

impl<'a> Checker<'a> {
    /// Work space for `robot` in `scene`.
    #[must_use]
    pub fn new(robot: &'a CollisionModel, scene: &'a Scene, precision: Precision) -> Self {
        let zero = [[0.0; WIDTH]; 3];
        Self {
            robot,
            scene,
            precision,
            per_unit: RESOLUTION,
            blocks: 0,
            frames: [Frames::WORLD; MOST_JOINTS],
            groups: vec![zero; robot.lanes.groups.len()],
            links: vec![zero; robot.links.len()],
            balls: vec![zero; robot.balls.len()],
            placed: 0,
            travels: vec![0.0; robot.lanes.groups.len()],
            travels_known: false,
            margins: vec![0.0; robot.lanes.groups.len()],
            near: Vec::with_capacity(256),
            near_balls: Vec::with_capacity(1024),
            near_pairs: Vec::with_capacity(256),
            depth: 0,
            recent: [(NONE, 0); RECENT],
            hits: Vec::with_capacity(256),
            exact: core::array::from_fn(|_| Vec::with_capacity(robot.frames.len())),
            exact_placed: 0,
        }
    }

    /// True if a configuration is free.
    pub fn free(&mut self, q: &Config) -> bool {
        self.block(&q.map(|x| [x; WIDTH]))
    }

    /// True if the straight line to `to` is free. `from` itself is taken to be: a path's first configuration is checked once.
    pub fn edge_free(&mut self, from: &Config, to: &Config) -> bool {
        let n = self.robot.len();
        let steps = self.steps(from, to);
        let over = 1.0 / (steps * WIDTH as u32) as f32;
        let mut way = [0.0; MOST_JOINTS];
        for j in 0..n {
            way[j] = to[j] - from[j];
        }
        self.travels_known = false;
        let longest = STRETCH * real::max(self.per_unit * (1.0 / RESOLUTION), 1.0);
        let stretches = steps.div_ceil(longest as u32);
        for s in 0..stretches {
            let (first, last) = (steps * s / stretches, steps * (s + 1) / stretches);
            let middle = (first + last) / 2;
            let far = u32::max(middle - first, last - 1 - middle);
            if !self.step(from, &way, middle as f32 * over, Some(far as f32 * over)) {
                return false;
            }
            if self.near.is_empty() && self.near_pairs.is_empty() {
                continue;
            }
            for k in (first..last).filter(|k| *k != middle) {
                if !self.step(from, &way, k as f32 * over, None) {
                    return false;
                }
            }
        }
        true
    }

    /// Steps of eight places that cover a line.
    fn steps(&self, from: &Config, to: &Config) -> u32 {
        let mut squares = 0.0;
        for j in 0..self.robot.len() {
            let way = f64::from(to[j] - from[j]);
            squares += way * way;
        }
        let steps = real::sqrt(squares) * (self.per_unit / WIDTH as f64);
        // Written so that no number becomes the most, not the least.
        if steps <= f64::from(MOST_STEPS) {
            let whole = steps as u32;
            u32::max(whole + u32::from(f64::from(whole) < steps), 1)
        } else {
            MOST_STEPS
        }
    }

    /// Eight places of a line, `back` of its length before its eighths. With `far`, the share of the line that other steps of
    /// the stretch are away, looks at everything and remembers what is near; without, at what was near.
    #[inline]
    fn step(&mut self, from: &Config, way: &Config, back: f32, far: Option<f32>) -> bool {
        self.blocks += 1;
        let n = self.robot.len();
        let mut q = [[0.0; WIDTH]; MOST_JOINTS];
        for j in 0..n {
            for l in 0..WIDTH {
                q[j][l] = from[j] + way[j] * ((l + 1) as f32 * (1.0 / WIDTH as f32) - back);
            }
        }
        let balls = self.precision == Precision::Balls;
        self.hits.clear();
        let clear = match far {
            Some(far) => {
                self.place(&q, self.robot.frames.len());
                if balls && self.still_blocked() {
                    return false;
                }
                if far > 0.0 {
                    self.set_margins(&way[..n], far);
                    if balls { self.all::<true, true>() } else { self.all::<false, true>() }
                } else if balls {
                    self.all::<true, false>()
                } else {
                    self.all::<false, false>()
                }
            }
            None => {
                self.place(&q, self.depth);
                if balls { self.remembered::<true>() } else { self.remembered::<false>() }
            }
        };
        clear || (!balls && self.exactly_free(&q))
    }

    /// True if all eight configurations are free; `q[joint][lane]`.
    pub fn block(&mut self, q: &[Lanes; MOST_JOINTS]) -> bool {
        self.blocks += 1;
        self.place(q, self.robot.frames.len());
        self.hits.clear();
        match self.precision {
            Precision::Balls => !self.still_blocked() && self.all::<true, false>(),
            Precision::Exact => self.all::<false, false>() || self.exactly_free(q),
        }
    }

    /// A bit for each of eight configurations in which balls overlap.
    pub fn overlapping(&mut self, q: &[Lanes; MOST_JOINTS]) -> u8 {
        self.place(q, self.robot.frames.len());
        self.hits.clear();
        self.all::<false, false>();
        self.hits.iter().fold(0, |mask, (_, lanes)| mask | lanes)
    }

    /// What each group can add to a distance when `far`, a share of the line along `way`, is as far as places are from the middle.
    fn set_margins(&mut self, way: &[f32], far: f32) {
        if !self.travels_known {
            self.travels_known = true;
            for (group, travel) in self.robot.lanes.groups.iter().zip(&mut self.travels) {
                *travel = group.travel(way);
            }
        }
        for (margin, travel) in self.margins.iter_mut().zip(&self.travels) {
            *margin = travel * far + SLACK_M;
        }
    }

    /// Places the first `depth` frames.
    fn place(&mut self, q: &[Lanes; MOST_JOINTS], depth: usize) {
        for (f, frame) in self.robot.lanes.frames[..depth].iter().enumerate() {
            let (before, after) = self.frames.split_at_mut(f);
            let parent = frame.parent.map(|p| &before[p]);
            frame.place(parent, &q[frame.joint], &mut after[0]);
        }
        self.placed = 0;
    }

    /// True if no balls overlap. Without `FIRST`, all overlaps are listed in `hits`; with `NEAR`, what is within the margins is
    /// remembered.
    #[inline(always)]
    fn all<const FIRST: bool, const NEAR: bool>(&mut self) -> bool {
        self.near.clear();
        self.near_balls.clear();
        self.near_pairs.clear();
        self.depth = 0;
        let lanes = &self.robot.lanes;
        for (group, at) in lanes.groups.iter().zip(&mut self.groups) {
            apply(&self.frames, group.frame, group.center, at);
        }
        // The hand is the likeliest to touch, and stands last.
        for (g, group) in lanes.groups.iter().enumerate().rev() {
            let margin = if NEAR { self.margins[g] } else { 0.0 };
            for &k in &self.scene.near[g] {
                let met = kernels::meets(&self.scene.solids[usize::from(k)], &self.groups[g], group.radius + margin);
                if met && !self.group_clear::<FIRST, NEAR>(group, margin, k) {
                    return false;
                }
            }
        }
        for (p, pair) in lanes.group_pairs.iter().enumerate() {
            let [a, b] = pair.groups;
            let margin = if NEAR { self.margins[a] + self.margins[b] } else { 0.0 };
            let sum = lanes.groups[a].radius + lanes.groups[b].radius + margin;
            if kernels::overlap(&self.groups[a], &self.groups[b], sum) && !self.group_pair_clear::<FIRST, NEAR>(p, margin) {
                return false;
            }
        }
        self.hits.is_empty()
    }

    /// True if what overlapped not long ago does again.
    #[inline(always)]
    fn still_blocked(&mut self) -> bool {
        let lanes = &self.robot.lanes;
        let mut at = [[0.0; WIDTH]; 3];
        for k in 0..RECENT {
            let (ball, obstacle) = self.recent[k];
            if ball == NONE {
                return false;
            }
            let b = usize::from(ball);
            apply(&self.frames, lanes.frame_of[b], lanes.centers[b], &mut at);
            if kernels::meets(&self.scene.solids[usize::from(obstacle)], &at, lanes.radii[b]) {
                self.recent[..=k].rotate_right(1);
                return true;
            }
        }
        false
    }

    /// The links of a group against an obstacle that its ball meets.
    fn group_clear<const FIRST: bool, const NEAR: bool>(&mut self, group: &Group, margin: f32, k: u16) -> bool {
        let lanes = &self.robot.lanes;
        let solid = &self.scene.solids[usize::from(k)];
        for a in group.links.clone() {
            let link = &lanes.links[a];
            self.place_link(a);
            if group.links.len() > 1 && !kernels::meets(solid, &self.links[a], link.radius + margin) {
                continue;
            }
            let (mut mask, first) = (0, self.near_balls.len());
            for b in link.balls.clone() {
                let (ball, radius) = (&self.balls[b], lanes.radii[b]);
                if NEAR {
                    if !kernels::meets(solid, ball, radius + margin) {
                        continue;
                    }
                    self.near_balls.push(b as u16);
                }
                if !FIRST {
                    mask |= kernels::met(solid, ball, radius);
                } else if kernels::meets(solid, ball, radius) {
                    self.recent.rotate_right(1);
                    self.recent[0] = (b as u16, k);
                    return false;
                }
            }
            if !FIRST && mask != 0 {
                self.hits.push((Touch::Obstacle(a, usize::from(k)), mask));
            }
            if NEAR && self.near_balls.len() > first {
                self.near.push(Near { link: a as u16, obstacle: k, balls: first as u32..self.near_balls.len() as u32 });
                self.depth = usize::max(self.depth, link.frame.map_or(0, |f| f + 1));
            }
        }
        true
    }

    /// The pairs of links of two groups whose balls meet.
    fn group_pair_clear<const FIRST: bool, const NEAR: bool>(&mut self, p: usize, margin: f32) -> bool {
        let lanes = &self.robot.lanes;
        let GroupPair { groups: [_, g], runs } = &lanes.group_pairs[p];
        for run in runs {
            self.place_link(run.link);
            let one = &lanes.links[run.link];
            let reach = lanes.groups[*g].radius + margin;
            if !kernels::overlap(&self.links[run.link], &self.groups[*g], one.radius + reach) {
                continue;
            }
            for i in one.balls.clone() {
                if !kernels::overlap(&self.balls[i], &self.groups[*g], lanes.radii[i] + reach) {
                    continue;
                }
                for k in run.pairs.clone() {
                    let b = self.robot.pairs[k][1];
                    self.place_link(b);
                    let (near, clear) = self.ball_clear::<FIRST>(run.link, i, b, margin);
                    if !clear {
                        return false;
                    }
                    if NEAR && near {
                        self.near_pairs.push([run.link as u16, i as u16, b as u16]);
                        let frame = |a: usize| lanes.links[a].frame.map_or(0, |f| f + 1);
                        self.depth = usize::max(self.depth, usize::max(frame(run.link), frame(b)));
                    }
                }
            }
        }
        true
    }

    /// Whether ball `i` of link `a` comes within `margin` of any of link `b`, and whether it overlaps none (or, without `FIRST`,
    /// true).
    #[inline]
    fn ball_clear<const FIRST: bool>(&mut self, a: usize, i: usize, b: usize, margin: f32) -> (bool, bool) {
        let lanes = &self.robot.lanes;
        let two = &lanes.links[b];
        let (mut mask, mut near) = (0, false);
        if !kernels::overlap(&self.balls[i], &self.links[b], lanes.radii[i] + two.radius + margin) {
            return (false, true);
        }
        for j in two.balls.clone() {
            let (one, two, sum) = (&self.balls[i], &self.balls[j], lanes.radii[i] + lanes.radii[j]);
            if !kernels::overlap(one, two, sum + margin) {
                continue;
            }
            near = true;
            if !FIRST {
                mask |= kernels::overlapping(one, two, sum);
            } else if margin == 0.0 || kernels::overlap(one, two, sum) {
                return (true, false);
            }
        }
        if mask != 0 {
            self.add_hit(Touch::Links(a, b), mask);
        }
        (near, true)
    }

    /// Adds to what overlaps; each pair is listed once.
    fn add_hit(&mut self, touch: Touch, mask: u8) {
        match self.hits.iter_mut().find(|(listed, _)| *listed == touch) {
            Some((_, lanes)) => *lanes |= mask,
            None => self.hits.push((touch, mask)),
        }
    }

    /// True if nothing overlaps of what was near in the middle of the stretch.
    #[inline(always)]
    fn remembered<const FIRST: bool>(&mut self) -> bool {
        let lanes = &self.robot.lanes;
        let mut at = [[0.0; WIDTH]; 3];
        for near in &self.near {
            let link = &lanes.links[usize::from(near.link)];
            let solid = &self.scene.solids[usize::from(near.obstacle)];
            let balls = near.balls.start as usize..near.balls.end as usize;
            if balls.len() > 2 {
                apply(&self.frames, link.frame, link.center, &mut at);
                if !kernels::meets(solid, &at, link.radius) {
                    continue;
                }
            }
            let mut mask = 0;
            for &b in &self.near_balls[balls] {
                let b = usize::from(b);
                apply(&self.frames, link.frame, lanes.centers[b], &mut at);
                if !FIRST {
                    mask |= kernels::met(solid, &at, lanes.radii[b]);
                } else if kernels::meets(solid, &at, lanes.radii[b]) {
                    return false;
                }
            }
            if mask != 0 {
                self.hits.push((Touch::Obstacle(usize::from(near.link), usize::from(near.obstacle)), mask));
            }
        }
        for k in 0..self.near_pairs.len() {
            let [a, i, b] = self.near_pairs[k].map(usize::from);
            self.place_link(a);
            self.place_link(b);
            if !self.ball_clear::<FIRST>(a, i, b, 0.0).1 {
                return false;
            }
        }
        self.hits.is_empty()
    }

    /// Places a link and its balls.
    #[inline]
    fn place_link(&mut self, a: usize) {
        if self.placed >> a & 1 != 0 {
            return;
        }
        self.placed |= 1 << a;
        let lanes = &self.robot.lanes;
        let link = &lanes.links[a];
        let balls = link.balls.clone();
        apply(&self.frames, link.frame, link.center, &mut self.links[a]);
        for (center, at) in lanes.centers[balls.clone()].iter().zip(&mut self.balls[balls]) {
            apply(&self.frames, link.frame, *center, at);
        }
    }

    /// True if none of the hits by balls is one by shapes, in any of its lanes.
    fn exactly_free(&mut self, q: &[Lanes; MOST_JOINTS]) -> bool {
        self.exact_placed = 0;
        for h in 0..self.hits.len() {
            let (touch, mask) = self.hits[h];
            for l in (0..WIDTH).filter(|l| mask >> l & 1 != 0) {
                if self.exact_placed >> l & 1 == 0 {
                    self.exact_placed |= 1 << l;
                    let mut single = [0.0; MOST_JOINTS];
                    for (x, lanes) in single.iter_mut().zip(q) {
                        *x = f64::from(lanes[l]);
                    }
                    self.robot.place(&single[..self.robot.len()], &mut self.exact[l]);
                }
                if touch::touching(self.robot, self.scene, &self.exact[l], touch) {
                    return false;
                }
            }
        }
        true
    }

    /// The first pair that touches at `q`, in the order links against obstacles, then links against links; checked one pair at a
    /// time in double precision.
    ///
    /// # Panics
    /// If `q` has the wrong length.
    pub fn touch(&mut self, q: &[f64]) -> Option<Touch> {
        let mut places = core::mem::take(&mut self.exact[0]);
        self.robot.place(q, &mut places);
        let found = self.touch_placed(&places);
        self.exact[0] = places;
        found
    }

    fn touch_placed(&self, places: &[Placement]) -> Option<Touch> {
        let (robot, scene) = (self.robot, self.scene);
        let touches = |pair: &Touch| touch::touches(robot, scene, places, *pair, self.precision);
        let links = 0..robot.links.len();
        let obstacle = links.flat_map(|a| (0..scene.obstacles.len()).map(move |k| Touch::Obstacle(a, k)));
        let own = robot.pairs.iter().map(|&[a, b]| Touch::Links(a, b));
        obstacle.chain(own).find(touches)
    }

    /// The first pair that touches on the straight line from `from` to `to`, with the share of the line where it does; both ends
    /// are looked at.
    ///
    /// # Panics
    /// If a length is wrong.
    pub fn first_touch(&mut self, from: &[f64], to: &[f64]) -> Option<(f64, Touch)> {
        let squares: f64 = from.iter().zip(to).map(|(a, b)| (b - a) * (b - a)).sum();
        let count = real::max(real::ceil(real::sqrt(squares) * self.per_unit), 1.0) as usize;
        let mut q = vec![0.0; from.len()];
        (0..=count).find_map(|k| {
            let share = k as f64 / count as f64;
            for (x, (a, b)) in q.iter_mut().zip(from.iter().zip(to)) {
                *x = a + (b - a) * share;
            }
            self.touch(&q).map(|touch| (share, touch))
        })
    }
}

/// World coordinates of a point of a frame, or of the world.
#[inline(always)]
fn apply(frames: &[Frames; MOST_JOINTS], frame: Option<usize>, point: [f32; 3], out: &mut [Lanes; 3]) {
    match frame {
        Some(f) => frames[f].apply(point, out),
        None => *out = point.map(|x| [x; WIDTH]),
    }
}
