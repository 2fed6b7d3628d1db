//! Memory, asked for before it is filled: a size that a user chose must not end the program.

use super::ENGINE;
use crate::engine::EngineError;

/// `n` copies of `number`, for an act of the engine.
pub(super) fn filled<T: Clone>(
    n: usize,
    number: T,
    act: &'static str,
) -> Result<Vec<T>, EngineError> {
    let mut numbers = Vec::new();
    let n_bytes = n.saturating_mul(size_of::<T>());
    let too_many = |_| EngineError::Memory { engine: ENGINE, act, n_bytes };
    numbers.try_reserve_exact(n).map_err(too_many)?;
    numbers.resize(n, number);
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_an_error_that_says_how_much_it_is() {
        assert_eq!(filled(3, 0.5_f32, "add rows"), Ok(vec![0.5; 3]));
        assert_eq!(
            filled(usize::MAX, 0.0_f32, "add rows").unwrap_err().to_string(),
            "engine `native` failed to add rows: 18446744073709551615 bytes do not fit into memory"
        );
        assert_eq!(
            filled(1 << 60, 0.0_f32, "add rows").unwrap_err().to_string(),
            "engine `native` failed to add rows: 4611686018427387904 bytes do not fit into memory"
        );
    }
}
