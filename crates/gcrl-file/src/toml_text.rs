//! TOML that people write by hand: what is wrong with it is said in one line, with its place.

use serde::de::DeserializeOwned;
use toml::Value;

/// What is wrong with TOML, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{message}")]
pub struct TomlError {
    /// `line 3, column 7: `, where it was read from text.
    place: String,
    message: String,
}

/// Reads TOML text.
///
/// # Errors
///
/// If it is not TOML, or holds other keys or values than `T`.
pub fn parse_toml<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| TomlError::new(error, Some(text)))
}

/// Reads a table, or another value, that was parsed before.
///
/// # Errors
///
/// If it holds other keys or values than `T`; the key is named.
pub fn from_toml<T: DeserializeOwned>(value: impl Into<Value>) -> Result<T, TomlError> {
    value.into().try_into().map_err(|error| TomlError::new(error, None))
}

impl TomlError {
    fn new(mut error: toml::de::Error, text: Option<&str>) -> Self {
        let start = error.span().map(|span| span.start);
        let place = text.zip(start).map(|(text, start)| place(text, start)).unwrap_or_default();
        // Without the text, the parser's words are what is wrong and, in a table, `in key`, a line each.
        error.set_input(None);
        let words = error.to_string();
        Self { place, message: words.trim_end().replace('\n', ", ") }
    }
}

/// The place of the byte `start`, counted from 1, columns in characters.
fn place(text: &str, start: usize) -> String {
    let before = text.get(..start).unwrap_or(text);
    let line = before.split('\n').count();
    let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
    format!("line {line}, column {column}: ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use toml::Table;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "name")]
        _name: String,
    }

    #[test]
    fn what_is_wrong_with_a_text_is_one_line_with_its_place() {
        let error = |text: &str| parse_toml::<File>(text).unwrap_err().to_string();
        assert_eq!(
            error("\n# a name\nname = 5\n"),
            "line 3, column 8: invalid type: integer `5`, expected a string, in `name`"
        );
        assert_eq!(
            error("\nnames = 'x'"),
            "line 2, column 1: unknown field `names`, expected `name`"
        );
        assert_eq!(error("name = ["), "line 1, column 9: unclosed array, expected `]`");
    }

    #[test]
    fn columns_are_characters() {
        let text = "a = 1\nä = 2";
        assert_eq!(place(text, text.len() - 1), "line 2, column 5: ");
        assert_eq!(place(text, text.len()), "line 2, column 6: ");
    }

    #[test]
    fn what_is_wrong_with_a_table_is_one_line_with_its_key() {
        let table = Table::from_iter([("name".to_owned(), 5.into())]);
        let error = from_toml::<File>(table).unwrap_err().to_string();
        assert_eq!(error, "invalid type: integer `5`, expected a string, in `name`");
    }
}
