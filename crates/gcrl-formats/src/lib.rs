//! Data sets and policies in the formats of other tools, one file a format, a feature each.

pub mod dataset;
pub mod policy;
