//! Measures whole updates, in rounds: each variant works for a few CPU seconds, then the next, and
//! again; so what else the machine does falls on all alike, and ratios are taken round by round.
//!
//! An update is that of [`Trainer`](gcrl_learn::Trainer), as users run it: draw, relabel, gather, all
//! passes, weights with the exact percentile, Adam, targets. The references (`benches/reference`) make
//! the same update but for the percentile, which they leave out: the comparison favors them.

mod options;
mod reference;
mod size;
mod table;
mod variant;

pub(crate) use size::Size;
pub(crate) use variant::Variant;

use options::Options;
use std::error::Error;

/// Compares the variants that `ours` makes for a size, and the references if asked to.
pub(crate) fn run(
    ours: impl Fn(&Size) -> Result<Vec<Variant>, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::read(std::env::args().skip(1))? else { return Ok(()) };
    for size in size::all().iter().filter(|size| options.includes(size.name)) {
        let mut variants = ours(size)?;
        if let Some(python) = &options.python {
            for script in &reference::SCRIPTS {
                variants.push(reference::start(python, script, size)?);
            }
        }
        for variant in &mut variants {
            variant.measure(0.5)?; // caches and branch predictors get used to it
        }
        let mut speeds = vec![Vec::new(); variants.len()];
        for _ in 0..options.n_rounds {
            for (variant, speeds) in variants.iter_mut().zip(&mut speeds) {
                speeds.push(variant.measure(options.seconds)?);
            }
        }
        let names: Vec<&str> = variants.iter().map(Variant::name).collect();
        table::print(size, &names, &speeds);
    }
    Ok(())
}
