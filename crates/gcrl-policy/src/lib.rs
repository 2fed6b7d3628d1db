//! A trained policy as a file, and its inference in plain Rust.
