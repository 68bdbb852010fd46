//! `[motion.*]`: sprung slides of the world whose bases move, as a chest breathes or a head trembles.

use alloc::format;
use alloc::string::String;

use leitai_math::real;
use serde::{Deserialize, Serialize};

use super::common::Standing;
use super::document::{Document, ManifestError};
use super::scenario::ScenarioManifest;
use super::vary::{Each, Vary};

/// A slide joint of the world, with a spring in its model file, whose base moves by A·sin(2πft + φ) along the joint. Spring and damper
/// pull the joint after it, so the body follows as a base-excited oscillator does; it rests where the base is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Motion {
    /// The joint's name in the world.
    pub joint: String,
    /// A, m.
    pub amplitude_m: f64,
    /// f, Hz.
    pub frequency_hz: f64,
    /// φ, rad.
    pub phase_rad: f64,
    /// How far to trust the figures.
    pub standing: Standing,
    /// Key of a [`super::Source`].
    pub source: String,
}

/// Where a base is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// A [m].
    pub amplitude_m: f64,
    /// f [Hz].
    pub frequency_hz: f64,
    /// φ [rad].
    pub phase_rad: f64,
}

impl Wave {
    /// Offset [m] and velocity [m/s] at `time_s`.
    #[must_use]
    pub fn at(&self, time_s: f64) -> [f64; 2] {
        let rate = real::TAU * self.frequency_hz;
        let (s, c) = real::sin_cos(rate * time_s + self.phase_rad);
        [self.amplitude_m * s, self.amplitude_m * rate * c]
    }
}

impl Motion {
    /// The motion as written.
    #[must_use]
    pub fn wave(&self) -> Wave {
        let Self { amplitude_m, frequency_hz, phase_rad, .. } = *self;
        Wave { amplitude_m, frequency_hz, phase_rad }
    }
}

/// Checks the motions of a scenario and the variations that name them.
pub(super) fn check(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    for (name, motion) in &manifest.motion {
        let path = format!("motion.{name}");
        document.name(&path, name)?;
        document.name(&format!("{path}.joint"), &motion.joint)?;
        document.within(&format!("{path}.amplitude_m"), motion.amplitude_m, 0.0, 1.0)?;
        document.within(&format!("{path}.frequency_hz"), motion.frequency_hz, 0.0, 100.0)?;
        document.within(&format!("{path}.phase_rad"), motion.phase_rad, -real::TAU, real::TAU)?;
        document.source(&format!("{path}.source"), &motion.source, &manifest.source)?;
        let twin = manifest.motion.iter().find(|(other, m)| *other < name && m.joint == motion.joint);
        if let Some((other, _)) = twin {
            let what = format!("`{other}` moves the joint `{}` already; a joint has one motion", motion.joint);
            return Err(document.fault(&format!("{path}.joint"), what));
        }
    }
    for (name, vary) in &manifest.vary {
        named(manifest, document, &format!("vary.{name}"), vary)?;
    }
    Ok(())
}

/// Checks what a variation drawn for motions or joints of the world names.
fn named(manifest: &ScenarioManifest, document: &Document, path: &str, vary: &Vary) -> Result<(), ManifestError> {
    for (field, list, each) in [("motions", &vary.motions, Each::Motion), ("joints", &vary.joints, Each::WorldJoint)] {
        if (vary.each == each) == list.is_empty() {
            let what = if list.is_empty() {
                format!("drawn for each `{}`: list them in `{field}`", each.word())
            } else {
                format!("`{field}` belongs to a quantity drawn for each `{}`", each.word())
            };
            return Err(document.fault(&format!("{path}.{field}"), what));
        }
        document.distinct(&format!("{path}.{field}"), "", list.iter().map(String::as_str))?;
        for (i, item) in list.iter().enumerate() {
            let at = format!("{path}.{field}.{i}");
            document.name(&at, item)?;
            if each == Each::Motion {
                document.refers(&at, "[motion] named", item, manifest.motion.keys().map(String::as_str))?;
            }
        }
    }
    Ok(())
}
