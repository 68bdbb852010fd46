//! The standard's formulas, on attained and commanded poses.
//!
//! Angles a, b and c are the parts, about the axes of the base, of the rotation vector from the commanded attitude to the attained one; for
//! deviations as small as these they are the angles about x, y and z whatever their order.

use leitai_math::{Pose, Stream, Vec3, real};
use serde::Serialize;

/// Replicates of the bootstrap.
const REPLICATES: usize = 1000;

/// What the poses attained in one commanded pose say.
#[derive(Clone, Debug, Serialize)]
pub struct PoseFigures {
    /// Position accuracy AP: from the command to the barycenter [m].
    pub ap_m: f64,
    /// Its parts along x, y and z of the base [m].
    pub ap_xyz_m: [f64; 3],
    /// Orientation accuracy APa, APb, APc [rad].
    pub ap_abc_rad: [f64; 3],
    /// Position repeatability RP: mean distance from the barycenter and three standard deviations of it [m].
    pub rp_m: f64,
    /// Where RP lies with 95 % confidence, by bootstrap over the cycles [m].
    pub rp_interval_m: [f64; 2],
    /// Orientation repeatability RPa, RPb, RPc: three standard deviations [rad].
    pub rp_abc_rad: [f64; 3],
    /// Each attained place from the command [m].
    pub attained_m: Vec<[f64; 3]>,
}

/// Barycenter.
#[must_use]
pub fn mean(points: &[Vec3]) -> Vec3 {
    points.iter().fold(Vec3::ZERO, |sum, p| sum + *p) * (1.0 / points.len() as f64)
}

/// Mean and standard deviation (n − 1) of numbers.
#[must_use]
pub fn spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, if values.len() > 1 { real::sqrt(squares / (n - 1.0)) } else { 0.0 })
}

/// RP = l̄ + 3 S over the distances from the barycenter [m].
#[must_use]
pub fn repeatability(points: &[Vec3]) -> f64 {
    let center = mean(points);
    let distances: Vec<f64> = points.iter().map(|p| (*p - center).norm()).collect();
    let (mean, deviation) = spread(&distances);
    mean + 3.0 * deviation
}

/// The 95 % percentile interval of RP over cycles drawn again with replacement.
#[must_use]
pub fn interval(points: &[Vec3], draw: &mut Stream) -> [f64; 2] {
    let n = points.len() as u64;
    let mut again = vec![Vec3::ZERO; points.len()];
    let mut found: Vec<f64> = (0..REPLICATES)
        .map(|_| {
            again.iter_mut().for_each(|p| *p = points[draw.below(n) as usize]);
            repeatability(&again)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    [found[REPLICATES / 40], found[REPLICATES - 1 - REPLICATES / 40]]
}

/// All of it for one commanded pose, in the base's frame.
#[must_use]
pub fn pose(attained: &[Pose], command: &Pose, draw: &mut Stream) -> PoseFigures {
    let points: Vec<Vec3> = attained.iter().map(|pose| pose.position).collect();
    let off = mean(&points) - command.position;
    let turns: Vec<Vec3> =
        attained.iter().map(|pose| (pose.rotation * command.rotation.conjugate()).to_rotation_vector()).collect();
    let axis = |of: &dyn Fn(&Vec3) -> f64| spread(&turns.iter().map(of).collect::<Vec<_>>());
    let angles = [axis(&|t| t.x), axis(&|t| t.y), axis(&|t| t.z)];
    PoseFigures {
        ap_m: off.norm(),
        ap_xyz_m: [off.x, off.y, off.z],
        ap_abc_rad: angles.map(|(mean, _)| mean),
        rp_m: repeatability(&points),
        rp_interval_m: interval(&points, draw),
        rp_abc_rad: angles.map(|(_, deviation)| 3.0 * deviation),
        attained_m: points.iter().map(|p| *p - command.position).map(|p| [p.x, p.y, p.z]).collect(),
    }
}

/// Distance accuracy and repeatability between two poses.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DistanceFigures {
    /// AD: mean attained distance less the commanded one [m].
    pub ad_m: f64,
    /// RD: three standard deviations [m].
    pub rd_m: f64,
    /// The commanded distance [m].
    pub commanded_m: f64,
}

/// From pairs of attained places.
#[must_use]
pub fn distance(pairs: &[(Vec3, Vec3)], commanded_m: f64) -> DistanceFigures {
    let (mean, deviation) = spread(&pairs.iter().map(|(a, b)| (*a - *b).norm()).collect::<Vec<_>>());
    DistanceFigures { ad_m: mean - commanded_m, rd_m: 3.0 * deviation, commanded_m }
}

/// Stabilization time and overshoot of one arrival.
///
/// `places` are taken every `period_s` and end at rest; the band is a ball of `band_m` about where it stands in the end. The time runs from the
/// first entry into the band to the last, and the overshoot is the greatest distance after the first.
#[must_use]
pub fn settling(places: &[Vec3], band_m: f64, period_s: f64) -> (f64, f64) {
    let Some(rest) = places.last() else { return (0.0, 0.0) };
    let out = |p: &Vec3| (*p - *rest).norm() > band_m;
    let Some(entered) = places.iter().position(|p| !out(p)) else { return (0.0, 0.0) };
    match places.iter().rposition(out) {
        Some(left) if left > entered => {
            let most = places[entered..].iter().map(|p| (*p - *rest).norm()).fold(0.0, real::max);
            ((left + 1 - entered) as f64 * period_s, most)
        }
        _ => (0.0, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::{Quat, Seed};

    /// Closed form: four points on a circle of radius r have equal distances, so S is zero and RP is r.
    #[test]
    fn points_on_a_circle_repeat_to_its_radius() {
        let points = [Vec3::X, Vec3::Y, -Vec3::X, -Vec3::Y].map(|p| p * 0.002 + Vec3::Z);
        assert!((repeatability(&points) - 0.002).abs() < 1e-15);
    }

    /// Closed form: distances 1 and 3 about the barycenter, twice each: mean 2, S = √(4/3).
    #[test]
    fn repeatability_is_the_mean_and_three_deviations() {
        let points = [Vec3::X, -Vec3::X, Vec3::Y * 3.0, Vec3::Y * -3.0];
        assert!((repeatability(&points) - (2.0 + 3.0 * (4.0_f64 / 3.0).sqrt())).abs() < 1e-12);
    }

    /// A shift and a turn that all cycles share are accuracy and nothing else.
    #[test]
    fn what_all_cycles_share_is_accuracy() {
        let command = Pose::new(Vec3::new(0.4, 0.1, 0.3), Quat::from_axis_angle(Vec3::Y, 2.0));
        let turn = Vec3::new(1e-4, -2e-4, 3e-4);
        let there =
            Pose::new(command.position + Vec3::new(0.003, 0.0, 0.004), Quat::from_rotation_vector(turn) * command.rotation);
        let found = pose(&[there; 5], &command, &mut Seed::from_number(1).stream("bootstrap"));
        assert!((found.ap_m - 0.005).abs() < 1e-15 && found.rp_m < 1e-15 && found.rp_interval_m[1] < 1e-15);
        assert!(found.ap_abc_rad.iter().zip([1e-4, -2e-4, 3e-4]).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    /// The share of intervals that hold the true value: RP of 30 normal places against RP of a hundred thousand. Percentile bootstraps of
    /// a deviation are known to fall short of their 95 %; the test says how far they may.
    #[test]
    fn the_interval_mostly_holds_the_truth() {
        let mut draw = Seed::from_number(3).stream("places");
        let mut place = || Vec3::new(draw.normal(0.0, 1.0), draw.normal(0.0, 1.0), draw.normal(0.0, 1.0));
        let truth = repeatability(&(0..100_000).map(|_| place()).collect::<Vec<_>>());
        let mut again = Seed::from_number(3).stream("bootstrap");
        let held = (0..100)
            .filter(|_| {
                let [low, high] = interval(&(0..30).map(|_| place()).collect::<Vec<_>>(), &mut again);
                low <= truth && truth <= high
            })
            .count();
        assert!((80..=99).contains(&held), "{held} of 100 intervals hold {truth}");
    }

    /// A damped oscillation enters a band, leaves it twice and stays: time and greatest excursion follow from its extrema.
    #[test]
    fn settling_runs_from_the_first_entry_to_the_last() {
        let places: Vec<Vec3> = [5.0, 0.5, -3.0, -0.5, 2.0, 0.2, 0.0].iter().map(|x| Vec3::X * *x).collect();
        assert_eq!(settling(&places, 1.0, 0.01), (0.04, 3.0));
        assert_eq!(settling(&places, 6.0, 0.01), (0.0, 0.0));
        let creeping: Vec<Vec3> = [5.0, 3.0, 0.5, 0.0].iter().map(|x| Vec3::X * *x).collect();
        assert_eq!(settling(&creeping, 1.0, 0.01), (0.0, 0.0));
    }
}
