//! Policies in, reports out.
//!
//! Episodes become scores (`evaluate`), scores of several seeds become intervals (`stats`), and both
//! become what a person reads: tables beside the paper's numbers (`report`, `paper`), pictures
//! (`plots`), and the course of a training run (`metrics`, `tensorboard`). Nothing here writes a
//! file or reads the clock: every report is returned as text or bytes.

pub mod evaluate;
pub mod metrics;
pub mod paper;
pub mod plots;
pub mod report;
pub mod stats;
pub mod tensorboard;

mod csv;

pub use evaluate::{Evaluation, evaluate, evaluation_seed};
pub use metrics::MetricLog;
pub use stats::{Interval, MeanStd, Summary};
