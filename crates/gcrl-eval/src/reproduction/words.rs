//! Numbers and names as a report writes them.

use crate::plots::canvas;
use crate::stats::{Interval, MeanStd};

/// Two decimals, with the sign for minus that has the width of a digit.
pub(super) fn decimal(number: f64) -> String {
    let text = format!("{number:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A difference: `digits` decimals and a sign.
pub(super) fn signed(number: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", number.abs());
    let is_zero = text.chars().all(|digit| digit == '0' || digit == '.');
    let sign = match (is_zero, number < 0.0) {
        (true, _) => "",
        (false, true) => "−",
        (false, false) => "+",
    };
    format!("{sign}{text}")
}

/// `mean ± std`; the mean alone where there is no deviation.
pub(super) fn mean_std(MeanStd { mean, std }: MeanStd) -> String {
    match std {
        Some(std) => format!("{} ± {}", decimal(mean), decimal(std)),
        None => decimal(mean),
    }
}

/// `low to high` with three decimals.
pub(super) fn interval(Interval { low, high }: Interval) -> String {
    format!("{low:.3} to {high:.3}")
}

/// `1 seed`, `5 seeds`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(n as f64)) }
}

/// A whole number from 0 on, digits in groups of three.
pub(super) fn grouped(number: f64) -> String {
    canvas::grouped(&format!("{number:.0}"))
}

/// Seeds as commands take them: `0..5` for 0, 1, 2, 3 and 4, or one by one, ascending.
pub(super) fn seeds(seeds: &[u64]) -> String {
    let contiguous = seeds.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    match (seeds.first(), seeds.last().and_then(|last| last.checked_add(1))) {
        (Some(first), Some(end)) if contiguous => format!("{first}..{end}"),
        _ => seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
    }
}

/// Text for names of files and anchors: all but letters, digits, `.`, `_` and `-` become `-`.
pub(super) fn slug(text: &str) -> String {
    let kept = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    text.chars().map(|letter| if kept(letter) { letter } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_true_minus_and_no_negative_zero() {
        assert_eq!([-1.5, -0.001, 2.0].map(decimal), ["−1.50", "0.00", "2.00"]);
        assert_eq!([-1.25, -0.04, 3.0].map(|number| signed(number, 1)), ["−1.2", "0.0", "+3.0"]);
        assert_eq!([0.0, 999.6, 1_234_567.0].map(grouped), ["0", "1,000", "1,234,567"]);
    }

    #[test]
    fn seeds_are_a_range_where_none_is_missing() {
        assert_eq!(seeds(&[0, 1, 2, 3, 4]), "0..5");
        assert_eq!(seeds(&[7]), "7..8");
        assert_eq!(seeds(&[0, 2]), "0,2");
        assert_eq!(seeds(&[u64::MAX]), "18446744073709551615");
    }

    #[test]
    fn a_slug_is_a_name_of_a_file() {
        assert_eq!(slug("HandReach@rapier/random-v1"), "HandReach-rapier-random-v1");
    }
}
