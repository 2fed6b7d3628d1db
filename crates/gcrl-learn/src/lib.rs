//! The algorithms, in plain Rust over an Engine.
