//! Inverse kinematics of any chain of hinges and slides: damped least squares, four tries side by side.
//!
//! Each of four lanes holds one try, and all lanes take their step together, so that the compiler fills its vector registers. A
//! lane whose error falls too slowly starts again at the next point of a Halton sequence over the joints' ranges. The search ends
//! at the first step at which a lane arrives, with the lowest such lane: steps are counted and nothing is drawn, so the answer is
//! the same everywhere.
//!
//! The damping is the squared error plus a little (Sugihara, *Solvability-unconcerned inverse kinematics by the
//! Levenberg–Marquardt method*, 2011), which needs no trial steps: bold near the target, careful far away and in singular
//! postures. A joint that a limit stops is taken out of a lane's step.

use crate::chain::Chain;
use crate::ik;
use crate::lanes::{Four, V4};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::halton::halton;
use leitai_math::{Mat3, Pose, Vec3, real};

/// How hard to try, and what counts as reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchOptions {
    /// Position error of an answer [m].
    pub position_tolerance_m: f64,
    /// Rotation error of an answer [rad].
    pub rotation_tolerance_rad: f64,
    /// Weight of a rotation error against a translation error [m/rad].
    pub rotation_weight_m: f64,
    /// Steps of all four lanes together before giving up.
    pub steps: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { position_tolerance_m: 1e-6, rotation_tolerance_rad: 1e-6, rotation_weight_m: 0.3, steps: 2000 }
    }
}

/// Joint positions that reach a pose.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Joint positions [rad or m], within the limits, turned whole turns towards the posture where the limits allow.
    pub q: Vec<f64>,
    /// Remaining position error [m].
    pub position_error_m: f64,
    /// Remaining rotation error [rad].
    pub rotation_error_rad: f64,
    /// Steps taken.
    pub steps: usize,
}

/// Why a search gave no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Missed {
    /// The target or the posture holds a number that is not finite or absurd, or the posture has another length than the chain.
    NotAPose,
    /// No try arrived: the nearest that was seen.
    Nearest(Found),
}

impl core::fmt::Display for Missed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAPose => {
                write!(f, "the target is no pose: give finite meters, a quaternion of unit length and a finite posture")
            }
            Self::Nearest(n) => {
                let (mm, degrees) = (n.position_error_m * 1e3, n.rotation_error_rad * 180.0 / real::PI);
                write!(f, "no posture was found in {} steps; the nearest misses by {mm:.1} mm and {degrees:.2}°", n.steps)
            }
        }
    }
}

impl core::error::Error for Missed {}

#[derive(Clone, Copy, Debug)]
struct Link {
    /// From the frame behind the previous joint to the frame at this one, whose z axis is the joint's.
    turn: [[f64; 3]; 3],
    shift: [f64; 3],
    hinge: bool,
    low: f64,
    high: f64,
    /// Where tries start.
    from: f64,
    width: f64,
}

/// A chain made ready for searching.
#[derive(Clone, Debug)]
pub struct Search {
    chain: Chain,
    links: Vec<Link>,
    tip_turn: [[f64; 3]; 3],
    tip_shift: [f64; 3],
}

/// Room for a search, kept between calls.
#[derive(Clone, Debug)]
pub struct SearchWork {
    q: Vec<Four>,
    axis: Vec<V4>,
    point: Vec<V4>,
    column: Vec<(V4, V4)>,
    free: Vec<Four>,
    step: Vec<Four>,
    best: Vec<f64>,
    age: [usize; 4],
    mark: [f64; 4],
    next: u32,
    /// The way to go: position [m] and weighted rotation vector [m].
    way: (V4, V4),
}

/// Steps after which a try must have become this much better in squared error, or it starts again elsewhere.
const PATIENCE: usize = 8;
const PROGRESS: f64 = 0.3;
/// Largest change of a joint in a step [rad or m].
const STRIDE: f64 = 0.7;
/// Damping: share of the squared error, and what stays at the target.
const DAMPING: f64 = 0.1;
const DAMPING_LEFT: f64 = 1e-9;

impl Search {
    /// Makes a chain ready.
    #[must_use]
    pub fn new(chain: &Chain) -> Self {
        let n = chain.len();
        let mut jacobian = vec![[0.0; 6]; n];
        let tip = chain.tip_and_jacobian(&vec![0.0; n], &mut jacobian);
        let mut before = Pose::IDENTITY;
        let mut links = Vec::new();
        for i in 0..n {
            let (linear, angular) = (Vec3::from_slice(&jacobian[i][..3]), Vec3::from_slice(&jacobian[i][3..]));
            let hinge = angular.norm_squared() > 0.5;
            let axis = if hinge { angular } else { linear }.normalized_or(Vec3::Z);
            // Of the points on a hinge's axis, the one nearest to the frame before.
            let foot = tip.position - linear.cross(angular);
            let point = if hinge { foot + axis * axis.dot(before.position - foot) } else { before.position };
            let (x, y) = axis.complete_frame();
            let frame = Pose::new(point, Mat3::from_columns(x, y, axis).to_quat());
            let way = before.inverse() * frame;
            let (low, high) = (chain.low[i], chain.high[i]);
            let reach = if hinge { real::PI } else { 1.0 };
            let (from, width) = match (low.is_finite(), high.is_finite()) {
                (true, true) if high - low <= 2.0 * reach => (low, high - low),
                (true, true) => (0.5 * (low + high) - reach, 2.0 * reach),
                (true, false) => (low, 2.0 * reach),
                (false, true) => (high - 2.0 * reach, 2.0 * reach),
                (false, false) => (-reach, 2.0 * reach),
            };
            links.push(Link {
                turn: clean(way.rotation.to_mat()),
                shift: way.position.to_array(),
                hinge,
                low,
                high,
                from,
                width,
            });
            before = frame;
        }
        let way = before.inverse() * tip;
        Self { chain: chain.clone(), links, tip_turn: clean(way.rotation.to_mat()), tip_shift: way.position.to_array() }
    }

    /// Room for this chain's searches.
    #[must_use]
    pub fn work(&self) -> SearchWork {
        let n = self.links.len();
        SearchWork {
            q: vec![Four::all(0.0); n],
            axis: vec![V4::ZERO; n],
            point: vec![V4::ZERO; n],
            column: vec![(V4::ZERO, V4::ZERO); n],
            free: vec![Four::all(1.0); n],
            step: vec![Four::all(0.0); n],
            best: vec![0.0; n],
            age: [0; 4],
            mark: [f64::INFINITY; 4],
            next: 1,
            way: (V4::ZERO, V4::ZERO),
        }
    }

    /// A posture within the limits with the tip at `world_from_tip` = `target`. The first lane starts at `posture`.
    ///
    /// Allocates the answer and nothing else.
    ///
    /// # Errors
    /// If target or posture are no numbers, or no try arrives in the steps allowed.
    ///
    /// # Panics
    /// If `work` is another chain's.
    pub fn solve(&self, target: &Pose, posture: &[f64], options: &SearchOptions, work: &mut SearchWork) -> Result<Found, Missed> {
        let mut answer = None;
        let nearest = self.run(target, posture, options, work, |found| {
            answer = Some(found);
            true
        })?;
        answer.ok_or(Missed::Nearest(nearest))
    }

    /// Up to `wanted` different postures, the nearest to `posture` first: of an arm without a closed form, as many branches as the steps
    /// allowed find.
    ///
    /// Two postures are different if a joint is more than 1 mrad (1 mm) apart; next to a singular posture a narrower tolerance keeps one
    /// branch from being given several times. All steps are taken unless `wanted` are found before.
    ///
    /// # Errors
    /// As for [`Search::solve`].
    ///
    /// # Panics
    /// If `work` is another chain's.
    pub fn several(
        &self,
        target: &Pose,
        posture: &[f64],
        wanted: usize,
        options: &SearchOptions,
        work: &mut SearchWork,
    ) -> Result<Vec<Found>, Missed> {
        let mut answers: Vec<Found> = Vec::new();
        let nearest = self.run(target, posture, options, work, |found| {
            let apart = |a: &Found| a.q.iter().zip(&found.q).any(|(x, y)| real::abs(x - y) > 1e-3);
            if answers.iter().all(apart) {
                answers.push(found);
            }
            answers.len() >= wanted
        })?;
        // Stable, and by total order: the same list on every machine.
        answers.sort_by(|a, b| ik::distance(&a.q, posture).total_cmp(&ik::distance(&b.q, posture)));
        if answers.is_empty() { Err(Missed::Nearest(nearest)) } else { Ok(answers) }
    }

    /// Steps all lanes until `enough` says so of a posture that arrived, or no steps are left; gives the nearest that was seen.
    fn run(
        &self,
        target: &Pose,
        posture: &[f64],
        options: &SearchOptions,
        work: &mut SearchWork,
        mut enough: impl FnMut(Found) -> bool,
    ) -> Result<Found, Missed> {
        let n = self.links.len();
        assert_eq!(work.q.len(), n, "work space of the same chain");
        let sound = |x: &f64| real::abs(*x) < 1e6;
        if !crate::closed_form::is_pose(target) || posture.len() != n || !posture.iter().all(sound) {
            return Err(Missed::NotAPose);
        }
        let target = Pose::new(target.position, target.rotation.normalized());
        let turn = target.rotation.to_mat();
        let want = [turn.column(0), turn.column(1), turn.column(2), target.position];
        work.next = 1;
        for lane in 0..4 {
            self.start(work, lane);
        }
        for (i, link) in self.links.iter().enumerate() {
            work.q[i].0[0] = real::clamp(posture[i], link.low, link.high);
        }
        let mut least = f64::INFINITY;
        for step in 0..=options.steps {
            let (position, rotation, error) = self.look(work, &want, options.rotation_weight_m);
            let mut arrived = [false; 4];
            for lane in 0..4 {
                arrived[lane] =
                    position.0[lane] <= options.position_tolerance_m && rotation.0[lane] <= options.rotation_tolerance_rad;
                if error.0[lane] < least || arrived[lane] {
                    least = error.0[lane];
                    for i in 0..n {
                        work.best[i] = work.q[i].0[lane];
                    }
                }
                if arrived[lane] && enough(self.found(&target, posture, work, step)) {
                    return Ok(self.found(&target, posture, work, step));
                }
            }
            if step == options.steps {
                break;
            }
            self.advance(work);
            for lane in 0..4 {
                work.age[lane] += 1;
                let slow = work.age[lane].is_multiple_of(PATIENCE) && {
                    let better = error.0[lane] <= PROGRESS * work.mark[lane];
                    work.mark[lane] = error.0[lane];
                    !better
                };
                if slow || arrived[lane] {
                    self.start(work, lane);
                }
            }
        }
        Ok(self.found(&target, posture, work, options.steps))
    }

    fn found(&self, target: &Pose, posture: &[f64], work: &SearchWork, steps: usize) -> Found {
        let mut q = work.best.clone();
        self.chain.unwind(&mut q, posture);
        let (p, r) = ik::pose_error(target, &self.chain.tip(&q));
        Found { q, position_error_m: p.norm(), rotation_error_rad: r.norm(), steps }
    }

    /// Puts a lane at the next point of the Halton sequence.
    fn start(&self, work: &mut SearchWork, lane: usize) {
        for (i, link) in self.links.iter().enumerate() {
            work.q[i].0[lane] = link.from + link.width * halton(work.next, i);
        }
        work.next += 1;
        work.age[lane] = 0;
        work.mark[lane] = f64::INFINITY;
    }

    /// Forward kinematics of all lanes: the miss in position [m], in rotation [rad] and both squared and weighted. Leaves the
    /// columns of the Jacobian and the way to go in `work`.
    #[inline(always)]
    fn look(&self, work: &mut SearchWork, want: &[Vec3; 4], weight: f64) -> (Four, Four, Four) {
        let all = Four::all;
        let (mut x, mut y, mut z) = (V4::all(Vec3::X), V4::all(Vec3::Y), V4::all(Vec3::Z));
        let mut p = V4::ZERO;
        let n = self.links.len();
        for i in 0..n {
            let link = &self.links[i];
            (x, y, z, p) = moved(x, y, z, p, &link.turn, &link.shift);
            work.axis[i] = z;
            work.point[i] = p;
            if link.hinge {
                let (c, s) = work.q[i].cos_sin();
                (x, y) = (x.scaled(c).add(y.scaled(s)), y.scaled(c).sub(x.scaled(s)));
            } else {
                p = p.add(z.scaled(work.q[i]));
            }
        }
        (x, y, z, p) = moved(x, y, z, p, &self.tip_turn, &self.tip_shift);
        let e = V4::all(want[3]).sub(p);
        let (tx, ty, tz) = (V4::all(want[0]), V4::all(want[1]), V4::all(want[2]));
        // The rotation vector from here to there: axis times sine from the antisymmetric part, cosine from the trace.
        let half = x.cross(tx).add(y.cross(ty)).add(z.cross(tz)).scaled(all(0.5));
        let cosine = (x.dot(tx) + y.dot(ty) + z.dot(tz) - all(1.0)) * all(0.5);
        let sine = half.norm_squared().root();
        let angle = Four::angle(cosine, sine.max(all(1e-300)));
        let r = half.scaled(angle.over(sine.max(all(1e-12))));
        let w = all(weight);
        for i in 0..n {
            let z = work.axis[i];
            work.column[i] = if self.links[i].hinge { (z.cross(p.sub(work.point[i])), z.scaled(w)) } else { (z, V4::ZERO) };
        }
        let r = r.scaled(w);
        work.way = (e, r);
        (e.norm_squared().root(), angle, e.norm_squared() + r.norm_squared())
    }

    /// One damped step of all lanes.
    #[inline(always)]
    fn advance(&self, work: &mut SearchWork) {
        let all = Four::all;
        let (e, r) = work.way;
        let damping = (e.norm_squared() + r.norm_squared()) * all(DAMPING) + all(DAMPING_LEFT);
        let mut a = [[all(0.0); 6]; 6];
        let n = self.links.len();
        for i in 0..n {
            let link = &self.links[i];
            let (v, w) = work.column[i];
            let slope = v.dot(e) + w.dot(r);
            let q = work.q[i];
            let free = Four(core::array::from_fn(|l| {
                let stopped = (q.0[l] <= link.low && slope.0[l] < 0.0) || (q.0[l] >= link.high && slope.0[l] > 0.0);
                if stopped { 0.0 } else { 1.0 }
            }));
            work.free[i] = free;
            let j = [v.x, v.y, v.z, w.x, w.y, w.z];
            for row in 0..6 {
                let f = j[row] * free;
                for column in 0..=row {
                    a[row][column] = a[row][column] + f * j[column];
                }
            }
        }
        for (k, row) in a.iter_mut().enumerate() {
            row[k] = row[k] + damping;
        }
        let y = solved(&mut a, [e.x, e.y, e.z, r.x, r.y, r.z]);
        let mut most = all(0.0);
        for i in 0..n {
            let (v, w) = work.column[i];
            let step = (v.x * y[0] + v.y * y[1] + v.z * y[2] + w.x * y[3] + w.y * y[4] + w.z * y[5]) * work.free[i];
            most = most.max(step.abs());
            work.step[i] = step;
        }
        let share = all(STRIDE).over(most.max(all(STRIDE)));
        for i in 0..n {
            let link = &self.links[i];
            let q = work.q[i] + work.step[i] * share;
            work.q[i] = q.max(all(link.low)).min(all(link.high));
        }
    }
}

/// Rounding of a quarter turn made exact, so that frames of ordinary arms are exact.
fn clean(m: Mat3) -> [[f64; 3]; 3] {
    m.0.map(|row| row.map(|x| if real::abs(x) < 1e-15 { 0.0 } else { x }))
}

#[inline(always)]
fn moved(x: V4, y: V4, z: V4, p: V4, turn: &[[f64; 3]; 3], shift: &[f64; 3]) -> (V4, V4, V4, V4) {
    let all = Four::all;
    let mix = |a: f64, b: f64, c: f64| x.scaled(all(a)).add(y.scaled(all(b))).add(z.scaled(all(c)));
    let p = p.add(mix(shift[0], shift[1], shift[2]));
    let column = |j: usize| mix(turn[0][j], turn[1][j], turn[2][j]);
    (column(0), column(1), column(2), p)
}

/// Solves a·x = b for a symmetric positive matrix given by its lower triangle (Cholesky), lane by lane.
#[inline(always)]
fn solved(a: &mut [[Four; 6]; 6], mut b: [Four; 6]) -> [Four; 6] {
    for j in 0..6 {
        let mut d = a[j][j];
        for k in 0..j {
            d = d - a[j][k] * a[j][k];
        }
        // The damping keeps pivots above zero but for rounding.
        let inverse = Four::all(1.0).over(d.max(Four::all(1e-18)).root());
        a[j][j] = inverse;
        for i in j + 1..6 {
            let mut s = a[i][j];
            for k in 0..j {
                s = s - a[i][k] * a[j][k];
            }
            a[i][j] = s * inverse;
        }
    }
    for i in 0..6 {
        for k in 0..i {
            b[i] = b[i] - a[i][k] * b[k];
        }
        b[i] = b[i] * a[i][i];
    }
    for i in (0..6).rev() {
        for k in i + 1..6 {
            b[i] = b[i] - a[k][i] * b[k];
        }
        b[i] = b[i] * a[i][i];
    }
    b
}
