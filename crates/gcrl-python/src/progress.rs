//! Work in a thread of its own, while the caller's thread hears of its progress: callbacks run where
//! the caller is, and Ctrl-C is heard.

use crate::error::GcrlError;
use gcrl_eval::Evaluation;
use gcrl_run::{Job, Observer};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::any::Any;
use std::ffi::CString;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// Time between two reports, at most.
const PERIOD: Duration = Duration::from_millis(100);

/// What a thread at work has to tell.
enum Event {
    Evaluation { seed: u64, n_updates: u64, evaluation: Box<Evaluation> },
    Notice(CString),
    Done,
}

/// Hears of progress in the thread that works.
pub(crate) struct Watch {
    n_done: AtomicU64,
    total: AtomicU64,
    is_to_stop: AtomicBool,
    events: Mutex<Sender<Event>>,
}

impl Observer for Watch {
    fn on_notice(&self, notice: &str) {
        let notice = CString::new(notice.replace('\0', "")).expect("zeros are left out");
        self.tell(Event::Notice(notice));
    }

    fn on_start(&self, job: &Job) {
        self.n_done.store(0, Ordering::Relaxed);
        self.total.store(job.total, Ordering::Relaxed);
    }

    fn on_resume(&self, n_done: u64) {
        self.n_done.fetch_add(n_done, Ordering::Relaxed);
    }

    fn on_progress(&self, n_done: u64) {
        self.n_done.fetch_add(n_done, Ordering::Relaxed);
    }

    fn on_evaluation(&self, seed: u64, n_updates: u64, evaluation: &Evaluation) {
        let evaluation = Box::new(evaluation.clone());
        self.tell(Event::Evaluation { seed, n_updates, evaluation });
    }

    fn wants_to_stop(&self) -> bool {
        self.is_to_stop.load(Ordering::Relaxed)
    }
}

impl Watch {
    fn tell(&self, event: Event) {
        // The listener is gone only when nobody listens any more.
        let _ = self.events.lock().expect("no thread panics").send(event);
    }
}

/// Who listens, and what to do when the listener asks to stop.
pub(crate) struct Listener<'a> {
    pub(crate) callback: Option<Py<PyAny>>,
    pub(crate) on_stop: &'a (dyn Fn() + Sync),
}

/// Does `work` in a thread of its own.
///
/// The callback hears of it in this thread, ten times a second at most, at every evaluation and at the end;
/// where it returns `False`, the work is asked to stop. So it is where the callback raises, or Ctrl-C is
/// pressed; the exception is raised when the work has ended.
pub(crate) fn watched<T: Send>(
    py: Python<'_>,
    listener: &Listener<'_>,
    work: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<T> {
    let (sender, events) = mpsc::channel();
    let watch = Watch {
        n_done: AtomicU64::new(0),
        total: AtomicU64::new(0),
        is_to_stop: AtomicBool::new(false),
        events: Mutex::new(sender),
    };
    let watch = &watch;
    let (result, exception) = py.detach(move || {
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let _told = TellsWhenDone(watch);
                work(watch)
            });
            let mut exception = None;
            let mut last_told = None;
            let mut is_over = false;
            while !is_over {
                let event = match events.recv_timeout(PERIOD) {
                    Ok(Event::Done) | Err(RecvTimeoutError::Disconnected) => {
                        is_over = true;
                        None
                    }
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Timeout) => None,
                };
                let heard = Python::attach(|py| {
                    py.check_signals()?;
                    listener.hear(py, watch, event, &mut last_told)
                });
                if !matches!(heard, Ok(true)) {
                    watch.is_to_stop.store(true, Ordering::Relaxed);
                    (listener.on_stop)();
                }
                if let Err(error) = heard {
                    exception.get_or_insert(error);
                }
            }
            (worker.join(), exception)
        })
    });
    let result = result.map_err(|panic| bug(&*panic));
    match exception {
        Some(exception) => Err(exception),
        None => result,
    }
}

/// Tells that the work has ended, however it ended.
struct TellsWhenDone<'a>(&'a Watch);

impl Drop for TellsWhenDone<'_> {
    fn drop(&mut self) {
        self.0.tell(Event::Done);
    }
}

impl Listener<'_> {
    /// Tells the callback, and returns whether it wants to go on.
    fn hear(
        &self,
        py: Python<'_>,
        watch: &Watch,
        event: Option<Event>,
        last_told: &mut Option<u64>,
    ) -> PyResult<bool> {
        if let Some(Event::Notice(notice)) = &event {
            PyErr::warn(py, &py.get_type::<PyUserWarning>(), notice, 1)?;
            return Ok(true);
        }
        let Some(callback) = &self.callback else { return Ok(true) };
        let n_done = watch.n_done.load(Ordering::Relaxed);
        let total = watch.total.load(Ordering::Relaxed);
        let report = match event {
            Some(Event::Evaluation { seed, n_updates, evaluation }) => {
                let report = report(py, "evaluation", n_done, total)?;
                report.set_item("seed", seed)?;
                report.set_item("n_updates", n_updates)?;
                report.set_item("return", evaluation.undiscounted_return.mean)?;
                report.set_item("success", evaluation.success.rate)?;
                report
            }
            _ if total == 0 || *last_told == Some(n_done) => return Ok(true),
            _ => report(py, "progress", n_done, total)?,
        };
        *last_told = Some(n_done);
        let answer = callback.bind(py).call1((report,))?;
        Ok(answer.is_none() || answer.is_truthy()?)
    }
}

/// A panic of our own, which must not end the interpreter.
fn bug(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    GcrlError::new_err(format!("a mistake of this program, please report it: {text}"))
}

/// What every report to a callback says.
fn report<'py>(
    py: Python<'py>,
    kind: &str,
    n_done: u64,
    total: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let report = PyDict::new(py);
    report.set_item("kind", kind)?;
    report.set_item("n_done", n_done)?;
    report.set_item("total", total)?;
    Ok(report)
}
