//! Fuzzes `package::mjcf` of `bodies/`; half of all changes keep the text XML.
#![no_main]

#[path = "../bodies/mutate.rs"]
mod mutate;

#[path = "../bodies/package.rs"]
mod package;

libfuzzer_sys::fuzz_target!(|data: &[u8]| package::mjcf(data));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let text = std::str::from_utf8(&data[..size]).ok().filter(|_| seed % 2 == 0);
    match text.and_then(|text| mutate::xml(text, seed)).filter(|new| !new.is_empty() && new.len() <= max_size) {
        Some(new) => {
            data[..new.len()].copy_from_slice(new.as_bytes());
            new.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
});
