//! What a finished trial came to: where the pieces are, the metrics, and the first thing that went wrong.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_math::{Pose, Vec3, real};
use leitai_package::manifest::Metric;
use leitai_runtime::Said;

use super::{BROUGHT_M, Mover, Trial};
use crate::outcome::Failure;

impl Trial<'_> {
    /// How far every piece of the task is from its place.
    pub(super) fn placements(&self) -> Vec<Placement> {
        let data = self.world.data();
        let frames: Vec<Pose> =
            self.built.sites.iter().map(|&s| leitai_dynamics::site_pose(self.world.model(), data, s)).collect();
        let mut out = Vec::new();
        for job in &self.cell.task.jobs {
            let world_from_site = job.site.map_or(self.built.base, |s| frames[s]);
            let site_from_piece = world_from_site.inverse() * data.body_pose[self.built.pieces[job.piece].index()];
            // Center of the lower face against that of the place: a piece of another height is no error.
            let down = Vec3::new(0.0, 0.0, -self.built.halves[job.piece].z);
            let target = job.site_from_target;
            let gap = site_from_piece.apply(down) - target.position;
            let turn = target.rotation.conjugate() * site_from_piece.rotation;
            let mut angle = 2.0 * real::atan2(turn.z, turn.w);
            // Up to a half turn, which changes nothing for a block.
            while angle > real::PI / 2.0 {
                angle -= real::PI;
            }
            while angle < -real::PI / 2.0 {
                angle += real::PI;
            }
            let level = gap.z + self.cell.task.pieces[job.piece].half.z;
            let offset_m = real::sqrt(gap.x * gap.x + gap.y * gap.y);
            if self.cell.task.pieces[job.piece].round {
                angle = 0.0;
            }
            out.push(Placement {
                offset_m: if real::abs(level) > BROUGHT_M { real::max(offset_m, real::abs(level)) } else { offset_m },
                angle_rad: real::abs(angle),
            });
        }
        out
    }

    /// How far [m] the tip is in the hole of its work; 0 if it is beside it or above. None where the task is not to put it there.
    fn insertion_depth(&self) -> Option<f64> {
        let work = self.cell.task.work?;
        let (model, data) = (self.world.model(), self.world.data());
        let world_from_site = leitai_dynamics::site_pose(model, data, self.built.sites[work.site]);
        let tip = world_from_site.inverse().apply(leitai_dynamics::site_pose(model, data, self.built.grip).position);
        let name = &self.cell.sites[work.site];
        let bore = self.cell.packages().scenario.bore.values().find(|bore| bore.at == *name)?;
        let radius = 0.5 * bore.peg_diameter_m.value;
        let inside = tip.x * tip.x + tip.y * tip.y < radius * radius;
        Some(if inside { real::max(-tip.z, 0.0) } else { 0.0 })
    }

    pub(super) fn metrics(&self) -> BTreeMap<String, f64> {
        let placements = self.placements();
        let worst = |pick: fn(&Placement) -> f64| placements.iter().map(pick).fold(0.0, real::max);
        let brought = placements.iter().filter(|p| p.offset_m <= BROUGHT_M).count();
        let time_s = self.clear_s.unwrap_or(self.cell.packages().scenario.trial.duration_s);
        let mut metrics = BTreeMap::new();
        let mut put = |name: &str, value: f64| {
            metrics.insert(name.to_string(), value);
        };
        if let Some(depth_m) = self.insertion_depth() {
            put(metric_name(Metric::InsertionDepthM), depth_m);
            put(metric_name(Metric::ContactForceN), self.peaks.contact_n);
        } else if let Some(traced) = &self.traced {
            put(metric_name(Metric::ForceRmsErrorN), traced.force_rms_error_n());
            put(metric_name(Metric::ContactForceN), self.peaks.contact_n);
            put(metric_name(Metric::NormalErrorRad), traced.normal_error_rad());
            put(metric_name(Metric::Coverage), traced.coverage());
            put(metric_name(Metric::LiftOffShare), traced.lift_off_share());
            if let Some([variation, deepest_m]) = traced.removal() {
                put(metric_name(Metric::RemovalVariation), variation);
                put(metric_name(Metric::RemovalDeepestM), deepest_m);
            }
        } else if let Some(fed) = &self.fed {
            fed.metrics(&self.world, self.built, &mut put);
            put(metric_name(Metric::ContactForceN), self.peaks.contact_n);
        } else {
            put(metric_name(Metric::PlacementOffsetM), worst(|p| p.offset_m));
            put(metric_name(Metric::PlacementAngleRad), worst(|p| p.angle_rad));
            put(metric_name(Metric::PiecesPerHour), brought as f64 / time_s * 3600.0);
            put(metric_name(Metric::DroppedPieces), self.dropped.iter().filter(|d| **d).count() as f64);
            put("pieces_brought", brought as f64);
        }
        if let Some(shift) = self.stack_shift_m {
            put(metric_name(Metric::StackShiftM), shift);
        }
        if self.cell.packages().scenario.require.iter().any(|r| r.metric == Metric::MissedPieces) {
            put(metric_name(Metric::MissedPieces), (placements.len() - brought) as f64);
        }
        if let Some(carried) = &self.carried {
            put(metric_name(Metric::PieceForceN), carried.force_n);
            put(metric_name(Metric::SlipM), carried.slip_m);
            put(metric_name(Metric::HeldAccelerationMS2), carried.acceleration_m_s2);
        }
        put(metric_name(Metric::CycleTimeS), time_s);
        put("press_force_n", self.peaks.press_n);
        put("clash_force_n", self.peaks.clash_n);
        // A module does not tell where the joints should be.
        if !matches!(self.mover, Mover::Component(_)) {
            put("tracking_rad", self.peaks.tracking_rad);
        }
        put("contact_signorini_m", self.peaks.residuals.signorini_m);
        put("contact_coulomb_n", self.peaks.residuals.coulomb_n);
        put("contact_dissipation_w", self.peaks.residuals.dissipation_w);
        for i in 0..self.built.joints.len() {
            put(&format!("torque_share_{}", i + 1), self.peaks.torque[i]);
            put(&format!("speed_share_{}", i + 1), self.peaks.speed[i]);
            put(&format!("saturated_s_{}", i + 1), self.peaks.saturated_steps[i] as f64 * self.cell.dt_s());
        }
        self.drives.metrics(self.world.time_s(), &mut metrics);
        metrics
    }

    /// The first thing that went wrong, with what led to it.
    pub(super) fn failure(&self) -> Option<Failure> {
        let saturated = (0..self.built.joints.len()).max_by_key(|&i| self.peaks.saturated_steps[i])?;
        let seconds = self.peaks.saturated_steps[saturated] as f64 * self.cell.dt_s();
        let joint = &self.cell.packages().robot.interface.joints[saturated];
        let cause =
            if seconds > 0.05 { format!("joint `{joint}` was at its torque limit for {seconds:.2} s") } else { String::new() };
        let of_parts = self.drives.cause(&self.cell.packages().robot.interface.joints, self.world.time_s());
        let cause = if of_parts.is_empty() { cause } else { of_parts };
        if let Mover::Program(program) = &self.mover
            && let Some(failed) = program.status().failures.first()
        {
            let time_s = failed.step as f64 * self.period_steps as f64 * self.cell.dt_s();
            return Some(Failure { time_s: Some(time_s), what: format!("{}: {}", failed.doing, failed.reason), cause });
        }
        if let Mover::Component(component) = &self.mover
            && component.said == Said::GaveUp
        {
            let what = "the controller gave up".to_string();
            return Some(Failure { time_s: Some(self.world.time_s()), what, cause });
        }
        if let Some(piece) = self.dropped.iter().position(|d| *d) {
            return Some(Failure { time_s: None, what: format!("piece {} was dropped", piece + 1), cause });
        }
        if self.clear_s.is_none() {
            let what = format!("not finished within {} s", self.cell.packages().scenario.trial.duration_s);
            return Some(Failure { time_s: Some(self.world.time_s()), what, cause });
        }
        None
    }
}

pub(super) struct Placement {
    pub(super) offset_m: f64,
    angle_rad: f64,
}

/// A metric's name in outcomes and predicates.
#[must_use]
pub fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::PlacementOffsetM => "placement_offset_m",
        Metric::PlacementAngleRad => "placement_angle_rad",
        Metric::StackShiftM => "stack_shift_m",
        Metric::PiecesPerHour => "pieces_per_hour",
        Metric::DroppedPieces => "dropped_pieces",
        Metric::MissedPieces => "missed_pieces",
        Metric::PieceForceN => "piece_force_n",
        Metric::SlipM => "slip_m",
        Metric::HeldAccelerationMS2 => "held_acceleration_m_s2",
        Metric::InsertionDepthM => "insertion_depth_m",
        Metric::ContactForceN => "contact_force_n",
        Metric::ForceRmsErrorN => "force_rms_error_n",
        Metric::NormalErrorRad => "normal_error_rad",
        Metric::Coverage => "coverage",
        Metric::LiftOffShare => "lift_off_share",
        Metric::RemovalVariation => "removal_variation",
        Metric::RemovalDeepestM => "removal_deepest_m",
        Metric::PiecesOffered => "pieces_offered",
        Metric::SpillShare => "spill_share",
        Metric::MouthErrorM => "mouth_error_m",
        Metric::LipForceN => "lip_force_n",
        Metric::HeadForceN => "head_force_n",
        Metric::CycleTimeS => "cycle_time_s",
    }
}
