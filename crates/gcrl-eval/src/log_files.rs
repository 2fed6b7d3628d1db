//! The metrics of a run as files that grow with it: CSV, and an event file of TensorBoard.
//!
//! Programs that follow a file, such as `tail -f` and TensorBoard, read on from where they stopped: rows
//! are appended, each in one piece, and nothing before them changes. A resumed run cuts off what it will
//! log again, and what a killed program left half-written.

use crate::MetricLog;
use crate::tensorboard;
use gcrl_file::WriteError;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A cause for the metrics of a run not to be logged.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be written whole.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file cannot be read or added to.
    #[error("cannot {act}: {path:?}")]
    Append {
        /// What was attempted, such as `append to`.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Both files of one log.
#[derive(Debug)]
pub struct LogFiles {
    csv: GrowingFile,
    events: GrowingFile,
    n_rows: usize,
    n_columns: usize,
}

impl LogFiles {
    /// Opens the files of `log`, and makes them hold its rows and no others: rows beyond are cut off,
    /// and a file that lacks one is written anew.
    ///
    /// `start_secs` is when the run started, in seconds since 1970, as for
    /// [`MetricLog::to_tensorboard`].
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written.
    pub fn open(
        csv: &Path,
        events: &Path,
        log: &MetricLog,
        start_secs: f64,
    ) -> Result<Self, LogError> {
        // The columns are known once there is a row.
        let n_rows = log.n_rows();
        let rows = if n_rows == 0 { String::new() } else { log.to_csv() };
        let csv = GrowingFile::open(csv, rows.as_bytes(), |found| {
            found.starts_with(rows.as_bytes()).then_some(rows.len())
        })?;
        let all_events = log.to_tensorboard(start_secs);
        let events = GrowingFile::open(events, &all_events, |found| end_of_events(found, log))?;
        Ok(Self { csv, events, n_rows, n_columns: log.n_columns() })
    }

    /// Appends the rows that `log` has gained since it was opened or appended last.
    ///
    /// A metric that no row before had is a new column: the CSV file alone is then written anew.
    ///
    /// # Errors
    ///
    /// If a file cannot be written; it then holds the rows that it held before.
    pub fn append(&mut self, log: &MetricLog, start_secs: f64) -> Result<(), LogError> {
        for row in self.n_rows..log.n_rows() {
            if row == 0 {
                self.csv.append((log.to_csv_head() + &log.to_csv_row(row)).as_bytes())?;
            } else if self.n_columns == log.n_columns() {
                self.csv.append(log.to_csv_row(row).as_bytes())?;
            } else {
                let path = self.csv.path.clone();
                self.csv = GrowingFile::open(&path, log.to_csv().as_bytes(), |_| None)?;
            }
            self.events.append(&log.to_event(row, start_secs))?;
            (self.n_rows, self.n_columns) = (row + 1, log.n_columns());
        }
        Ok(())
    }
}

/// Where the records of the rows of `log` end in an event file; `None` if it lacks one.
fn end_of_events(file: &[u8], log: &MetricLog) -> Option<usize> {
    let mut events = tensorboard::events(file);
    let head = events.next().filter(|event| event.file_version.is_some())?;
    (0..log.n_rows()).try_fold(head.end, |_, row| {
        events.next().filter(|event| log.is_event(row, event)).map(|event| event.end)
    })
}

/// A file that is appended to.
#[derive(Debug)]
struct GrowingFile {
    path: PathBuf,
    file: File,
    len: u64,
}

impl GrowingFile {
    /// Opens a file that is to hold `content`: `kept` says how much of what is found is kept; otherwise
    /// the file is written anew.
    fn open(
        path: &Path,
        content: &[u8],
        kept: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> Result<Self, LogError> {
        let failed = |act| move |source| LogError::Append { act, path: path.to_owned(), source };
        let found = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            found => Some(found.map_err(failed("read"))?),
        };
        let kept = found.and_then(|found| kept(&found));
        if kept.is_none() {
            gcrl_file::write(path, |file| file.write_all(content))?;
        }
        let len = kept.unwrap_or(content.len()) as u64;
        let file = File::options().append(true).open(path).map_err(failed("append to"))?;
        file.set_len(len).map_err(failed("cut off rows of"))?;
        Ok(Self { path: path.to_owned(), file, len })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        self.file.write_all(bytes).map_err(|source| {
            // Half a row, on a disk that is full, must not stay.
            let _ = self.file.set_len(self.len);
            LogError::Append { act: "append to", path: self.path.clone(), source }
        })?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(n_rows: u64) -> MetricLog {
        let mut log = MetricLog::default();
        for row in 1..=n_rows {
            log.push(10 * row, &[("loss", 1.0 / row as f64), ("seconds", row as f64)]);
        }
        log
    }

    struct Run(tempfile::TempDir);

    impl Run {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn csv(&self) -> PathBuf {
            self.0.path().join("metrics.csv")
        }
        fn events(&self) -> PathBuf {
            self.0.path().join("board/events.out.tfevents.gcrl")
        }
        fn open(&self, log: &MetricLog, start_secs: f64) -> LogFiles {
            LogFiles::open(&self.csv(), &self.events(), log, start_secs).unwrap()
        }
        fn rows(&self) -> String {
            fs::read_to_string(self.csv()).unwrap()
        }
        fn steps(&self) -> Vec<u64> {
            let file = fs::read(self.events()).unwrap();
            tensorboard::events(&file).skip(1).map(|event| event.step).collect()
        }
    }

    #[test]
    fn rows_are_appended_one_by_one() {
        let run = Run::new();
        let mut files = run.open(&MetricLog::default(), 100.0);
        assert_eq!((run.rows().as_str(), run.steps()), ("", vec![]));
        let mut before = fs::read(run.events()).unwrap();
        for n_rows in 1..=4 {
            files.append(&log(n_rows), 100.0).unwrap();
            assert_eq!(run.rows(), log(n_rows).to_csv());
            let now = fs::read(run.events()).unwrap();
            assert!(now.starts_with(&before) && before.len() < now.len());
            before = now;
        }
        assert_eq!(before, log(4).to_tensorboard(100.0));
    }

    #[test]
    fn a_resumed_run_has_each_row_once_wherever_it_was_killed() {
        let (csv, events) = (log(5).to_csv(), log(5).to_tensorboard(100.0));
        // A checkpoint knows 3 rows; the files hold some of 5.
        let three = (log(3).to_csv().len(), log(3).to_tensorboard(0.0).len());
        for cut in (0..40).chain([1_000]) {
            let run = Run::new();
            fs::create_dir(run.events().parent().unwrap()).unwrap();
            fs::write(run.csv(), &csv[..csv.len().saturating_sub(cut)]).unwrap();
            fs::write(run.events(), &events[..events.len().saturating_sub(5 * cut)]).unwrap();
            // The clock of another session disagrees by a little.
            let mut files = run.open(&log(3), 100.25);
            assert_eq!((files.csv.len as usize, files.events.len as usize), three, "{cut}");
            files.append(&log(5), 100.25).unwrap();
            assert_eq!((run.rows(), run.steps()), (csv.clone(), vec![10, 20, 30, 40, 50]), "{cut}");
        }
    }

    #[test]
    fn a_reader_that_follows_the_files_reads_on_after_a_resume() {
        let run = Run::new();
        run.open(&MetricLog::default(), 100.0).append(&log(5), 100.0).unwrap();
        let read = fs::metadata(run.events()).unwrap().len() as usize;
        // Two rows are cut off and logged again: where the reader stopped, a record begins again.
        run.open(&log(3), 100.5).append(&log(6), 100.5).unwrap();
        let file = fs::read(run.events()).unwrap();
        let next: Vec<_> = tensorboard::events(&file[read..]).map(|event| event.step).collect();
        assert_eq!(next, [60]);
    }

    #[test]
    fn files_of_other_rows_are_written_anew() {
        let run = Run::new();
        run.open(&log(2), 100.0);
        let mut other = MetricLog::default();
        other.push(10, &[("loss", 7.0)]);
        run.open(&other, 100.0);
        assert_eq!((run.rows(), run.steps()), (other.to_csv(), vec![10]));
    }

    #[test]
    fn a_new_metric_is_a_new_column_in_all_rows() {
        let run = Run::new();
        let mut log = log(2);
        let mut files = run.open(&log, 100.0);
        log.push(30, &[("return", 44.0)]);
        files.append(&log, 100.0).unwrap();
        log.push(40, &[("return", 45.0)]);
        files.append(&log, 100.0).unwrap();
        assert_eq!((run.rows(), run.steps()), (log.to_csv(), vec![10, 20, 30, 40]));
    }
}
