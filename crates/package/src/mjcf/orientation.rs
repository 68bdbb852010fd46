//! The five ways to write an orientation.

use super::compiler::Compiler;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use leitai_math::{Quat, Vec3, real};

/// Shorter than this, a direction is none (MuJoCo's `mjEPS`).
const SHORT: f64 = 1e-14;

/// An orientation as written.
#[derive(Clone, Copy, Debug)]
pub enum Orientation {
    Quat([f64; 4]),
    AxisAngle([f64; 4]),
    Euler([f64; 3]),
    XyAxes([f64; 6]),
    ZAxis([f64; 3]),
}

impl Orientation {
    pub const NONE: Self = Self::Quat([1.0, 0.0, 0.0, 0.0]);

    /// The orientation this element writes, if it writes one.
    pub fn read(attributes: &mut Attributes) -> Result<Option<Self>, DescriptionError> {
        let forms = [
            attributes.numbers("quat")?.map(Self::Quat),
            attributes.numbers("axisangle")?.map(Self::AxisAngle),
            attributes.numbers("euler")?.map(Self::Euler),
            attributes.numbers("xyaxes")?.map(Self::XyAxes),
            attributes.numbers("zaxis")?.map(Self::ZAxis),
        ];
        if forms.iter().flatten().count() > 1 {
            let change = "keep one of quat, axisangle, euler, xyaxes, zaxis";
            return Err(attributes.element.error("several orientations are given", change));
        }
        Ok(forms.into_iter().flatten().next())
    }

    /// The rotation, in the units and order the compiler section sets.
    pub fn resolve(self, compiler: &Compiler, element: &Element) -> Result<Quat, DescriptionError> {
        match self {
            Self::Quat(q) => unit_quat(q, element),
            Self::AxisAngle([x, y, z, angle]) => {
                let axis = unit(Vec3::new(x, y, z), "axisangle", element)?;
                Ok(Quat::from_axis_angle(axis, compiler.angle(angle)))
            }
            Self::Euler(angles) => Ok(euler(angles.map(|angle| compiler.angle(angle)), compiler.euler_sequence)),
            Self::XyAxes([a, b, c, d, e, f]) => {
                let x = unit(Vec3::new(a, b, c), "xyaxes", element)?;
                let y = Vec3::new(d, e, f);
                let y = unit(y - x * x.dot(y), "xyaxes", element)?;
                Ok(leitai_math::Mat3::from_columns(x, y, x.cross(y)).to_quat().normalized())
            }
            Self::ZAxis([x, y, z]) => Ok(from_z(unit(Vec3::new(x, y, z), "zaxis", element)?)),
        }
    }
}

/// A quaternion made one long; all zeros is an error.
pub fn unit_quat(q: [f64; 4], element: &Element) -> Result<Quat, DescriptionError> {
    if q.iter().map(|x| x * x).sum::<f64>() < SHORT * SHORT {
        return Err(element.error("the quaternion is zero", "write \"1 0 0 0\" for no rotation"));
    }
    Ok(Quat::from_slice(&q).normalized())
}

fn unit(v: Vec3, name: &str, element: &Element) -> Result<Vec3, DescriptionError> {
    let length = v.norm();
    if length < SHORT {
        let what = alloc::format!("`{name}` gives no direction");
        return Err(element.error(what, "write axes that are not zero and not parallel"));
    }
    Ok(v * (1.0 / length))
}

/// The shortest rotation that turns the z axis into the unit vector `z`; for −z, half a turn about x.
pub fn from_z(z: Vec3) -> Quat {
    let axis = Vec3::Z.cross(z);
    let sine = axis.norm();
    let axis = if sine < 1e-10 { Vec3::X } else { axis * (1.0 / sine) };
    Quat::from_axis_angle(axis, real::atan2(sine, z.z))
}

/// Three rotations in a row: about axes that turn along (lower case) or stay (upper case).
fn euler(angles: [f64; 3], sequence: [u8; 3]) -> Quat {
    let mut q = Quat::IDENTITY;
    for (angle, letter) in angles.into_iter().zip(sequence) {
        let axis = match letter.to_ascii_lowercase() {
            b'x' => Vec3::X,
            b'y' => Vec3::Y,
            _ => Vec3::Z,
        };
        let turn = Quat::from_axis_angle(axis, angle);
        q = if letter.is_ascii_lowercase() { q * turn } else { turn * q };
    }
    q.normalized()
}
