//! The motion of one trial as an MCAP file that other people's tools open.
//!
//! | topic | schema | says |
//! |---|---|---|
//! | `/joints` | `leitai.Joints` | position, speed and torque of each joint of robot and tool |
//! | `/command` | `leitai.Command` | what each drive was told, after its limits |
//! | `/tf` | `foxglove.FrameTransforms` | pose in the world of each body that moved since the last message |
//! | `/contacts` | `leitai.Contacts` | force between each pair of bodies that touch and move |
//! | `/events` | `leitai.Event` | what is done and what happens, in words |
//!
//! Messages are JSON with their schema in the file. Time is simulated time: a step's number times its length, from zero. Numbers
//! are rounded to what a reader can use, so that a log stays small; the trial's trace digest covers every bit. The same trial
//! gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;

use leitai_dynamics::{Data, kinematics};
use leitai_math::{Pose, Vec3};
use leitai_model::Model;
use leitai_model::model::{ActuatorId, BodyId, JointId};
use leitai_model::spec::JointKind;
use mcap::records::MessageHeader;
use mcap::{WriteOptions, Writer};
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::report::words::chinese;
use crate::trial::{Frame, Happening, Watch};

/// Messages a second on `/joints` and `/command`; `/tf` and `/contacts` have half as many.
pub const RATE_HZ: f64 = 50.0;
/// A body that moved less than this [m, or a quaternion's component] since its last message is left out of the next.
const STILL: f64 = 2e-5;

/// A log being written.
pub struct Log {
    writer: Writer<Cursor<Vec<u8>>>,
    channels: Option<Channels>,
    /// The sample that comes next.
    next: u64,
    time_ns: u64,
    doing: String,
    data: Option<Data>,
    /// Last pose written of each body.
    written: Vec<Option<Pose>>,
    message: String,
}

/// What there is to write, found in the first frame.
struct Channels {
    joints: Vec<(String, JointId, Option<ActuatorId>)>,
    drives: Vec<(String, ActuatorId)>,
    ids: [u16; 5],
    sequence: [u32; 5],
}

const JOINTS: usize = 0;
const COMMAND: usize = 1;
const TRANSFORMS: usize = 2;
const CONTACTS: usize = 3;
const EVENTS: usize = 4;

impl Default for Log {
    fn default() -> Self {
        let options = WriteOptions::new().compression(None).library("leitai").profile("");
        Self {
            writer: options.create(Cursor::new(Vec::new())).expect("memory takes every byte"),
            channels: None,
            next: 0,
            time_ns: 0,
            doing: String::new(),
            data: None,
            written: Vec::new(),
            message: String::new(),
        }
    }
}

impl Watch for Log {
    fn step(&mut self, frame: &Frame) {
        let steps = frame.world.state().steps;
        self.time_ns = (frame.time_s * 1e9).round() as u64;
        if self.channels.is_none() {
            self.begin(frame);
        }
        if frame.doing != self.doing {
            self.doing.clear();
            self.doing.push_str(frame.doing);
            self.event("doing", frame.doing);
        }
        match frame.happening {
            Some(Happening::Taken(piece)) => self.event("taken", &format!("piece {} leaves its place", piece + 1)),
            Some(Happening::Dropped(piece)) => self.event("dropped", &format!("piece {} falls", piece + 1)),
            None => {}
        }
        // Sample k is taken at the first step at or after k / rate.
        if steps as f64 * frame.world.model().option.timestep_s * RATE_HZ + 1e-6 >= self.next as f64 {
            self.joints(frame);
            self.command(frame);
            if self.next.is_multiple_of(2) {
                self.transforms(frame);
                self.contacts(frame);
            }
            self.next += 1;
        }
    }
}

impl Log {
    /// Ends the log with how the trial ended, and gives the file's bytes.
    #[must_use]
    pub fn finish(mut self, outcome: &Outcome) -> Vec<u8> {
        if self.channels.is_some() {
            match &outcome.failure {
                Some(failure) => self.event("failed", &failure.what),
                None if outcome.passed_all() => self.event("passed", "every requirement held"),
                None => self.event("missed", "a requirement was missed"),
            }
        }
        self.writer.finish().expect("memory takes every byte");
        self.writer.into_inner().into_inner()
    }

    fn begin(&mut self, frame: &Frame) {
        let (built, model) = (frame.built, frame.world.model());
        let arm = built.joints.iter().zip(built.motors.iter().map(Some));
        let tool = built.tool_joints.iter().enumerate().map(|(i, joint)| (joint, built.tool_motors.get(i)));
        let joints: Vec<_> =
            arm.chain(tool).map(|(j, motor)| (model.joints[j.index()].name.clone(), *j, motor.copied())).collect();
        let drives: Vec<_> =
            built.motors.iter().chain(&built.tool_motors).map(|a| (model.actuators[a.index()].name.clone(), *a)).collect();
        let schemas = [
            ("/joints", "leitai.Joints", joints_schema(model, &joints)),
            ("/command", "leitai.Command", command_schema(&drives)),
            ("/tf", "foxglove.FrameTransforms", transforms_schema()),
            ("/contacts", "leitai.Contacts", contacts_schema()),
            ("/events", "leitai.Event", events_schema()),
        ];
        let ids = schemas.map(|(topic, name, schema)| {
            let text = schema.to_string();
            let schema = self.writer.add_schema(name, "jsonschema", text.as_bytes()).expect("five schemas");
            self.writer.add_channel(schema, topic, "json", &BTreeMap::new()).expect("five channels")
        });
        self.channels = Some(Channels { joints, drives, ids, sequence: [0; 5] });
        self.data = Some(Data::new(model));
        self.written = vec![None; model.bodies.len()];
    }

    /// Starts a message with its time.
    fn open(&mut self) {
        self.message.clear();
        stamp(&mut self.message, self.time_ns);
    }

    fn send(&mut self, channel: usize) {
        self.message.push('}');
        let Some(channels) = &mut self.channels else { return };
        let header = MessageHeader {
            channel_id: channels.ids[channel],
            sequence: channels.sequence[channel],
            log_time: self.time_ns,
            publish_time: self.time_ns,
        };
        channels.sequence[channel] += 1;
        self.writer.write_to_known_channel(&header, self.message.as_bytes()).expect("memory takes every byte");
    }

    fn event(&mut self, kind: &str, en: &str) {
        self.open();
        let (en, zh) = (Value::from(en), Value::from(chinese(en)));
        write!(self.message, ",\"kind\":\"{kind}\",\"en\":{en},\"zh\":{zh}").expect("text grows");
        self.send(EVENTS);
    }

    fn joints(&mut self, frame: &Frame) {
        self.open();
        let (state, forces) = (frame.world.state(), frame.world.forces());
        let Some(channels) = &self.channels else { return };
        for (name, joint, motor) in &channels.joints {
            let joint = &frame.world.model().joints[joint.index()];
            let tau = motor.map_or(0.0, |motor| forces.actuator[motor.index()]);
            let numbers = [state.q[joint.q_start as usize], state.v[joint.v_start as usize], tau];
            write!(self.message, ",{}:", Value::from(name.as_str())).expect("text grows");
            fields(&mut self.message, &["q", "v", "tau"], &numbers, &[6, 5, 3]);
        }
        self.send(JOINTS);
    }

    fn command(&mut self, frame: &Frame) {
        self.open();
        let Some(channels) = &self.channels else { return };
        for (name, drive) in &channels.drives {
            write!(self.message, ",{}:", Value::from(name.as_str())).expect("text grows");
            number(&mut self.message, frame.world.state().ctrl[frame.world.model().actuators[drive.index()].ctrl as usize], 3);
        }
        self.send(COMMAND);
    }

    fn transforms(&mut self, frame: &Frame) {
        let (model, state) = (frame.world.model(), frame.world.state());
        let Some(mut data) = self.data.take() else { return };
        data.mocap.clone_from(&state.mocap);
        kinematics(model, &mut data, &state.q);
        self.open();
        self.message.push_str(",\"transforms\":[");
        let mut any = false;
        // The world is the frame that the others stand in.
        for (b, pose) in data.body_pose.iter().enumerate().skip(1) {
            if self.written[b].is_some_and(|last| near(&last, pose)) {
                continue;
            }
            self.written[b] = Some(*pose);
            if any {
                self.message.push(',');
            }
            any = true;
            stamp(&mut self.message, self.time_ns);
            let child = Value::from(body_name(model, BodyId(b as u32)));
            write!(self.message, ",\"parent_frame_id\":\"world\",\"child_frame_id\":{child},\"translation\":")
                .expect("text grows");
            fields(&mut self.message, &["x", "y", "z"], &pose.position.to_array(), &[5; 3]);
            let [w, x, y, z] = pose.rotation.to_array();
            self.message.push_str(",\"rotation\":");
            fields(&mut self.message, &["x", "y", "z", "w"], &[x, y, z, w], &[5; 4]);
            self.message.push('}');
        }
        self.message.push(']');
        self.data = Some(data);
        if any {
            self.send(TRANSFORMS);
        }
    }

    fn contacts(&mut self, frame: &Frame) {
        let pairs = touching(frame);
        self.open();
        self.message.push_str(",\"pairs\":[");
        for (i, ((a, b), touch)) in pairs.iter().enumerate() {
            let [a, b] = [a, b].map(|id| Value::from(body_name(frame.world.model(), *id)));
            let comma = if i > 0 { "," } else { "" };
            write!(self.message, "{comma}{{\"a\":{a},\"b\":{b},\"points\":{},\"normal_n\":", touch.points).expect("text grows");
            number(&mut self.message, touch.normal_n, 2);
            self.message.push_str(",\"force_on_b_n\":");
            fields(&mut self.message, &["x", "y", "z"], &touch.force_on_b.to_array(), &[2; 3]);
            self.message.push('}');
        }
        self.message.push(']');
        self.send(CONTACTS);
    }
}

/// Two bodies that touch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touch {
    /// Points at which they touch.
    pub points: u32,
    /// Sum of the normal forces [N].
    pub normal_n: f64,
    /// Force of the first on the second [N], in the world.
    pub force_on_b: Vec3,
}

/// Every pair of bodies between which a contact acts, the lower number first; what sleeps is left out.
pub(crate) fn touching(frame: &Frame) -> BTreeMap<(BodyId, BodyId), Touch> {
    let world = frame.world;
    let mut pairs: BTreeMap<(BodyId, BodyId), Touch> = BTreeMap::new();
    for contact in world.contacts().iter().filter(|c| c.row != u32::MAX) {
        let [a, b] = contact.geoms.map(|g| world.model().geoms[g.index()].body);
        let on_second = world.force_on_second(contact);
        let (key, on_b) = if a <= b { ((a, b), on_second) } else { ((b, a), -on_second) };
        let touch = pairs.entry(key).or_default();
        touch.points += 1;
        touch.normal_n += world.contact_force(contact)[0];
        touch.force_on_b += on_b;
    }
    pairs
}

/// A body's name, or its number where the file gives none.
fn body_name(model: &Model, body: BodyId) -> String {
    let name = &model.bodies[body.index()].name;
    if name.is_empty() { format!("body {}", body.0) } else { name.clone() }
}

fn near(a: &Pose, b: &Pose) -> bool {
    let turn = a.rotation.to_array().into_iter().zip(b.rotation.to_array()).map(|(x, y)| x - y);
    (a.position - b.position).abs().max_component() < STILL && turn.into_iter().all(|d| d.abs() < STILL)
}

/// Opens an object with its time; whoever calls it closes the object.
fn stamp(message: &mut String, time_ns: u64) {
    let (sec, nsec) = (time_ns / 1_000_000_000, time_ns % 1_000_000_000);
    write!(message, "{{\"timestamp\":{{\"sec\":{sec},\"nsec\":{nsec}}}").expect("text grows");
}

fn fields(message: &mut String, names: &[&str], values: &[f64], decimals: &[usize]) {
    for (i, ((name, value), decimals)) in names.iter().zip(values).zip(decimals).enumerate() {
        write!(message, "{}\"{name}\":", if i > 0 { ',' } else { '{' }).expect("text grows");
        number(message, *value, *decimals);
    }
    message.push('}');
}

/// Rounded to so many decimals, without a sign on zero; `null` for what is not a number.
fn number(message: &mut String, value: f64, decimals: usize) {
    if !value.is_finite() {
        return message.push_str("null");
    }
    let start = message.len();
    write!(message, "{value:.decimals$}").expect("text grows");
    if message[start..].contains('.') {
        let kept = message[start..].trim_end_matches('0').trim_end_matches('.').len();
        message.truncate(start + kept);
    }
    if message[start..] == *"-0" {
        message.remove(start);
    }
}

fn object(properties: Value) -> Value {
    let mut all = json!({ "timestamp": { "type": "object", "properties": { "sec": { "type": "integer" }, "nsec": { "type": "integer" } } } });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, properties) {
        all.extend(more);
    }
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": all })
}

fn figure(what: &str) -> Value {
    json!({ "type": "number", "description": what })
}

fn numbers(names: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_string(), json!({ "type": "number" }))).collect();
    json!({ "type": "object", "properties": properties })
}

fn joints_schema(model: &Model, joints: &[(String, JointId, Option<ActuatorId>)]) -> Value {
    let one = |(name, joint, _): &(String, JointId, Option<ActuatorId>)| {
        let (q, v, tau) = match model.joints[joint.index()].kind {
            JointKind::Slide => ("position, m", "speed, m/s", "force, N"),
            _ => ("position, rad", "speed, rad/s", "torque, N*m"),
        };
        let properties = json!({ "q": figure(q), "v": figure(v), "tau": figure(tau) });
        (name.clone(), json!({ "type": "object", "properties": properties }))
    };
    object(Value::Object(joints.iter().map(one).collect()))
}

fn command_schema(drives: &[(String, ActuatorId)]) -> Value {
    let told = "torque, N*m, or force, N, of this drive";
    object(Value::Object(drives.iter().map(|(name, _)| (name.clone(), figure(told))).collect()))
}

/// The fields that tools look for under this schema's name.
fn transforms_schema() -> Value {
    let mut one = object(json!({
        "parent_frame_id": { "type": "string" },
        "child_frame_id": { "type": "string" },
        "translation": numbers(&["x", "y", "z"]),
        "rotation": numbers(&["x", "y", "z", "w"]),
    }));
    if let Value::Object(one) = &mut one {
        one.remove("$schema");
    }
    object(json!({ "transforms": { "type": "array", "items": one } }))
}

fn contacts_schema() -> Value {
    let pair = json!({
        "a": { "type": "string", "description": "a body" },
        "b": { "type": "string", "description": "the other body" },
        "points": { "type": "integer", "description": "points at which they touch" },
        "normal_n": figure("sum of the normal forces, N"),
        "force_on_b_n": numbers(&["x", "y", "z"]),
    });
    object(json!({ "pairs": { "type": "array", "items": { "type": "object", "properties": pair } } }))
}

fn events_schema() -> Value {
    object(json!({
        "kind": { "type": "string", "enum": ["doing", "taken", "dropped", "passed", "missed", "failed"] },
        "en": { "type": "string" },
        "zh": { "type": "string" },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_negative_zero() {
        let text = |value, decimals| {
            let mut out = String::new();
            number(&mut out, value, decimals);
            out
        };
        assert_eq!([text(1.25, 3), text(-0.000_000_4, 6), text(100.0, 2), text(100.0, 0)], ["1.25", "0", "100", "100"]);
        assert_eq!([text(f64::NAN, 3), text(-2.236_067_977, 5)], ["null", "-2.23607"]);
    }
}
