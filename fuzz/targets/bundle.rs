//! Fuzzes `proving::bundle` of `bodies/`.
#![no_main]

#[path = "../bodies/proving.rs"]
mod proving;

libfuzzer_sys::fuzz_target!(|data: &[u8]| proving::bundle(data));
