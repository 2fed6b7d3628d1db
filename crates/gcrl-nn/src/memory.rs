//! Memory of the CPU, asked for before it is filled: a size that a user chose must not end the program.

use crate::engine::EngineError;

/// Numbers that do not fit into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// How much memory they take; `usize::MAX` where it is even more.
    pub n_bytes: usize,
}

impl OutOfMemory {
    /// The error of an engine that was asked to do `act`.
    pub fn of(self, engine: &'static str, act: &'static str) -> EngineError {
        EngineError::Memory { engine, act, n_bytes: self.n_bytes }
    }
}

/// Sizes from which the system is asked first what is left: it promises more than it has.
const LARGE: usize = 1 << 30;

/// No numbers yet, with room for `n`.
///
/// # Errors
///
/// If memory does not hold them.
pub fn with_room<T>(n: usize) -> Result<Vec<T>, OutOfMemory> {
    let n_bytes = n.saturating_mul(size_of::<T>());
    let mut numbers = Vec::new();
    let is_refused = numbers.try_reserve_exact(n).is_err();
    let exceeds = |available: usize| available < n_bytes;
    if is_refused || (LARGE <= n_bytes && available_bytes().is_some_and(exceeds)) {
        return Err(OutOfMemory { n_bytes });
    }
    Ok(numbers)
}

/// `n` copies of `number`.
///
/// # Errors
///
/// If memory does not hold them.
pub fn filled<T: Clone>(n: usize, number: T) -> Result<Vec<T>, OutOfMemory> {
    let mut numbers = with_room(n)?;
    numbers.resize(n, number);
    Ok(numbers)
}

/// What Linux says is left; `None` on other systems.
fn available_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_its_size() {
        assert_eq!(filled(3, 0.5_f32), Ok(vec![0.5; 3]));
        let too_many = filled(usize::MAX, 0.0_f32);
        assert_eq!(too_many, Err(OutOfMemory { n_bytes: usize::MAX }));
        assert_eq!(filled(1 << 60, 0.0_f32), Err(OutOfMemory { n_bytes: 1 << 62 }));
    }

    #[test]
    fn what_the_system_would_promise_but_does_not_have_is_refused() {
        if let Some(available) = available_bytes() {
            assert!(with_room::<u8>(available + LARGE).is_err());
        }
    }
}
