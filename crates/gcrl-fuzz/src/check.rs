//! Gives damaged input to a reader and watches it.

use crate::allocations;
use crate::mutate::mutate;
use crate::readers::Reader;
use gcrl_core::seed;
use std::fmt::{self, Display};
use std::panic;
use std::time::{Duration, Instant};

/// Longest that a reader may take for one input.
pub const SLOWEST: Duration = Duration::from_secs(1);

/// Most memory that a reader may use beyond the size of its input, in bytes.
pub const LARGEST_EXCESS: usize = 64 << 20;

/// What a reader did with its inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Inputs that it was given.
    pub n_inputs: u64,
    /// Inputs that it accepted: damage that it cannot see, or none.
    pub n_accepted: u64,
    /// The longest that it took for one.
    pub slowest: Duration,
    /// The most memory beyond the size of its input, in bytes.
    pub largest_excess: usize,
}

/// An input that a reader did not survive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number.
    pub input: u64,
    /// What happened.
    pub what: String,
    /// The input.
    pub bytes: Vec<u8>,
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, what, bytes } = self;
        write!(formatter, "input {input}, of {} bytes: {what}", bytes.len())
    }
}

/// Reads `n_inputs` damaged inputs of `seed`.
///
/// # Errors
///
/// The first input at which the reader panics, takes longer than [`SLOWEST`], or uses more memory than
/// [`LARGEST_EXCESS`] beyond the input's size.
pub fn check(reader: &Reader, seed: u64, n_inputs: u64) -> Result<Report, Failure> {
    let samples = (reader.samples)();
    for (sample, bytes) in (0..).zip(&samples) {
        if !(reader.read)(bytes) {
            let what = "a sample that the program made is refused".to_owned();
            return Err(Failure { input: sample, what, bytes: bytes.clone() });
        }
    }
    let mut report = Report { n_inputs, ..Report::default() };
    for input in 0..n_inputs {
        let bytes = mutate(&samples, &mut seed::stream(seed, reader.name, input));
        let before = allocations::restart();
        let start = Instant::now();
        let accepted = panic::catch_unwind(|| (reader.read)(&bytes));
        let (took, used) = (start.elapsed(), allocations::peak().saturating_sub(before));
        let excess = used.saturating_sub(bytes.len());
        let what = match accepted {
            Err(_panic) => "panics".to_owned(),
            Ok(_) if SLOWEST < took => format!("takes {took:?}"),
            Ok(_) if LARGEST_EXCESS < excess => format!("uses {used} bytes"),
            Ok(accepted) => {
                report.n_accepted += u64::from(accepted);
                report.slowest = report.slowest.max(took);
                report.largest_excess = report.largest_excess.max(excess);
                continue;
            }
        };
        return Err(Failure { input, what, bytes });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::READERS;

    /// A reader with one sample.
    fn reader(name: &'static str, read: fn(&[u8]) -> bool) -> Reader {
        Reader { name, samples: || vec![b"sample".to_vec()], read }
    }

    #[test]
    fn every_reader_survives_a_slice_of_its_inputs() {
        for reader in READERS {
            let report = check(reader, 0, 5_000).unwrap_or_else(|failure| {
                panic!("`{}`: {failure}", reader.name);
            });
            assert!(
                0 < report.n_accepted && report.n_accepted < 4_000,
                "{}: {report:?}",
                reader.name
            );
        }
    }

    #[test]
    fn panics_hangs_and_hunger_are_found() {
        let failure = |read| check(&reader("test", read), 0, 100).unwrap_err().what;
        assert_eq!(failure(|bytes| bytes == b"sample" || bytes[1_000] == 0), "panics");
        let hungry =
            failure(|bytes| bytes == b"sample" || vec![1_u8; 100 << 20].len() < bytes.len());
        assert!(hungry.starts_with("uses 1048"), "{hungry}");
        let slow = failure(|bytes| {
            bytes == b"sample" || {
                std::thread::sleep(SLOWEST + Duration::from_millis(1));
                true
            }
        });
        assert!(slow.starts_with("takes 1.0"), "{slow}");
        assert!(failure(|_| false).starts_with("a sample that the program made"));
    }
}
