//! Ctrl-C: the first asks a run to stop cleanly, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Exit;

static STOP: AtomicBool = AtomicBool::new(false);
/// Programs such as `timeout` send one signal twice, to the process and to its group: that is one wish, not two.
const ONE_WISH: Duration = Duration::from_millis(500);

/// The flag that a run looks at. `asked` is called when the user asks to stop, from another thread.
///
/// A process has one handler for its signals; only the first call in a process installs it.
pub fn flag(asked: impl Fn() + Send + 'static) -> &'static AtomicBool {
    let mut first: Option<Instant> = None;
    let installed = ctrlc::set_handler(move || match first {
        None => {
            first = Some(Instant::now());
            STOP.store(true, Ordering::Relaxed);
            asked();
        }
        Some(first) if first.elapsed() < ONE_WISH => {}
        Some(_) => std::process::exit(i32::from(Exit::Interrupted as u8)),
    });
    // Without a handler Ctrl-C ends the program at once; files are written whole either way.
    let _ = installed;
    &STOP
}
