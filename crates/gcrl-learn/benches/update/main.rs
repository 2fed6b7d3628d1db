//! WGCSL updates per CPU second on the native engine, each kernel beside the other, and beside PyTorch
//! and JAX where a Python that has them is given:
//!
//! ```text
//! cargo bench -p gcrl-learn --bench update -- --python venv/bin/python
//! ```
//!
//! See `harness/mod.rs` for what is measured and `harness/options.rs` for the other options.

mod harness;

use gcrl_nn::{KernelChoice, Native};
use harness::{Size, Variant};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    harness::run(|size: &Size| {
        let kernels = [KernelChoice::Fastest, KernelChoice::Portable];
        let variants = kernels.map(|kernel| {
            let engine = Native::new(1, kernel);
            let name = format!("native {}", engine.kernel_name());
            Variant::trainer(name, Box::new(engine), size)
        });
        variants.into_iter().collect()
    })
}
