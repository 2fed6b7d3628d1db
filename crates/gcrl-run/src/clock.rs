//! How long a run has trained, over all its sessions.

use cpu_time::ThreadTime;
use gcrl_eval::outcome::Cost;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock of what one thread trains; it has to be asked by that thread.
pub(crate) struct Clock {
    before: Saved,
    since: Instant,
    thread: ThreadTime,
    /// In evaluations of this session: all of it, and the part of this thread.
    evaluation: Duration,
    evaluation_here: Duration,
}

/// What a checkpoint keeps of a clock, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Time that went by.
    pub(crate) seconds: f64,
    /// Time of processors; `None` where an older program did not count it.
    pub(crate) cost: Option<Cost>,
}

impl Clock {
    /// A clock that goes on from what was saved, or from zero.
    pub(crate) fn going_on(before: Saved) -> Self {
        Self {
            before,
            since: Instant::now(),
            thread: ThreadTime::now(),
            evaluation: Duration::ZERO,
            evaluation_here: Duration::ZERO,
        }
    }

    /// A clock at zero.
    pub(crate) fn new() -> Self {
        Self::going_on(Saved { seconds: 0.0, cost: Some(Cost::default()) })
    }

    /// Counts an evaluation over `n_threads` threads, which this thread waits for. The time of other threads
    /// is not known, and taken to be the evaluation's.
    pub(crate) fn evaluation<T>(&mut self, n_threads: usize, evaluate: impl FnOnce() -> T) -> T {
        let (start, thread) = (Instant::now(), ThreadTime::now());
        let result = evaluate();
        let here = thread.elapsed();
        self.evaluation_here += here;
        self.evaluation += if n_threads == 1 { here } else { start.elapsed() * n_threads as u32 };
        result
    }

    /// Time that went by, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.before.seconds + self.since.elapsed().as_secs_f64()
    }

    /// Time of processors, where all of it was counted.
    pub(crate) fn cost(&self) -> Option<Cost> {
        let before = self.before.cost?;
        let evaluation = self.evaluation.as_secs_f64();
        let training = self.thread.elapsed().saturating_sub(self.evaluation_here).as_secs_f64();
        Some(Cost {
            core_seconds: before.core_seconds + training + evaluation,
            evaluation_core_seconds: before.evaluation_core_seconds + evaluation,
        })
    }

    /// For a checkpoint.
    pub(crate) fn save(&self) -> Saved {
        Saved { seconds: self.seconds(), cost: self.cost() }
    }

    /// When the run would have started had it never paused, in seconds since 1970.
    #[allow(clippy::disallowed_methods, reason = "TensorBoard shows when points were logged")]
    pub(crate) fn start_secs(&self) -> f64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (now.as_secs_f64() - self.seconds()).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> f64 {
        (0..20_000_000).map(|number| f64::from(number).sqrt()).sum()
    }

    #[test]
    fn waiting_costs_no_processor_and_evaluations_are_a_part() {
        let mut clock = Clock::new();
        std::thread::sleep(Duration::from_millis(50));
        let waited = clock.cost().expect("all was counted");
        assert!(waited.core_seconds < 0.04, "{waited:?}");
        assert!(0.05 <= clock.seconds());
        assert!(0.0 < work() + clock.evaluation(1, work));
        let cost = clock.cost().expect("all was counted");
        assert!(waited.core_seconds < cost.core_seconds - cost.evaluation_core_seconds);
        assert!(0.0 < cost.evaluation_core_seconds && waited.evaluation_core_seconds == 0.0);
    }

    #[test]
    fn what_was_saved_is_added_and_what_was_not_counted_stays_unknown() {
        let before = Cost { core_seconds: 100.0, evaluation_core_seconds: 10.0 };
        let saved = Clock::going_on(Saved { seconds: 200.0, cost: Some(before) }).save();
        assert!((200.0..201.0).contains(&saved.seconds));
        let cost = saved.cost.expect("all was counted");
        assert!((100.0..101.0).contains(&cost.core_seconds));
        assert!((cost.evaluation_core_seconds - 10.0).abs() < 1e-12);
        assert_eq!(Clock::going_on(Saved { seconds: 200.0, cost: None }).cost(), None);
    }

    #[test]
    fn an_evaluation_over_threads_counts_for_each() {
        let mut clock = Clock::new();
        clock.evaluation(3, || std::thread::sleep(Duration::from_millis(20)));
        let cost = clock.cost().expect("all was counted");
        assert!(0.06 <= cost.evaluation_core_seconds, "{cost:?}");
        assert!(cost.evaluation_core_seconds <= cost.core_seconds);
    }
}
