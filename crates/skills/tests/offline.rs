//! Readers of motion programs: what they take, and that every fault has its line, column and what to write instead.

#[path = "../../../fuzz/bodies/skills.rs"]
mod bodies;

use std::path::Path;

use leitai_skills::offline::{Action, At, Pace, TextError, file, read_rapid, read_urscript};

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/offline").join(file)).expect("the example")
}

/// A file of the example and what is done with its bytes.
type Reader = (&'static str, fn(&[u8]));

const READERS: [Reader; 3] =
    [("edge.toml", bodies::program), ("edge.script", bodies::program_urscript), ("edge.mod", bodies::program_rapid)];

/// Every prefix, and every byte changed in some ways, ends in a sound program or in one message: no panic, no hang.
#[test]
fn broken_texts_end_in_one_message() {
    for (name, body) in READERS {
        let whole = text(name);
        body(whole.as_bytes());
        for end in (0..whole.len()).step_by(3) {
            body(&whole.as_bytes()[..end]);
        }
        for at in 0..whole.len() {
            for byte in [b'[', b']', b'"', b'-', b'9', b'\n', 0, 0xff, b'('] {
                if at % 5 == usize::from(byte) % 5 {
                    let mut changed = whole.clone().into_bytes();
                    changed[at] = byte;
                    body(&changed);
                }
            }
        }
    }
}

/// Depth, length and counts are bounded: what would take a stack, a day or all memory is refused.
#[test]
fn monsters_are_refused() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(200_000), close.repeat(200_000));
    for body in READERS.map(|(_, body)| body) {
        body(deep("[", "]").as_bytes());
        body(deep("d2r(", ")").as_bytes());
        body("a".repeat(2 << 20).as_bytes());
        body("9".repeat(100_000).as_bytes());
        body("-".repeat(100_000).as_bytes());
    }
    let inside = format!("def a():\n  movej({})\nend\n", deep("d2r(", ")"));
    assert!(read_urscript::read(&inside).unwrap_err().what.contains("deeply"));
    let inside = format!("MODULE a\nCONST jointtarget j := {};\n", deep("[", "]"));
    assert!(read_rapid::read(&inside).unwrap_err().what.contains("too deep"));
    let long = format!("def a():\n{}end\n", "  sleep(1)\n".repeat(10_000));
    assert!(read_urscript::read(&long).unwrap_err().what.contains("more than"));
    let long = format!("MODULE a\nPROC main()\n{}ENDPROC\nENDMODULE", "WaitTime 1;\n".repeat(10_000));
    assert!(read_rapid::read(&long).unwrap_err().what.contains("more than"));
}

fn place(error: TextError) -> (usize, usize, String) {
    (error.line, error.column, error.what)
}

/// The fault's own line and column, and words that say what to write.
#[test]
fn faults_have_their_place() {
    let program = |steps: &str| {
        format!("[program]\nname = \"a\"\n[posture.home]\njoints_rad = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]\n[[step]]\n{steps}\n")
    };
    for (steps, word) in [
        ("move = \"joint\"\nto = \"hom\"\nspeed_share = 0.5\nacceleration_share = 0.5", "no pose or posture `hom`"),
        ("move = \"joint\"\nto = \"home\"\nspeed_share = 1.5\nacceleration_share = 0.5", "at most 1"),
        ("move = \"line\"\nto = \"home\"\nspeed_m_s = 0.1", "acceleration_m_s2"),
        ("move = \"line\"\nto = \"home\"\nspeed_m_s = nan\nacceleration_m_s2 = 1.0", "above 0"),
        ("move = \"fly\"", "\"joint\", \"line\" or \"circle\""),
        ("wait_s = -1.0", "0 to 3600"),
        ("output = 1", "on = true"),
    ] {
        let (line, _, what) = place(file::read(&program(steps)).unwrap_err());
        assert!(line >= 5 && what.contains(word), "{steps}: {line}: {what}");
    }
    let (line, _, what) = place(file::read(&program("wait = 1.0")).unwrap_err());
    assert!(line == 6 && what.contains("unknown field"), "{line}: {what}");
    let script = |body: &str| format!("def a():\n  q = [0, 0, 0, 0, 0, 0]\n  {body}\nend\n");
    for (body, column, word) in [
        ("movep(q)", 3, "`movep` does not occur"),
        ("movej(q, t=2)", 12, "a time instead"),
        ("movej(q, r=0.1)", 12, "a blend after movej"),
        ("movej(q, x=1)", 12, "no such argument"),
        ("movej(home)", 9, "`home` has no value"),
        ("movel(q)", 9, "goes to a pose"),
        ("while True:", 3, "`while` does not occur"),
        ("sleep(1) sleep(2)", 12, "the line should end here"),
        ("sleep(1);", 11, "`;` does not occur"),
    ] {
        let (line, at, what) = place(read_urscript::read(&script(body)).unwrap_err());
        assert!(line == 3 && what.contains(word), "{body}: {line}:{at}: {what}");
        assert_eq!(at, column, "{body}: {what}");
    }
    let module = |body: &str| {
        format!(
            "MODULE a\nCONST jointtarget j := [[0,0,0,0,0,0],[9E9,9E9,9E9,9E9,9E9,9E9]];\nPROC main()\n{body}\nENDPROC\nENDMODULE\n"
        )
    };
    for (body, word) in [
        ("MoveJ j, v100, fine, tool0;", "`movej` does not occur"),
        ("MoveAbsJ j, v100, fine, tool0;", "`VMAX` is expected"),
        ("MoveAbsJ k, vmax, fine, tool0;", "`k` is not declared"),
        ("MoveL j, v100, fine, tool0;", "not of the type"),
        ("VelSet 0, 5000;", "a percentage above 0"),
        ("AccSet 10, 100;", "20 % or more"),
        ("PathAccLim TRUE \\AccMax:=1, TRUE \\DecelMax:=2;", "alike"),
        ("WaitTime 1", "`;` is expected"),
        ("SetDO lamp, 1;", "do_0 to do_1023"),
    ] {
        let (line, _, what) = place(read_rapid::read(&module(body)).unwrap_err());
        assert!((4..=5).contains(&line) && what.contains(word), "{body}: {line}: {what}");
    }
}

/// Defaults are the manual's: joint moves 1.4 rad/s² and 1.05 rad/s, lines 1.2 m/s² and 0.25 m/s; poses are half a turn about z away.
#[test]
fn urscript_means_what_its_manual_says() {
    let program = read_urscript::read(
        "def a():\n  # a comment\n  q_up = [0, d2r(-90), 1.5, 0, -d2r(90), 0]\n  movej(q_up)\n  movel(p[-0.4, -0.1, 0.3, 0, 3.14159265358979, 0])\n  movel(get_forward_kin(q_up), 0.5, 0.1, r=0.02)\n  set_standard_digital_out(3, True)\nend\n",
    )
    .unwrap();
    let [joint, line, back, output] = &program.steps[..] else { panic!("four steps") };
    assert!(matches!(joint.action, Action::Joint { pace: Pace::Leading { speed_rad_s, acceleration_rad_s2 }, .. }
        if speed_rad_s == 1.05 && acceleration_rad_s2 == 1.4));
    let Action::Line { to, pace } = line.action else { panic!("a line") };
    assert!(pace.speed_m_s == 0.25 && pace.acceleration_m_s2 == 1.2 && pace.blend_m == 0.0);
    let At::Pose(pose) = program.places[to].at else { panic!("a pose") };
    assert!((pose.position - leitai_math::Vec3::new(0.4, 0.1, 0.3)).norm() < 1e-12, "{pose:?}");
    assert!(matches!(back.action, Action::Line { pace, .. } if pace.blend_m == 0.02 && pace.speed_m_s == 0.1));
    assert!(matches!(output.action, Action::Output { number: 3, on: true }));
    assert_eq!(program.places[0].name, "up");
    assert!(matches!(&program.places[0].at, At::Posture(q) if (q[1] + std::f64::consts::FRAC_PI_2).abs() < 1e-15));
}

/// Predefined speeds and zones, any case of letters, VelSet on lines too.
#[test]
fn rapid_means_what_its_manual_says() {
    let program = read_rapid::read(
        "module A\nconst robtarget P1:=[[400,0,300],[0,1,0,0],[0,0,0,0],[9E9,9E9,9E9,9E9,9E9,9E9]];\nproc MAIN()\nconfl\\off;\nPathAccLim TRUE\\AccMax:=1.5,TRUE\\DecelMax:=1.5;\nVelSet 50,5000;\nMoveL p1,v200,z10,tool0\\WObj:=wobj0; ! on\nSetDO do_2,0;\nendproc\nendmodule",
    )
    .unwrap();
    let Action::Line { to, pace } = program.steps[0].action else { panic!("a line") };
    assert!((pace.speed_m_s - 0.1).abs() < 1e-15 && pace.acceleration_m_s2 == 1.5 && (pace.blend_m - 0.01).abs() < 1e-15);
    let At::Pose(pose) = program.places[to].at else { panic!("a pose") };
    assert!((pose.position.x - 0.4).abs() < 1e-15 && pose.rotation.x == 1.0);
    assert_eq!((program.name.as_str(), program.places[to].name.as_str()), ("a", "p1"));
    assert!(matches!(program.steps[1].action, Action::Output { number: 2, on: false }));
}
