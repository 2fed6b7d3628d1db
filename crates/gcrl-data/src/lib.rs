//! Episodes in, draws out: data sets on disk, relabelling, sampling.
