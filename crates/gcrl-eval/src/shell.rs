//! Words of commands that a person or a scheduler pastes into a shell.

/// A word for a POSIX shell, in single quotes where it needs them.
pub fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-@=,:+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_expand_them() {
        assert_eq!(shell_word("out/HandReach@rapier"), "out/HandReach@rapier");
        assert_eq!(shell_word("--tasks=a,b"), "--tasks=a,b");
        assert_eq!(shell_word("my runs"), "'my runs'");
        assert_eq!(shell_word("~/runs"), "'~/runs'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
