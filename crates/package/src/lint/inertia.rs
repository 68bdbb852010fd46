//! Masses and inertias: is there a body that has them, and is it this one?

use super::{Finding, Findings, Level, Visited, named};
use alloc::format;
use leitai_geometry::Shape;
use leitai_math::linear::{ROUNDING, principal_axes};
use leitai_math::{Mat3, Vec3, real};
use leitai_model::Spec;
use leitai_model::spec::{BodySpec, GeomMass, InertiaFromGeom, InertialSpec, JointKind};

/// Lighter than this [kg], a moving body makes the simulation stiff and is seldom meant.
const TINY: f64 = 1e-4;
/// Links lighter [kg] or shorter [m] than this are not held against a rod, and this share of a rod's moment is little.
const ROD_KG: f64 = 1.0;
const ROD_M: f64 = 0.2;
const ROD_SHARE: f64 = 0.55;
/// Heavier than this [kg], a link is hardly a robot's.
const HUGE: f64 = 5e3;

pub fn check(spec: &Spec, body: &Visited, findings: &mut Findings) {
    if body.is_world {
        return;
    }
    let name = named(&body.spec.name);
    let at = &body.spec.source;
    let mut say = |level, rule, zh, en| findings.push(Finding::new(level, rule, at, zh, en));
    let inferred = match spec.inertia.from_geom {
        InertiaFromGeom::Always => true,
        InertiaFromGeom::Auto => body.spec.inertial.is_none(),
        InertiaFromGeom::Never => false,
    };
    if inferred {
        let weighs = body.spec.geoms.iter().any(weighs);
        if weighs && body.moves {
            say(
                Level::Note,
                "inertia-inferred",
                format!("连杆 `{name}` 没有给出惯量，由其形状按密度推算；请填写实测或厂家数值"),
                format!(
                    "body `{name}` gives no inertia; it is inferred from its shapes' densities; give measured or published figures"
                ),
            );
        } else if !weighs && !body.spec.joints.is_empty() && weight_welded(body.spec) == 0.0 && !rotor(body.spec) {
            say(
                Level::Error,
                "mass-missing",
                format!("连杆 `{name}` 会运动却没有质量；请给出质量大于 0 kg 的 <inertial>"),
                format!("body `{name}` moves but has no mass; give it an <inertial> with mass > 0 kg"),
            );
        }
        return;
    }
    let Some(given) = &body.spec.inertial else { return };
    let (moments, _) = principal_axes(&given.inertia, ROUNDING);
    check_mass(given, name, body.moves, &mut say);
    if check_moments(given, moments, name, spec.inertia.balance, &mut say) && given.mass > 0.0 {
        check_size(body.spec, given, moments, name, &mut say);
        check_rod(body.spec, given, moments, name, &mut say);
    }
}

type Say<'a> = dyn FnMut(Level, &'static str, alloc::string::String, alloc::string::String) + 'a;

fn check_mass(given: &InertialSpec, name: &str, moves: bool, say: &mut Say) {
    let mass = given.mass;
    if mass < 0.0 {
        say(
            Level::Error,
            "inertia-impossible",
            format!("连杆 `{name}` 的质量为 {mass} kg；质量不能为负"),
            format!("body `{name}` has a mass of {mass} kg; it cannot be negative"),
        );
    } else if moves && mass > 0.0 && mass < TINY {
        say(
            Level::Warning,
            "mass-tiny",
            format!("连杆 `{name}` 只有 {mass} kg；单位应为 kg，或并入相邻连杆"),
            format!("body `{name}` weighs {mass} kg; masses are in kg; or merge it with its neighbor"),
        );
    } else if mass > HUGE {
        say(
            Level::Warning,
            "mass-huge",
            format!("连杆 `{name}` 重 {mass} kg；单位应为 kg，是否写成了 g？"),
            format!("body `{name}` weighs {mass} kg; masses are in kg; were grams written?"),
        );
    }
}

/// Whether the moments are those of a body that can exist.
fn check_moments(given: &InertialSpec, moments: Vec3, name: &str, balance: bool, say: &mut Say) -> bool {
    let Vec3 { x, y, z } = moments;
    let shown = format!("{x:.4e}, {y:.4e}, {z:.4e}");
    // A diagonal tensor is taken as written; the rounding of the eigenvalues of any other counts, as it does in building.
    let (least, most) = (real::min(x, real::min(y, z)), real::max(x, real::max(y, z)));
    if !moments.is_finite() || least < 0.0 {
        say(
            Level::Error,
            "inertia-impossible",
            format!("连杆 `{name}` 的主惯量为 {shown} kg·m²；每个都必须为正"),
            format!("body `{name}` has principal moments {shown} kg m2; each must be positive"),
        );
        return false;
    }
    if x + y + z - most < most {
        let (level, zh, en) = if balance {
            (Level::Warning, "将以三者的平均值代替", "their mean is used instead")
        } else {
            (Level::Error, "最大者不得超过另两者之和", "the largest may not exceed the sum of the others")
        };
        say(
            level,
            "inertia-impossible",
            format!("连杆 `{name}` 的主惯量为 {shown} kg·m²，任何物体都做不到；{zh}"),
            format!("body `{name}` has principal moments {shown} kg m2, which no body can have; {en}"),
        );
        return false;
    }
    if given.mass == 1.0 && least == most && given.inertia.0[0][1] == 0.0 {
        say(
            Level::Warning,
            "inertia-placeholder",
            format!("连杆 `{name}` 的质量为 1 kg 且三个主惯量相等（{x}）；这像是占位数值"),
            format!("body `{name}` weighs 1 kg and has three equal moments ({x}); these look like placeholders"),
        );
        return false;
    }
    true
}

/// Radius of gyration and center of mass against the shapes.
fn check_size(body: &BodySpec, given: &InertialSpec, moments: Vec3, name: &str, say: &mut Say) {
    let Some((low, high)) = bounds(body) else { return };
    let center = given.pose.position;
    let (middle, half) = ((low + high) * 0.5, (high - low) * 0.5);
    let outside = ((center - middle).abs() - half).max(Vec3::ZERO).norm();
    let diagonal = 2.0 * half.norm();
    if outside > 0.5 * diagonal {
        say(
            Level::Warning,
            "center-outside",
            format!("连杆 `{name}` 的质心距其形状 {outside:.3} m；请检查质心的坐标系与单位"),
            format!("the center of mass of body `{name}` lies {outside:.3} m off its shapes; check its frame and unit"),
        );
        return;
    }
    // No mass can lie farther out than the farthest corner, so the radius of gyration has a bound.
    let farthest = ((center - middle).abs() + half).norm();
    let gyration = real::sqrt(moments.max_component() / given.mass);
    if gyration > 1.05 * farthest {
        say(
            Level::Warning,
            "inertia-size",
            format!("连杆 `{name}` 的回转半径 {gyration:.3} m 大于其形状（至多 {farthest:.3} m）；请检查惯量的单位与参考点"),
            format!(
                "body `{name}` has a radius of gyration of {gyration:.3} m, more than its shapes allow ({farthest:.3} m); check the unit of \
                 the inertia and that it is about the center of mass"
            ),
        );
    } else if gyration < 0.05 * farthest {
        say(
            Level::Warning,
            "inertia-size",
            format!("连杆 `{name}` 的回转半径 {gyration:.2e} m 远小于其形状（{farthest:.3} m）；请检查惯量的单位"),
            format!(
                "body `{name}` has a radius of gyration of {gyration:.2e} m, far below its shapes' {farthest:.3} m; check the unit of the inertia"
            ),
        );
    }
}

/// The greatest moment of a long link against that of a thin rod from its joint to the next. Tensors taken from a smaller robot of the same
/// family fall far below it, while every single number looks sound.
fn check_rod(body: &BodySpec, given: &InertialSpec, moments: Vec3, name: &str, say: &mut Say) {
    let Some(own) = body.joints.first() else { return };
    let next = body.bodies.iter().filter_map(|child| Some(child.pose.apply(child.joints.first()?.position)));
    let length = next.map(|next| (next - own.position).norm()).fold(0.0, real::max);
    if given.mass < ROD_KG || length < ROD_M {
        return;
    }
    let rod = given.mass * length * length / 12.0;
    let most = moments.max_component();
    if most < ROD_SHARE * rod {
        say(
            Level::Warning,
            "inertia-size",
            format!(
                "连杆 `{name}` 重 {} kg、关节间距 {length:.3} m，最大主惯量却只有 {most:.3} kg·m²（同质量细杆为 {rod:.3}）；惯量是否取自另一尺寸的机器人？",
                given.mass
            ),
            format!(
                "body `{name}` weighs {} kg and spans {length:.3} m between joints, but its largest moment is {most:.3} kg m2, where a thin rod has \
                 {rod:.3}; was the inertia taken from a robot of another size?",
                given.mass
            ),
        );
    }
}

/// The upright box [m] around all shapes of a body, in the body; none if there are none.
pub fn bounds(body: &BodySpec) -> Option<(Vec3, Vec3)> {
    let mut around: Option<(Vec3, Vec3)> = None;
    for geom in body.geoms.iter().filter(|geom| !matches!(geom.shape, Shape::Plane { .. } | Shape::HeightField(_))) {
        let pose = match &geom.shape {
            Shape::Mesh(mesh) => geom.pose * mesh.file_from_mesh,
            _ => geom.pose,
        };
        let rotation: Mat3 = pose.rotation.normalized().to_mat();
        let (half, middle) = geom.shape.bounds(&rotation);
        let center = pose.position + middle;
        let (low, high) = (center - half, center + half);
        around = Some(around.map_or((low, high), |(l, h)| (-(-l).max(-low), h.max(high))));
    }
    around
}

fn weighs(geom: &leitai_model::spec::GeomSpec) -> bool {
    let by_density = match geom.mass {
        GeomMass::Density(density) => density * geom.shape.volume(),
        GeomMass::Mass(mass) => mass,
    };
    by_density > 0.0 && !matches!(geom.shape, Shape::Plane { .. } | Shape::HeightField(_))
}

/// Mass [kg] of what is rigidly joined below a body.
fn weight_welded(body: &BodySpec) -> f64 {
    let below = body.bodies.iter().filter(|child| child.joints.is_empty());
    below
        .map(|child| {
            let given = child.inertial.as_ref().map_or(0.0, |inertial| inertial.mass);
            let inferred = f64::from(u8::from(child.inertial.is_none() && child.geoms.iter().any(weighs)));
            given + inferred + weight_welded(child)
        })
        .sum()
}

/// Whether rotor inertia alone gives every joint something to accelerate.
fn rotor(body: &BodySpec) -> bool {
    body.joints.iter().all(|joint| joint.armature > 0.0 && joint.kind != JointKind::Free)
}
