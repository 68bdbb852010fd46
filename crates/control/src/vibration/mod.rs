//! Vibration of arms whose joints give: where their modes lie, and motions that leave none of it behind.
//!
//! A reducer is a spring between motor and link. While the motors follow their references, the links swing on their reducers with
//! the [`modes`] of (M, K): locked-rotor frequencies, the ones that a motion leaves ringing. A [`Shaper`] replaces a motion by a
//! weighted sum of delayed copies whose vibrations cancel; a [`Shaped`] profile is that sum, evaluated exactly at any time. The path
//! stays the same, because it is the path's parameter that is shaped, and so do speed and acceleration limits, because the weights
//! are positive and sum to one.

/// Feed-forward for joints that give.
pub mod flat;

/// Natural frequencies of an arm on its reducers.
pub mod modes;

/// One frequency out of a signal.
pub mod notch;

/// Profiles that are shaped, along a path.
pub mod shaped;

/// Sequences of impulses whose vibrations cancel.
pub mod shaper;

pub use flat::{FlexibleJoints, MotorReference};
pub use modes::{Modes, NoModes, modes};
pub use notch::{BadNotch, Notch};
pub use shaped::{Shaped, ShapedTrajectory};
pub use shaper::{BadMode, Mode, Shaper};
