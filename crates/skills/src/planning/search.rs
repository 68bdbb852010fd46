//! From two configurations to a short free path between them.

use super::check::{Checker, Config, Precision};
use super::connect::{Growth, Trees, distance};
use super::model::MOST_JOINTS;
use super::shorten::{Cutter, Shortening, length};
use super::touch::Touch;
use alloc::string::String;
use alloc::vec::Vec;

/// How a path is sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Finding a first path.
    pub growth: Growth,
    /// Samples after which shapes decide where balls leave no path, if shapes are finer than balls.
    pub by_balls: u32,
    /// Shortening it.
    pub shortening: Shortening,
    /// Samples to look for shorter paths than the first; the more, the nearer to the shortest there is.
    pub improving: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { growth: Growth::default(), by_balls: 20_000, shortening: Shortening::default(), improving: 0 }
    }
}

/// Why there is no path.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPath {
    /// An end is no configuration of this robot.
    #[error("the {which} needs {wanted} finite joint positions, but has {given} numbers or one that is not finite")]
    NotAConfiguration {
        /// Start or goal.
        which: &'static str,
        /// Joints of the robot.
        wanted: usize,
        /// Numbers given.
        given: usize,
    },
    /// Edges need a length.
    #[error("edges of length {0} cannot be grown; the range must be at least {LEAST_RANGE}")]
    Range(f32),
    /// An end is out of limits.
    #[error("at the {which}, joint `{joint}` is at {at}, outside its limits {low} to {high}")]
    OutOfLimits {
        /// Start or goal.
        which: &'static str,
        /// Which joint.
        joint: String,
        /// Where it is.
        at: f64,
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
    },
    /// An end touches something.
    #[error("at the {which}, {what}")]
    Blocked {
        /// Start or goal.
        which: &'static str,
        /// The first touching pair; none where surfaces touch within rounding.
        touch: Option<Touch>,
        /// In words.
        what: String,
    },
    /// The effort was used up.
    #[error("no path within {iterations} samples; the straight line is blocked where {what}")]
    NotFound {
        /// Samples drawn.
        iterations: u32,
        /// The first touching pair on the straight line; none where surfaces touch within rounding.
        touch: Option<Touch>,
        /// In words.
        what: String,
    },
}

/// A free path.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Way-points with both ends, straight lines between them.
    pub path: Vec<Vec<f64>>,
    /// What the path keeps from touching.
    pub precision: Precision,
    /// Samples drawn.
    pub iterations: u32,
    /// Length of the first path, before it was shortened.
    pub first_length: f64,
}

/// Shortest edges of a tree.
const LEAST_RANGE: f32 = 1e-3;
/// A found path is looked at once more, this many times as closely.
const VERIFY: f64 = 4.0;
/// Share of the least gain of shortening with which paths are shortened that must beat another.
const FINER: f32 = 0.25;
/// A path this much longer than the straight line is not worth looking for a shorter one.
const STRAIGHT: f32 = 1.001;
/// Samples to find a way around a touch that closer looking found.
const MENDING: u32 = 500;
/// Joint positions may be this far outside of limits, which are often rounded.
const LIMIT_SLACK: f64 = 1e-5;

/// Work space for many searches.
#[derive(Clone, Debug, Default)]
pub struct Search {
    trees: Trees,
    path: Vec<Config>,
    best: Vec<Config>,
    around: Vec<Config>,
    cutter: Cutter,
}

impl Search {
    /// A short free path from `start` to `goal`.
    ///
    /// Balls decide first. Where they reject an end that the shapes show free, or leave no path, shapes decide wherever balls
    /// overlap; `checker.precision` is set here. The path is looked at once more, four times as closely as the search did.
    ///
    /// # Errors
    /// If an end is bad or blocked, or the effort was used up; a touching pair is named.
    pub fn path(&mut self, checker: &mut Checker, start: &[f64], goal: &[f64], settings: &Settings) -> Result<Found, NoPath> {
        if settings.growth.range.is_nan() || settings.growth.range < LEAST_RANGE {
            return Err(NoPath::Range(settings.growth.range));
        }
        let mut precision = Precision::Balls;
        let mut ends = [[0.0; MOST_JOINTS]; 2];
        for ((which, q), end) in [("start", start), ("goal", goal)].into_iter().zip(&mut ends) {
            if self.end(checker, which, q, end)? == Precision::Exact {
                precision = Precision::Exact;
            }
        }
        let found = self.attempts(checker, &ends, precision, settings);
        let (iterations, first_length) = match found {
            Ok(found) => found,
            Err(iterations) => {
                let touch = checker.first_touch(start, goal).map(|(_, touch)| touch);
                return Err(NoPath::NotFound { iterations, touch, what: describe(checker, touch) });
            }
        };
        let n = checker.robot.len();
        self.improve(checker, &ends, settings);
        let mut path: Vec<Vec<f64>> = self.path.iter().map(|q| q[..n].iter().map(|x| f64::from(*x)).collect()).collect();
        // The ends as they were given, not as they were rounded.
        path[0].copy_from_slice(start);
        path.last_mut().expect("two ends").copy_from_slice(goal);
        Ok(Found { path, precision: checker.precision, iterations, first_length })
    }

    /// Leaves a path in `self.path`, by balls if they leave one, and gives the samples drawn and the length at first; or the
    /// samples drawn in vain.
    fn attempts(
        &mut self,
        checker: &mut Checker,
        ends: &[Config; 2],
        mut precision: Precision,
        settings: &Settings,
    ) -> Result<(u32, f64), u32> {
        let mut growth = settings.growth;
        if precision == Precision::Balls && checker.scene.is_finer() {
            growth.iterations = u32::min(growth.iterations, settings.by_balls);
        }
        let mut used = 0;
        loop {
            match self.attempt(checker, ends, precision, &growth, settings) {
                Ok((iterations, first_length)) => return Ok((used + iterations, first_length)),
                Err(iterations) => used += iterations,
            }
            if checker.precision == Precision::Exact || !checker.scene.is_finer() {
                return Err(used);
            }
            (precision, growth) = (Precision::Exact, settings.growth);
        }
    }

    /// One search by balls or by shapes. A path that touches something between the places looked at is mended, or sought again with
    /// places closer together.
    fn attempt(
        &mut self,
        checker: &mut Checker,
        [from, to]: &[Config; 2],
        precision: Precision,
        growth: &Growth,
        settings: &Settings,
    ) -> Result<(u32, f64), u32> {
        let normal = checker.per_unit;
        let fine = normal * VERIFY;
        let (mut used, mut first_length) = (0, 0.0);
        checker.precision = precision;
        let mut done = false;
        for per_unit in [normal, fine] {
            checker.per_unit = per_unit;
            let (iterations, found) = self.search(checker, from, to, growth);
            used += iterations;
            if !found {
                break;
            }
            first_length = length(&self.path, checker.robot.len());
            if self.path.len() > 2 {
                self.cutter.shorten(checker, &mut self.path, &settings.shortening);
            }
            checker.per_unit = fine;
            done = per_unit == fine || self.mend(checker, settings);
            if done {
                break;
            }
        }
        checker.per_unit = normal;
        if done { Ok((used, f64::from(first_length))) } else { Err(used) }
    }

    /// Looks for shorter and shorter paths, and keeps the shortest in `self.path`.
    fn improve(&mut self, checker: &mut Checker, ends: &[Config; 2], settings: &Settings) {
        let n = checker.robot.len();
        if settings.improving == 0 || self.path.len() == 2 {
            return;
        }
        let finer = Shortening { least_gain: settings.shortening.least_gain * FINER, taut: true, ..settings.shortening };
        let straight = distance(&ends[0], &ends[1], n);
        self.best.clone_from(&self.path);
        let mut used = 0;
        let mut bound = self.keep_shorter(checker, &finer, settings);
        while used < settings.improving && bound > straight * STRAIGHT {
            let skip = settings.growth.skip.wrapping_add(used);
            let growth = Growth { skip, iterations: settings.improving - used, ..settings.growth };
            let (samples, found) = self.trees.improve(checker, ends, bound, &growth, &mut self.path);
            used += samples;
            if found {
                bound = self.keep_shorter(checker, &finer, settings);
            }
        }
        core::mem::swap(&mut self.path, &mut self.best);
    }

    /// Shortens `self.path`, looks at it as closely as at a found path, keeps it as `self.best` if it is shorter, and gives the length of
    /// that.
    fn keep_shorter(&mut self, checker: &mut Checker, how: &Shortening, settings: &Settings) -> f32 {
        let n = checker.robot.len();
        self.cutter.shorten(checker, &mut self.path, how);
        if self.verify(checker, settings) && length(&self.path, n) < length(&self.best, n) {
            core::mem::swap(&mut self.path, &mut self.best);
        }
        length(&self.best, n)
    }

    /// Looks at the path as closely as a found path is looked at, and mends it.
    fn verify(&mut self, checker: &mut Checker, settings: &Settings) -> bool {
        let normal = checker.per_unit;
        checker.per_unit = normal * VERIFY;
        let mended = self.mend(checker, settings);
        checker.per_unit = normal;
        mended
    }

    /// Looks at every edge of the path at the checker's resolution, and puts a way around where one touches something between the
    /// places looked at before.
    fn mend(&mut self, checker: &mut Checker, settings: &Settings) -> bool {
        let growth = Growth { iterations: MENDING, ..settings.growth };
        let mut k = 1;
        while k < self.path.len() {
            let (from, to) = (self.path[k - 1], self.path[k]);
            if !checker.edge_free(&from, &to) {
                if !self.trees.connect(checker, &from, &to, &growth, &mut self.around).1 {
                    return false;
                }
                self.cutter.shorten(checker, &mut self.around, &settings.shortening);
                let inner = self.around.len() - 2;
                self.path.splice(k..k, self.around[1..=inner].iter().copied());
                k += inner;
            }
            k += 1;
        }
        true
    }

    fn search(&mut self, checker: &mut Checker, from: &Config, to: &Config, growth: &Growth) -> (u32, bool) {
        if checker.edge_free(from, to) {
            self.path.clear();
            self.path.extend([*from, *to]);
            return (0, true);
        }
        self.trees.connect(checker, from, to, growth, &mut self.path)
    }

    /// Checks an end and says how it was found free.
    fn end(&self, checker: &mut Checker, which: &'static str, q: &[f64], out: &mut Config) -> Result<Precision, NoPath> {
        let robot = checker.robot;
        if q.len() != robot.len() || !q.iter().all(|x| x.is_finite()) {
            return Err(NoPath::NotAConfiguration { which, wanted: robot.len(), given: q.len() });
        }
        for (j, &at) in q.iter().enumerate() {
            let (low, high) = (robot.low[j], robot.high[j]);
            if at < low - LIMIT_SLACK || at > high + LIMIT_SLACK {
                return Err(NoPath::OutOfLimits { which, joint: robot.names[j].clone(), at, low, high });
            }
            out[j] = at as f32;
        }
        for precision in [Precision::Balls, Precision::Exact] {
            checker.precision = precision;
            if checker.free(out) && checker.scene.base_touch(precision).is_none() {
                return Ok(precision);
            }
        }
        let touch = checker.touch(q);
        Err(NoPath::Blocked { which, touch, what: describe(checker, touch) })
    }
}

fn describe(checker: &Checker, touch: Option<Touch>) -> String {
    match touch {
        Some(touch) => touch.describe(checker.robot, checker.scene),
        None => "two surfaces touch within rounding".into(),
    }
}
