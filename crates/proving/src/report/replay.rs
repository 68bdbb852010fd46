//! What a replay shows: shapes on bodies, how the bodies moved, and curves beside them.
//!
//! [`Recorder`] takes the pose of every body at every step and keeps what a person can see: up to [`RATE_HZ`] frames a second,
//! positions in steps of 0.1 mm, and of those only the keys that straight lines between keys would miss by more than 0.2 mm or
//! 0.0004 of a quaternion component. A body that rests costs nothing.
//!
//! A body's keys travel as base64 of unsigned LEB128 numbers: frames since the last key, then the zigzag differences of
//! x, y, z [0.1 mm] and of w, x, y, z [0.0001] from the last key; before the first key all are 0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::data::Text;

/// Frames a second of a track.
pub const RATE_HZ: u32 = 30;
/// Samples a second of a curve, at most.
pub const SERIES_RATE_HZ: f64 = 50.0;

/// Steps in one metre, and in one unit of a quaternion component.
const STEPS: f64 = 1e4;
/// How far a straight line between keys may miss a frame, in steps.
const POSITION_TOLERANCE: f64 = 2.0;
const ROTATION_TOLERANCE: f64 = 4.0;
/// Frames that wait for their key; bounds the work for one frame.
const LONGEST_LINE: usize = 60;

/// What a body belongs to; decides how its surface looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyRole {
    /// Floor, pallets, fixtures.
    World,
    /// Links of the robot.
    Robot,
    /// Clamp, suction cup.
    Tool,
    /// What is worked on.
    Work,
}

/// A body of a scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneBody {
    /// Its name in the model.
    pub name: String,
    /// Decides its surface.
    pub role: BodyRole,
    /// In the world [m]; where it stands when a track has no key for it.
    pub position: [f64; 3],
    /// In the world; w, x, y, z.
    pub rotation: [f64; 4],
}

/// The shapes a page can draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeomKind {
    /// `size`: radius.
    Sphere,
    /// `size`: three half sizes.
    Box,
    /// `size`: radius, half length along z without the caps.
    Capsule,
    /// `size`: radius, half length along z.
    Cylinder,
    /// `size`: three half axes.
    Ellipsoid,
    /// `size`: half x, half y; 0 for unbounded. Normal +z.
    Plane,
    /// `size` is empty; `mesh` says which.
    Mesh,
}

/// A shape on a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneGeom {
    /// Index of its body.
    pub body: usize,
    /// What `size` means.
    pub kind: GeomKind,
    /// As in MJCF, see [`GeomKind`] [m].
    pub size: Vec<f64>,
    /// In the body [m].
    pub position: [f64; 3],
    /// In the body; w, x, y, z.
    pub rotation: [f64; 4],
    /// 0 to 1, sRGB as in MJCF.
    pub rgba: [f64; 4],
    /// 0 to 2 are drawn; 3 and above only when collision shapes are asked for.
    pub group: u8,
    /// Index of its mesh.
    pub mesh: Option<usize>,
}

/// Triangles, packed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneMesh {
    /// Base64 of little-endian `f32` x, y, z [m].
    pub vertices: String,
    /// Base64 of little-endian `u32` corner triples, counterclockwise from outside.
    pub indices: String,
}

impl SceneMesh {
    /// Packs a triangle mesh.
    pub fn new(vertices: &[[f64; 3]], triangles: &[[u32; 3]]) -> Self {
        let vertices: Vec<u8> = vertices.iter().flatten().flat_map(|x| (*x as f32).to_le_bytes()).collect();
        let indices: Vec<u8> = triangles.iter().flatten().flat_map(|i| i.to_le_bytes()).collect();
        Self { vertices: STANDARD.encode(vertices), indices: STANDARD.encode(indices) }
    }
}

/// Everything a replay moves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// In the model's order.
    pub bodies: Vec<SceneBody>,
    /// Drawn in this order.
    pub geoms: Vec<SceneGeom>,
    /// Shared by geoms.
    pub meshes: Vec<SceneMesh>,
    /// The body that the follow camera and the tool path keep to.
    pub tool: Option<usize>,
}

/// Keys of one body, packed as the module says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackBody {
    /// Index in the scene.
    pub body: usize,
    /// How many.
    pub keys: usize,
    /// Base64.
    pub data: String,
}

/// What kind of mark an event makes on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A gray mark.
    Info,
    /// A part was taken.
    Pick,
    /// A part was set down.
    Place,
    /// A part moved in the tool.
    Slip,
    /// The trial failed; the page offers to go there.
    Failure,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// From the trial's start.
    pub time_s: f64,
    /// Its mark.
    pub kind: EventKind,
    /// In words.
    pub text: Text,
}

/// How the bodies of one trial moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Until the last step.
    pub duration_s: f64,
    /// Frames a second.
    pub rate_hz: u32,
    /// Only bodies that have keys.
    pub bodies: Vec<TrackBody>,
    /// In order of time.
    pub events: Vec<Event>,
}

/// Where a body stands in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// [m]
    pub position: [f64; 3],
    /// Unit quaternion w, x, y, z; its sign does not matter.
    pub rotation: [f64; 4],
}

type Steps = [i32; 7];

/// The frames of one body since its last key.
#[derive(Debug, Clone, Default)]
struct Line {
    key: Option<(u32, Steps)>,
    /// Frames after the key that may still be left out; a rest counts as one.
    waiting: Vec<(u32, Steps)>,
    keys: usize,
    wire: Vec<u8>,
}

impl Line {
    fn push(&mut self, frame: u32, pose: &Pose) {
        let last = self.waiting.last().or(self.key.as_ref()).map(|(_, steps)| *steps);
        let Some(steps) = quantize(pose, last) else {
            return;
        };
        let Some((_, key)) = self.key else {
            return self.emit(frame, steps);
        };
        if steps == key && self.waiting.iter().all(|(_, waiting)| *waiting == key) {
            self.waiting.clear();
            self.waiting.push((frame, steps));
            return;
        }
        if self.waiting.len() >= LONGEST_LINE || !self.straight(frame, &steps) {
            let (frame, steps) = self.waiting.pop().unwrap_or((frame, steps));
            self.emit(frame, steps);
        }
        if self.key.is_some_and(|(at, _)| at < frame) {
            self.waiting.push((frame, steps));
        }
    }

    /// Whether a straight line from the key to this frame passes near every waiting frame.
    fn straight(&self, frame: u32, steps: &Steps) -> bool {
        let Some((start, key)) = self.key else {
            return true;
        };
        let span = f64::from(frame - start);
        self.waiting.iter().all(|(at, seen)| {
            let part = f64::from(at - start) / span;
            (0..7).all(|i| {
                let line = f64::from(key[i]) + part * (f64::from(steps[i]) - f64::from(key[i]));
                let tolerance = if i < 3 { POSITION_TOLERANCE } else { ROTATION_TOLERANCE };
                (line - f64::from(seen[i])).abs() <= tolerance
            })
        })
    }

    fn emit(&mut self, frame: u32, steps: Steps) {
        let (last_frame, last) = self.key.unwrap_or((0, [0; 7]));
        leb128(&mut self.wire, u64::from(frame - last_frame));
        for i in 0..7 {
            let change = i64::from(steps[i]) - i64::from(last[i]);
            leb128(&mut self.wire, ((change << 1) ^ (change >> 63)) as u64);
        }
        self.key = Some((frame, steps));
        self.waiting.clear();
        self.keys += 1;
    }

    fn finish(mut self, body: usize) -> Option<TrackBody> {
        let (_, key) = self.key?;
        if let Some((frame, steps)) = self.waiting.pop()
            && steps != key
        {
            self.emit(frame, steps);
        }
        Some(TrackBody { body, keys: self.keys, data: STANDARD.encode(&self.wire) })
    }
}

/// In steps, with the quaternion's sign next to `last`'s, so that lines between keys do not turn the long way round.
/// `None` if a number is not finite: a world that blew up is shown where it last stood.
fn quantize(pose: &Pose, last: Option<Steps>) -> Option<Steps> {
    let mut steps = [0; 7];
    for (step, value) in steps.iter_mut().zip(pose.position.iter().chain(&pose.rotation)) {
        if !value.is_finite() {
            return None;
        }
        *step = (value * STEPS).round() as i32;
    }
    let along = last.map_or(1, |last| (3..7).map(|i| i64::from(last[i]) * i64::from(steps[i])).sum::<i64>());
    if along < 0 {
        steps[3..].iter_mut().for_each(|step| *step = -*step);
    }
    Some(steps)
}

fn leb128(wire: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        wire.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    wire.push(value as u8);
}

/// Writes a [`Track`] while a trial runs.
///
/// ```
/// use leitai_proving::report::replay::{Pose, Recorder};
/// let mut recorder = Recorder::new(1);
/// for step in 0..2_000_u32 {
///     let time_s = f64::from(step) * 0.002;
///     if recorder.is_due(time_s) {
///         let fallen = Pose { position: [0.0, 0.0, 2.0 - 0.1 * time_s], rotation: [1.0, 0.0, 0.0, 0.0] };
///         recorder.step(time_s, &[fallen]);
///     }
/// }
/// let track = recorder.finish(3.998);
/// assert_eq!(track.bodies[0].keys, 3); // a straight way needs its ends and one key for each 60 frames
/// ```
#[derive(Debug, Clone)]
pub struct Recorder {
    lines: Vec<Line>,
    events: Vec<Event>,
    /// The frame that comes next.
    next: u32,
}

impl Recorder {
    /// For a scene of `bodies` bodies.
    pub fn new(bodies: usize) -> Self {
        Self { lines: vec![Line::default(); bodies], events: Vec::new(), next: 0 }
    }

    /// Whether a step at this time would be kept; spares the caller from gathering poses that would not.
    pub fn is_due(&self, time_s: f64) -> bool {
        time_s * f64::from(RATE_HZ) + 1e-6 >= f64::from(self.next)
    }

    /// The poses of all bodies at `time_s`, in the scene's order. Steps between frames are passed over.
    ///
    /// # Panics
    /// If the number of poses is not the number of bodies: that is a bug in the caller.
    pub fn step(&mut self, time_s: f64, poses: &[Pose]) {
        assert_eq!(poses.len(), self.lines.len(), "one pose for each body");
        if !self.is_due(time_s) {
            return;
        }
        // A caller with steps longer than a frame skips frames; lines between keys fill them in.
        let frame = (time_s * f64::from(RATE_HZ) + 1e-6) as u32;
        for (line, pose) in self.lines.iter_mut().zip(poses) {
            line.push(frame, pose);
        }
        self.next = frame + 1;
    }

    /// Something worth a mark on the time line.
    pub fn event(&mut self, time_s: f64, kind: EventKind, text: Text) {
        self.events.push(Event { time_s, kind, text });
    }

    /// The track of a trial that ended at `duration_s`.
    pub fn finish(mut self, duration_s: f64) -> Track {
        self.events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        let bodies = self.lines.into_iter().enumerate().filter_map(|(body, line)| line.finish(body)).collect();
        Track { duration_s, rate_hz: RATE_HZ, bodies, events: self.events }
    }
}

/// Which plot a curve stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesGroup {
    /// Joint torques (or forces), drawn as shares of their limits.
    Effort,
    /// Joint speeds, drawn as shares of their limits.
    Speed,
    /// Contact, grip and wrist forces.
    Force,
    /// One plot for each unit.
    Other,
}

/// A curve of a logged trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Its plot.
    pub group: SeriesGroup,
    /// Its name in the legend.
    pub name: Text,
    /// Such as "N·m".
    pub unit: String,
    /// Samples a second; the first is at time 0.
    pub rate_hz: f64,
    /// Drawn as a line.
    pub limit: Option<f64>,
    /// A sample is `scale` times its stored number.
    pub scale: f64,
    /// Base64 of little-endian `i16`.
    pub samples: String,
}

impl Series {
    /// Packs values taken at `rate_hz`. Above [`SERIES_RATE_HZ`] each run of values keeps the one of largest magnitude, so that
    /// a peak that came near a limit is never lost.
    pub fn new(group: SeriesGroup, name: Text, unit: &str, limit: Option<f64>, rate_hz: f64, values: &[f64]) -> Self {
        let run = (rate_hz / SERIES_RATE_HZ - 1e-9).ceil().max(1.0) as usize;
        let kept: Vec<f64> = values
            .chunks(run)
            .map(|chunk| chunk.iter().fold(0.0_f64, |most, x| if x.is_finite() && x.abs() > most.abs() { *x } else { most }))
            .collect();
        let most = kept.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let scale = if most > 0.0 { most / f64::from(i16::MAX) } else { 1.0 };
        let bytes: Vec<u8> = kept.iter().flat_map(|x| ((x / scale).round() as i16).to_le_bytes()).collect();
        Self { group, name, unit: unit.to_owned(), rate_hz: rate_hz / run as f64, limit, scale, samples: STANDARD.encode(bytes) }
    }
}
