//! Fuzzes `skills::program_rapid` of `bodies/`.
#![no_main]

#[path = "../bodies/skills.rs"]
mod skills;

libfuzzer_sys::fuzz_target!(|data: &[u8]| skills::program_rapid(data));
