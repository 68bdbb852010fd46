//! Force along some axes, motion along the others.
//!
//! In the axes of the compliance's frame each is either held by its spring ([`Impedance`]) or pushes with a wanted force: feed-forward, proportional and
//! integral of what a wrist sensor reads, and damping by the tool's own speed (Raibert & Craig, *Hybrid position/force control of manipulators*,
//! 1981; Siciliano et al., *Robotics*, 2009, §9.3).
//!
//! Against a surface of stiffness k the tool of mass m, Λ along the axis, is m·s³ + d·s² + ((1 + P)·k + I·d/(1 + P))·s + I·k: with
//! d = 2ζ·√((1 + P)·k·m) its fast part is damped by ζ, and an integral rate I ≤ (1 + P)²·k/4d is the slow rest and does not swing. (The integral
//! leaves out the error that damping explains, d·v/(1 + P): it is to overcome friction and weight, not to wind up on the way.) So k matters: it is
//! told, the stiffest that may be met, and found from force over way while the tool first presses itself in.
//!
//! Before it touches, the tool does not push: it moves along the axis, as fast as asked for but never faster than v = F/√(k·m), at which a
//! spring of the told stiffness stops it with the force F. (Λ along the axis counts the others as held; free, a sudden touch meets less. That lesser mass bounds the damping, too, that a
//! late loop can give.) Whatever changes then, touch, stiffness, damping, the push goes on where it was: the
//! difference fades in the time in which tool and surface swing, √(m/(1 + P)·k).

use crate::compliance::{Impedance, NoTorques, ToolReference};
use crate::operational::times;
use leitai_math::{Vec3, real};

/// How the tool pushes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForceGains {
    /// Share of the force's error that is added to the push, P.
    pub proportional: f64,
    /// Rate at which the error is integrated [1/s], I.
    pub integral_1_s: f64,
    /// Damping ratio ζ on the surface.
    pub damping_ratio: f64,
    /// Stiffness of what is touched: along an axis [N/m] and about it [N·m/rad]. If it is not known, the stiffest that may be met.
    pub surface: [f64; 2],
    /// Force [N] from which on the tool touches.
    pub touch_n: f64,
    /// Force [N] that the first touch may reach.
    pub impact_n: f64,
    /// Rate at which an error of speed is made up while nothing is touched [1/s].
    pub approach_1_s: f64,
}

impl Default for ForceGains {
    /// For a surface of 20 kN/m.
    fn default() -> Self {
        Self {
            proportional: 0.5,
            integral_1_s: 10.0,
            damping_ratio: 1.0,
            surface: [2e4, 200.0],
            touch_n: 2.0,
            impact_n: 20.0,
            approach_1_s: 40.0,
        }
    }
}

/// Steps without touch after which the tool has left the surface: a bounce is shorter.
const LEFT_STEPS: u32 = 50;
/// The surface's stiffness is looked for until the force is this share of the wanted, and is between these shares of what was told.
const PRESSED: f64 = 0.8;
const SOFTEST: f64 = 1e-4;
/// It is known once the force has risen by that of a touch, or by this share of a smaller one.
const RISE: f64 = 0.3;

/// Which axes push, and how hard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Push {
    /// Axes of the frame that push: x, y, z, and about x, y, z.
    pub along: [bool; 6],
    /// Force [N] and moment [N·m] that the tool shall exert along and about the axes of the frame.
    pub wanted: [f64; 6],
    /// Speed [m/s] toward a surface not yet touched, in the direction of the wanted force. About an axis nothing is looked for.
    pub approach_m_s: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    touching: bool,
    seeking: bool,
    missed: u32,
    integral: f64,
    /// What the push still has of the one before a change.
    fading: f64,
    push: f64,
    damping: f64,
    surface: Surface,
}

/// What is learned of a surface while the tool presses itself in: sums of way² and way·force since the touch.
#[derive(Clone, Copy, Debug, Default)]
struct Surface {
    place: f64,
    force: f64,
    squares: f64,
    products: f64,
    known: bool,
}

/// What the tool does along one axis now.
struct Along {
    /// 0 along the axis, 1 about it.
    half: usize,
    /// The tool's mass along the axis while the others are held.
    mass: f64,
    /// The greatest damping that the loop can give late: what is fast meets the mass along the axis while the others are free.
    damping: f64,
    place: f64,
    speed: f64,
    wanted: f64,
    /// What the tool exerts.
    felt: f64,
    approach: f64,
}

/// Hybrid control of one arm.
#[derive(Clone, Debug)]
pub struct Hybrid {
    /// The motion's half: arm, compliance, limits. The stiffness along pushing axes has no effect.
    pub impedance: Impedance,
    /// The force's half.
    pub gains: ForceGains,
    axes: [Axis; 6],
    period_s: f64,
}

/// Why there are no torques.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPush {
    /// The impedance has none.
    Impedance(NoTorques),
    /// A gain, a wanted force or a reading is no number, or below what it can be.
    Force,
}

impl core::fmt::Display for NoPush {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Impedance(why) => write!(f, "{why}"),
            Self::Force => {
                write!(f, "gains, wanted forces and readings must be numbers, gains from 0 on, the surface's stiffness above 0")
            }
        }
    }
}

impl core::error::Error for NoPush {}

impl Hybrid {
    /// Around `impedance`, called every `period_s`.
    #[must_use]
    pub fn new(impedance: Impedance, gains: ForceGains) -> Self {
        let period_s = impedance.period_s();
        Self { impedance, gains, axes: [Axis::default(); 6], period_s }
    }

    /// True for each axis of the frame that pushes and touches.
    #[must_use]
    pub fn touching(&self) -> [bool; 6] {
        self.axes.map(|axis| axis.touching)
    }

    /// Stiffness [N/m] of the surface that each axis touches, as found; `None` for what is not touched, or not yet pressed enough.
    #[must_use]
    pub fn surface(&self) -> [Option<f64>; 6] {
        self.axes.map(|axis| (axis.touching && axis.surface.known).then(|| axis.surface.products / axis.surface.squares))
    }

    /// Forgets touches and integrals, as before the first step.
    pub fn reset(&mut self) {
        self.axes = [Axis::default(); 6];
    }

    /// Writes into `tau` the torques for this step, from readings `q` and `v` and `contact`, force and moment of what is touched on the tool, at the
    /// tip, in the world ([`crate::force_sensor::ForceSensor::contact_at_tip`]).
    ///
    /// # Errors
    /// If a number is none; `tau` then stays as it was.
    pub fn step(
        &mut self,
        reference: &ToolReference,
        push: &Push,
        q: &[f64],
        v: &[f64],
        contact: &[f64; 6],
        tau: &mut [f64],
    ) -> Result<(), NoPush> {
        let g = &self.gains;
        let numbers = [g.proportional, g.integral_1_s, g.damping_ratio, g.touch_n, g.impact_n, g.approach_1_s, push.approach_m_s];
        let sound = numbers.iter().chain(&g.surface).all(|x| *x >= 0.0 && x.is_finite())
            && g.surface.iter().all(|k| *k > 0.0)
            && contact.iter().chain(&push.wanted).all(|x| x.is_finite());
        if !sound {
            return Err(NoPush::Force);
        }
        let frame = self.impedance.compliance.frame;
        let axes = frame.to_mat();
        self.impedance.read(q, v).map_err(NoPush::Impedance)?;
        let mut pushed = [0.0; 6];
        for k in 0..6 {
            if !push.along[k] {
                self.axes[k] = Axis::default();
                continue;
            }
            let (half, axis) = (k / 3 * 3, axes.column(k % 3));
            let mut direction = [0.0; 6];
            direction[half..half + 3].copy_from_slice(&axis.to_array());
            let state = self.impedance.state();
            let along = |x: &[f64; 6]| axis.dot(Vec3::from_slice(&x[half..]));
            let now = Along {
                half: k / 3,
                mass: times(&state.inertia, &direction).iter().zip(&direction).map(|(a, b)| a * b).sum(),
                damping: 2.0 * self.impedance.fastest_rad_s() / state.mobility_along(&direction),
                place: if k < 3 { axis.dot(state.tip.position) } else { 0.0 },
                speed: along(&state.velocity) - along(&reference.velocity),
                wanted: push.wanted[k],
                felt: -along(contact),
                approach: push.approach_m_s,
            };
            self.axes[k].act(&self.gains, self.period_s, &now);
            // Numbers so great that their products are none must not stay in the integral.
            if !(self.axes[k].push + self.axes[k].integral + self.axes[k].fading).is_finite() {
                self.axes[k] = Axis::default();
                return Err(NoPush::Force);
            }
            (0..6).for_each(|i| pushed[i] += direction[i] * self.axes[k].push);
        }
        let mut with = *reference;
        (0..6).for_each(|i| with.wrench[i] += pushed[i]);
        // A pushing axis has no spring: neither does it pull nor does it damp.
        let whole = self.impedance.compliance;
        for k in 0..6 {
            if push.along[k] {
                (self.impedance.compliance.stiffness[k], self.impedance.compliance.viscous[k]) = (0.0, 0.0);
            }
        }
        let done = self.impedance.act(&with, q, v, tau);
        self.impedance.compliance = whole;
        done.map_err(NoPush::Impedance)
    }
}

impl Axis {
    /// The push of this step along one axis.
    fn act(&mut self, g: &ForceGains, period_s: f64, now: &Along) {
        let toward = if now.wanted < 0.0 { -1.0 } else { 1.0 };
        let told = g.surface[now.half];
        // About an axis nothing is approached: whatever is felt there is regulated.
        let seeks = now.half == 0 && now.approach > 0.0;
        let touch = !seeks || toward * now.felt > g.touch_n;
        self.missed = if touch { 0 } else { self.missed.saturating_add(1) };
        let begins = touch && !self.touching;
        if begins {
            (self.touching, self.seeking) = (true, false);
            self.surface = Surface { place: now.place, force: now.felt, ..Surface::default() };
        } else if self.missed > LEFT_STEPS {
            self.touching = false;
        }
        let most = real::abs(now.wanted) + g.impact_n;
        if !self.touching {
            let fastest = real::min(now.approach, impact_speed(g.impact_n, told, now.mass));
            let lag = toward * fastest - now.speed;
            let gain = real::min(now.mass * g.approach_1_s, now.damping);
            // The push goes on where it was; so begun, the speed comes to its own like a critically damped oscillator, without passing it.
            if !self.seeking {
                (self.seeking, self.integral) = (true, self.push - gain * lag);
            }
            let rate = 0.25 * gain * gain / now.mass;
            let most = most + gain * fastest;
            // It overcomes friction, and what the arm's weight is off by.
            self.integral = real::clamp(self.integral + rate * lag * period_s, -most, most);
            self.push = gain * lag + self.integral;
            return;
        }
        let stiffness =
            if seeks { self.surface.learn(now, told, real::min(g.touch_n, RISE * real::abs(now.wanted))) } else { told };
        let grown = 1.0 + g.proportional;
        let damping = real::min(2.0 * g.damping_ratio * real::sqrt(grown * stiffness * now.mass), now.damping);
        let error = now.wanted - now.felt;
        let direct = now.wanted + g.proportional * error - damping * now.speed;
        if begins {
            (self.fading, self.integral) = (self.push - direct, 0.0);
        } else {
            self.fading += (damping - self.damping) * now.speed;
            self.fading /= 1.0 + period_s * real::sqrt(grown * stiffness / now.mass);
        }
        // The integral rests while the surface may be far softer than told, and without damping, where nothing keeps it from swinging.
        let told_apart = !seeks || self.surface.known || real::abs(now.felt) >= PRESSED * real::abs(now.wanted);
        let rate = if damping > 0.0 && told_apart {
            real::min(g.integral_1_s, grown * grown * stiffness / (4.0 * damping))
        } else {
            0.0
        };
        // The part of the error that damping explains will pass by itself; the integral is for the rest.
        let rest = error - damping * now.speed / grown;
        self.integral = real::clamp(self.integral + rate * rest * period_s, -most, most);
        self.damping = damping;
        self.push = direct + self.integral + self.fading;
    }
}

impl Surface {
    /// The surface's stiffness as far as it is known: the told one until the force has risen by `rise` since the touch, then what force over way says,
    /// until the tool has pressed itself in.
    fn learn(&mut self, now: &Along, told: f64, rise: f64) -> f64 {
        let (way, force) = (now.place - self.place, now.felt - self.force);
        if real::abs(now.felt) < PRESSED * real::abs(now.wanted) {
            self.squares += way * way;
            self.products += way * force;
            self.known |= real::abs(force) > rise && self.products > 0.0;
        }
        if !self.known {
            return told;
        }
        real::clamp(self.products / self.squares, SOFTEST * told, told)
    }
}

/// The speed [m/s] at which a tool of effective mass `mass_kg` that runs into a spring of `stiffness_n_m` is stopped with `force_n`: F/√(k·m).
#[must_use]
pub fn impact_speed(force_n: f64, stiffness_n_m: f64, mass_kg: f64) -> f64 {
    force_n / real::sqrt(stiffness_n_m * mass_kg)
}
