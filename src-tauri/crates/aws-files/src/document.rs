//! AWS's configuration files as lines of bytes.
//!
//! A [`Document`] knows just enough of the format to find sections, settings and Vestibule's own
//! blocks; everything it does not understand it carries along. What AWS's tools accept differs
//! in corners (indented headers, comments after values), so nothing here is ever normalized.

use std::ops::Range;

/// A configuration or credentials file, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

/// A `[section]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// Number of its line, from 1.
    pub line: usize,
    /// What stands between the brackets, without the spaces around it.
    pub header: &'a str,
}

impl Section<'_> {
    /// Name of the profile this section of a *config* file defines: `x` of `[profile x]` or
    /// `[profile "x"]`, and `default` of `[default]`.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        match self.header {
            "default" => Some("default"),
            _ => self.named("profile"),
        }
    }

    /// Name of the `[services x]` section.
    #[must_use]
    pub fn services(&self) -> Option<&str> {
        self.named("services")
    }

    /// Name of the `[sso-session x]` section.
    #[must_use]
    pub fn sso_session(&self) -> Option<&str> {
        self.named("sso-session")
    }

    fn named(&self, kind: &str) -> Option<&str> {
        let rest = self.header.strip_prefix(kind)?;
        let name = rest.trim_start();
        (name.len() < rest.len()).then(|| unquote(name))
    }
}

/// Lines that belong to Vestibule, from marker to marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    /// Indices of its lines, markers included.
    pub(crate) lines: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    range: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Blank,
    Comment,
    Begin {
        name: String,
    },
    End,
    Header(String),
    Setting {
        key: String,
    },
    /// An indented line of the setting above, or anything else.
    Other,
}

/// The markers hold no `:` and no `=`: `aws configure set` takes a comment with one for a setting
/// of the section above it, and would then write that section's new settings below the marker.
const BEGIN: &str = "# >>> vestibule ";
const AFTER_OPEN_LINE: &str = " (ended the line above)";
const END: &str = "# <<< vestibule";

impl Document {
    /// Reads a file's bytes. Never fails: what is not understood is kept.
    #[must_use]
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let mut lines = Vec::new();
        let mut start = 0;
        let mut in_setting = false;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let kind = kind(line, in_setting);
            match kind {
                Kind::Header(_) => in_setting = false,
                Kind::Setting { .. } => in_setting = true,
                _ => {}
            }
            let range = start..start + line.len();
            start = range.end;
            lines.push(Line { range, kind });
        }
        Self { bytes, lines }
    }

    /// The file's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Every section in the order of the file, repeated ones as often as they appear.
    pub fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(index, line)| match &line.kind {
                Kind::Header(header) => Some(Section {
                    line: index + 1,
                    header,
                }),
                _ => None,
            })
    }

    /// Every setting with the number of its line, its key in lower case and what stands on that
    /// line of its value.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (usize, &str, String)> {
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(index, line)| match &line.kind {
            Kind::Setting { key } => Some((index + 1, key.as_str(), value(self.line(index)))),
            _ => None,
        })
    }

    /// The settings of the section whose header is on that line, counted from 1.
    pub(crate) fn settings_below(
        &self,
        header: usize,
    ) -> impl Iterator<Item = (usize, &str, String)> {
        let end = self
            .sections()
            .map(|section| section.line)
            .find(|line| *line > header);
        self.settings()
            .filter(move |(line, ..)| *line > header && end.is_none_or(|end| *line < end))
    }

    /// Whether this can be a text file in an encoding AWS's tools read; UTF-16 is not.
    pub(crate) fn is_text(&self) -> bool {
        !self.bytes.contains(&0)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The bytes of one line, its end included.
    pub(crate) fn line(&self, index: usize) -> &[u8] {
        &self.bytes[self.lines[index].range.clone()]
    }

    /// Vestibule's blocks. A marker without its counterpart makes none.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open = None;
        for (index, line) in self.lines.iter().enumerate() {
            match &line.kind {
                Kind::Begin { name } => open = Some((name.clone(), index)),
                Kind::End => blocks.extend(open.take().map(|(name, start)| Block {
                    name,
                    lines: start..index + 1,
                })),
                _ => {}
            }
        }
        blocks
    }

    /// How this file ends its lines; a new one with `\n`.
    pub(crate) fn line_end(&self) -> &'static str {
        let ended = self
            .bytes
            .split_inclusive(|byte| *byte == b'\n')
            .rfind(|line| line.ends_with(b"\n"));
        if ended.is_some_and(|line| line.ends_with(b"\r\n")) {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// A document with one more block, of these complete lines, at its end.
    pub(crate) fn append_block(&self, name: &str, body: &[u8]) -> Self {
        let end = self.line_end();
        let open_line = !self.bytes.is_empty() && !self.bytes.ends_with(b"\n");
        let (break_above, note) = if open_line {
            (end, AFTER_OPEN_LINE)
        } else {
            ("", "")
        };
        let mut bytes = self.bytes.clone();
        bytes.extend(format!("{break_above}{BEGIN}{name}{note}{end}").bytes());
        bytes.extend(body);
        bytes.extend(format!("{END}{end}").bytes());
        Self::parse(bytes)
    }

    /// A document with other lines between the markers of a block.
    pub(crate) fn replace_body(&self, block: &Block, body: &[u8]) -> Self {
        self.splice(block.lines.start + 1..block.lines.end - 1, body)
    }

    /// A document without a block, and without the line end that [`Self::append_block`] had to
    /// add to the line above it.
    pub(crate) fn remove_block(&self, block: &Block) -> Self {
        let without = self.splice(block.lines.clone(), b"");
        let marker = self.line(block.lines.start).trim_ascii_end();
        let at_the_end = block.lines.end == self.lines.len();
        if !(at_the_end && marker.ends_with(AFTER_OPEN_LINE.as_bytes())) {
            return without;
        }
        let end = if self.line(block.lines.start).ends_with(b"\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        match without.bytes.strip_suffix(end.as_bytes()) {
            Some(bytes) => Self::parse(bytes),
            None => without,
        }
    }

    /// A document with other bytes in place of some lines.
    pub(crate) fn splice(&self, lines: Range<usize>, with: &[u8]) -> Self {
        let offset = |index: usize| {
            self.lines
                .get(index)
                .map_or(self.bytes.len(), |line| line.range.start)
        };
        let mut bytes = self.bytes.clone();
        bytes.splice(offset(lines.start)..offset(lines.end), with.iter().copied());
        Self::parse(bytes)
    }
}

/// The files may hold keys: only their size is shown.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.bytes.len())
    }
}

fn kind(line: &[u8], in_setting: bool) -> Kind {
    let line = line.trim_ascii_end();
    let text = line.trim_ascii_start();
    let indented = text.len() < line.len();
    match text {
        [] => Kind::Blank,
        [b'#' | b';', ..] if !indented => marker(line).unwrap_or(Kind::Comment),
        [b'#' | b';', ..] => Kind::Comment,
        // Python's configparser takes an indented line for a header where no setting could go on.
        [b'[', rest @ ..] if !(indented && in_setting) => {
            match rest.iter().rposition(|byte| *byte == b']') {
                Some(end) => Kind::Header(text_of(&rest[..end])),
                None => Kind::Other,
            }
        }
        _ if indented => Kind::Other,
        _ => match text.iter().position(|byte| matches!(byte, b'=' | b':')) {
            Some(end) => Kind::Setting {
                key: text_of(&text[..end]).to_lowercase(),
            },
            None => Kind::Other,
        },
    }
}

fn marker(line: &[u8]) -> Option<Kind> {
    let line = std::str::from_utf8(line).ok()?;
    if line == END {
        return Some(Kind::End);
    }
    let name = line.strip_prefix(BEGIN)?;
    let name = name
        .strip_suffix(AFTER_OPEN_LINE)
        .unwrap_or(name)
        .to_owned();
    Some(Kind::Begin { name })
}

/// What stands behind the key.
fn value(line: &[u8]) -> String {
    let start = line.iter().position(|byte| matches!(byte, b'=' | b':'));
    start
        .map(|start| text_of(&line[start + 1..]))
        .unwrap_or_default()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

fn unquote(name: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(name)
}
