//! The joint path of a tool path, and its timing.

use super::ladder::{Branching, Climbed, Ladder};
use super::{Options, Segment, SegmentRun, SequenceError, Start, ToolPath};
use crate::chain::Chain;
use crate::ik;
use crate::limits::Torques;
use crate::path::{LineWork, Path};
use crate::timing::{JointLimits, Sampled, Timing, TimingError, Work};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::diagonalize;
use leitai_math::{Pose, real};

/// Rounds in which points are put in where the spline's tool leaves the curve.
const FINER: usize = 6;
/// Most points of a joint path.
const MOST_POINTS: usize = 40_000;
/// Cells of the timing's grid for the shortest piece, and least and most of them for the whole.
const CELLS_A_PIECE: f64 = 12.0;
const CELLS: [f64; 2] = [300.0, 8000.0];
/// A limit that never binds.
const NONE: f64 = 1e9;
/// The timing uses 0.999 of a limit and keeps a thousandth for what happens between points; the tool's speed shall be the asked one.
const WHOLE: f64 = 1.001_002;
/// Tries of a wider margin around segments where another speed is asked for, and of lower speeds where limits would be passed.
const TRIES: usize = 10;
/// A timing slowed down as a whole by no more than this is good enough.
const EVEN: f64 = 1.0005;
/// Share of a limit that is aimed at where it would be passed, and by what the aim is lowered from try to try.
const AIM: [f64; 2] = [0.99, 0.96];
/// A segment is at speed from this share on.
const AT_SPEED: f64 = 0.99;
/// Windows of the jerk limit over which a segment comes to a higher speed than its neighbor's.
const WINDOWS: f64 = 3.0;
/// Instants at which speeds are looked at.
const INSTANTS: f64 = 4000.0;

/// A planned sequence.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The tool's curve.
    pub tool: ToolPath,
    /// The joints' path; its parameter is the curve's.
    pub path: Path,
    /// Its timing.
    pub timing: Timing,
    /// How each segment is run.
    pub segments: Vec<SegmentRun>,
    /// Greatest distance [m] (a radian counting as 0.3 m) of the tool from its curve, half-way between the points of the path.
    pub deviation_m: f64,
    /// The closest that it comes to a singular posture: the least speed of the tool [m/s, a radian counting as the turn length] in any
    /// direction when the joints' speeds have length 1 rad/s.
    pub margin_m: f64,
    /// Where that is, on the parameter [m].
    pub margin_at: f64,
}

impl Sequence {
    /// Plans the motion of the chain's tip from `start_pose` along `segments`, from rest to rest.
    ///
    /// `torques` writes the joint torques for (q, v, a); it is needed if and only if `limits` have torques.
    ///
    /// # Errors
    /// If the curve is none, leaves the reach or the limits, passes a singular posture too closely, or cannot be timed.
    pub fn plan(
        chain: &Chain,
        start: &Start,
        start_pose: &Pose,
        segments: &[Segment],
        limits: &JointLimits,
        torques: Option<&mut Torques<'_>>,
        options: &Options,
    ) -> Result<Self, SequenceError> {
        check(chain, start, limits, torques.is_some(), options)?;
        let tool = ToolPath::new(start_pose, segments, options.turn_length_m)?;
        let ladder =
            Ladder { branching: Branching { chain, speed: &limits.velocity }, tool: &tool, spacing_m: options.spacing_m };
        let (path, deviation_m, knots) = joined(chain, &tool, ladder.climb(start)?, options)?;
        let (margin_m, margin_at) = margin(chain, &path, &knots, options.turn_length_m);
        let timing = timed(&tool, &path, limits, torques)?;
        let segments = runs(&tool, &timing);
        Ok(Self { tool, path, timing, segments, deviation_m, margin_m, margin_at })
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.timing.duration_s()
    }

    /// Writes joint positions, velocities and accelerations at `t_s`, held at the ends outside the motion.
    pub fn at(&self, t_s: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        self.path.moving(&self.timing.at(t_s), q, v, a);
    }
}

fn check(chain: &Chain, start: &Start, limits: &JointLimits, torques: bool, options: &Options) -> Result<(), SequenceError> {
    let n = chain.len();
    let (Start::Posture(q) | Start::Near(q)) = start;
    let JointLimits { velocity, acceleration, jerk, torque } = limits;
    let whole = [q, velocity, acceleration, jerk].iter().all(|list| list.len() == n);
    if !whole || torques == torque.is_empty() || (torques && torque.len() != n) {
        return Err(SequenceError::Lengths);
    }
    let positive = |x: f64| x.is_finite() && x > 0.0;
    let within =
        positive(options.turn_length_m) && options.spacing_m >= 1e-5 && options.spacing_m <= 1.0 && options.deviation_m >= 1e-9;
    if !within || !q.iter().all(|x| x.is_finite()) {
        return Err(SequenceError::NotFinite { segment: 0 });
    }
    // The way up the ladder is priced by velocities, before the timing looks at them.
    match velocity.iter().position(|v| !positive(*v)) {
        Some(joint) => Err(SequenceError::Timing { segment: 0, at: 0.0, why: TimingError::NoRoom(joint) }),
        None => Ok(()),
    }
}

/// The spline through the ladder's points, with more points where its tool leaves the curve; greatest distance, and the knots.
fn joined(chain: &Chain, tool: &ToolPath, way: Climbed, options: &Options) -> Result<(Path, f64, Vec<f64>), SequenceError> {
    let Climbed { mut knots, mut points, .. } = way;
    let n = chain.len();
    let mut work = LineWork::new(n);
    let (mut q, mut slope, mut bend) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for round in 0..=FINER {
        let path = Path::over(knots.clone(), &points);
        let mut greatest = 0.0;
        let (mut more_knots, mut more_points) = (Vec::with_capacity(knots.len()), Vec::with_capacity(knots.len()));
        for k in 0..knots.len() - 1 {
            more_knots.push(knots[k]);
            more_points.push(points[k].clone());
            let s = 0.5 * (knots[k] + knots[k + 1]);
            path.at(s, &mut q, &mut slope, &mut bend);
            let target = tool.pose(s);
            let (p, r) = ik::pose_error(&target, &chain.tip(&q));
            let missed = p.norm() + 0.3 * r.norm();
            greatest = real::max(greatest, missed);
            let fine = missed <= options.deviation_m;
            if !fine && round < FINER && more_knots.len() < MOST_POINTS {
                if work.correct(chain, &target, &mut q).is_nan() || !follows(&q, &points[k], &points[k + 1]) {
                    return Err(SequenceError::Singular { segment: tool.segment_at(s), at: tool.share_at(s) });
                }
                more_knots.push(s);
                more_points.push(q.clone());
            }
        }
        if greatest <= options.deviation_m || round == FINER {
            return Ok((path, greatest, knots));
        }
        more_knots.push(knots[knots.len() - 1]);
        more_points.push(points[points.len() - 1].clone());
        (knots, points) = (more_knots, more_points);
    }
    unreachable!("the last round returns")
}

/// True if a posture half-way is one between its neighbors, and not of another branch.
fn follows(q: &[f64], before: &[f64], after: &[f64]) -> bool {
    q.iter().zip(before).zip(after).all(|((q, a), b)| real::abs(q - 0.5 * (a + b)) <= 0.5 * real::abs(a - b) + 0.1)
}

/// The least singular value of the Jacobian on the way, and where.
fn margin(chain: &Chain, path: &Path, knots: &[f64], turn_length_m: f64) -> (f64, f64) {
    let n = chain.len();
    let (mut q, mut slope, mut bend) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut least = (f64::INFINITY, 0.0);
    for &s in knots {
        path.at(s, &mut q, &mut slope, &mut bend);
        let value = singularity_margin(chain, &q, turn_length_m);
        if value < least.0 {
            least = (value, s);
        }
    }
    least
}

/// The least speed of the tool [m/s, a radian counting as `turn_length_m`] in any direction when the joints' speeds have length 1 rad/s:
/// the least singular value of the Jacobian, 0 in a singular posture. Of fewer than six joints, among the directions they can take.
#[must_use]
pub fn singularity_margin(chain: &Chain, q: &[f64], turn_length_m: f64) -> f64 {
    let n = chain.len();
    let mut jacobian = vec![[0.0; 6]; n];
    chain.tip_and_jacobian(q, &mut jacobian);
    let scaled =
        |column: &[f64; 6]| core::array::from_fn::<f64, 6, _>(|r| if r < 3 { column[r] } else { turn_length_m * column[r] });
    let columns: Vec<[f64; 6]> = jacobian.iter().map(scaled).collect();
    // The smaller of JᵀJ and JJᵀ has no zeros but those of the posture.
    let m = n.min(6);
    let mut square = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m {
            square[i * m + j] = if n < 6 {
                (0..6).map(|r| columns[i][r] * columns[j][r]).sum()
            } else {
                columns.iter().map(|c| c[i] * c[j]).sum()
            };
        }
    }
    let mut turned = vec![0.0; m * m];
    diagonalize(&mut square, m, &mut turned);
    let least = (0..m).fold(f64::INFINITY, |least, i| real::min(least, square[i * m + i]));
    real::sqrt(real::max(least, 0.0))
}

/// One over the asked speed and one over the asked acceleration at each point of a grid.
///
/// Where a segment is asked to be faster than its neighbor, it comes to its own speed over a length of some windows of the jerk limit, by a
/// smooth step: a mean over a window then keeps below it. A segment without room for that runs at its neighbor's speed.
fn asked(tool: &ToolPath, points: usize, step: f64, window_s: f64) -> Vec<[f64; 2]> {
    let last = tool.cores.len() - 1;
    let ramp = |speed: f64| real::max(WINDOWS * window_s * speed, 4.0 * step);
    let mut speeds = tool.speeds.clone();
    // Lowering one may leave a neighbor without room; each pass settles one at least.
    for _ in 0..=last {
        let mut lowered = false;
        for k in 0..=last {
            let [before, after] = [k.checked_sub(1), (k < last).then_some(k + 1)].map(|other| other.map(|o| speeds[o]));
            let slower = |other: Option<[f64; 2]>| other.filter(|o| o[0] < speeds[k][0] || o[1] < speeds[k][1]);
            let needed: f64 = [before, after].into_iter().filter_map(slower).map(|o| ramp(o[0])).sum();
            if needed > tool.cores[k].to - tool.cores[k].from {
                let least =
                    |i: usize| [before, after].into_iter().flatten().fold(speeds[k][i], |least, o| real::min(least, o[i]));
                speeds[k] = [least(0), least(1)];
                lowered = true;
            }
        }
        if !lowered {
            break;
        }
    }
    let mut out = vec![[0.0; 2]; points];
    let mut k = 0;
    for (i, out) in out.iter_mut().enumerate() {
        let s = step * i as f64;
        while k < last && s > tool.cores[k + 1].from {
            k += 1;
        }
        let core = tool.cores[k];
        for (c, out) in out.iter_mut().enumerate() {
            let own = speeds[k][c];
            let towards = |other: usize, far: f64| {
                let share = real::clamp(far / ramp(speeds[other][0]), 0.0, 1.0);
                let smooth = share * share * share * (10.0 + share * (6.0 * share - 15.0));
                if speeds[other][c] < own {
                    1.0 / speeds[other][c] + smooth * (1.0 / own - 1.0 / speeds[other][c])
                } else {
                    1.0 / own
                }
            };
            *out = 1.0 / own;
            if k > 0 {
                *out = real::max(*out, towards(k - 1, s - core.from));
            }
            if k < last {
                // Beyond the core lies the blend, run at the lower speed of both.
                *out = real::max(*out, towards(k + 1, core.to - s));
            }
        }
    }
    out
}

/// The joints' path timed, the tool's speed and its acceleration along the way as two rows more.
fn timed(
    tool: &ToolPath,
    path: &Path,
    limits: &JointLimits,
    mut torques: Option<&mut Torques<'_>>,
) -> Result<Timing, SequenceError> {
    let n = path.joints();
    let shortest = tool.pieces.iter().fold(f64::INFINITY, |least, piece| real::min(least, piece.length));
    let cells = real::clamp(real::ceil(tool.length() / shortest * CELLS_A_PIECE), CELLS[0], CELLS[1]) as usize;
    // The timing learns on every fourth point first.
    let cells = cells.next_multiple_of(4);
    let points = cells + 1;
    let step = tool.length() / cells as f64;
    let rates: Vec<f64> = (0..points).map(|i| tool.rate(step * i as f64)).collect();
    let rise = limits.acceleration.iter().zip(&limits.jerk).fold(0.0, |most, (a, j)| real::max(most, a / j));
    let wide = {
        let mut wide = limits.clone();
        wide.velocity.extend([WHOLE, NONE]);
        wide.acceleration.extend([NONE, 1.0]);
        wide.jerk.extend([NONE / rise, NONE]);
        if !wide.torque.is_empty() {
            wide.torque.extend([1.0; 2]);
        }
        wide
    };
    let rows = vec![0.0; points * (n + 2)];
    let (mut positions, mut slopes, mut bends) = (rows.clone(), rows.clone(), rows);
    for i in 0..points {
        let row = i * (n + 2)..i * (n + 2) + n;
        path.at(step * i as f64, &mut positions[row.clone()], &mut slopes[row.clone()], &mut bends[row]);
    }
    let mut window = 2.0 * rise;
    let (mut best, mut work) = (Timing::default(), Work::default());
    let mut ceiling = vec![f64::INFINITY; points];
    let mut aim = AIM[0];
    for round in 0..TRIES {
        let mut asked = asked(tool, points, step, window);
        for ((asked, ceiling), rate) in asked.iter_mut().zip(&ceiling).zip(&rates) {
            asked[0] = real::max(asked[0], 1.0 / ceiling) * rate;
            asked[1] *= rate;
        }
        for i in 0..points {
            let (before, after) = (i.saturating_sub(1), (i + 1).min(cells));
            for k in 0..2 {
                let at = i * (n + 2) + n + k;
                slopes[at] = asked[i][k];
                bends[at] = (asked[after][k] - asked[before][k]) / (step * (after - before) as f64);
            }
        }
        let mut sampled = Sampled::new(n + 2, tool.length(), &slopes, &bends);
        if let Some(torques) = torques.as_mut() {
            let mut of_arm = |q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]| {
                torques(&q[..n], &v[..n], &a[..n], &mut tau[..n]);
                tau[n..].fill(0.0);
            };
            sampled = sampled.with_torques(&positions, &mut of_arm);
        }
        let mut timing = Timing::default();
        timing.plan(&mut work, &sampled, &wide).map_err(|why| stuck(tool, why))?;
        let wider = timing.window_s() > window * (1.0 + 1e-9);
        window = real::max(window, timing.window_s());
        let even = timing.slowness() <= EVEN;
        if !even {
            lower(path, &timing, limits, torques.as_deref_mut(), aim, &rates, step, &mut ceiling);
            aim *= AIM[1];
        }
        if round == 0 || timing.slowness() < best.slowness() {
            best = timing;
        }
        if even && !wider {
            break;
        }
    }
    Ok(best)
}

/// Lowers the tool's speed where the timing passes a share `aim` of some limit before it is slowed down as a whole, so that the rest need not
/// be slowed down with it.
#[allow(clippy::too_many_arguments, reason = "the grid is two lists and a number")]
fn lower(
    path: &Path,
    timing: &Timing,
    limits: &JointLimits,
    mut torques: Option<&mut Torques<'_>>,
    aim: f64,
    rates: &[f64],
    step: f64,
    ceiling: &mut [f64],
) {
    let n = path.joints();
    let none = vec![0.0; n];
    let (mut q, mut slope, mut bend, mut ahead) = (none.clone(), none.clone(), none.clone(), none.clone());
    let (mut v, mut a, mut tau, mut hold) = (none.clone(), none.clone(), none.clone(), none.clone());
    let k = timing.slowness();
    let dt = timing.duration_s() / INSTANTS;
    for i in 0..INSTANTS as usize {
        let now = timing.at((i as f64 + 0.5) * dt);
        let (s, speed) = (now.position, now.speed * k);
        let (push, jerk) = (now.acceleration * k * k, now.jerk * k * k * k);
        path.at(s + step, &mut q, &mut slope, &mut ahead);
        path.at(s - step, &mut q, &mut slope, &mut bend);
        for (ahead, bend) in ahead.iter_mut().zip(&bend) {
            *ahead = (*ahead - bend) / (2.0 * step);
        }
        path.at(s, &mut q, &mut slope, &mut bend);
        let mut factor = 1.0;
        for j in 0..n {
            v[j] = slope[j] * speed;
            a[j] = slope[j] * push + bend[j] * speed * speed;
            let jerk = slope[j] * jerk + 3.0 * bend[j] * speed * push + ahead[j] * speed * speed * speed;
            let share = |x: f64, limit: f64| real::max(real::abs(x) / limit, 1e-9);
            factor = real::min(factor, aim / share(v[j], limits.velocity[j]));
            factor = real::min(factor, real::sqrt(aim / share(a[j], limits.acceleration[j])));
            factor = real::min(factor, real::cbrt(aim / share(jerk, limits.jerk[j])));
        }
        if let Some(torques) = torques.as_mut() {
            torques(&q, &none, &none, &mut hold);
            torques(&q, &v, &a, &mut tau);
            for j in 0..n {
                let moving = tau[j] - hold[j];
                let left = if moving > 0.0 { limits.torque[j] - hold[j] } else { limits.torque[j] + hold[j] };
                factor = real::min(factor, real::sqrt(aim / real::max(real::abs(moving) / left, 1e-9)));
            }
        }
        if factor < 1.0 {
            let reach = 0.5 * timing.window_s() * speed + step;
            let first = real::max((s - reach) / step, 0.0) as usize;
            let last = real::min((s + reach) / step, (rates.len() - 1) as f64) as usize;
            for i in first..=last {
                ceiling[i] = real::min(ceiling[i], rates[i] * speed * factor);
            }
        }
    }
}

fn stuck(tool: &ToolPath, why: TimingError) -> SequenceError {
    let s = match why {
        TimingError::TooWeak { at, .. } | TimingError::Stuck { at } => at * tool.length(),
        TimingError::NotFinite | TimingError::NoRoom(_) => 0.0,
    };
    SequenceError::Timing { segment: tool.segment_at(s), at: tool.share_at(s), why }
}

/// How each segment is run, from speeds at many instants.
fn runs(tool: &ToolPath, timing: &Timing) -> Vec<SegmentRun> {
    let mut runs: Vec<SegmentRun> = tool
        .cores
        .iter()
        .map(|core| SegmentRun { length_m: core.to - core.from, share_at_speed: 0.0, greatest_share: 0.0 })
        .collect();
    let dt = timing.duration_s() / INSTANTS;
    let mut k = 0;
    for i in 0..INSTANTS as usize {
        let now = timing.at((i as f64 + 0.5) * dt);
        while k + 1 < runs.len() && now.position >= tool.cores[k].to && now.position >= tool.cores[k + 1].from {
            k += 1;
        }
        let core = tool.cores[k];
        if now.position < core.from || now.position > core.to {
            continue;
        }
        let share = tool.rate(now.position) * now.speed / tool.speeds[k][0];
        let run = &mut runs[k];
        run.greatest_share = real::max(run.greatest_share, share);
        if share >= AT_SPEED && run.length_m > 0.0 {
            run.share_at_speed = real::min(run.share_at_speed + now.speed * dt / run.length_m, 1.0);
        }
    }
    runs
}
