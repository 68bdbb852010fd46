//! Inverse kinematics behind a C interface, called by `bench/motion/ik.py` as its peers are called.
//!
//! Arms are lines and limits; targets are 4×4 matrices, row by row. Pointers come from the script beside this crate, which keeps
//! their lengths; nothing here is for other callers.

use leitai_control::closed_form::{ClosedForm, Redundant, Screws};
use leitai_math::{Mat3, Pose, Vec3};

/// A six-hinge arm, or null if it has no closed form. `lines` holds for each joint an axis and a point; `tip` a 4×4 matrix.
///
/// # Safety
/// `lines` has 36 numbers, `tip` 16, `low` and `high` 6 each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ik6_new(lines: *const f64, tip: *const f64, low: *const f64, high: *const f64) -> *mut ClosedForm {
    let arm = unsafe { screws::<6>(lines, tip, low, high) }.and_then(|s| ClosedForm::new(s).ok());
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
    let arm = unsafe { screws::<7>(lines, tip, low, high) }.and_then(|s| Redundant::new(s).ok());
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

unsafe fn numbers<const N: usize>(from: *const f64) -> [f64; N] {
    core::array::from_fn(|i| unsafe { *from.add(i) })
}

unsafe fn pose(from: *const f64) -> Pose {
    let m: [f64; 16] = unsafe { numbers(from) };
    let turn = Mat3([[m[0], m[1], m[2]], [m[4], m[5], m[6]], [m[8], m[9], m[10]]]);
    Pose::new(Vec3::new(m[3], m[7], m[11]), turn.to_quat())
}

unsafe fn screws<const N: usize>(lines: *const f64, tip: *const f64, low: *const f64, high: *const f64) -> Option<Screws<N>> {
    let vector = |i: usize| Vec3::from_slice(&unsafe { numbers::<3>(lines.add(3 * i)) });
    let axis = core::array::from_fn(|i| vector(2 * i));
    let point = core::array::from_fn(|i| vector(2 * i + 1));
    unsafe { Screws::new(axis, point, pose(tip), numbers(low), numbers(high)) }.ok()
}
