//! A controller by a stranger: its manifest, and a module around whatever its step does.
#![allow(dead_code, reason = "each test file uses its own part of this")]

/// Its manifest.
pub const MANIFEST: &str = r#"
[solution]
id = "stranger"
name = { zh = "外来控制器", en = "A stranger's controller" }
kind = "controller"
scenarios = ["con-block-palletizing"]
tool_class = "gripper"
version = "1"

[controller]
module = "controller.wasm"
goal = "layer"
observes = ["time_s", "q", "v", "tool", "pieces", "sites"]
commands = ["tau", "tool"]
step_fuel = 200_000
"#;

/// Joints of the observation begin here, and the command here.
pub const OBSERVATION: u32 = 1024;
pub const COMMAND: u32 = 16_384;

/// A module whose step is `step`, with room for a brief of a few hundred kilobytes.
pub fn module(step: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") 16)
            (func (export "leitai_1_brief") (param i32) (result i32) i32.const 65536)
            (func (export "leitai_1_begin") (param i32 i32))
            (func (export "leitai_1_observation") (result i32) i32.const {OBSERVATION})
            (func (export "leitai_1_command") (result i32) i32.const {COMMAND})
            (func $deep (call $deep))
            (func (export "leitai_1_step") (result i32) {step}))"#
    )
}
