//! `[controller]` of a solution: what is read, what is refused, and where the message points.

use leitai_model::channel::{Asked, Seen};
use leitai_package::manifest::{Fuel, SolutionManifest};

const GOOD: &str = r#"[solution]
id = "mine"
name = { zh = "我的控制器", en = "My controller" }
kind = "controller"
scenarios = ["con-block-palletizing"]
tool_class = "gripper"
version = "1"

[controller]
module = "controller.wasm"
goal = "layer"
observes = ["q", "time_s", "pieces"]
commands = ["tau", "tool"]
step_fuel = 2_000_000
"#;

#[test]
fn a_controller_is_read_in_the_order_of_its_arrays() {
    let manifest = SolutionManifest::parse("x.toml", GOOD).expect("a good one");
    let controller = manifest.controller().expect("a controller");
    assert_eq!(controller.observes, [Seen::Q, Seen::Time, Seen::Pieces]);
    assert_eq!(controller.commands, [Asked::Tau, Asked::Tool]);
    assert_eq!(controller.fuel, Fuel { step_fuel: 2_000_000, ..Fuel::DEFAULT });
    assert_eq!((manifest.goal(), manifest.program()), ("layer", None));
    let content = serde_json::to_string(&manifest).expect("serializes");
    assert!(
        content.contains(r#""controller":{"module":"controller.wasm","goal":"layer","observes":["q","time_s","pieces"]"#),
        "{content}"
    );
}

#[test]
fn faults_say_where_and_what() {
    let cases = [
        (
            GOOD.replace("controller.wasm", "../controller.wasm"),
            10,
            "`../controller.wasm` is not the name of a file beside this one",
        ),
        (
            GOOD.replace("controller.wasm", "controller.so"),
            10,
            "`controller.so` is not the name of a WebAssembly module; it ends in .wasm",
        ),
        (GOOD.replace("\"pieces\"", "\"piece\""), 12, "no channel `piece`; the nearest name is `pieces`"),
        (GOOD.replace("\"pieces\"", "\"q\""), 12, "`q` is in `controller.observes` twice"),
        (GOOD.replace("[\"tau\", \"tool\"]", "[]"), 13, "no channel; a controller without any does nothing"),
        (GOOD.replace("2_000_000", "0"), 14, "`step_fuel` is 0; it must be a whole number from 1 to 20000000000"),
        (
            GOOD.replace("step_fuel = 2_000_000", "trial_fuel = 100_000_000_001"),
            14,
            "`trial_fuel` is 100000000001; it must be a whole number from 1 to 100000000000",
        ),
        (GOOD.replace("step_fuel", "step_fule"), 14, "no field `step_fule` here; the nearest name is `step_fuel`"),
        (
            GOOD.replace("kind = \"controller\"", "kind = \"task_program\""),
            4,
            "a `task_program` has a [program] and no [controller]",
        ),
        (GOOD[..GOOD.find("[controller]").expect("there")].to_string(), 4, "a `controller` has a [controller] and no [program]"),
        (GOOD.replace("goal = \"layer\"\n", ""), 9, "missing field `goal`"),
    ];
    for (text, line, what) in cases {
        let error = SolutionManifest::parse("x.toml", &text).expect_err(what);
        assert!(error.line == line && error.what.starts_with(what), "{error} is not line {line}: {what}");
    }
}
