//! Lines as AWS's tools tell them apart.
//!
//! botocore reads its files with Python's `configparser`, whose rules these are: which line is a
//! header, a setting or more of the setting above depends on how far it is indented.

use std::ops::Range;

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its bytes, line end included.
    pub(crate) range: Range<usize>,
    /// Characters before the first that is no space.
    pub(crate) indent: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Blank,
    Comment,
    /// The first line of a block of Vestibule's.
    Begin {
        name: String,
        /// Whether the line above was ended for its sake.
        ended_line_above: bool,
    },
    /// The last line of a block of Vestibule's.
    End,
    /// What stands between the brackets.
    Header(String),
    Setting {
        /// In lower case.
        key: String,
    },
    /// More of the setting above.
    Continuation,
    /// A setting or whatever else before the first section.
    Homeless,
    /// Neither a header nor a setting.
    Junk,
}

/// The markers hold no `:` and no `=`: `aws configure set` takes a comment with one for a setting
/// of the section above it, and would then write that section's new settings below the marker.
const BEGIN: &str = "# >>> vestibule ";
const ENDED_LINE_ABOVE: &str = " (ended the line above)";
const END: &str = "# <<< vestibule";

/// Splits a file into lines, as text files are read: at `\n`, `\r\n` and `\r`.
pub(crate) fn parse(bytes: &[u8]) -> Vec<Line> {
    let mut place = Place::default();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let range = start..start + length(&bytes[start..]);
        start = range.end;
        let text = String::from_utf8_lossy(&bytes[range.clone()]);
        let text = if range.start == 0 {
            without_mark(&text)
        } else {
            &text
        };
        let indent = text.chars().take_while(|c| is_space(*c)).count();
        let kind = place.kind(text.trim_matches(is_space), indent);
        lines.push(Line {
            range,
            indent,
            kind,
        });
    }
    lines
}

/// The first line of a block.
pub(crate) fn begin(name: &str, ended_line_above: bool) -> String {
    let note = if ended_line_above {
        ENDED_LINE_ABOVE
    } else {
        ""
    };
    format!("{BEGIN}{name}{note}")
}

/// The last line of a block.
pub(crate) fn end() -> &'static str {
    END
}

/// What Python takes for white space.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A file's text without a byte order mark.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Key and value of a setting's line.
pub(crate) fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(['=', ':'])?;
    Some((key.trim_matches(is_space), value.trim_matches(is_space)))
}

fn length(bytes: &[u8]) -> usize {
    match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(at) if bytes[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
        None => bytes.len(),
    }
}

/// What the lines above say about the next.
#[derive(Default)]
struct Place {
    in_section: bool,
    in_setting: bool,
    /// Of the last header or setting.
    indent: usize,
}

impl Place {
    fn kind(&mut self, content: &str, indent: usize) -> Kind {
        if content.is_empty() {
            return Kind::Blank;
        }
        if content.starts_with(['#', ';']) {
            let marker = if indent == 0 { marker(content) } else { None };
            return marker.unwrap_or(Kind::Comment);
        }
        if self.in_setting && indent > self.indent {
            return Kind::Continuation;
        }
        self.indent = indent;
        if let Some(header) = header(content) {
            self.in_section = true;
            self.in_setting = false;
            return Kind::Header(header.to_owned());
        }
        if !self.in_section {
            return Kind::Homeless;
        }
        match key_and_value(content) {
            Some((key, _)) => {
                self.in_setting = !key.is_empty();
                match key {
                    "" => Kind::Junk,
                    _ => Kind::Setting {
                        key: key.to_lowercase(),
                    },
                }
            }
            None => Kind::Junk,
        }
    }
}

fn header(content: &str) -> Option<&str> {
    let (header, _) = content.strip_prefix('[')?.rsplit_once(']')?;
    (!header.is_empty()).then_some(header)
}

fn marker(line: &str) -> Option<Kind> {
    if line == END {
        return Some(Kind::End);
    }
    let name = line.strip_prefix(BEGIN)?;
    let open = name.strip_suffix(ENDED_LINE_ABOVE);
    Some(Kind::Begin {
        name: open.unwrap_or(name).to_owned(),
        ended_line_above: open.is_some(),
    })
}
