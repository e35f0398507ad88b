//! The words of a section's header, as Python's `shlex.split` finds them: botocore reads
//! `[profile "my profile"]` so.

/// The words; `None` where a quote stays open or nothing follows a backslash.
pub(crate) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"'), '\\') => {
                let escaped = chars.next()?;
                let word = word.get_or_insert_default();
                // Between quotes only these two can be escaped.
                if !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_python_finds_them() {
        // Each was given to `shlex.split` of Python 3.11.
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("profile x", Some(&["profile", "x"])),
            (" profile\t'a b' ", Some(&["profile", "a b"])),
            ("profile \"a\\\"b\\c\"", Some(&["profile", "a\"b\\c"])),
            ("profile 'a\\'", Some(&["profile", "a\\"])),
            ("profile a\\ b\"\"", Some(&["profile", "a b"])),
            ("profile ''", Some(&["profile", ""])),
            ("profile #x", Some(&["profile", "#x"])),
            ("profile \"x", None),
            ("profile x\\", None),
            ("profile \"x\\", None),
            ("", Some(&[])),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|words| words.iter().map(ToString::to_string).collect());
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
