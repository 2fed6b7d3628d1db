//! Data sets and policies in the formats of other tools, one file a format, a feature each.

#[cfg(feature = "archive")]
pub mod archive;
pub mod dataset;
pub mod policy;
