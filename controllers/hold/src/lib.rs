//! The least controller: springs and dampers that hold the posture in which the trial begins. Copy this folder to begin with.
//!
//! Its manifest has `observes = ["q", "v"]` and `commands = ["tau"]`.

#[path = "../../abi.rs"]
mod abi;

use abi::{Component, Said};

/// Spring [N·m/rad] and damper [N·m·s/rad] of every joint.
const SPRING: f64 = 2000.0;
const DAMPER: f64 = 200.0;

#[derive(Default)]
struct Hold {
    posture: Vec<f64>,
}

impl Component for Hold {
    fn new(_: &str) -> Self {
        Self::default()
    }

    fn step(&mut self, observation: &[f64], command: &mut [f64]) -> Said {
        let (q, v) = observation.split_at(command.len());
        if self.posture.is_empty() {
            self.posture = q.to_vec();
        }
        for (i, tau) in command.iter_mut().enumerate() {
            *tau = SPRING * (self.posture[i] - q[i]) - DAMPER * v[i];
        }
        Said::GoOn
    }
}

abi::export!(Hold);
