//! Motion programs planned, written in two makers' languages, read back by interpreters that share nothing with the writers, and planned
//! again to the same motion.

mod edge;

use edge::{apart, arm, example, planned};
use leitai_skills::offline::{MotionProgram, file, plan, rapid, read_rapid, read_urscript, urscript};

/// Exported, interpreted and planned: the same joint trajectories, to rounding (10⁻⁹ rad). `crates/proving/tests/offline.rs` runs them in the physics.
#[test]
fn exported_texts_mean_the_same_motion() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let plan = planned(&program, &arm);
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
        println!("{language}: planned joints {off:.1e} rad apart");
    }
}

/// Text → program → text is the same text (URScript), and the same program to rounding (RAPID, which writes degrees and millimeters).
#[test]
fn import_undoes_export() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let script = |program: &MotionProgram| urscript::write(program, &planned(program, &arm)).unwrap();
    let module = |program: &MotionProgram| rapid::write(program, &planned(program, &arm)).unwrap();
    // The first text has the posture of a joint move to a pose in place; read, it gets a name, and from there on nothing changes.
    let first = script(&read_urscript::read(&script(&program)).unwrap());
    let second = script(&read_urscript::read(&first).unwrap());
    assert_eq!(first, second);
    let first = module(&read_rapid::read(&module(&program)).unwrap());
    let second = module(&read_rapid::read(&first).unwrap());
    assert_eq!(first.lines().count(), second.lines().count());
    assert!(first.lines().zip(second.lines()).all(|(a, b)| close(a, b)), "{first}\n{second}");
    // And as a file of our own.
    let written = file::write(&program);
    let again = file::read(&written).unwrap();
    assert_eq!(
        (again.steps.len(), again.places.len(), again.solids.len()),
        (program.steps.len(), program.places.len(), program.solids.len())
    );
    assert!(apart(&planned(&program, &arm), &planned(&again, &arm)) < 1e-9);
}

/// True if two lines have the same words and numbers within 10⁻⁹.
fn close(a: &str, b: &str) -> bool {
    let parts = |line: &str| -> Vec<String> {
        line.split([',', '[', ']', '(', ')', ' ', ';', '=']).filter(|p| !p.is_empty()).map(str::to_string).collect()
    };
    let (a, b) = (parts(a), parts(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            _ => a == b,
        })
}

/// The same program on every six-joint arm of the catalog that reaches it, and on seven joints.
#[test]
fn a_program_is_for_any_arm() {
    let mut program = example();
    // The posture is of six joints; every arm starts and ends at its own home.
    program.steps.pop();
    let home = program.place("home").unwrap();
    assert_eq!(program.start, None);
    program.places[home].at = leitai_skills::offline::At::Pose(leitai_math::Pose::IDENTITY);
    let mut ran = 0;
    for robot in ["ur5e", "ur10e", "ur20", "kuka-iiwa14", "franka-fr3"] {
        let arm = arm(&program, robot);
        let plan = plan(&program, &arm);
        println!("{robot}: {} {:.2} s", plan.runs(), plan.duration_s());
        for finding in &plan.findings {
            println!("  {}: {}", finding.line, finding.text.en);
        }
        ran += i32::from(plan.runs());
    }
    assert!(ran >= 3, "{ran}");
}
