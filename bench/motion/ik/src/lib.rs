//! Inverse kinematics behind a C interface, called by `bench/motion/ik.py` as its peers are called.
//!
//! Arms are lines and limits; targets are 4×4 matrices, row by row. Pointers come from the script beside this crate, which keeps
//! their lengths; nothing here is for other callers.

use leitai_control::Chain;
use leitai_control::closed_form::{ClosedForm, Redundant};
use leitai_control::search::{Search, SearchOptions, SearchWork};
use leitai_geometry::Shape;
use leitai_math::{Mat3, Pose, Quat, Vec3};
use leitai_model::spec::{BodySpec, GeomSpec, JointSpec, SiteSpec, Spec};

/// A six-hinge arm, or null if it has no closed form. `lines` holds for each joint an axis and a point; `tip` a 4×4 matrix.
///
/// # Safety
/// `lines` has 36 numbers, `tip` 16, `low` and `high` 6 each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik6_new(lines: *const f64, tip: *const f64, low: *const f64, high: *const f64) -> *mut ClosedForm {
    let arm = unsafe { chain(6, lines, tip, low, high) }.and_then(|chain| ClosedForm::of(&chain).ok());
    arm.map_or(core::ptr::null_mut(), |arm| Box::into_raw(Box::new(arm)))
}

/// All branches: writes up to 8 × 6 joint positions into `out` and gives their number.
///
/// # Safety
/// `arm` comes from [`ik6_new`]; `target` has 16 numbers, `out` room for 48.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik6_solve(arm: *const ClosedForm, target: *const f64, out: *mut f64) -> usize {
    let (arm, target) = unsafe { (&*arm, pose(target)) };
    let Ok(branches) = arm.solve(&target, &[0.0; 6]) else { return 0 };
    for (k, branch) in branches.as_slice().iter().enumerate() {
        for (i, &q) in branch.q.iter().enumerate() {
            unsafe { *out.add(6 * k + i) = q };
        }
    }
    branches.as_slice().len()
}

/// [`ik6_solve`] for `count` targets, `repeats` times: the time of the solver without a binding. Gives the branches of one repeat.
///
/// # Safety
/// As for [`ik6_solve`], with `count` targets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik6_many(arm: *const ClosedForm, targets: *const f64, count: usize, repeats: usize) -> usize {
    let mut out = [0.0; 48];
    let mut branches = 0;
    for _ in 0..repeats {
        for k in 0..count {
            branches += unsafe { ik6_solve(arm, targets.add(16 * k), out.as_mut_ptr()) };
            std::hint::black_box(&out);
        }
    }
    branches / repeats.max(1)
}

/// A seven-hinge arm, or null if it has no closed form.
///
/// # Safety
/// `lines` has 42 numbers, `tip` 16, `low` and `high` 7 each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik7_new(lines: *const f64, tip: *const f64, low: *const f64, high: *const f64) -> *mut Redundant {
    let arm = unsafe { chain(7, lines, tip, low, high) }.and_then(|chain| Redundant::of(&chain).ok());
    arm.map_or(core::ptr::null_mut(), |arm| Box::into_raw(Box::new(arm)))
}

/// The first answer within the limits: writes 7 joint positions into `out` and gives 1, or 0 if there is none.
///
/// # Safety
/// `arm` comes from [`ik7_new`]; `target` has 16 numbers, `posture` and `out` 7.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik7_first(arm: *const Redundant, target: *const f64, posture: *const f64, out: *mut f64) -> usize {
    let (arm, target, posture) = unsafe { (&*arm, pose(target), numbers(posture)) };
    let Ok(branch) = arm.first(&target, &posture, 4000) else { return 0 };
    for (i, &q) in branch.q.iter().enumerate() {
        unsafe { *out.add(i) = q };
    }
    1
}

/// [`ik7_first`] for `count` targets and postures, `repeats` times. Gives the answers of one repeat.
///
/// # Safety
/// As for [`ik7_first`], with `count` of each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik7_many(
    arm: *const Redundant,
    targets: *const f64,
    postures: *const f64,
    count: usize,
    repeats: usize,
) -> usize {
    let mut out = [0.0; 7];
    let mut found = 0;
    for _ in 0..repeats {
        for k in 0..count {
            found += unsafe { ik7_first(arm, targets.add(16 * k), postures.add(7 * k), out.as_mut_ptr()) };
            std::hint::black_box(&out);
        }
    }
    found / repeats.max(1)
}

/// An arm of any number of hinges for the numerical solver.
pub struct Searching {
    search: Search,
    work: SearchWork,
    options: SearchOptions,
}

/// A chain of `n` hinges for the numerical solver, or null.
///
/// # Safety
/// `lines` has 6 n numbers, `tip` 16, `low` and `high` n each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn search_new(
    n: usize,
    lines: *const f64,
    tip: *const f64,
    low: *const f64,
    high: *const f64,
) -> *mut Searching {
    let Some(chain) = (unsafe { chain(n, lines, tip, low, high) }) else { return core::ptr::null_mut() };
    let search = Search::new(&chain);
    let work = search.work();
    Box::into_raw(Box::new(Searching { search, work, options: SearchOptions::default() }))
}

/// One answer within the limits: writes n joint positions into `out` and gives the steps taken, or −1 if there is none.
///
/// # Safety
/// `arm` comes from [`search_new`]; `target` has 16 numbers, `posture` and `out` n.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn search_solve(
    arm: *mut Searching,
    n: usize,
    target: *const f64,
    posture: *const f64,
    out: *mut f64,
) -> isize {
    let (arm, target) = unsafe { (&mut *arm, pose(target)) };
    let posture = unsafe { core::slice::from_raw_parts(posture, n) };
    let Ok(found) = arm.search.solve(&target, posture, &arm.options, &mut arm.work) else { return -1 };
    for (i, &q) in found.q.iter().enumerate() {
        unsafe { *out.add(i) = q };
    }
    found.steps as isize
}

unsafe fn numbers<const N: usize>(from: *const f64) -> [f64; N] {
    core::array::from_fn(|i| unsafe { *from.add(i) })
}

unsafe fn pose(from: *const f64) -> Pose {
    let m: [f64; 16] = unsafe { numbers(from) };
    let turn = Mat3([[m[0], m[1], m[2]], [m[4], m[5], m[6]], [m[8], m[9], m[10]]]);
    Pose::new(Vec3::new(m[3], m[7], m[11]), turn.to_quat())
}

/// The chain of a model whose bodies all stand at zero unturned, each with a hinge about its line.
unsafe fn chain(n: usize, lines: *const f64, tip: *const f64, low: *const f64, high: *const f64) -> Option<Chain> {
    let vector = |i: usize| Vec3::from_slice(&unsafe { numbers::<3>(lines.add(3 * i)) });
    let mut tip = Some(SiteSpec { name: "tip".into(), pose: unsafe { pose(tip) }, ..SiteSpec::default() });
    let mut outer: Option<BodySpec> = None;
    for i in (0..n).rev() {
        let mut body = BodySpec::new(format!("link_{i}"), Pose::new(Vec3::ZERO, Quat::IDENTITY));
        let range = Some(unsafe { [*low.add(i), *high.add(i)] });
        let (axis, position) = (vector(2 * i), vector(2 * i + 1));
        body.joints.push(JointSpec { name: format!("joint_{i}"), axis, position, range, ..JointSpec::default() });
        body.geoms.push(GeomSpec { name: format!("mass_{i}"), ..GeomSpec::new(Shape::Sphere { radius: 0.05 }) });
        body.sites.extend(tip.take());
        body.bodies.extend(outer.take());
        outer = Some(body);
    }
    let mut spec = Spec { name: "arm".into(), ..Spec::default() };
    spec.world.name = "world".into();
    spec.world.bodies.extend(outer);
    let model = spec.build().ok()?;
    Chain::new(&model, model.site_named("tip")?).ok()
}
