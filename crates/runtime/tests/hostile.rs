//! Whatever a module does, it ends as a refusal or as the breach of its one trial, with words that say which.

mod common;

use std::time::{Duration, Instant};

use common::{LIMITS, bytes, controller, first, read, refusal, start, with};
use leitai_runtime::{Module, Refusal, Said, Sandbox};

/// Runs what must be quick however hostile its input is.
fn quickly<T>(what: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = what();
    // Generous: other tests run beside this one, and a debug build of the machine is slow.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    result
}

fn breach(text: &str) -> String {
    quickly(|| first(text)).expect_err("a breach").to_string()
}

#[test]
fn an_honest_module_reads_and_commands() {
    let add = "(f64.store (i32.const 2048) (f64.add (f64.load (i32.const 1024)) (f64.load (i32.const 1032))))
               (f64.store (i32.const 2056) (f64.load (i32.const 1040))) i32.const 0";
    assert_eq!(first(&controller(add, "")), Ok((Said::GoOn, [3.0, 3.0])));
    assert_eq!(first(&controller("i32.const 1", "")).unwrap().0, Said::Finished);
    assert_eq!(first(&controller("i32.const 2", "")).unwrap().0, Said::GaveUp);
}

/// The brief stands in memory, and `begin` is told the lengths.
#[test]
fn the_brief_and_the_lengths_arrive() {
    let text = controller(
        "(f64.store (i32.const 2048) (f64.convert_i32_u (i32.load8_u (i32.const 4100))))
         (f64.store (i32.const 2056) (f64.convert_i32_u (i32.load (i32.const 64)))) i32.const 0",
        "",
    );
    let text =
        text.replace("(param i32 i32))", "(param i32 i32) (i32.store (i32.const 64) (i32.add (local.get 0) (local.get 1))))");
    assert_eq!(first(&text), Ok((Said::GoOn, [f64::from(b'b'), 5.0])));
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let endless = "(loop (br 0)) i32.const 0";
    assert_eq!(breach(&controller(endless, "")), "the controller used up the fuel of one step, 100000 units");
    let begin = with("leitai_1_begin", r#"(func (export "leitai_1_begin") (param i32 i32) (loop (br 0)))"#);
    assert_eq!(breach(&begin), "the controller used up the fuel of its start, 100000 units");
    // A start function depends on nothing but the module, so it is refused before any trial.
    let start = controller("i32.const 0", "(func $s (loop (br 0))) (start $s)");
    let said = quickly(|| refusal(&start));
    assert_eq!(said, "the module cannot be started: the controller used up the fuel of its start, 100000 units");
}

#[test]
fn the_whole_trial_has_its_fuel_too() {
    let busy = "(local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 9000)))) i32.const 0";
    let mut sandbox = start(&controller(busy, "")).unwrap();
    let mut steps = 0;
    let end = loop {
        match sandbox.step(&[0.0; 3], &mut [0.0; 2]) {
            Ok(_) => steps += 1,
            Err(breach) => break breach.to_string(),
        }
    };
    assert_eq!(end, "the controller used up the fuel of the whole trial, 1000000 units");
    assert!(steps > 5, "{steps}");
    // The last block of instructions is not begun when there is no fuel for all of it.
    assert!((LIMITS.trial_fuel - 10..=LIMITS.trial_fuel).contains(&sandbox.fuel_used()), "{}", sandbox.fuel_used());
}

#[test]
fn recursion_ends() {
    let deep = controller("(call $down) i32.const 0", "(func $down (call $down))");
    assert_eq!(breach(&deep), "the controller called functions more than 1000 deep or filled its stack");
}

#[test]
fn traps_are_told_apart() {
    assert_eq!(
        breach(&controller("unreachable", "")),
        "the controller stopped itself (`unreachable`): an assertion failed in it"
    );
    let cases = [
        ("(i32.load (i32.const 131072))", "out of bounds memory access"),
        ("(f64.store (i32.const -8) (f64.const 1)) i32.const 0", "out of bounds memory access"),
        ("(i32.div_s (i32.const 1) (i32.const 0))", "integer divide by zero"),
        ("(i32.trunc_f64_s (f64.const 1e300))", "integer overflow"),
        ("(i32.trunc_f64_s (f64.const nan))", "invalid conversion to integer"),
    ];
    for (step, trap) in cases {
        assert_eq!(breach(&controller(step, "")), format!("the controller broke down: {trap}"));
    }
}

#[test]
fn an_answer_has_a_meaning() {
    let said = breach(&controller("i32.const 7", ""));
    assert_eq!(said, "the controller answered a step with 7; it must be 0 (go on), 1 (finished) or 2 (gave up)");
}

#[test]
fn arrays_outside_memory_are_told() {
    for (name, what, size) in [
        ("leitai_1_observation", "observation array", 24),
        ("leitai_1_command", "command array", 16),
        ("leitai_1_brief", "brief", 9),
    ] {
        let parameter = if what == "brief" { "(param i32)" } else { "" };
        for address in [131_072 - size + 1, 131_072, -8] {
            let text = with(name, &format!("(func (export \"{name}\") {parameter} (result i32) i32.const {address})"));
            let said = start(&text).err().expect("outside").to_string();
            let wanted = format!(
                "the controller's {what} of {size} bytes at address {} is not inside its memory of 131072 bytes",
                address as u32
            );
            assert_eq!(said, wanted);
        }
        let last = with(name, &format!("(func (export \"{name}\") {parameter} (result i32) i32.const {})", 131_072 - size));
        assert!(start(&last).is_ok(), "the last {what} that fits");
    }
}

/// The memory grows to its limit and no further; asking for more answers −1, as WebAssembly says.
#[test]
fn a_memory_bomb_gets_64_mib() {
    let grow = "(local i32)
        (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (f64.store (i32.const 2048) (f64.convert_i32_u (memory.size)))
        (f64.store (i32.const 2056) (f64.convert_i32_s (memory.grow (i32.const 60000)))) i32.const 0";
    let module = read(&controller(grow, "")).unwrap();
    let limits = leitai_runtime::Limits { step_fuel: 100_000_000, trial_fuel: 200_000_000, ..LIMITS };
    let mut command = [0.0; 2];
    let mut sandbox = Sandbox::start(&module, limits, b"", 3, 2).unwrap();
    assert_eq!(quickly(|| sandbox.step(&[0.0; 3], &mut command)), Ok(Said::GoOn));
    assert_eq!(command, [1024.0, -1.0]);
    // Filling it again and again is paid by the byte.
    let fill = "(drop (memory.grow (i32.const 1000))) (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000000)) (br 0)) i32.const 0";
    assert_eq!(breach(&controller(fill, "")), "the controller used up the fuel of one step, 100000 units");
}

#[test]
fn a_call_pays_for_the_locals_that_it_clears() {
    let many = "(local i64) ".repeat(1000);
    let text = controller("(loop (call $wide) (br 0)) i32.const 0", &format!("(func $wide {many})"));
    assert!(breach(&text).contains("fuel of one step"));
    let more = controller("i32.const 0", &format!("(func $wide {many} (local i64))"));
    assert_eq!(refusal(&more), "the module has 1001 local variables in one function; the limit is 1000");
    // Fifty thousand in three bytes.
    let group = format!("(func $wide {})", "(local i64) ".repeat(50_000));
    assert!(refusal(&controller("i32.const 0", &group)).starts_with("the module has 50000 local variables"));
}

#[test]
fn whatever_is_imported_is_refused() {
    let kinds = [
        (r#"(import "env" "now" (func))"#, "function `env.now`"),
        (r#"(import "leitai" "true_pose" (func (result f64)))"#, "function `leitai.true_pose`"),
        (
            r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
            "function `wasi_snapshot_preview1.fd_write`",
        ),
        (r#"(import "env" "memory" (memory 1))"#, "memory `env.memory`"),
        (r#"(import "env" "table" (table 1 funcref))"#, "table `env.table`"),
        (r#"(import "env" "base" (global i32))"#, "global `env.base`"),
    ];
    for (import, what) in kinds {
        let text = controller("i32.const 0", "").replacen("(module", &format!("(module {import}"), 1);
        let wanted = format!("the module imports the {what}, but a controller may import nothing: leave out what needs it");
        assert_eq!(refusal(&text), wanted);
    }
}

#[test]
fn what_is_no_module_is_refused() {
    let message = |bytes: &[u8]| quickly(|| Module::read(bytes, LIMITS.start_fuel)).expect_err("refused").to_string();
    assert!(message(b"").starts_with("the module is not a valid WebAssembly module: "), "{}", message(b""));
    assert!(message(b"\x7fELF").starts_with("the module is not a valid WebAssembly module: "));
    let text = controller("i32.const 0", "");
    assert_eq!(
        message(text.as_bytes()),
        "the module is WebAssembly text; turn it into the binary form, for example with `wat2wasm`"
    );
    assert!(message(b"\0asm\x0d\0\x01\0").starts_with("the module is a WebAssembly component"));
    // Without the section of names, which may be left out.
    let whole = bytes(&text.replace("$step", ""));
    // Every prefix, and every byte turned over: refused or run, never a panic.
    for end in 0..whole.len() {
        assert!(Module::read(&whole[..end], LIMITS.start_fuel).is_err(), "the first {end} bytes");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xFF;
        if let Ok(module) = Module::read(&damaged, LIMITS.start_fuel)
            && let Ok(mut sandbox) = Sandbox::start(&module, LIMITS, b"brief", 3, 2)
        {
            let _ = sandbox.step(&[0.0; 3], &mut [0.0; 2]);
        }
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let module = |extra: &str| controller("i32.const 0", extra);
    let cases = [
        (module("(table 10001 funcref)"), "the module has 10001 table elements; the limit is 10000"),
        (module(&"(table 1 funcref)".repeat(5)), "the module has 5 tables; the limit is 4"),
        (
            module("").replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 1025)"),
            "the module has 1025 pages of memory; the limit is 1024",
        ),
        (
            module("(func (result i32 i32 i32 i32 i32) unreachable)"),
            "the module has 5 results of one function or block; the limit is 4",
        ),
        (
            module(&format!("(func (param {}))", "i32 ".repeat(65))),
            "the module has 65 parameters of one function or block; the limit is 64",
        ),
        (module("(memory 1)"), "the module has 2 memories; the limit is 1"),
        (module(&"(global i32 (i32.const 0))".repeat(1001)), "the module has 1001 globals; the limit is 1000"),
        (module(&"(data (i32.const 0) \"\")".repeat(10_001)), "the module has 10001 data segments; the limit is 10000"),
        (module(&"(func)".repeat(10_001)), "the module has 10006 functions; the limit is 10000"),
        (
            module(&format!("(func {})", "nop ".repeat(300_000))),
            "the module has 300002 bytes in one function; the limit is 262144",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(quickly(|| refusal(&text)), wanted);
    }
    let large = module(&format!("(data (i32.const 0) \"{}\")", "x".repeat(100)));
    let mut large = bytes(&large);
    // A custom section of two megabytes, which says nothing.
    large.extend([0, 0x84, 0x80, 0x80, 0x01, 0]);
    large.resize(large.len() + (2 << 20) + 3, 0);
    let said = Module::read(&large, LIMITS.start_fuel).expect_err("too large");
    assert_eq!(said, Refusal::TooLarge { bytes: large.len() });
    assert!(said.to_string().contains("the limit is 2097152: build it with opt-level"));
}

/// Translation holds no more memory and takes no more time than a module of the largest size may.
#[test]
fn the_largest_modules_are_translated_quickly() {
    let nested = |n: usize| format!("(func {} {})", "block ".repeat(n), "end ".repeat(n));
    let table = |n: usize| {
        format!(
            "(func (param i32) (block (result i32 i32 i32 i32) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (br_table {} 0 (local.get 0))) drop drop drop drop)",
            "0 ".repeat(n)
        )
    };
    let adds = |n: usize| format!("(func (param f64) (result f64) (local.get 0) {})", "(local.get 0) f64.add ".repeat(n));
    for (what, function, times) in
        [("nested blocks", nested(85_000), 8), ("branch tables", table(65_000), 31), ("sums", adds(85_000), 8)]
    {
        let text = controller("i32.const 0", &function.repeat(times));
        let bytes = bytes(&text);
        assert!(bytes.len() > 1_900_000 && bytes.len() <= 2 << 20, "{what}: {} bytes", bytes.len());
        let began = Instant::now();
        let read = Module::read(&bytes, LIMITS.start_fuel);
        assert!(read.is_ok(), "{what}: {:?}", read.err());
        assert!(began.elapsed() < Duration::from_secs(5), "{what}: {:?}", began.elapsed());
    }
}

/// Data and elements are laid into memory and table when the module is opened, so what does not fit is refused there.
#[test]
fn segments_that_do_not_fit_are_refused() {
    let data = controller("i32.const 0", "(data (i32.const 131070) \"four\")");
    assert_eq!(refusal(&data), "the module cannot be started: the controller broke down: out of bounds memory access");
    let elements = controller("i32.const 0", "(table 1 funcref) (func $f) (elem (i32.const 1) $f)");
    assert!(
        refusal(&elements).starts_with("the module cannot be started: the controller broke down: "),
        "{}",
        refusal(&elements)
    );
    let trap = controller("i32.const 0", "(func $s unreachable) (start $s)");
    assert!(refusal(&trap).contains("stopped itself"));
}

#[test]
fn what_is_missing_or_of_another_type_is_named() {
    for (name, kind) in [
        ("leitai_1_brief", "function"),
        ("leitai_1_begin", "function"),
        ("leitai_1_observation", "function"),
        ("leitai_1_command", "function"),
        ("leitai_1_step", "function"),
        ("memory", "memory"),
    ] {
        let text = controller("i32.const 0", "").replace(&format!("(export \"{name}\")"), "");
        let said = refusal(&text);
        assert!(said.starts_with(&format!("the module does not export `{name}`, a {kind}; ")), "{said}");
    }
    let float = with("leitai_1_command", r#"(func (export "leitai_1_command") (result f64) f64.const 0)"#);
    assert_eq!(refusal(&float), "the module exports `leitai_1_command`, but not as () -> i32");
    let global = with("leitai_1_brief", r#"(global (export "leitai_1_brief") i32 (i32.const 0))"#);
    assert_eq!(refusal(&global), "the module exports `leitai_1_brief`, but not as (i32) -> i32");
    assert!(refusal("(module)").starts_with("the module does not export `memory`"));
}

/// What is not in the plain language has other bits on other machines, or other costs: it does not validate.
#[test]
fn later_features_are_refused() {
    let cases = [
        ("v128", controller("(drop (v128.const i64x2 0 0)) i32.const 0", "")),
        ("shared memory", controller("i32.const 0", "").replace("\"memory\") 2", "\"memory\") 2 2 shared")),
        ("64-bit memory", controller("i32.const 0", "").replace("\"memory\") 2", "\"memory\") i64 2")),
        ("tail calls", controller("return_call $other", "(func $other (result i32) i32.const 0)")),
        ("exceptions", controller("i32.const 0", "(tag)")),
    ];
    for (what, text) in cases {
        let said = refusal(&text);
        assert!(said.starts_with("the module is not a valid WebAssembly module: "), "{what}: {said}");
    }
}
