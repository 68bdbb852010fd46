//! The fuzzer's body on its seed and on what is near it, without a fuzzer.

#[path = "../../../fuzz/bodies/runtime.rs"]
mod bodies;

/// One byte at a time, in every way that turns one instruction or count into another near it.
#[test]
fn modules_near_the_example_are_refused_or_run_to_the_same_bits() {
    let seed = include_bytes!("../../../controllers/hold/controller.wasm");
    bodies::module(seed);
    for at in (0..seed.len()).step_by(23) {
        for change in [0x01, 0x80, 0xFF] {
            let mut near = seed.to_vec();
            near[at] ^= change;
            bodies::module(&near);
        }
    }
}
