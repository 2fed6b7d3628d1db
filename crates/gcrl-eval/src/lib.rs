//! Policies in, reports out.
