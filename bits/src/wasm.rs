//! The door of a WebAssembly build, which has neither arguments nor output.
#![expect(unsafe_code, reason = "naming an export is the only way out of wasm32-unknown-unknown; nothing here dereferences")]

/// Number of scenes.
#[unsafe(no_mangle)]
pub extern "C" fn scene_count() -> u32 {
    crate::NAMES.len() as u32
}

/// Plays a scene and gives the address of its line, which ends at a line break; 0 if there is no such scene or its motion
/// broke down.
#[unsafe(no_mangle)]
pub extern "C" fn play(scene: u32) -> *const u8 {
    let played = |name: &&str| Some(crate::line(name, &crate::played(name).ok()?));
    let line = crate::NAMES.get(scene as usize).and_then(played);
    line.map_or(core::ptr::null(), |line| alloc::string::String::leak(line).as_ptr())
}
