//! A few jobs on a few threads, their results in order.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Does `work(0)` to `work(count - 1)` on `jobs` threads; `done` is told how many are finished. None if `stop` was set first.
pub(super) fn parallel<T: Send>(
    jobs: usize,
    count: usize,
    stop: &AtomicBool,
    work: impl Fn(usize) -> T + Sync,
    mut done: impl FnMut(usize),
) -> Option<Vec<T>> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, count.max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count || stop.load(Ordering::Relaxed) || sender.send((i, work(i))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut results = Vec::with_capacity(count);
        for result in receiver {
            results.push(result);
            done(results.len());
        }
        results
    });
    results.sort_by_key(|(i, _)| *i);
    (results.len() == count).then(|| results.into_iter().map(|(_, result)| result).collect())
}
