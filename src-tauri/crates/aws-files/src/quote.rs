//! One word of a command line as `credential_process` is read.
//!
//! botocore splits the setting with `shlex` (on Windows by the rules of the C runtime); the other
//! SDKs hand it to `sh -c` or `cmd.exe /C`. What is written here means the same to all of them.

/// A word that can be written so that every reader takes it back unchanged.
///
/// `None` for text with control characters, which a line of the file cannot hold.
pub(crate) fn word(text: &str) -> Option<String> {
    if text.is_empty() || !text.chars().all(plain) {
        return quoted(text);
    }
    Some(text.to_owned())
}

/// Like [`word`], but always between quotes.
pub(crate) fn quoted(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    if cfg!(windows) {
        windows(text)
    } else {
        Some(posix(text))
    }
}

/// Characters that need no quotes anywhere.
fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./+=:@,-".contains(c)
}

/// `shlex` and `sh` disagree about backslashes between double quotes, but not about single quotes.
fn posix(text: &str) -> String {
    if text.contains(['"', '\\', '$', '`', '!']) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"{text}\"")
    }
}

/// No path on Windows holds a quote, and `cmd.exe` would expand `%`.
fn windows(text: &str) -> Option<String> {
    if text.contains(['"', '%']) || text.ends_with('\\') {
        return None;
    }
    Some(format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_bare_and_others_are_quoted() {
        assert_eq!(word("arn:aws_x.y-z/1").as_deref(), Some("arn:aws_x.y-z/1"));
        assert_eq!(word("two words").as_deref(), Some("\"two words\""));
        assert_eq!(word("").as_deref(), Some("\"\""));
    }

    #[test]
    fn what_a_line_cannot_hold_is_refused() {
        assert_eq!(word("a\nb"), None);
        assert_eq!(quoted("a\0b"), None);
    }

    #[test]
    fn single_quotes_where_a_shell_would_read_more() {
        assert_eq!(posix("/it's here/v"), "\"/it's here/v\"");
        assert_eq!(posix("/$HOME's/v"), r"'/$HOME'\''s/v'");
        assert_eq!(posix(r"C:\v"), r"'C:\v'");
    }

    #[test]
    fn windows_keeps_backslashes_and_refuses_what_cmd_would_read() {
        assert_eq!(
            windows(r"C:\Program Files\v.exe").as_deref(),
            Some(r#""C:\Program Files\v.exe""#)
        );
        assert_eq!(windows("100%"), None);
        assert_eq!(windows(r"C:\v\"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_every_word_back() {
        for text in [
            "/a b/c",
            "/$HOME/`id`",
            "/it's",
            "/\"q\"'s\\n",
            "/a#b;c&d|e*f!g",
            "~/x",
            "ü",
        ] {
            let line = format!("printf %s {}", quoted(text).unwrap());
            let output = std::process::Command::new("sh")
                .args(["-c", &line])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
