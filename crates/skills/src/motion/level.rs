//! Motions that keep an attitude: straight lines and swings of the tool, and the postures from which they are possible.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_control::{Path, Trajectory};
use leitai_math::Pose;

use super::{Best, LINE_SPACING_M, MOST_GOALS, Motion, MotionPlanner, TURN_LENGTH_M, take_quicker};

impl MotionPlanner {
    /// The quickest motion to `start`, in a posture from which straight lines, or at last swings, lead through the poses of `way`.
    pub fn move_to_line(&mut self, from: &[f64], start: &Pose, way: &[Pose]) -> Result<Motion, String> {
        let mut postures = self.postures(from, start)?;
        // Stable, so equal times stay in order.
        postures.sort_by(|a, b| a.0.total_cmp(&b.0));
        postures.truncate(MOST_GOALS);
        let (mut best, mut reason): (Option<Best>, _) = (None, String::new());
        let mut goals = Vec::new();
        for (least_s, goal) in postures {
            match self.leads_through(&goal, way) {
                Ok(()) => goals.push((least_s, goal)),
                Err(why) => reason = why,
            }
        }
        for search in [false, true] {
            for (least_s, goal) in &goals {
                if best.as_ref().is_some_and(|best| search || best.duration_s <= *least_s) {
                    break;
                }
                match self.joint_way(from, goal, search) {
                    Ok(motion) => take_quicker(&mut best, motion, 0),
                    Err(why) => reason = why,
                }
            }
        }
        best.map(|best| best.motion).ok_or(reason)
    }

    /// The quickest way to `to` that changes the tool's attitude evenly: a level tool stays level if it ends level.
    pub fn level(&mut self, from: &[f64], to: &Pose) -> Result<Trajectory, String> {
        let tip = self.tip_limits();
        let clearance_m = 0.5 * self.options.clearance_m;
        let mut best: Option<Trajectory> = None;
        let mut reason = String::new();
        let line = Path::line(&self.robot.chain, from, to, LINE_SPACING_M, TURN_LENGTH_M);
        let mut paths = self.searching(false).swings(from, to);
        match line {
            Ok(path) => {
                if self.searching(false).path_free(&path, clearance_m) {
                    paths.push(path);
                } else {
                    reason = "the straight way to the mouth is blocked".to_string();
                }
            }
            Err(error) => reason = error.to_string(),
        }
        for path in paths {
            let timed = self.timed(path, tip);
            if best.as_ref().is_none_or(|best| timed.duration_s() < best.duration_s()) {
                best = Some(timed);
            }
        }
        best.ok_or(reason)
    }

    /// Whether straight lines lead through `poses` one after another from posture `from`; where a line does not, a swing may.
    fn leads_through(&mut self, from: &[f64], poses: &[Pose]) -> Result<(), String> {
        let mut q = from.to_vec();
        for pose in poses {
            q = match Path::line(&self.robot.chain, &q, pose, 1.5 * LINE_SPACING_M, TURN_LENGTH_M) {
                Ok(path) => path.end().to_vec(),
                Err(error) => {
                    let swings = self.searching(false).swings(&q, pose);
                    swings.first().map(|path| path.end().to_vec()).ok_or_else(|| format!("from over the bowl, {error}"))?
                }
            };
        }
        Ok(())
    }
}
