//! Loops over slices, compiled for the widest vectors of the processor at hand.

/// Runs a loop, compiled for AVX-512 or AVX2 where the processor has them. `work` computes the same
/// everywhere: a product and a sum are two roundings on all of them.
pub(crate) fn widest(work: impl FnOnce()) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "the processor was asked for the instructions")]
    // SAFETY: each function runs on a processor that was just found to have its instructions.
    unsafe {
        if is_x86_feature_detected!("avx512f") {
            return avx512(work);
        }
        if is_x86_feature_detected!("avx2") {
            return avx2(work);
        }
    }
    work();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(work: impl FnOnce()) {
    work();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(work: impl FnOnce()) {
    work();
}
