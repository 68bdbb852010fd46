//! A UR10e whose joints give: each is cut in two, the motor's side and, behind the reducer's spring, the link.

use std::sync::Arc;

use leitai_math::{Mat3, Pose, Vec3};
use leitai_model::spec::{BodySpec, InertialSpec, JointKind, JointSpec};
use leitai_model::{JointId, Model, SiteId, Spec};
use leitai_package::disk::Folder;

/// Torsional stiffness of each joint's reducer [N·m/rad]: K2 of strain-wave gears of ratio 100, sizes 40, 40, 32, 20, 20, 20 (maker's
/// catalog, recalled). Which sizes the arm has is assumed from its rated torques.
pub const STIFFNESS: [f64; 6] = [2.0e5, 2.0e5, 1.1e5, 2.5e4, 2.5e4, 2.5e4];
/// Rotor and wave generator as felt at the joint, N²J [kg·m²]; assumed.
pub const ROTOR: [f64; 6] = [4.0, 4.0, 2.0, 0.5, 0.5, 0.5];
/// Damping ratio of a reducer's spring with the link that it carries at the reference posture; assumed.
pub const DAMPING_RATIO: f64 = 0.01;
/// Mass at the flange [kg] and half the edge of its cube [m]; the rated payload is 12.5 kg.
pub const PAYLOAD: (f64, f64) = (10.0, 0.1);

/// What the controller knows: rigid links, rotors and payload included.
pub struct Rigid {
    pub model: Arc<Model>,
    pub joints: Vec<JointId>,
    pub tip: SiteId,
}

fn read(catalog: &str) -> Result<Spec, String> {
    let files = Folder::inside(format!("{catalog}/robots/ur10e"));
    let loaded = leitai_package::load("robot.xml", &files, &Default::default()).map_err(|e| e.to_string())?;
    let mut spec = loaded.spec;
    each(&mut spec.world, &mut |body| {
        // Nothing of the arm touches anything in these moves.
        body.geoms.clear();
        if body.sites.iter().any(|site| site.name == "tool_mount") {
            let at = body.sites.iter().find(|site| site.name == "tool_mount").expect("just seen").pose;
            let (mass, half) = PAYLOAD;
            let inertia = Mat3::diagonal(Vec3::new(1.0, 1.0, 1.0) * (2.0 / 3.0 * mass * half * half));
            let pose = at * Pose::new(Vec3::new(0.0, 0.0, half), leitai_math::Quat::IDENTITY);
            let inertial = Some(InertialSpec { mass, pose, inertia });
            body.bodies.push(BodySpec { name: "payload".to_string(), inertial, ..BodySpec::default() });
        }
    });
    Ok(spec)
}

fn each(body: &mut BodySpec, change: &mut impl FnMut(&mut BodySpec)) {
    change(body);
    body.bodies.iter_mut().for_each(|child| each(child, change));
}

/// With rotors of `share` of [`ROTOR`]: all of them, or the links alone.
pub fn rigid(catalog: &str, share: f64) -> Result<Rigid, String> {
    let mut spec = read(catalog)?;
    let mut rotors = ROTOR.iter().map(|rotor| share * rotor);
    each(&mut spec.world, &mut |body| {
        for joint in &mut body.joints {
            joint.armature = rotors.next().expect("six joints");
        }
    });
    let model = Arc::new(spec.build().map_err(|e| e.to_string())?);
    let joints = (0..model.joints.len() as u32).map(JointId).collect();
    let tip = tip(&model)?;
    Ok(Rigid { model, joints, tip })
}

/// Where the arm carries its payload.
pub fn tip(model: &Model) -> Result<SiteId, String> {
    let place = model.sites.iter().position(|site| site.name == "tool_mount");
    place.map(|place| SiteId(place as u32)).ok_or_else(|| "the arm has no site tool_mount".to_string())
}

/// The arm that is driven; its reducers are `softer` times as stiff as the controller believes. Coordinates alternate: motor, then the
/// reducer's twist.
pub fn flexible(catalog: &str, softer: f64, timestep_s: f64) -> Result<Arc<Model>, String> {
    let mut spec = read(catalog)?;
    spec.option.timestep_s = timestep_s;
    let mut k = 0;
    each(&mut spec.world, &mut |body| {
        if body.joints.len() != 1 || body.joints[0].name.ends_with("reducer") {
            return;
        }
        let link = std::mem::take(body);
        let mut motor = link.joints[0].clone();
        motor.armature = ROTOR[k];
        // The wave generator's own mass is part of the link's; what stands between the two joints must weigh something.
        let light = InertialSpec { mass: 1e-6, pose: Pose::IDENTITY, inertia: Mat3::diagonal(Vec3::new(1e-9, 1e-9, 1e-9)) };
        let stiffness = STIFFNESS[k] * softer;
        let reducer = JointSpec {
            name: format!("{} reducer", motor.name),
            kind: JointKind::Hinge,
            position: motor.position,
            axis: motor.axis,
            stiffness,
            damping: damping(k, stiffness),
            ..JointSpec::default()
        };
        let pose = link.pose;
        let inner = BodySpec { pose: Pose::IDENTITY, joints: vec![reducer], ..link };
        *body = BodySpec {
            name: format!("motor {k}"),
            pose,
            inertial: Some(light),
            joints: vec![motor],
            bodies: vec![inner],
            ..BodySpec::default()
        };
        k += 1;
    });
    if k != 6 {
        return Err(format!("{k} joints were cut and not 6"));
    }
    Ok(Arc::new(spec.build().map_err(|e| e.to_string())?))
}

/// Damping of reducer `k` [N·m·s/rad].
pub fn damping(k: usize, stiffness: f64) -> f64 {
    2.0 * DAMPING_RATIO * (stiffness * INERTIA[k]).sqrt()
}

/// About the inertia that each reducer carries with the arm stretched [kg·m²]: sets the damping's size alone.
const INERTIA: [f64; 6] = [25.0, 25.0, 8.0, 0.6, 0.6, 0.1];
