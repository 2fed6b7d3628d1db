//! WGCSL updates per CPU second on both engines, and beside PyTorch and JAX where a Python that has them
//! is given:
//!
//! ```text
//! cargo bench -p gcrl-run --features torch --bench engines -- --python venv/bin/python
//! ```
//!
//! What is measured, and the other options: `crates/gcrl-learn/benches/update/harness`.

#[path = "../../gcrl-learn/benches/update/harness/mod.rs"]
mod harness;

use gcrl_nn::{DeviceKind, Engine, KernelChoice, Native};
use gcrl_torch::TorchEngine;
use harness::{Size, Variant};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    harness::run(|size: &Size| {
        let torch = TorchEngine::new(1, DeviceKind::Cpu).expect("a CPU is always there");
        let engines: [(&str, Box<dyn Engine>); 2] = [
            ("native", Box::new(Native::new(1, KernelChoice::Fastest))),
            ("torch, cpu", Box::new(torch)),
        ];
        let variants =
            engines.map(|(name, engine)| Variant::trainer(name.to_owned(), engine, size));
        variants.into_iter().collect()
    })
}
