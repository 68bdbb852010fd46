//! What is done with a stranger's motion programs: our own files and texts in makers' languages. Shared by the fuzzers and by the tests that
//! replay what they found. Each body panics on what must never happen.
#![allow(dead_code, reason = "each target uses its own part of this")]

use leitai_skills::offline::{Action, At, MOST, MotionProgram, TextError, file, is_name, read_rapid, read_urscript};

pub fn program(data: &[u8]) {
    accepted(data, file::read);
}

pub fn program_urscript(data: &[u8]) {
    accepted(data, read_urscript::read);
}

pub fn program_rapid(data: &[u8]) {
    accepted(data, read_rapid::read);
}

/// Refused with a message and a place, or a program that is sound and survives being written and read.
fn accepted(data: &[u8], read: fn(&str) -> Result<MotionProgram, TextError>) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let program = match read(text) {
        Ok(program) => program,
        Err(error) => {
            assert!(error.line > 0 && error.column > 0, "no place: {error}");
            assert!(!error.what.is_empty() && error.what.len() < 2000, "message of {} bytes", error.what.len());
            return;
        }
    };
    sound(&program);
    let written = file::write(&program);
    let again = file::read(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again.steps.len(), program.steps.len());
    assert_eq!(again.places.len(), program.places.len());
}

fn sound(program: &MotionProgram) {
    assert!(is_name(&program.name) && program.steps.len() <= MOST + 1);
    for place in &program.places {
        assert!(is_name(&place.name), "{}", place.name);
        match &place.at {
            At::Posture(q) => assert!(q.iter().all(|x| x.is_finite())),
            At::Pose(pose) => {
                assert!(pose.position.is_finite() && pose.rotation.to_array().iter().all(|x| x.is_finite()));
            }
        }
    }
    let there = |k: usize| assert!(k < program.places.len());
    for step in &program.steps {
        match step.action {
            Action::Joint { to, .. } | Action::Line { to, .. } => there(to),
            Action::Circle { via, to, .. } => {
                there(via);
                there(to);
            }
            Action::Output { .. } | Action::Wait { .. } => {}
        }
    }
}
