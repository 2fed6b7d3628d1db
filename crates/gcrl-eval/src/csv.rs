//! Lines of a CSV file. Source: RFC 4180, section 2; but lines end in `\n`.

use std::borrow::Cow;

/// One line, its end included.
pub(crate) fn line<'a>(fields: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    let fields: Vec<_> = fields.into_iter().map(quoted).collect();
    fields.join(",") + "\n"
}

/// A field with the fewest digits that read back as the same `f64`; empty without a number.
pub(crate) fn number(number: Option<f64>) -> Cow<'static, str> {
    // `Debug`, unlike `Display`, turns to exponents where those are shorter.
    number.map_or(Cow::Borrowed(""), |number| Cow::Owned(format!("{number:?}")))
}

/// Quotes a field where a comma, a quote or a line break would be read as structure.
fn quoted(field: Cow<'_, str>) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_with_structure_are_quoted() {
        let fields = ["g-BC", "a,b", "a \"b\"", ""].map(Cow::Borrowed);
        assert_eq!(line(fields), "g-BC,\"a,b\",\"a \"\"b\"\"\",\n");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([Some(0.1), Some(1e-300), None].map(number), ["0.1", "1e-300", ""]);
    }
}
