//! Jaws and cups: from open and close to the tool's controls.
//!
//! Jaws are driven like a joint, by force: while they move, a critically damped servo follows a set point that travels at the
//! jaws' speed; once they lag behind it they have met something, and the closing force rises to the wanted one. Positive
//! force closes. Both jaws share one screw and get the same force.

use crate::robot::Tool;
use leitai_math::real;
use leitai_model::ToolReading;

/// Natural frequency of the jaws' servo [rad/s]; with loop delays up to 10 ms it keeps its damping.
const JAW_RAD_S: f64 = 25.0;
/// Lag behind the set point [m, of the opening] that means contact.
const LAG_M: f64 = 0.006;
/// Time for the force to rise [s].
const RISE_S: f64 = 0.1;

/// What the hand is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Aim {
    Open { opening_m: f64 },
    Close { force_n: f64 },
}

/// Drives a tool.
#[derive(Clone, Debug)]
pub struct Hand {
    tool: Tool,
    aim: Aim,
    set_point_m: Option<f64>,
    /// Closing force [N] once the jaws have met something.
    squeeze_n: Option<f64>,
    steps: u32,
}

impl Hand {
    /// A hand that opens.
    #[must_use]
    pub fn new(tool: Tool) -> Self {
        let opening_m = if let Tool::Clamp { opening_max_m, .. } = tool { opening_max_m } else { 0.0 };
        Self { tool, aim: Aim::Open { opening_m }, set_point_m: None, squeeze_n: None, steps: 0 }
    }
    /// Opens by `each_m` [m] at each jaw from where it is, or fully; or breaks the vacuum.
    pub fn open(&mut self, seen: &ToolReading, each_m: Option<f64>) {
        if let Tool::Clamp { opening_max_m, .. } = self.tool {
            let wanted = each_m.map_or(opening_max_m, |m| seen.opening_m + 2.0 * m);
            self.aim = Aim::Open { opening_m: real::min(wanted, opening_max_m) };
        } else {
            self.aim = Aim::Open { opening_m: 0.0 };
        }
        self.begin(seen);
    }
    /// Closes with `force_n` [N] at each jaw, at most what the tool has; or draws a vacuum.
    pub fn close(&mut self, seen: &ToolReading, force_n: Option<f64>) {
        let most = if let Tool::Clamp { force_n, .. } = self.tool { force_n } else { 0.0 };
        self.aim = Aim::Close { force_n: real::min(force_n.unwrap_or(most), most) };
        self.begin(seen);
    }
    fn begin(&mut self, seen: &ToolReading) {
        self.set_point_m = Some(seen.opening_m);
        self.squeeze_n = None;
        self.steps = 0;
    }
    /// True once the jaws squeeze with the wanted force, or the vacuum holds.
    #[must_use]
    pub fn holds(&self, seen: &ToolReading) -> bool {
        match (self.tool, self.aim) {
            (Tool::Clamp { .. }, Aim::Close { force_n }) => self.squeeze_n == Some(force_n),
            (Tool::Suction { .. } | Tool::Blade { .. }, Aim::Close { .. }) => seen.sealed,
            (Tool::Process, Aim::Close { .. }) | (_, Aim::Open { .. }) => false,
        }
    }
    /// True once the jaws stand open where they should, or the vacuum is gone.
    #[must_use]
    pub fn is_open(&self, seen: &ToolReading) -> bool {
        match (self.tool, self.aim) {
            (Tool::Clamp { .. }, Aim::Open { opening_m }) => seen.opening_m > opening_m - 0.002,
            (Tool::Suction { .. } | Tool::Blade { .. }, Aim::Open { .. }) => !seen.sealed,
            (Tool::Process, Aim::Open { .. }) => true,
            (_, Aim::Close { .. }) => false,
        }
    }
    /// True if the jaws closed on nothing.
    #[must_use]
    pub fn is_shut(&self, seen: &ToolReading) -> bool {
        matches!(self.tool, Tool::Clamp { opening_min_m, .. } if seen.opening_m < opening_min_m + 0.001)
    }
    /// Longest time [s] that closing can take.
    #[must_use]
    pub fn patience_s(&self) -> f64 {
        match self.tool {
            Tool::Clamp { opening_max_m, opening_min_m, speed_m_s, .. } => {
                0.5 * (opening_max_m - opening_min_m) / speed_m_s + RISE_S + 0.5
            }
            Tool::Suction { evacuate_s, .. } | Tool::Blade { evacuate_s, .. } => 2.0 * evacuate_s + 0.5,
            Tool::Process => 0.0,
        }
    }

    /// The control for this step: closing force [N], or 1 for vacuum and 0 for none.
    pub fn step(&mut self, seen: &ToolReading, period_s: f64) -> f64 {
        self.steps += 1;
        let Tool::Clamp { force_n: most, speed_m_s, jaw_mass_kg, opening_max_m, opening_min_m } = self.tool else {
            return if matches!(self.aim, Aim::Close { .. }) { 1.0 } else { 0.0 };
        };
        let set_point = self.set_point_m.get_or_insert(seen.opening_m);
        if let (Aim::Close { force_n }, Some(squeeze)) = (self.aim, &mut self.squeeze_n) {
            *squeeze = real::min(*squeeze + force_n * period_s / RISE_S, force_n);
            return *squeeze;
        }
        let goal = match self.aim {
            Aim::Open { opening_m } => opening_m,
            // Beyond the end of travel, so that shut jaws lag too.
            Aim::Close { .. } => opening_min_m - 2.0 * LAG_M,
        };
        let most_way = 2.0 * speed_m_s * period_s;
        let way = real::clamp(goal - *set_point, -most_way, most_way);
        *set_point = real::min(*set_point + way, opening_max_m);
        let rate = way / period_s;
        // One jaw travels half of what the opening changes.
        let error = 0.5 * (seen.opening_m - *set_point);
        let error_rate = 0.5 * (seen.opening_speed_m_s - rate);
        let force = jaw_mass_kg * (JAW_RAD_S * JAW_RAD_S * error + 2.0 * JAW_RAD_S * error_rate);
        if matches!(self.aim, Aim::Close { .. }) && seen.opening_m - *set_point > LAG_M && self.slow(seen, speed_m_s) {
            self.squeeze_n = Some(real::max(force, 0.0));
        }
        real::clamp(force, -most, most)
    }

    /// The jaws hardly move, and had time to start.
    fn slow(&self, seen: &ToolReading, speed_m_s: f64) -> bool {
        self.steps > 20 && real::abs(seen.opening_speed_m_s) < 0.2 * 2.0 * speed_m_s
    }
}
