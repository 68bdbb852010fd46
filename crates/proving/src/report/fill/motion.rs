//! A trial's motion for the page: shapes, tracks and curves, taken while the trial runs.

use leitai_dynamics::{Data, kinematics};
use leitai_model::model::BodyId;

use crate::engine::log::touching;
use crate::outcome::Outcome;
use crate::report::Text;
use crate::report::replay::{Event, EventKind, Pose, Recorder, Scene, Series, SeriesGroup, Track};
use crate::report::scene::{pose, scene};
use crate::report::words::chinese;
use crate::trial::{Frame, Happening, Watch};

/// What a page needs of one trial.
#[derive(Clone, Debug)]
pub struct Motion {
    /// The shapes in it.
    pub scene: Scene,
    /// How they moved.
    pub track: Track,
    /// Torques, speeds, forces.
    pub series: Vec<Series>,
}

/// Takes a trial's motion.
#[derive(Default)]
pub(crate) struct MotionRecorder {
    run: Option<Run>,
}

/// What the first frame shows is known from then on.
struct Run {
    scene: Scene,
    recorder: Recorder,
    data: Data,
    dt_s: f64,
    doing: String,
    events: Vec<Event>,
    torque: Vec<Vec<f64>>,
    speed: Vec<Vec<f64>>,
    grip_n: Vec<f64>,
    bump_n: Vec<f64>,
    poses: Vec<Pose>,
    /// Bodies that are robot or tool, and tool.
    ours: Vec<(bool, bool)>,
    end_s: f64,
}

impl Watch for MotionRecorder {
    fn step(&mut self, frame: &Frame) {
        let run = self.run.get_or_insert_with(|| Run::new(frame));
        run.end_s = frame.time_s;
        run.note(frame);
        let forces = frame.world.forces();
        for (i, (joint, motor)) in frame.built.joints.iter().zip(&frame.built.motors).enumerate() {
            let joint = &frame.world.model().joints[joint.index()];
            run.torque[i].push(forces.actuator[motor.index()]);
            run.speed[i].push(frame.world.state().v[joint.v_start as usize]);
        }
        let (mut grip_n, mut bump_n) = (0.0, 0.0);
        for ((a, b), touch) in touching(frame) {
            let ours = |body: BodyId| run.ours[body.index()];
            match (ours(a), ours(b)) {
                ((true, true), (false, _)) | ((false, _), (true, true))
                    if frame.built.pieces.iter().any(|p| *p == a || *p == b) =>
                {
                    grip_n += touch.normal_n;
                }
                ((true, _), (false, _)) | ((false, _), (true, _)) => bump_n += touch.normal_n,
                _ => {}
            }
        }
        run.grip_n.push(grip_n);
        run.bump_n.push(bump_n);
        if run.recorder.is_due(frame.time_s) {
            run.data.mocap.clone_from(&frame.world.state().mocap);
            kinematics(frame.world.model(), &mut run.data, &frame.world.state().q);
            run.poses.clear();
            run.poses.extend(run.data.body_pose.iter().map(pose));
            run.recorder.step(frame.time_s, &run.poses);
        }
    }
}

impl Run {
    fn new(frame: &Frame) -> Self {
        let model = frame.world.model();
        let n = frame.built.joints.len();
        let part = |body: &leitai_model::model::Body| {
            (body.name.starts_with("robot/") || body.name.starts_with("tool/"), body.name.starts_with("tool/"))
        };
        let mut data = Data::new(model);
        kinematics(model, &mut data, &frame.world.state().q);
        Self {
            scene: scene(model, &data),
            recorder: Recorder::new(model.bodies.len()),
            data,
            dt_s: model.option.timestep_s,
            doing: String::new(),
            events: Vec::new(),
            torque: vec![Vec::new(); n],
            speed: vec![Vec::new(); n],
            grip_n: Vec::new(),
            bump_n: Vec::new(),
            poses: Vec::new(),
            ours: model.bodies.iter().map(part).collect(),
            end_s: 0.0,
        }
    }

    fn event(&mut self, time_s: f64, kind: EventKind, en: &str) {
        self.events.push(Event { time_s, kind, text: Text::new(chinese(en), en) });
    }

    fn note(&mut self, frame: &Frame) {
        if frame.doing != self.doing {
            self.doing.clear();
            self.doing.push_str(frame.doing);
            let kind = if frame.doing.ends_with("let go") { EventKind::Place } else { EventKind::Info };
            self.event(frame.time_s, kind, frame.doing);
        }
        match frame.happening {
            Some(Happening::Taken(piece)) => {
                self.event(frame.time_s, EventKind::Pick, &format!("piece {} leaves its place", piece + 1));
            }
            Some(Happening::Dropped(piece)) => {
                self.event(frame.time_s, EventKind::Slip, &format!("piece {} falls", piece + 1));
            }
            None => {}
        }
    }
}

/// What belongs to the joints of the arm, for its curves.
pub(crate) struct JointLimits<'a> {
    pub names: &'a [String],
    pub torque: &'a [f64],
    pub speed: &'a [f64],
}

impl MotionRecorder {
    /// The motion of a trial that ended with `outcome`; none if it never took a step.
    pub(crate) fn finish(self, outcome: &Outcome, limits: &JointLimits) -> Option<Motion> {
        let mut run = self.run?;
        if let Some(failure) = &outcome.failure {
            run.event(failure.time_s.unwrap_or(run.end_s), EventKind::Failure, &failure.what);
        }
        let mut recorder = run.recorder;
        for Event { time_s, kind, text } in run.events {
            recorder.event(time_s, kind, text);
        }
        let rate_hz = 1.0 / run.dt_s;
        let mut series = Vec::new();
        let joints = |group, unit: &str, limit: &[f64], values: Vec<Vec<f64>>| -> Vec<Series> {
            let one = |(i, values): (usize, Vec<f64>)| {
                Series::new(group, Text::same(limits.names[i].clone()), unit, limit.get(i).copied(), rate_hz, &values)
            };
            values.into_iter().enumerate().map(one).collect()
        };
        series.extend(joints(SeriesGroup::Effort, "N·m", limits.torque, run.torque));
        series.extend(joints(SeriesGroup::Speed, "rad/s", limits.speed, run.speed));
        let mut force = |zh: &str, en: &str, values: &[f64]| {
            if values.iter().any(|x| *x > 0.0) {
                series.push(Series::new(SeriesGroup::Force, Text::new(zh, en), "N", None, rate_hz, values));
            }
        };
        force("工具与工件间的法向力之和", "Normal force between tool and piece, sum", &run.grip_n);
        force("机器人与其他物体的接触力", "Contact of the robot with anything else", &run.bump_n);
        Some(Motion { scene: run.scene, track: recorder.finish(run.end_s), series })
    }
}
