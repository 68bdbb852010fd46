//! Ctrl-C: the first asks a run to stop cleanly, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Exit;

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that a run looks at. `asked` is called when the user asks to stop, from another thread.
///
/// A process has one handler for its signals; only the first call in a process installs it.
pub fn flag(asked: impl Fn() + Send + 'static) -> &'static AtomicBool {
    let installed = ctrlc::set_handler(move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        asked();
    });
    // Without a handler Ctrl-C ends the program at once; files are written whole either way.
    let _ = installed;
    &STOP
}
