//! What the command line asks for.
//!
//! | option | meaning | default |
//! |---|---|---|
//! | `--size fetch` or `point` | one size only | both |
//! | `--rounds N` | rounds | 6 |
//! | `--seconds S` | CPU seconds of a variant in a round | 3 |
//! | `--python PATH` | a Python with PyTorch and JAX: adds the references | none |

use std::error::Error;
use std::path::PathBuf;

/// What to measure, and for how long.
pub(crate) struct Options {
    pub(crate) n_rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) python: Option<PathBuf>,
    size: Option<String>,
}

impl Options {
    /// Reads the options; `None` where nothing is to be measured.
    pub(crate) fn read(
        mut words: impl Iterator<Item = String>,
    ) -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self { n_rounds: 6, seconds: 3.0, python: None, size: None };
        let mut is_bench = false;
        while let Some(word) = words.next() {
            // `cargo bench` says so; `cargo test --all-targets` does not, and there is nothing to test.
            if word == "--bench" {
                is_bench = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("`{word}` lacks a value"))?;
            match word.as_str() {
                "--rounds" => options.n_rounds = value.parse()?,
                "--seconds" => options.seconds = value.parse()?,
                "--python" => options.python = Some(PathBuf::from(value)),
                "--size" => options.size = Some(value),
                _ => return Err(format!("unknown option `{word}`").into()),
            }
        }
        Ok(is_bench.then_some(options))
    }

    /// Whether a size is asked for.
    pub(crate) fn includes(&self, size: &str) -> bool {
        self.size.as_deref().is_none_or(|wanted| wanted == size)
    }
}
