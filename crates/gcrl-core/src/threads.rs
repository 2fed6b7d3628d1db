//! Work that several threads share.

use std::thread;

/// Does `work` on `n_threads` threads at the same time, this one among them; on fewer where the system
/// allows no more. They share what there is to do, so that each call ends when nothing is left.
pub fn on_threads(n_threads: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..n_threads {
            if thread::Builder::new().spawn_scoped(scope, &work).is_err() {
                break;
            }
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn so_many_threads_work_at_the_same_time() {
        for n_threads in [0, 1, 3] {
            let (barrier, calls) = (Barrier::new(n_threads.max(1)), AtomicUsize::new(0));
            on_threads(n_threads, || {
                barrier.wait();
                calls.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(calls.into_inner(), n_threads.max(1));
        }
    }
}
