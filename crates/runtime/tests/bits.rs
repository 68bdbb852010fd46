//! A controller may look at bits; they are the same everywhere.

mod common;

use common::{LIMITS, controller, first, read};
use leitai_model::channel::{Asked, Seen};
use leitai_model::{Command, Observation};
use leitai_runtime::{Interface, SANDBOX, Sandbox};

/// Sign and payload of 0/0 are the processor's: x86 gives 0xFFF8…, ARM 0x7FF8…. Here they are WebAssembly's deterministic profile's,
/// for every operation that can make a NaN, whether it is computed or folded beforehand.
#[test]
fn every_nan_has_the_bits_of_the_standard() {
    let zero = "(f64.load (i32.const 1024))";
    let nan = "(f64.reinterpret_i64 (i64.const 0xfffc000000000123))";
    let single = "(f32.reinterpret_i32 (i32.const 0xffc00123))";
    let operations = [
        format!("(f64.div {zero} {zero})"),
        "(f64.div (f64.const 0) (f64.const 0))".to_string(),
        "(f64.sqrt (f64.const -1))".to_string(),
        format!("(f64.add {nan} {zero})"),
        format!("(f64.sub {zero} {nan})"),
        format!("(f64.mul {nan} {nan})"),
        "(f64.sub (f64.const inf) (f64.const inf))".to_string(),
        format!("(f64.min {nan} {zero})"),
        format!("(f64.max {zero} {nan})"),
        format!("(f64.ceil {nan})"),
        format!("(f64.floor {nan})"),
        format!("(f64.trunc {nan})"),
        format!("(f64.nearest {nan})"),
        format!("(f64.promote_f32 {single})"),
        format!("(f64.promote_f32 (f32.div {single} {single}))"),
        format!("(f64.promote_f32 (f32.demote_f64 {nan}))"),
    ];
    for operation in operations {
        // The bits as two integers, so that the host's own arithmetic has no say.
        let bits = format!("(i64.reinterpret_f64 {operation})");
        let step = format!(
            "(f64.store (i32.const 2048) (f64.convert_i64_u (i64.shr_u {bits} (i64.const 32))))
             (f64.store (i32.const 2056) (f64.convert_i64_u (i64.and {bits} (i64.const 0xffffffff)))) i32.const 0"
        );
        let module = read(&controller(&step, "")).unwrap();
        let mut command = [0.0; 2];
        Sandbox::start(&module, LIMITS, b"", 3, 2).unwrap().step(&[0.0; 3], &mut command).unwrap();
        assert_eq!(command, [f64::from(0x7FF8_0000_u32), 0.0], "{operation}");
    }
    // Singles too, and operations that move bits leave them alone.
    let cases = [
        (format!("(i32.reinterpret_f32 (f32.div {single} (f32.const 0)))"), 0x7FC0_0000_u32),
        (format!("(i32.reinterpret_f32 (f32.demote_f64 {nan}))"), 0x7FC0_0000),
        (format!("(i32.reinterpret_f32 (f32.neg {single}))"), 0x7FC0_0123),
        (format!("(i32.reinterpret_f32 (f32.copysign {single} (f32.const 1)))"), 0x7FC0_0123),
    ];
    for (operation, bits) in cases {
        let step = format!("(f64.store (i32.const 2048) (f64.convert_i32_u {operation})) i32.const 0");
        assert_eq!(first(&controller(&step, "")).unwrap().1[0], f64::from(bits), "{operation}");
    }
}

/// The array holds the declared channels of the observation and nothing else: two observations that agree on them give the same
/// array, whatever else differs.
#[test]
fn the_array_is_a_function_of_the_declared_channels() {
    let interface = Interface { observes: vec![Seen::Q, Seen::Time], commands: vec![Asked::Tool] };
    let mut seen = Observation::new(2, 1, 1);
    seen.q = vec![0.5, 0.25];
    seen.time_s = 3.0;
    let mut array = vec![9.0; 40];
    interface.write(&seen, &mut array);
    assert_eq!(array, [0.5, 0.25, 3.0]);
    seen.v[0] = 7.0;
    seen.pieces[0].measured_at_s = 2.0;
    seen.sites[0].valid = true;
    seen.tool.sealed = true;
    let mut again = Vec::new();
    interface.write(&seen, &mut again);
    assert_eq!(again, array);
    seen.q[1] = f64::from_bits(0xFFF8_0000_0000_0001);
    interface.write(&seen, &mut again);
    assert_eq!(again[1].to_bits(), 0x7FF8_0000_0000_0000);
    let mut command = Command::new(2, 1);
    interface.read(&[0.75], &mut command);
    assert_eq!((command.tau, command.tool), (vec![0.0, 0.0], vec![0.75]));
}

/// Nothing of one trial reaches another: an instance begins with the module's own memory.
#[test]
fn instances_of_a_module_share_nothing() {
    let count = "(f64.store (i32.const 512) (f64.add (f64.load (i32.const 512)) (f64.const 1)))
        (f64.store (i32.const 2048) (f64.load (i32.const 512))) i32.const 0";
    let module = read(&controller(count, "")).unwrap();
    let run = || {
        let mut sandbox = Sandbox::start(&module, LIMITS, b"", 3, 2).unwrap();
        let mut command = [0.0; 2];
        for _ in 0..5 {
            sandbox.step(&[0.0; 3], &mut command).unwrap();
        }
        (command[0], sandbox.fuel_used())
    };
    let one = run();
    assert_eq!(one.0, 5.0);
    let many: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..50).map(|_| run()).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(many.iter().all(|other| *other == one), "fuel does not depend on who ran before");
}

/// Digests of solutions carry the interpreter's version, so it must be the one that is built in.
#[test]
fn the_sandbox_is_named_after_what_is_built_in() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let version = lock.split("name = \"wasmi\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(SANDBOX, format!("wasmi {version}, leitai_1"));
}
