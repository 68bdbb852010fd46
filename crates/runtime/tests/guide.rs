//! The module of docs/guides/write-a-controller.md, as it stands there.

mod common;

use common::{LIMITS, read};
use leitai_runtime::{Said, Sandbox};

#[test]
fn the_guides_module_runs_as_written() {
    let page = include_str!("../../../docs/guides/write-a-controller.md");
    let text = page.split("```wat\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of text form");
    let module = read(text).expect("a controller");
    let mut sandbox = Sandbox::start(&module, LIMITS, b"{}", 6, 6).expect("starts");
    let mut command = [9.0; 6];
    let said = sandbox.step(&[0.5, -0.25, 1.0, 0.0, 2.0, -1.0], &mut command);
    assert_eq!((said, command), (Ok(Said::GoOn), [-50.0, 25.0, -100.0, 0.0, -200.0, 100.0]));
}
