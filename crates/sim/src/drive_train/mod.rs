//! What turns a joint: drive, motor and reducer between the torque that a controller asks for and the torque that reaches the link.
//!
//! The rotor is a body of its own on the motor's side, in small steps of one current period:
//!
//! | part | law |
//! |---|---|
//! | current | L·di/dt = u − R(T)·i − k·ω, by its exact solution for a step; a PI loop with its zero on the electrical pole, one period late |
//! | rotor | J·dω/dt = k·i − friction − (1/N + e′(θ))·T |
//! | torsion | δ = θ/N + e(θ) − q; T of [`torsion`]: three slopes, hysteresis, play |
//! | friction | Stribeck and viscous at the input, and (1/η − 1)·\|T\|/N driving or (1 − η)·\|T\|/N driven, never more than stops the rotor |
//! | heat | [`thermal`]: winding and housing |
//!
//! e(θ) = A·sin(c·θ) is the reducer's kinematic error; its slope acts on the torque, so it makes ripple and no energy.
//!
//! **Coupling to the world.** A world steps in leapfrog, so the torque of a step belongs to the middle between two velocities. The
//! rotor therefore runs from half a step before a step's own time to half a step after it, beside a link that passes its place at that
//! time with the rotor's speed, and the mean of T acts on the link. (With the link's own last speed the rotor would be pulled along by
//! K²·dt³/24B N·m·s/rad of damping with the wrong sign; so it has the right one, and none beside a rotor at rest.) A share
//! ½·K·dt² + D·dt of the inertia is counted on the link's side instead of the rotor's ([`DriveTrain::link_inertia_kg_m2`] goes to the
//! joint as armature). Half of it would make the spring Newmark's average acceleration: stable beside a rotor at rest for every
//! stiffness, and without damping of its own; twice as much holds beside a rotor that gives way, while K·dt² stays below the rotor's
//! inertia at the joint. The sum of the inertias stays what it is. At 2 ms and 10⁵ N·m/rad the share is a fifth of a kg·m², where the
//! rotors of such joints have 0.3 to 6.

/// A reducer that does not twist.
mod rigid;
/// Winding and housing.
pub mod thermal;
/// Torque of a twisted reducer.
pub mod torsion;

use leitai_math::real;
use thermal::Thermal;
use torsion::Torsion;

/// Resistance of copper grows by this share with each kelvin above 25 °C.
pub const COPPER_1_K: f64 = 0.00393;
/// Temperature [°C] at which resistance and torque constant are given.
const SHEET_C: f64 = 25.0;
/// Below its limit by this many kelvins a winding still gets its peak current; from there the drive takes it back to nothing.
const FOLD_BACK_K: f64 = 10.0;
/// Most small steps in one step of the world.
const MOST_STEPS: u64 = 512;
/// From this share of the Stribeck speed on, friction is compensated in full.
const COMPENSATED: f64 = 0.2;
/// At least this share of the inertia stays with the rotor.
const LEAST_ROTOR: f64 = 0.25;

/// Figures of one joint's parts, SI. Currents are those of the power-invariant q-axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Turns of the motor for one of the joint.
    pub ratio: f64,
    /// Torsion of the reducer.
    pub torsion: Torsion,
    /// Amplitude A of the kinematic error [rad], at the output.
    pub kinematic_error_rad: f64,
    /// Its periods c in one turn of the motor.
    pub error_cycles: f64,
    /// Friction at the input [N·m], moving.
    pub coulomb_nm: f64,
    /// Friction at the input [N·m] from which it starts.
    pub breakaway_nm: f64,
    /// Speed [rad/s] over which the one becomes the other.
    pub stribeck_rad_s: f64,
    /// Viscous friction at the input [N·m·s/rad].
    pub viscous_nm_s_rad: f64,
    /// Share η of the load that passes.
    pub efficiency: f64,
    /// Inertia of rotor and reducer input [kg·m²], at the motor.
    pub inertia_kg_m2: f64,
    /// Torque [N·m] for the rated life.
    pub rated_torque_nm: f64,
    /// Motor speed [rad/s] for the rated life.
    pub rated_speed_rad_s: f64,
    /// Rated life [h].
    pub life_h: f64,
    /// Life goes with the torque to the power 10/3 of roller bearings instead of 3 of ball bearings.
    pub rollers: bool,
    /// The drive asks the reducer for no more [N·m].
    pub repeated_peak_nm: f64,
    /// The reducer breaks beyond [N·m].
    pub momentary_peak_nm: f64,
    /// k [N·m/A, V·s/rad] at 25 °C.
    pub torque_constant_nm_a: f64,
    /// R [Ω] at 25 °C.
    pub resistance_ohm: f64,
    /// L [H].
    pub inductance_h: f64,
    /// Greatest current [A] of motor and drive.
    pub peak_current_a: f64,
    /// Greatest voltage [V] on the q-axis.
    pub voltage_v: f64,
    /// Share of k lost with each kelvin above 25 °C.
    pub magnet_loss_1_k: f64,
    /// What heats up; none: the motor stays at 25 °C.
    pub thermal: Option<Thermal>,
    /// Temperature [°C] that the winding bears.
    pub winding_limit_c: f64,
    /// Temperature [°C] of winding and housing at the start.
    pub start_c: f64,
    /// Period [s] of the current loop.
    pub current_period_s: f64,
    /// Bandwidth [Hz] of the current loop.
    pub current_bandwidth_hz: f64,
    /// Steps of the encoder in a turn of the motor.
    pub encoder_counts: f64,
    /// Gain of the loop around the joint's torque.
    pub torque_feedback: f64,
    /// Share of the friction that the drive adds to a torque of the joint, at the motor's speed.
    pub friction_compensation: f64,
    /// The reducer does not twist: [`rigid`].
    pub rigid: bool,
}

/// What is asked of a drive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    /// A torque at the joint [N·m], through the loop around the joint's torque.
    Joint(f64),
    /// A torque of the motor [N·m].
    Motor(f64),
    /// A voltage [V], past the current loop.
    Voltage(f64),
}

/// One joint's parts at a fixed step of the world.
#[derive(Clone, Debug)]
pub struct DriveTrain {
    /// Its figures.
    pub figures: Figures,
    dt_s: f64,
    steps: u64,
    /// Rotor's inertia [kg·m²] without what the link carries.
    rotor_kg_m2: f64,
    link_kg_m2: f64,
    thermal: Option<thermal::Step>,
    /// Proportional and integral gain of the current loop.
    current_gains: [f64; 2],
    /// From a command to its current [s].
    lag_s: f64,
}

/// Where energy went [J] since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Energy {
    /// In at the terminals.
    pub electrical_j: f64,
    /// Heat in the winding.
    pub copper_j: f64,
    /// Heat of friction.
    pub friction_j: f64,
    /// Out at the joint.
    pub joint_j: f64,
}

/// What the parts have borne since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Borne {
    /// Greatest torque of the reducer [N·m].
    pub peak_nm: f64,
    /// Greatest wind-up, motor against link [rad] at the joint.
    pub wind_up_rad: f64,
    /// Greatest temperature of the winding [°C].
    pub winding_c: f64,
    /// Times the repeated peak was passed.
    pub repeated: u64,
    /// Times the momentary peak was passed.
    pub momentary: u64,
    /// Share of the rated life used up.
    pub life: f64,
    /// Small steps at the limit of current.
    pub current_limited: u64,
    /// Small steps at the limit of voltage.
    pub voltage_limited: u64,
    /// Small steps in all.
    pub steps: u64,
}

/// What changes: a copy is a snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Motor angle [rad], half a step behind the world's time, where the next step of the rotor begins.
    pub angle_rad: f64,
    /// Motor speed [rad/s].
    pub speed_rad_s: f64,
    /// Current [A].
    pub current_a: f64,
    /// Voltage [V] in this period.
    pub voltage_v: f64,
    /// Sum of the current loop [V].
    pub integral_v: f64,
    /// Torque of the reducer on the link [N·m].
    pub torque_nm: f64,
    /// What the torsion remembers.
    pub memory: torsion::Memory,
    /// Winding and housing [°C].
    pub temperature_c: [f64; 2],
    /// Steps of the encoder at the last reading and at the one before.
    pub counts: [f64; 2],
    /// Where energy went.
    pub energy: Energy,
    /// What the parts have borne.
    pub borne: Borne,
}

impl State {
    /// Every number, for a digest.
    #[must_use]
    pub fn numbers(&self) -> [f64; 25] {
        let (e, b) = (&self.energy, &self.borne);
        [
            self.angle_rad,
            self.speed_rad_s,
            self.current_a,
            self.voltage_v,
            self.integral_v,
            self.torque_nm,
            self.memory.friction_nm,
            self.memory.twist_rad,
            self.temperature_c[0],
            self.temperature_c[1],
            self.counts[0],
            self.counts[1],
            e.electrical_j,
            e.copper_j,
            e.friction_j,
            e.joint_j,
            b.peak_nm,
            b.wind_up_rad,
            b.winding_c,
            b.repeated as f64,
            b.momentary as f64,
            b.life,
            b.current_limited as f64,
            b.voltage_limited as f64,
            b.steps as f64,
        ]
    }
}

impl DriveTrain {
    /// The parts with these figures in a world that steps by `dt_s`.
    #[must_use]
    pub fn new(figures: &Figures, dt_s: f64) -> Self {
        let f = *figures;
        let steps = real::clamp(real::round(dt_s / f.current_period_s), 1.0, MOST_STEPS as f64) as u64;
        let h = dt_s / steps as f64;
        let stiffness = f.torsion.greatest_nm_rad();
        let link_kg_m2 = 0.5 * stiffness * dt_s * dt_s + f.torsion.damping_nm_s_rad * dt_s;
        let link_kg_m2 = if f.rigid { Self::felt_inertia_kg_m2(&f) } else { link_kg_m2 };
        let moved = link_kg_m2 / (f.ratio * f.ratio);
        let rotor_kg_m2 = real::max(f.inertia_kg_m2 - moved, LEAST_ROTOR * f.inertia_kg_m2);
        // Sampled once in a period and one period late, the loop is no faster than its dead time allows: modulus optimum, 1/(2·1.5·h).
        let bandwidth = real::min(real::TAU * f.current_bandwidth_hz, 1.0 / (3.0 * h));
        Self {
            figures: f,
            dt_s,
            steps,
            rotor_kg_m2,
            link_kg_m2,
            thermal: f.thermal.map(|thermal| thermal::Step::new(&thermal, dt_s)),
            current_gains: [bandwidth * f.inductance_h, bandwidth * f.resistance_ohm * h],
            lag_s: 1.0 / bandwidth + 1.5 * h,
        }
    }

    /// Armature [kg·m²] that the joint must have in the world: the share of the rotor that moves with the link.
    #[must_use]
    pub fn link_inertia_kg_m2(&self) -> f64 {
        self.link_kg_m2
    }

    /// Inertia [kg·m²] at the joint as a command of torque feels it, beside the link's own.
    #[must_use]
    pub fn felt_inertia_kg_m2(figures: &Figures) -> f64 {
        figures.inertia_kg_m2 * figures.ratio * figures.ratio / (1.0 + figures.torque_feedback)
    }

    /// Length [s] of a small step.
    #[must_use]
    pub fn small_step_s(&self) -> f64 {
        self.dt_s / self.steps as f64
    }

    /// At rest with the joint at `q` [rad] and the reducer bearing `torque_nm`, the current for it flowing.
    #[must_use]
    pub fn at_rest(&self, q: f64, torque_nm: f64) -> State {
        let f = &self.figures;
        let start_c = if f.thermal.is_some() { f.start_c } else { SHEET_C };
        let twist = if f.rigid { 0.0 } else { f.torsion.twist_rad(torque_nm) };
        let mut angle_rad = f.ratio * (q + twist);
        // The kinematic error is small and smooth: three rounds find the angle.
        for _ in 0..3 {
            angle_rad = f.ratio * (q + twist - self.error(angle_rad)[0]);
        }
        let current_a = torque_nm / (f.ratio * self.constant(start_c));
        let voltage_v = self.resistance(start_c) * current_a;
        let mut state = State {
            angle_rad,
            speed_rad_s: 0.0,
            current_a,
            voltage_v,
            integral_v: voltage_v,
            torque_nm,
            memory: torsion::Memory { friction_nm: 0.0, twist_rad: f.torsion.twist_rad(torque_nm) },
            temperature_c: [start_c; 2],
            counts: [0.0; 2],
            energy: Energy::default(),
            borne: Borne { winding_c: start_c, ..Borne::default() },
        };
        state.counts = [self.count(&state); 2];
        state
    }

    /// Joint angle [rad] and speed [rad/s] as the encoder on the motor gives them: no torsion is seen.
    #[must_use]
    pub fn reading(&self, state: &State) -> (f64, f64) {
        let step = real::TAU / (self.figures.encoder_counts * self.figures.ratio);
        (state.counts[0] * step, (state.counts[0] - state.counts[1]) * step / self.dt_s)
    }

    fn count(&self, state: &State) -> f64 {
        // From the middle of the rotor's next small step to the world's own time.
        let ahead = if self.figures.rigid { 0.0 } else { 0.5 * (self.dt_s - self.small_step_s()) };
        let angle = state.angle_rad + ahead * state.speed_rad_s;
        real::floor(angle / real::TAU * self.figures.encoder_counts)
    }

    /// One step of the world: `q` and `v` are the link's at its beginning. Gives the torque [N·m] that acts on the link meanwhile.
    pub fn step(&self, state: &mut State, demand: Demand, q: f64, v: f64) -> f64 {
        if self.figures.rigid {
            return self.rigid_step(state, demand, q, v);
        }
        let h = self.small_step_s();
        let (mut torque, mut heat) = (0.0, 0.0);
        let along = state.speed_rad_s / self.figures.ratio;
        for k in 0..self.steps {
            let ahead = (k as f64 + 0.5) * h - 0.5 * self.dt_s;
            heat += self.small_step(state, demand, q + ahead * along, v, h);
            torque += state.torque_nm;
        }
        self.end_step(state, heat);
        torque / self.steps as f64
    }

    /// Heats the motor and reads the encoder.
    fn end_step(&self, state: &mut State, heat: f64) {
        if let Some(thermal) = &self.thermal {
            state.temperature_c = thermal.next(state.temperature_c, heat / self.dt_s);
        }
        state.borne.winding_c = real::max(state.borne.winding_c, state.temperature_c[0]);
        state.counts = [self.count(state), state.counts[0]];
    }

    /// One small step beside a link at `q` with speed `v`; gives the heat [J] in the winding.
    fn small_step(&self, state: &mut State, demand: Demand, q: f64, v: f64, h: f64) -> f64 {
        let f = &self.figures;
        let [error, slope] = self.error(state.angle_rad);
        let lever = 1.0 / f.ratio + slope;
        let twist = state.angle_rad / f.ratio + error - q;
        let rate = state.speed_rad_s * lever - v;
        let before = state.torque_nm;
        state.torque_nm = f.torsion.torque(&mut state.memory, twist, rate);
        self.bear(state, before, twist - error, h);

        let (r, k) = (self.resistance(state.temperature_c[0]), self.constant(state.temperature_c[0]));
        let wanted = self.wanted_current(state, demand, before, k, h);
        // The voltage worked out now acts in the next period.
        let voltage_v = state.voltage_v;
        match (demand, wanted) {
            (Demand::Voltage(u), _) => state.voltage_v = real::clamp(u, -f.voltage_v, f.voltage_v),
            (_, wanted) => self.current_loop(state, wanted, k),
        }
        let decay = real::exp(-r * h / f.inductance_h);
        let settled = (voltage_v - k * state.speed_rad_s) / r;
        let before_a = state.current_a;
        state.current_a = settled + (before_a - settled) * decay;
        let mean_a = 0.5 * (before_a + state.current_a);

        let moved = self.rotor(state, k * mean_a, lever, h);
        state.angle_rad += h * moved;
        state.energy.electrical_j += h * voltage_v * mean_a;
        state.energy.joint_j += h * state.torque_nm * v;
        let heat = h * r * (before_a * before_a + before_a * state.current_a + state.current_a * state.current_a) / 3.0;
        state.energy.copper_j += heat;
        heat
    }

    /// Current [A] that the demand calls for, within the limits of motor, drive, reducer and heat.
    fn wanted_current(&self, state: &mut State, demand: Demand, before_nm: f64, k: f64, h: f64) -> f64 {
        let f = &self.figures;
        let motor_nm = match demand {
            Demand::Voltage(_) => return 0.0,
            Demand::Motor(torque) => torque,
            Demand::Joint(torque) => {
                let torque = real::clamp(torque, -f.repeated_peak_nm, f.repeated_peak_nm);
                // The torque that will be there when the current flows.
                let felt = state.torque_nm + self.lag_s * (state.torque_nm - before_nm) / h;
                (torque + f.torque_feedback * (torque - felt)) / f.ratio + self.compensation_nm(state)
            }
        };
        let most = self.most_current_a(state);
        let wanted = motor_nm / k;
        state.borne.current_limited += u64::from(real::abs(wanted) > most);
        real::clamp(wanted, -most, most)
    }

    /// What the drive adds [N·m] against friction, fading out towards standstill, where its sign is unknown.
    fn compensation_nm(&self, state: &State) -> f64 {
        let f = &self.figures;
        let speed = state.speed_rad_s;
        let friction = self.dry_nm(speed, state.torque_nm / f.ratio) + f.viscous_nm_s_rad * real::abs(speed);
        f.friction_compensation * friction * real::clamp(speed / (COMPENSATED * f.stribeck_rad_s), -1.0, 1.0)
    }

    /// What heat leaves of the peak current [A].
    fn most_current_a(&self, state: &State) -> f64 {
        let f = &self.figures;
        f.peak_current_a * real::clamp((f.winding_limit_c - state.temperature_c[0]) / FOLD_BACK_K, 0.0, 1.0)
    }

    fn current_loop(&self, state: &mut State, wanted: f64, k: f64) {
        let most = self.figures.voltage_v;
        let error = wanted - state.current_a;
        let ahead = k * state.speed_rad_s;
        let sum = state.integral_v + self.current_gains[1] * error;
        let u = self.current_gains[0] * error + sum + ahead;
        state.voltage_v = real::clamp(u, -most, most);
        if state.voltage_v == u {
            state.integral_v = sum;
        } else {
            state.borne.voltage_limited += 1;
        }
    }

    /// Moves the rotor under the motor's torque; gives the mean speed [rad/s] in the step.
    fn rotor(&self, state: &mut State, motor_nm: f64, lever: f64, h: f64) -> f64 {
        let f = &self.figures;
        let j = self.rotor_kg_m2;
        let load = lever * state.torque_nm;
        let before = state.speed_rad_s;
        let free = before + h * (motor_nm - load) / j;
        let speed = real::abs(free);
        let dry = self.dry_nm(free, load);
        // Friction takes speed away until none is left, and never turns the rotor round.
        let left = real::max(speed - h * dry / j, 0.0) / (1.0 + h * f.viscous_nm_s_rad / j);
        state.speed_rad_s = if free < 0.0 { -left } else { left };
        let mean = 0.5 * (before + state.speed_rad_s);
        state.energy.friction_j += j * real::abs(free - state.speed_rad_s) * real::abs(mean);
        state.speed_rad_s
    }

    /// Dry friction [N·m] at the input, turning with `speed` under `load` [N·m, at the input].
    fn dry_nm(&self, speed: f64, load: f64) -> f64 {
        let f = &self.figures;
        let stribeck = (f.breakaway_nm - f.coulomb_nm) * real::exp(-real::abs(speed) / f.stribeck_rad_s);
        let share = if load * speed > 0.0 { 1.0 / f.efficiency - 1.0 } else { 1.0 - f.efficiency };
        f.coulomb_nm + stribeck + share * real::abs(load)
    }

    fn bear(&self, state: &mut State, before_nm: f64, wind_up_rad: f64, h: f64) {
        let (f, b) = (&self.figures, &mut state.borne);
        let (now, before) = (real::abs(state.torque_nm), real::abs(before_nm));
        b.steps += 1;
        b.peak_nm = real::max(b.peak_nm, now);
        b.wind_up_rad = real::max(b.wind_up_rad, real::abs(wind_up_rad));
        b.repeated += u64::from(now > f.repeated_peak_nm && before <= f.repeated_peak_nm);
        b.momentary += u64::from(now > f.momentary_peak_nm && before <= f.momentary_peak_nm);
        b.life += h * life_rate(now / f.rated_torque_nm, real::abs(state.speed_rad_s) / f.rated_speed_rad_s, f.rollers)
            / (3600.0 * f.life_h);
    }

    /// e and its slope at a motor angle.
    fn error(&self, angle_rad: f64) -> [f64; 2] {
        let f = &self.figures;
        if f.kinematic_error_rad == 0.0 || f.rigid {
            return [0.0; 2];
        }
        let (s, c) = real::sin_cos(f.error_cycles * angle_rad);
        [f.kinematic_error_rad * s, f.kinematic_error_rad * f.error_cycles * c]
    }

    fn resistance(&self, winding_c: f64) -> f64 {
        self.figures.resistance_ohm * (1.0 + COPPER_1_K * (winding_c - SHEET_C))
    }

    fn constant(&self, winding_c: f64) -> f64 {
        self.figures.torque_constant_nm_a * (1.0 - self.figures.magnet_loss_1_k * (winding_c - SHEET_C))
    }
}

/// How many times faster than under rated load a reducer's life goes by: its torque and speed as shares of the rated ones.
#[must_use]
pub fn life_rate(torque: f64, speed: f64, rollers: bool) -> f64 {
    let cube = torque * torque * torque;
    speed * if rollers { cube * real::cbrt(torque) } else { cube }
}
