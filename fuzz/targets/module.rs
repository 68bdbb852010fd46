//! Fuzzes `runtime::module` of `bodies/`.
#![no_main]

#[path = "../bodies/runtime.rs"]
mod runtime;

libfuzzer_sys::fuzz_target!(|data: &[u8]| runtime::module(data));
