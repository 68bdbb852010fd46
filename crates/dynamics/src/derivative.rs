//! How bias forces change with velocity.
//!
//! With S the motion of a degree of freedom j, c = Ṡ − S × v′ its rate less what it carries along itself (v′ is the velocity after
//! its joint), a body below it with velocity v and inertia I feels the change of force
//! I·(c + S × v) + S ×* I·v + v ×* I·S = I·c + B·S, where B depends on the body alone. So the sums over subtrees of I and B are enough,
//! as composite inertias are for the mass matrix. The result has the mass matrix's pattern, on both sides of the diagonal.

use crate::data::Data;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use leitai_math::{Motion, Vec3};
use leitai_model::Model;
use leitai_model::spec::JointKind;

/// Workspace of [`add_bias_slopes`].
#[derive(Clone, Debug, Default)]
pub struct BiasSlopes {
    /// B of each body's subtree, column by column.
    turning: Vec<[Motion; 6]>,
    /// c of each degree of freedom.
    rate: Vec<Motion>,
}

impl BiasSlopes {
    /// For `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self { turning: vec![[Motion::ZERO; 6]; model.bodies.len()], rate: vec![Motion::ZERO; model.nv] }
    }
}

/// Adds `scale` times the derivative of the bias forces with respect to velocity, for whole trees: bodies `bodies`. Row d of
/// `lower` are the derivatives of force d with respect to the velocities of d and those above it, packed like the mass matrix;
/// row d of `upper` those of the forces above with respect to velocity d, without the diagonal.
///
/// Needs [`crate::velocities`] and [`crate::mass_matrix`]. Allocates nothing. What tendons with inertia add to the bias is left out.
pub fn add_bias_slopes(
    model: &Model,
    data: &Data,
    v: &[f64],
    work: &mut BiasSlopes,
    bodies: Range<usize>,
    scale: f64,
    lower: &mut [f64],
    upper: &mut [f64],
) {
    for i in bodies.clone() {
        let body = &model.bodies[i];
        let mut velocity = if body.parent.0 == 0 { Motion::ZERO } else { data.body_velocity[body.parent.index()] };
        let mut pass = |dofs: Range<usize>| {
            velocity = dofs.clone().fold(velocity, |sum, d| sum + data.dof_motion[d] * v[d]);
            for d in dofs {
                work.rate[d] = data.dof_motion_rate[d] - data.dof_motion[d].cross_motion(velocity);
            }
        };
        for joint in &model.joints[body.joint_start as usize..(body.joint_start + body.joint_count) as usize] {
            let d = joint.v_start as usize;
            match joint.kind {
                JointKind::Free => {
                    pass(d..d + 3);
                    pass(d + 3..d + 6);
                }
                JointKind::Ball => pass(d..d + 3),
                JointKind::Slide | JointKind::Hinge => pass(d..d + 1),
            }
        }
        let (inertia, velocity) = (&data.body_inertia[i], data.body_velocity[i]);
        let momentum = inertia.apply(velocity);
        work.turning[i] = UNITS.map(|unit| {
            let carried = inertia.apply(unit.cross_motion(velocity));
            carried + unit.cross_force(momentum) + velocity.cross_force(inertia.apply(unit))
        });
    }
    for i in bodies.clone().rev() {
        let parent = model.bodies[i].parent.index();
        if parent >= bodies.start {
            let below = work.turning[i];
            work.turning[parent].iter_mut().zip(below).for_each(|(sum, column)| *sum += column);
        }
    }
    for i in bodies {
        let body = &model.bodies[i];
        let (inertia, turning) = (&data.composite[i], &work.turning[i]);
        for d in body.dof_start as usize..(body.dof_start + body.dof_count) as usize {
            let motion = data.dof_motion[d];
            let force = inertia.apply(work.rate[d]) + times(turning, motion);
            let (steady, turned) = (inertia.apply(motion), transposed_times(turning, motion));
            let row = model.dofs[d].row_start as usize..(model.dofs[d].row_start + model.dofs[d].row_len) as usize;
            for (at, &c) in row.clone().zip(&model.mass_columns[row]) {
                let above = data.dof_motion[c as usize];
                lower[at] += scale * (steady.dot(work.rate[c as usize]) + turned.dot(above));
                if c as usize != d {
                    upper[at] += scale * above.dot(force);
                }
            }
        }
    }
}

const UNITS: [Motion; 6] = [
    Motion::new(Vec3::X, Vec3::ZERO),
    Motion::new(Vec3::Y, Vec3::ZERO),
    Motion::new(Vec3::Z, Vec3::ZERO),
    Motion::new(Vec3::ZERO, Vec3::X),
    Motion::new(Vec3::ZERO, Vec3::Y),
    Motion::new(Vec3::ZERO, Vec3::Z),
];

fn times(columns: &[Motion; 6], x: Motion) -> Motion {
    let by = [x.angular.x, x.angular.y, x.angular.z, x.linear.x, x.linear.y, x.linear.z];
    columns.iter().zip(by).fold(Motion::ZERO, |sum, (column, by)| sum + *column * by)
}

fn transposed_times(columns: &[Motion; 6], x: Motion) -> Motion {
    let [a, b, c, d, e, f] = columns.map(|column| column.dot(x));
    Motion::new(Vec3::new(a, b, c), Vec3::new(d, e, f))
}
