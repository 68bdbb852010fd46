//! Modules written as text.
#![allow(dead_code, reason = "each test file uses its own part")]

use leitai_runtime::{Breach, Limits, Module, Refusal, Sandbox};

/// The least controller, with `extra` beside it and `step` as the body of its step. Brief at 4096, observation at 1024, command at 2048.
pub fn controller(step: &str, extra: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") 2)
            (func (export "leitai_1_brief") (param i32) (result i32) i32.const 4096)
            (func (export "leitai_1_begin") (param i32 i32))
            (func (export "leitai_1_observation") (result i32) i32.const 1024)
            (func (export "leitai_1_command") (result i32) i32.const 2048)
            {extra}
            (func $step (export "leitai_1_step") (result i32) {step}))"#
    )
}

/// The same with one export's function replaced.
pub fn with(name: &str, function: &str) -> String {
    let text = controller("i32.const 0", "");
    let from = text.find(&format!("(func (export \"{name}\")")).unwrap_or_else(|| panic!("no `{name}`"));
    let end = from + text[from..].find('\n').unwrap();
    format!("{}{function}{}", &text[..from], &text[end..])
}

pub fn bytes(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

pub fn read(text: &str) -> Result<Module, Refusal> {
    Module::read(&bytes(text), LIMITS.start_fuel)
}

pub fn refusal(text: &str) -> String {
    read(text).expect_err("refused").to_string()
}

/// Starts it with small limits, three numbers in and two out.
pub fn start(text: &str) -> Result<Sandbox, Breach> {
    let module = read(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    Sandbox::start(&module, LIMITS, b"the brief", 3, 2)
}

pub const LIMITS: Limits = Limits { start_fuel: 100_000, step_fuel: 100_000, trial_fuel: 1_000_000 };

/// What the first step says.
pub fn first(text: &str) -> Result<(leitai_runtime::Said, [f64; 2]), Breach> {
    let mut command = [0.0; 2];
    start(text)?.step(&[1.0, 2.0, 3.0], &mut command).map(|said| (said, command))
}
