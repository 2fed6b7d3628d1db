//! Rows as CSV. Source: RFC 4180, section 2; but lines end in `\n`.

use csv::{Terminator, WriterBuilder};

/// Lines of fields, each with its end; fields are quoted where they must be.
pub(crate) fn text(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("memory takes every row");
    }
    let bytes = writer.into_inner().expect("memory takes every row");
    String::from_utf8(bytes).expect("fields are text")
}

/// A field with the fewest digits that read back as the same `f64`; empty without a number.
pub(crate) fn number(number: Option<f64>) -> String {
    // `Debug`, unlike `Display`, turns to exponents where those are shorter.
    number.map_or(String::new(), |number| format!("{number:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_with_structure_are_quoted() {
        let fields = ["g-BC", "a,b", "a \"b\"", ""].map(str::to_owned).to_vec();
        assert_eq!(text([fields]), "g-BC,\"a,b\",\"a \"\"b\"\"\",\n");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([Some(0.1), Some(1e-300), None].map(number), ["0.1", "1e-300", ""]);
    }
}
