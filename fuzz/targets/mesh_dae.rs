//! Fuzzes `package::mesh_dae` of `bodies/`.
#![no_main]

#[path = "../bodies/package.rs"]
mod package;

libfuzzer_sys::fuzz_target!(|data: &[u8]| package::mesh_dae(data));
