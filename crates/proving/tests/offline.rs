//! Motion programs end to end: planned, run in the physics, written in two makers' languages, read back by interpreters that share
//! nothing with the writers, and run again to the same motion.

#[path = "../../skills/tests/edge/mod.rs"]
mod edge;

use edge::{apart, arm, example, planned};
use leitai_proving::rehearsal::rehearse;
use leitai_skills::offline::{rapid, read_rapid, read_urscript, urscript};

/// The arm follows its plan in the physics.
#[test]
fn the_example_runs_in_the_physics() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let plan = planned(&program, &arm);
    let run = rehearse(&arm, &plan).unwrap();
    println!(
        "{:.2} s; tool off its plan {:.2e} m at most, {:.2e} m rms, {:.2e} m at the end",
        run.duration_s, run.tool_error_m, run.tool_error_rms_m, run.end_error_m
    );
    println!("joints {:?}; torque {:?}", run.joint_error_rad, run.torque_share);
    assert!(run.tool_error_m < 1e-3 && run.end_error_m < 1e-5);
    assert!(run.torque_share.iter().all(|share| *share < 0.9));
}

/// Exported, interpreted, planned and run: the same joint trajectories, to rounding (10⁻⁹ rad planned, 10⁻⁹ rad in the physics).
#[test]
fn exported_texts_run_to_the_same_motion() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let plan = planned(&program, &arm);
    let run = rehearse(&arm, &plan).unwrap();
    let texts = [
        ("urscript", read_urscript::read(&urscript::write(&program, &plan).unwrap())),
        ("rapid", read_rapid::read(&rapid::write(&program, &plan).unwrap())),
    ];
    for (language, read) in texts {
        let read = read.unwrap_or_else(|error| panic!("{language}: {error}"));
        assert_eq!(read.steps.len(), program.steps.len(), "{language}");
        let again = self::arm(&read, "ur5e");
        let other = planned(&read, &again);
        let off = apart(&plan, &other);
        assert!(
            (plan.duration_s() - other.duration_s()).abs() < 1e-9,
            "{language}: {} {}",
            plan.duration_s(),
            other.duration_s()
        );
        assert!(off < 1e-9, "{language}: {off}");
        let other = rehearse(&again, &other).unwrap();
        let ran =
            run.motion.iter().flatten().zip(other.motion.iter().flatten()).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
        println!("{language}: planned joints {off:.1e} rad apart, in the physics {ran:.1e} rad");
        assert!(ran < 1e-9 && run.motion.len() == other.motion.len(), "{language}: {ran}");
    }
}
