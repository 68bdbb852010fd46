//! A reducer that does not twist: what is left of a joint when its stiffness is no limit.
//!
//! Rotor and link are one body, so the rotor is armature of the joint: B/(1 + k) with a loop of gain k around the joint's torque, which
//! also makes friction 1 + k times smaller. Current, voltage, heat, torque limits and friction stay; there is no kinematic error.

use super::{Demand, DriveTrain, State};
use leitai_math::real;

impl DriveTrain {
    /// One step of the world with motor and link turning as one; gives the torque [N·m] on the joint.
    pub(super) fn rigid_step(&self, state: &mut State, demand: Demand, q: f64, v: f64) -> f64 {
        let f = &self.figures;
        let dt = self.dt_s;
        let k = self.constant(state.temperature_c[0]);
        let r = self.resistance(state.temperature_c[0]);
        let speed = f.ratio * v;
        let accelerated = self.link_inertia_kg_m2() * (speed - state.speed_rad_s) / (f.ratio * dt);
        let (asked, gain) = match demand {
            Demand::Joint(torque) => (real::clamp(torque, -f.repeated_peak_nm, f.repeated_peak_nm), 1.0 + f.torque_feedback),
            Demand::Motor(torque) => (torque * f.ratio, 1.0),
            Demand::Voltage(u) => ((real::clamp(u, -f.voltage_v, f.voltage_v) - k * speed) / r * k * f.ratio, 1.0),
        };
        // The motor gives the link's share and, through the loop, all that the rotor takes to speed up.
        let wanted = (asked + (gain - 1.0) * accelerated) / (f.ratio * k);
        let most = self.most_current_a(state);
        let current = real::clamp(wanted, -most, most);
        state.borne.current_limited += u64::from(current != wanted);
        // In steady speed the voltage bounds the current from both sides.
        let (low, high) = ((-f.voltage_v - k * speed) / r, (f.voltage_v - k * speed) / r);
        let current_a = real::clamp(current, real::min(low, 0.0), real::max(high, 0.0));
        state.borne.voltage_limited += u64::from(current_a != current);
        let given = asked + (current_a - wanted) * k * f.ratio / gain;

        let load = given - accelerated;
        let dry = self.dry_nm(speed, load / f.ratio) + f.viscous_nm_s_rad * real::abs(speed);
        // Friction takes the rotor's speed away and never turns it round.
        let stops = self.link_inertia_kg_m2() * real::abs(v) / dt;
        // What the drive compensates is not there; its current is.
        let share = if matches!(demand, Demand::Joint(_)) { f.friction_compensation } else { 0.0 };
        let friction = real::min((1.0 - share) * dry * f.ratio / gain, stops) * if v < 0.0 { -1.0 } else { 1.0 };

        let heat = dt * r * current_a * current_a;
        state.energy.electrical_j += heat + dt * k * current_a * speed;
        state.energy.copper_j += heat;
        state.energy.friction_j += dt * friction * v * gain;
        state.energy.joint_j += dt * load * v;
        let before = state.torque_nm;
        (state.angle_rad, state.speed_rad_s, state.current_a) = (f.ratio * q, speed, current_a);
        state.torque_nm = load - friction;
        self.bear(state, before, 0.0, dt);
        self.end_step(state, heat);
        given - friction
    }
}
