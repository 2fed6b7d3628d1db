//! The same Engine on libtorch.
