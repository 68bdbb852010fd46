//! From two configurations to a short free path between them.

use super::check::{Checker, Config, Precision};
use super::connect::{Growth, Trees};
use super::model::MOST_JOINTS;
use super::shorten::{Shortening, length, shorten};
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
    /// Paths to find, with other samples each; the shortest is given.
    pub tries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { growth: Growth::default(), by_balls: 20_000, shortening: Shortening::default(), tries: 1 }
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
/// Samples that a further try skips, and has at least.
const TRY_SKIP: u32 = 1000;
const LEAST_TRY: u32 = 100;
/// A further path this many times as long as the best, shortened once, may still become shorter.
const PROMISING: f32 = 1.15;
/// Share of the least move of a corner with which the best path is shortened at last.
const FINER: f32 = 0.3;
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
    spare: Vec<Config>,
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
        self.try_more(checker, &ends, iterations, settings);
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
                shorten(checker, &mut self.path, &mut self.spare, &settings.shortening);
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

    /// Searches again from other samples, and keeps the shortest path in `self.path`.
    fn try_more(&mut self, checker: &mut Checker, [from, to]: &[Config; 2], iterations: u32, settings: &Settings) {
        let n = checker.robot.len();
        for k in 1..settings.tries {
            let bar = length(&self.path, n);
            if self.path.len() == 2 {
                return;
            }
            // Another try may take as long as the first did, no longer.
            let growth = Growth {
                skip: settings.growth.skip.wrapping_add(k.wrapping_mul(TRY_SKIP)),
                iterations: u32::min(settings.growth.iterations, iterations.saturating_add(LEAST_TRY)),
                ..settings.growth
            };
            core::mem::swap(&mut self.path, &mut self.best);
            let found = self.trees.connect(checker, from, to, &growth, &mut self.path).1;
            if !found || !self.is_shorter(checker, bar, settings) {
                core::mem::swap(&mut self.path, &mut self.best);
            }
        }
        if settings.tries > 1 && self.path.len() > 2 {
            // The one that is kept is worth a closer look.
            self.best.clone_from(&self.path);
            let bar = length(&self.path, n);
            let finer = Shortening { least_move: settings.shortening.least_move * FINER, ..settings.shortening };
            if !self.is_shorter(checker, bar, &Settings { shortening: finer, ..*settings }) {
                core::mem::swap(&mut self.path, &mut self.best);
            }
        }
    }

    /// Shortens the path, as long as it may become shorter than `bar`, and says whether it did.
    fn is_shorter(&mut self, checker: &mut Checker, bar: f32, settings: &Settings) -> bool {
        let n = checker.robot.len();
        let once = Shortening { rounds: u32::min(settings.shortening.rounds, 1), ..settings.shortening };
        shorten(checker, &mut self.path, &mut self.spare, &once);
        if length(&self.path, n) > bar * PROMISING {
            return false;
        }
        shorten(checker, &mut self.path, &mut self.spare, &settings.shortening);
        if length(&self.path, n) >= bar {
            return false;
        }
        let normal = checker.per_unit;
        checker.per_unit = normal * VERIFY;
        let mended = self.mend(checker, settings);
        checker.per_unit = normal;
        mended && length(&self.path, n) < bar
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
                shorten(checker, &mut self.around, &mut self.spare, &settings.shortening);
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
