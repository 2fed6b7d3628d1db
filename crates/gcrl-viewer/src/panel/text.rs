//! Numbers and names as the panel writes them.

use std::collections::BTreeSet;

/// Three digits after the point, eight characters or more; never a zero with a sign.
pub(crate) fn number(value: f32) -> String {
    format!("{:8.3}", without_signed_zero(value, 1000.0))
}

/// Two digits after the point, and always a sign, but for zero.
pub(crate) fn signed(value: f32) -> String {
    let value = without_signed_zero(value, 100.0);
    if value == 0.0 { " 0.00".to_owned() } else { format!("{value:+.2}") }
}

/// A return, which is a count in most tasks.
pub(crate) fn score(value: f32) -> String {
    let value = without_signed_zero(value, 100.0);
    if value == value.round() { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Rounded to parts of `scale`; what rounds to zero loses its sign.
fn without_signed_zero(value: f32, scale: f32) -> f32 {
    if (value * scale).abs() < 0.5 { 0.0 } else { value }
}

/// A name of the code in words.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A name and its unit, if it has one.
pub(crate) fn with_unit(name: &str, unit: &str) -> (String, String) {
    let unit = if unit == "1" { String::new() } else { unit.to_owned() };
    (words(name), unit)
}

/// Names of policies without what all of them share: folders, `policies`, endings; those that could be
/// confused then stay whole.
pub(crate) fn short_names(names: &[String]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = names.iter().map(|name| parts(name)).collect();
    let paths: Vec<_> = parts.iter().filter(|parts| 1 < parts.len()).collect();
    // What comes before the last two parts says little where it is the same for all.
    let n_shared = paths.first().map_or(0, |first| {
        let is_shared =
            |i: usize| paths.iter().all(|path| i + 2 < path.len() && path[i] == first[i]);
        (0..first.len()).take_while(|i| is_shared(*i)).count()
    });
    let short = |parts: &Vec<&str>| {
        let from = if 1 < parts.len() { n_shared } else { 0 };
        parts[from..].join("/")
    };
    let short: Vec<String> = parts.iter().map(short).collect();
    let distinct: BTreeSet<&String> = short.iter().collect();
    if distinct.len() < short.len() { names.to_vec() } else { short }
}

/// Folders and the name of a file, without `policies` and the ending.
fn parts(name: &str) -> Vec<&str> {
    let name = name.strip_suffix(".safetensors").unwrap_or(name);
    let parts = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != "policies");
    let parts: Vec<&str> = parts.collect();
    if parts.is_empty() { vec![name] } else { parts }
}

/// At most `longest` characters, of which the last ones tell most.
pub(crate) fn tail(text: &str, longest: usize) -> String {
    let n_chars = text.chars().count();
    if n_chars <= longest {
        return text.to_owned();
    }
    let rest: String = text.chars().skip(n_chars + 1 - longest).collect();
    format!("…{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(number(-0.0004), "   0.000");
        assert_eq!(number(-0.0006), "  -0.001");
        assert_eq!(number(1.2346), "   1.235");
        assert_eq!([signed(-0.004), signed(0.25), signed(-1.0)], [" 0.00", "+0.25", "-1.00"]);
        assert_eq!([score(-0.0), score(12.0), score(0.5)], ["0", "12", "0.50"]);
    }

    #[test]
    fn policies_lose_what_all_of_them_share() {
        let names =
            ["expert", "runs/her/policies/seed-0.safetensors", "runs/a/b/policies/x.safetensors"];
        let names = names.map(str::to_owned);
        assert_eq!(short_names(&names), ["expert", "her/seed-0", "a/b/x"]);
        let alone = ["/home/me/runs/her/policies/seed-1.safetensors".to_owned()];
        assert_eq!(short_names(&alone), ["her/seed-1"]);
    }

    #[test]
    fn names_that_could_be_confused_stay_whole() {
        let names = ["a/x.safetensors", "a/policies/x.safetensors"].map(str::to_owned);
        assert_eq!(short_names(&names), names);
    }

    #[test]
    fn long_paths_keep_their_end() {
        assert_eq!(tail("runs/her", 8), "runs/her");
        assert_eq!(tail("runs/other", 6), "…other");
    }
}
