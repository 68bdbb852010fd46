//! Two bodies tied at a point, or wholly: how far off they are, and how that changes.

use leitai_dynamics::Data;
use leitai_math::{Quat, Vec3};
use leitai_model::Model;
use leitai_model::model::{BodyId, EqualityTie};

/// A connect or a weld at this moment.
pub(crate) struct Tie {
    pub bodies: [BodyId; 2],
    /// The points that should coincide [m], in the world.
    pub points: [Vec3; 2],
    /// A weld's rotation.
    turn: Option<Turn>,
}

/// The error quaternion conj(q₁)·q₀·goal of a weld, and the weight [m] of its vector part.
struct Turn {
    /// conj(q₁).
    back: Quat,
    /// q₀·goal: where body two should be.
    wanted: Quat,
    scale: f64,
}

impl Tie {
    /// The tie of an equality constraint; none if it ties joints or tendons.
    pub(crate) fn new(model: &Model, data: &Data, equality: usize) -> Option<Self> {
        let pose = |b: BodyId| data.body_pose[b.index()];
        match &model.equalities[equality].kind {
            EqualityTie::Connect { bodies, anchors } => {
                let points = [pose(bodies[0]).apply(anchors[0]), pose(bodies[1]).apply(anchors[1])];
                Some(Self { bodies: *bodies, points, turn: None })
            }
            EqualityTie::Weld { bodies, anchor, relative, torque_scale } => {
                let [one, two] = bodies.map(pose);
                let points = [one.apply(relative.apply(*anchor)), two.apply(*anchor)];
                let (back, wanted) = (two.rotation.conjugate(), one.rotation * relative.rotation);
                Some(Self { bodies: *bodies, points, turn: Some(Turn { back, wanted, scale: *torque_scale }) })
            }
            EqualityTie::Joint { .. } | EqualityTie::Tendon { .. } => None,
        }
    }

    /// Rows: 3 for a connect, 6 for a weld.
    pub(crate) fn dim(&self) -> usize {
        if self.turn.is_some() { 6 } else { 3 }
    }

    /// How far the points are apart, and the weighted vector part of the error quaternion.
    pub(crate) fn violation(&self) -> [Vec3; 2] {
        let rotation = self.turn.as_ref().map_or(Vec3::ZERO, |t| {
            let error = t.back * t.wanted;
            Vec3::new(error.x, error.y, error.z) * t.scale
        });
        [self.points[0] - self.points[1], rotation]
    }

    /// Rate of the rotational error when body one turns by `w` [rad/s] against body two.
    pub(crate) fn turning(&self, w: Vec3) -> Vec3 {
        self.turned(Quat::new(0.0, w.x, w.y, w.z))
    }

    /// Second derivative of the rotational error at angular velocities `w0`, `w1` and angular accelerations differing by `a`.
    pub(crate) fn turning_rate(&self, w0: Vec3, w1: Vec3, a: Vec3) -> Vec3 {
        let difference = w0 - w1;
        let a = a + w0.cross(w1);
        self.turned(Quat::new(-0.5 * difference.norm_squared(), a.x, a.y, a.z))
    }

    fn turned(&self, w: Quat) -> Vec3 {
        self.turn.as_ref().map_or(Vec3::ZERO, |t| {
            let turned = t.back * w * t.wanted;
            Vec3::new(turned.x, turned.y, turned.z) * (0.5 * t.scale)
        })
    }

    /// Moment [N·m] on body one, in the world, of the forces on the rotational rows.
    pub(crate) fn moment(&self, force: Vec3) -> Vec3 {
        Vec3::new(self.turning(Vec3::X).dot(force), self.turning(Vec3::Y).dot(force), self.turning(Vec3::Z).dot(force))
    }
}
