//! AWS's configuration files as lines of bytes.
//!
//! A [`Document`] knows just enough of the format to find sections, settings and Vestibule's own
//! blocks; everything else it carries along, so nothing is ever normalized.

use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::lines::{self, Kind, Line};
use crate::words;

/// A configuration or credentials file, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    bytes: Zeroizing<Vec<u8>>,
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

impl<'a> Section<'a> {
    /// Name of the profile this section of a *config* file defines: `x` of `[profile x]` or
    /// `[profile "x"]`, and `default` of `[default]`.
    #[must_use]
    pub fn profile(&self) -> Option<Cow<'a, str>> {
        match self.header {
            "default" => Some("default".into()),
            _ => self.named("profile"),
        }
    }

    /// Name of the `[services x]` section.
    #[must_use]
    pub fn services(&self) -> Option<Cow<'a, str>> {
        self.named("services")
    }

    /// Name of the `[sso-session x]` section.
    #[must_use]
    pub fn sso_session(&self) -> Option<Cow<'a, str>> {
        self.named("sso-session")
    }

    /// Broader than any one tool reads it, for what one of them takes for a name is taken.
    fn named(&self, kind: &str) -> Option<Cow<'a, str>> {
        let rest = self.header.strip_prefix(kind)?;
        if rest.contains(['"', '\'', '\\'])
            && let Some([_, name]) = words::split(self.header).as_deref()
        {
            return Some(name.clone().into());
        }
        let name = rest.trim_start_matches(lines::is_space);
        (name.len() < rest.len()).then_some(name.into())
    }
}

/// Lines that belong to Vestibule, from marker to marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    /// Indices of its lines, markers included.
    pub(crate) lines: Range<usize>,
}

impl Block {
    /// Indices of the lines between the markers.
    pub(crate) fn body(&self) -> Range<usize> {
        self.lines.start + 1..self.lines.end - 1
    }
}

/// Changes to a document, made at once.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// Other bytes for some lines, in no order; complete lines, which do not overlap.
    pub(crate) replaced: Vec<(Range<usize>, Zeroizing<Vec<u8>>)>,
    /// Blocks that go, markers and all.
    pub(crate) removed: Vec<Range<usize>>,
    /// Names and bodies of new blocks, for the end.
    pub(crate) appended: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl Document {
    /// Reads a file's bytes. Never fails: what is not understood is kept.
    #[must_use]
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Zeroizing::new(bytes.into());
        let lines = lines::parse(&bytes);
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
            .zip(1..)
            .filter_map(|(line, number)| match &line.kind {
                Kind::Header(header) => Some(Section {
                    line: number,
                    header: header.trim_matches(lines::is_space),
                }),
                _ => None,
            })
    }

    /// Keys, in lower case, and values of a section's settings, from the first line of each.
    pub(crate) fn settings(
        &self,
        section: &Section<'_>,
    ) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        (section.line..self.lines.len())
            .take_while(|index| !matches!(self.lines[*index].kind, Kind::Header(_)))
            .filter_map(|index| match &self.lines[index].kind {
                Kind::Setting { key } => Some((key.as_str(), self.value(index))),
                _ => None,
            })
    }

    /// What stands behind the key of a setting's line.
    pub(crate) fn value(&self, index: usize) -> Cow<'_, str> {
        let value = |text: &str| {
            let found = lines::key_and_value(text).map(|(_, value)| value.to_owned());
            Cow::Owned(found.unwrap_or_default())
        };
        match self.text(index) {
            Cow::Borrowed(text) => match lines::key_and_value(text) {
                Some((_, value)) => Cow::Borrowed(value),
                None => Cow::default(),
            },
            Cow::Owned(text) => value(&text),
        }
    }

    /// The text of one line, without a byte order mark; what is not UTF-8 is replaced.
    pub(crate) fn text(&self, index: usize) -> Cow<'_, str> {
        match String::from_utf8_lossy(self.line(index)) {
            Cow::Borrowed(text) if index == 0 => Cow::Borrowed(lines::without_mark(text)),
            Cow::Owned(text) if index == 0 => Cow::Owned(lines::without_mark(&text).to_owned()),
            text => text,
        }
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The bytes of one line, its end included.
    pub(crate) fn line(&self, index: usize) -> &[u8] {
        &self.bytes[self.lines[index].range.clone()]
    }

    /// The bytes of some lines.
    pub(crate) fn bytes(&self, lines: Range<usize>) -> &[u8] {
        &self.bytes[self.offset(lines.start)..self.offset(lines.end)]
    }

    /// Vestibule's blocks. A marker without its counterpart makes none.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open = None;
        for (index, line) in self.lines.iter().enumerate() {
            match &line.kind {
                Kind::Begin { name, .. } => open = Some((name, index)),
                Kind::End => blocks.extend(open.take().map(|(name, start)| Block {
                    name: name.clone(),
                    lines: start..index + 1,
                })),
                _ => {}
            }
        }
        blocks
    }

    /// How this file ends its lines; a new one with `\n`.
    pub(crate) fn line_end(&self) -> &'static str {
        (0..self.lines.len())
            .rev()
            .map(|index| line_end(self.line(index)))
            .find(|end| end.ends_with('\n'))
            .unwrap_or("\n")
    }

    /// A document with the changes made, and all other bytes as they are.
    pub(crate) fn edited(&self, edits: Edits) -> Self {
        let removed = edits.removed.into_iter().map(|lines| (lines, None));
        let replaced = edits.replaced.into_iter();
        let mut changes: Vec<_> = replaced
            .map(|(lines, with)| (lines, Some(with)))
            .chain(removed)
            .collect();
        changes.sort_by_key(|(lines, _)| lines.start);
        let mut writer = Writer::default();
        // At once: growing would leave copies of keys behind.
        let added = |bodies: usize, body: &[u8]| bodies + body.len() + 200;
        let replaced = changes.iter().filter_map(|(_, with)| with.as_deref());
        let appended = edits.appended.iter().map(|(_, body)| &**body);
        let room = replaced
            .map(Vec::as_slice)
            .chain(appended.map(Vec::as_slice))
            .fold(self.bytes.len(), added);
        writer.bytes.reserve(room);
        let mut next = 0;
        for (lines, with) in changes {
            writer.keep(self, next..lines.start);
            next = lines.end;
            match with {
                Some(with) => writer.write(&with),
                None => writer.remove(self, lines.start),
            }
        }
        writer.keep(self, next..self.lines.len());
        writer.append(self.line_end(), edits.appended);
        Self::parse(writer.bytes)
    }

    fn offset(&self, index: usize) -> usize {
        match self.lines.get(index) {
            Some(line) => line.range.start,
            None => self.bytes.len(),
        }
    }
}

/// The files may hold keys: only their size is shown.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.bytes.len())
    }
}

/// How a line ends; `""` for the last one of a file that does not end it.
pub(crate) fn line_end(line: &[u8]) -> &'static str {
    ["\r\n", "\n", "\r"]
        .into_iter()
        .find(|end| line.ends_with(end.as_bytes()))
        .unwrap_or_default()
}

/// Puts the next version of a document together.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// Set while a line stands ended for a block that is gone: where the text ends, and how the
    /// line was ended.
    ended: Option<(usize, &'static str)>,
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Where a block that had the line above ended is gone, the next one takes that note over, so
    /// that the last one to go can undo it.
    fn keep(&mut self, document: &Document, lines: Range<usize>) {
        let mut rest = lines;
        if rest.is_empty() {
            return;
        }
        if self.ended.take().is_some()
            && let Kind::Begin { name, .. } = &document.lines[rest.start].kind
        {
            self.write(lines::begin(name, true).as_bytes());
            self.write(line_end(document.line(rest.start)).as_bytes());
            rest.start += 1;
        }
        self.write(document.bytes(rest));
    }

    /// Leaves out a block whose first marker is on that line.
    fn remove(&mut self, document: &Document, begin: usize) {
        let ended = match &document.lines[begin].kind {
            Kind::Begin {
                ended_line_above, ..
            } => *ended_line_above,
            _ => false,
        };
        let end = line_end(document.line(begin));
        if ended && self.bytes.ends_with(end.as_bytes()) {
            self.ended = Some((self.bytes.len(), end));
        }
    }

    fn append(&mut self, end: &str, blocks: Vec<(String, Zeroizing<Vec<u8>>)>) {
        if let Some((at, ended)) = self.ended
            && at == self.bytes.len()
        {
            self.bytes.truncate(at - ended.len());
        }
        for (name, body) in blocks {
            let open = !self.bytes.is_empty() && line_end(&self.bytes).is_empty();
            if open {
                self.write(end.as_bytes());
            }
            self.write(format!("{}{end}", lines::begin(&name, open)).as_bytes());
            self.write(&body);
            self.write(format!("{}{end}", lines::end()).as_bytes());
        }
    }
}
