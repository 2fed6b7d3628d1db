//! Numbers as JSON holds them: it has no NaN and no infinity, and many readers know no integer beyond 2^53.

use serde::Serializer;
use serde::ser::Error;

/// Writes a number; NaN and infinity are an error, since they would read back as `null`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
pub(crate) fn finite<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.is_finite() {
        serializer.serialize_f64(*number)
    } else {
        Err(S::Error::custom(format!("{number} is no number of JSON")))
    }
}

/// As [`finite`]; nothing is `null`.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
pub(crate) fn finite_or_null<S: Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => finite(number, serializer),
        None => serializer.serialize_none(),
    }
}

/// Integers: numbers as far as every reader holds them exactly, text beyond.
pub(crate) mod exact {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    const LARGEST: u64 = 1 << 53;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
    pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        if *number <= LARGEST {
            serializer.serialize_u64(*number)
        } else {
            serializer.collect_str(number)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(number),
            Written::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Seed(#[serde(with = "super::exact")] u64);

    #[test]
    fn integers_are_text_where_other_readers_would_round_them() {
        let text = |seed| serde_json::to_string(&Seed(seed)).unwrap();
        let exact = 9_007_199_254_740_992; // 2^53
        assert_eq!([0, exact].map(text), ["0", "9007199254740992"]);
        assert_eq!(text(exact + 1), "\"9007199254740993\"");
        for seed in [0, exact, exact + 1, u64::MAX] {
            assert_eq!(serde_json::from_str::<Seed>(&text(seed)).unwrap(), Seed(seed));
        }
        assert!(serde_json::from_str::<Seed>("\"-1\"").is_err());
    }
}
