//! Trials that are run again: a bar that counts them, and an ear for Ctrl-C.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::context::Context;

/// Counts trials on stderr.
pub struct Counter {
    bar: ProgressBar,
    stop: &'static AtomicBool,
}

impl Counter {
    /// Starts counting.
    pub fn new(context: &Context) -> Self {
        let bar = ProgressBar::no_length();
        let style = ProgressStyle::with_template("{msg} {bar:24} {pos}/{len}  {eta}").expect("the template is well formed");
        bar.set_style(style);
        bar.set_message(context.say("重跑试验", "running trials again"));
        bar.enable_steady_tick(Duration::from_millis(200));
        let (shown, language) = (bar.clone(), context.clone());
        let stop = crate::stop::flag(move || {
            let text = language.say("正在停止；再按一次 Ctrl-C 立即退出", "stopping; press Ctrl-C again to end at once");
            shown.suspend(|| language.note(text));
        });
        Self { bar, stop }
    }

    /// The flag that stops the run.
    pub fn stop(&self) -> &AtomicBool {
        self.stop
    }

    /// Shows how many are done.
    pub fn show(&self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
