//! The same [`Engine`](gcrl_nn::Engine) on libtorch: a GPU for speed, the CPU as a second opinion.
//!
//! | | CPU | GPU |
//! |---|---|---|
//! | members of a population | looped: bit-equal to alone, and faster | one batched product |
//! | data set | read where it is | copied once, then only what is new |
//! | Adam | one loop over the numbers | a handful of kernels |
//!
//! All else is one code path, and the GPU's is tested on the CPU too. Its speed on a GPU has not been
//! measured. Gradients are written out ([`pass`]) and tested against libtorch's autograd.

mod adam;
mod columns;
mod device;
mod engine;
mod gather;
mod members;
mod network;
mod pass;
mod transfer;
mod vectors;

#[cfg(test)]
mod tests;

pub use device::{cuda_devices, libtorch_version};
pub use engine::TorchEngine;
