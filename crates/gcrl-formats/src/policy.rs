//! Policies in the formats of other tools.
