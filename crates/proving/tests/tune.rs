//! Servo loops tuned against the parts of a robot: what is found agrees with the parts, and what is chosen is better and safe.

use leitai_proving::packages::Machine;
use leitai_proving::tune::{self, Tuned};

#[path = "catalog/files.rs"]
mod files;
use files::catalog;

fn tuned(id: &str) -> Vec<Tuned> {
    let machine = Machine::read(&catalog(), id).expect("a robot");
    let trains = if machine.trains.is_empty() { tune::assumed(&catalog(), &machine.robot) } else { machine.trains.clone() };
    tune::tune(&machine.robot, &machine.model, &trains).unwrap_or_else(|error| panic!("{id}: {error}"))
}

/// Closed form: ω_a = √(K/M) and J = J_m + M/N², with K between the first and the last slope of the sheet, hysteresis among them.
#[test]
fn a_joint_is_found_as_its_parts_are() {
    let machine = Machine::read(&catalog(), "generic-cobot-6").expect("a robot");
    for (t, train) in tuned("generic-cobot-6").iter().zip(&machine.trains) {
        let r = &train.reducer;
        let locked = |stiffness: f64| (stiffness / t.link.inertia_kg_m2).sqrt() / std::f64::consts::TAU;
        let soft = locked(r.stiffness_1_nm_rad.value);
        let hard = locked(r.stiffness_3_nm_rad.value + r.stiffness_1_nm_rad.value);
        println!(
            "{} locked {:.1} in {soft:.1}..{hard:.1}, all {:.2e}, rotor {:.2e}, {:?}, was {:.4} now {:.4} heavy {:?}",
            t.joint,
            t.found.locked_hz,
            t.found.all_kg_m2,
            t.found.rotor_kg_m2,
            t.gains,
            t.steps[0].itae_s2,
            t.steps[1].itae_s2,
            t.steps[2].overshoot
        );
        if t.found.locked_hz > 1000.0 {
            // The last link has next to no inertia beside its rotor: it shows no mode below 500 Hz, and has none.
            assert!(soft > 500.0, "{}", t.joint);
            continue;
        }
        assert!((0.9 * soft..1.1 * hard).contains(&t.found.locked_hz), "{}: {} Hz", t.joint, t.found.locked_hz);
        let rotor = train.motor.rotor_inertia_kg_m2.value + r.input_inertia_kg_m2.value;
        let all = rotor + t.link.inertia_kg_m2 / r.ratio.value.powi(2);
        assert!((t.found.all_kg_m2 / all - 1.0).abs() < 0.15, "{}: {} against {all}", t.joint, t.found.all_kg_m2);
        assert!((t.found.rotor_kg_m2 / rotor - 1.0).abs() < 0.15, "{}: {} against {rotor}", t.joint, t.found.rotor_kg_m2);
    }
}

/// The bars: under ten seconds of motion and one turn, margins of 6 dB, 45° and 8 dB, swifter than as delivered, at rest at three times
/// the payload. A joint of assumed parts that no gains suit stays as it was delivered, and says so.
#[test]
fn tuned_loops_are_swifter_and_safe() {
    let (own, assumed) = (tuned("generic-cobot-6"), tuned("ur10e"));
    assert!(own.iter().all(|t| !t.kept));
    for t in own.iter().chain(assumed.iter().filter(|t| !t.kept)) {
        assert!(t.motion_s < 10.0 && t.way_rad < std::f64::consts::TAU, "{}: {} s, {} rad", t.joint, t.motion_s, t.way_rad);
        assert!(t.margins[1].suffice(), "{}: {:?}", t.joint, t.margins[1]);
        assert!(t.steps[1].itae_s2 < t.steps[0].itae_s2, "{}: {} then {}", t.joint, t.steps[0].itae_s2, t.steps[1].itae_s2);
        assert!(t.safe && t.steps[1].calm, "{}: {:?}", t.joint, t.steps[2].overshoot);
    }
}
