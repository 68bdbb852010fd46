//! Fuzzes `package::manifest_acceptance` of `bodies/`.
#![no_main]

#[path = "../bodies/package.rs"]
mod package;

libfuzzer_sys::fuzz_target!(|data: &[u8]| package::manifest_acceptance(data));
