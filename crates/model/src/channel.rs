//! Observation and command as arrays of numbers, for controllers that know none of our types.
//!
//! A channel is one named field. Whoever lists channels gets them one after another, each as long as the cell makes it, so that a
//! list of names and a few counts say where every number stands.

use alloc::vec::Vec;

use crate::interface::{Command, Observation, PoseReading};
use leitai_math::Vec3;

/// Numbers of one [`PoseReading`] in an array: validity, time, position, rotation.
pub const POSE_NUMBERS: usize = 9;
/// Numbers of a [`crate::interface::WristReading`] in an array.
pub const WRIST_NUMBERS: usize = 6;
/// Numbers of a [`crate::ToolReading`] in an array.
pub const TOOL_NUMBERS: usize = 3;

/// One field of an [`Observation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Steps of the world until this reading; 1 number.
    Step,
    /// Time of this reading [s]; 1 number.
    Time,
    /// Joint positions [rad or m]; 1 number for each joint.
    Q,
    /// Joint velocities [rad/s or m/s]; 1 number for each joint.
    V,
    /// Joint torques the drives report [N·m or N]; 1 number for each joint.
    Tau,
    /// Opening [m], its rate [m/s], and 1 while a vacuum holds; 3 numbers.
    Tool,
    /// Force x, y, z [N] and moment x, y, z [N·m] of the tool on the flange, in the frame of the tool mount; 6 numbers.
    Wrist,
    /// For each work piece 9 numbers: 1 if valid, time of the measurement [s], position x, y, z [m], rotation w, x, y, z.
    Pieces,
    /// For each measured site the same 9 numbers.
    Sites,
}

impl Seen {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Step, Self::Time, Self::Q, Self::V, Self::Tau, Self::Tool, Self::Wrist, Self::Pieces, Self::Sites];

    /// Its name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Time => "time_s",
            Self::Q => "q",
            Self::V => "v",
            Self::Tau => "tau",
            Self::Tool => "tool",
            Self::Wrist => "wrist",
            Self::Pieces => "pieces",
            Self::Sites => "sites",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// How many numbers it has in observations like `seen`.
    #[must_use]
    pub fn count(self, seen: &Observation) -> usize {
        match self {
            Self::Step | Self::Time => 1,
            Self::Q => seen.q.len(),
            Self::V => seen.v.len(),
            Self::Tau => seen.tau.len(),
            Self::Tool => TOOL_NUMBERS,
            Self::Wrist => WRIST_NUMBERS,
            Self::Pieces => POSE_NUMBERS * seen.pieces.len(),
            Self::Sites => POSE_NUMBERS * seen.sites.len(),
        }
    }

    /// Adds its numbers to the end of `out`.
    pub fn write(self, seen: &Observation, out: &mut Vec<f64>) {
        match self {
            Self::Step => out.push(seen.step as f64),
            Self::Time => out.push(seen.time_s),
            Self::Q => out.extend_from_slice(&seen.q),
            Self::V => out.extend_from_slice(&seen.v),
            Self::Tau => out.extend_from_slice(&seen.tau),
            Self::Tool => {
                let tool = &seen.tool;
                out.extend_from_slice(&[tool.opening_m, tool.opening_speed_m_s, f64::from(u8::from(tool.sealed))]);
            }
            Self::Wrist => {
                let (force, torque) = (seen.wrist.force, seen.wrist.torque);
                out.extend_from_slice(&[force.x, force.y, force.z, torque.x, torque.y, torque.z]);
            }
            Self::Pieces => seen.pieces.iter().for_each(|reading| write_pose(reading, out)),
            Self::Sites => seen.sites.iter().for_each(|reading| write_pose(reading, out)),
        }
    }

    /// Takes its numbers out of `from` into `seen` and gives how many they were.
    ///
    /// # Panics
    /// If `from` has fewer numbers than [`Seen::count`] says.
    pub fn read(self, from: &[f64], seen: &mut Observation) -> usize {
        let count = self.count(seen);
        let from = &from[..count];
        match self {
            Self::Step => seen.step = from[0] as u64,
            Self::Time => seen.time_s = from[0],
            Self::Q => seen.q.copy_from_slice(from),
            Self::V => seen.v.copy_from_slice(from),
            Self::Tau => seen.tau.copy_from_slice(from),
            Self::Tool => {
                (seen.tool.opening_m, seen.tool.opening_speed_m_s, seen.tool.sealed) = (from[0], from[1], from[2] > 0.5);
            }
            Self::Wrist => {
                (seen.wrist.force, seen.wrist.torque) = (Vec3::from_slice(from), Vec3::from_slice(&from[3..]));
            }
            Self::Pieces => read_poses(from, &mut seen.pieces),
            Self::Sites => read_poses(from, &mut seen.sites),
        }
        count
    }
}

/// One field of a [`Command`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Joint torques [N·m or N]; 1 number for each joint.
    Tau,
    /// Controls of the tool; 1 number for each.
    Tool,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Tau, Self::Tool];

    /// Its name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tau => "tau",
            Self::Tool => "tool",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// How many numbers it has in commands like `command`.
    #[must_use]
    pub fn count(self, command: &Command) -> usize {
        self.part(command).len()
    }

    /// Adds its numbers to the end of `out`.
    pub fn write(self, command: &Command, out: &mut Vec<f64>) {
        out.extend_from_slice(self.part(command));
    }

    /// Takes its numbers out of `from` into `command` and gives how many they were.
    ///
    /// # Panics
    /// If `from` has fewer numbers than [`Asked::count`] says.
    pub fn read(self, from: &[f64], command: &mut Command) -> usize {
        let part = match self {
            Self::Tau => &mut command.tau,
            Self::Tool => &mut command.tool,
        };
        let count = part.len();
        part.copy_from_slice(&from[..count]);
        count
    }

    fn part(self, command: &Command) -> &[f64] {
        match self {
            Self::Tau => &command.tau,
            Self::Tool => &command.tool,
        }
    }
}

fn write_pose(reading: &PoseReading, out: &mut Vec<f64>) {
    let (at, turn) = (reading.base_from_object.position, reading.base_from_object.rotation);
    let valid = f64::from(u8::from(reading.valid));
    out.extend_from_slice(&[valid, reading.measured_at_s, at.x, at.y, at.z, turn.w, turn.x, turn.y, turn.z]);
}

fn read_poses(from: &[f64], readings: &mut [PoseReading]) {
    for (reading, from) in readings.iter_mut().zip(from.chunks_exact(POSE_NUMBERS)) {
        reading.valid = from[0] > 0.5;
        reading.measured_at_s = from[1];
        let pose = &mut reading.base_from_object;
        (pose.position.x, pose.position.y, pose.position.z) = (from[2], from[3], from[4]);
        (pose.rotation.w, pose.rotation.x, pose.rotation.y, pose.rotation.z) = (from[5], from[6], from[7], from[8]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::{Pose, Quat, Vec3};

    fn observation() -> Observation {
        let mut seen = Observation::new(3, 2, 1);
        (seen.step, seen.time_s) = (7, 0.014);
        (seen.q, seen.v, seen.tau) = ([0.1, 0.2, 0.3].into(), [-1.0, -0.0, 1.0].into(), [5.0, 6.0, 7.0].into());
        (seen.tool.opening_m, seen.tool.opening_speed_m_s, seen.tool.sealed) = (0.4, -0.2, true);
        (seen.wrist.force, seen.wrist.torque) = (Vec3::new(1.5, -2.5, 30.0), Vec3::new(0.1, 0.2, -0.3));
        let pose = Pose::new(Vec3::new(0.6, 0.7, 0.8), Quat { w: 0.5, x: -0.5, y: 0.5, z: 0.5 });
        seen.pieces[1] = PoseReading { base_from_object: pose, measured_at_s: 0.01, valid: true };
        seen.sites[0] = PoseReading { base_from_object: pose, measured_at_s: 0.002, valid: true };
        seen
    }

    #[test]
    fn every_field_survives_the_array_in_any_order() {
        let seen = observation();
        for reversed in [false, true] {
            let mut channels = Seen::ALL;
            if reversed {
                channels.reverse();
            }
            let mut numbers = Vec::new();
            channels.iter().for_each(|channel| channel.write(&seen, &mut numbers));
            assert_eq!(numbers.len(), 2 + 3 * 3 + 3 + 6 + 3 * 9);
            let mut back = Observation::new(3, 2, 1);
            let read = channels.iter().fold(0, |at, channel| at + channel.read(&numbers[at..], &mut back));
            assert_eq!((read, &back), (numbers.len(), &seen));
        }
    }

    #[test]
    fn a_command_survives_too_and_names_are_the_manifests() {
        let mut command = Command::new(3, 2);
        command.tau.copy_from_slice(&[1.0, 2.0, 3.0]);
        command.tool.copy_from_slice(&[4.0, 5.0]);
        let mut numbers = Vec::new();
        Asked::ALL.iter().for_each(|channel| channel.write(&command, &mut numbers));
        let mut back = Command::new(3, 2);
        let read = Asked::ALL.iter().fold(0, |at, channel| at + channel.read(&numbers[at..], &mut back));
        assert_eq!((read, back), (5, command));
        assert!(Seen::ALL.into_iter().all(|channel| Seen::named(channel.name()) == Some(channel)));
        assert!(Asked::ALL.into_iter().all(|channel| Asked::named(channel.name()) == Some(channel)));
        assert_eq!((Seen::named("truth"), Asked::named("q")), (None, None));
    }
}
