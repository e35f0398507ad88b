//! What stands between the markers: Vestibule's settings, and whatever the user, or
//! `aws configure set`, added to them.

use std::ops::Range;

use crate::block::{Entry, NOTES, OWN, Subject};
use crate::document::{Block, Document, Section, line_end};
use crate::lines::Kind;

/// The lines of a block, brought up to date; everything that is not Vestibule's stays, in place.
pub(crate) fn body(document: &Document, block: Option<&Block>, entry: &Entry<'_>) -> Vec<u8> {
    let end = match block {
        Some(block) => line_end(document.line(block.lines.start)),
        None => document.line_end(),
    };
    let present = block.map_or(&b""[..], |block| document.bytes(block.body()));
    let body = complete(present, entry, end);
    let main = Part {
        wanted: entry.main_settings(),
        own: OWN,
        note: entry.note,
        end,
    };
    let services = Part {
        wanted: entry.service_settings(),
        own: &["sts", "sso", "sso_oidc"],
        note: entry.note,
        end,
    };
    let mut bytes = body.bytes(0..first_header(&body)).to_vec();
    for lines in parts(&body) {
        let section = section(&body, lines.start);
        let is_main = section.is_some_and(|section| entry.subject.is_main(&section));
        let part = if is_main { &main } else { &services };
        part.write(&body, lines, &mut bytes);
    }
    bytes
}

/// A setting as Vestibule wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) value: Wanted,
}

/// What a setting is to be set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// This, whatever it is now.
    Exactly(String),
    /// This, unless it is set already.
    AtFirst(String),
    /// A nested `endpoint_url`.
    Endpoint(String),
}

/// The body with each header and the note in it.
///
/// A profile's services section stands there even when it is empty: `aws configure set` adds a new
/// setting to the last section of a file two lines below the last setting, which would be past the
/// marker.
fn complete(present: &[u8], entry: &Entry<'_>, end: &str) -> Document {
    let found = Document::parse(present);
    let mut bytes = Vec::new();
    if !found
        .sections()
        .any(|section| entry.subject.is_main(&section))
    {
        bytes.extend(format!("[{}]{end}", entry.subject.header()).bytes());
    }
    bytes.extend(present);
    if let Subject::Profile(name) = entry.subject
        && !found.sections().any(|section| section.services().is_some())
    {
        let services = crate::block::services_name(name);
        bytes.extend(format!("[services {services}]{end}").bytes());
    }
    let noted = (0..found.lines().len()).any(|index| found.text(index).trim_end() == entry.note);
    if !noted {
        bytes.extend(format!("{}{end}", entry.note).bytes());
    }
    Document::parse(bytes)
}

fn section(document: &Document, index: usize) -> Option<Section<'_>> {
    match &document.lines()[index].kind {
        Kind::Header(header) => Some(Section {
            line: index + 1,
            header: header.trim(),
        }),
        _ => None,
    }
}

fn first_header(document: &Document) -> usize {
    let lines = document.lines();
    let header = |line: &crate::lines::Line| matches!(line.kind, Kind::Header(_));
    lines.iter().position(header).unwrap_or(lines.len())
}

/// The lines of each section, its header first.
fn parts(document: &Document) -> impl Iterator<Item = Range<usize>> {
    let starts: Vec<_> = document
        .sections()
        .map(|section| section.line - 1)
        .chain([document.lines().len()])
        .collect();
    (1..starts.len()).map(move |next| starts[next - 1]..starts[next])
}

/// One section of a block.
struct Part<'a> {
    wanted: Vec<Setting>,
    /// Settings that are Vestibule's, wanted or not.
    own: &'a [&'a str],
    note: &'a str,
    end: &'a str,
}

impl Part<'_> {
    fn write(&self, document: &Document, lines: Range<usize>, bytes: &mut Vec<u8>) {
        let rest = lines.start + 1..lines.end;
        bytes.extend(document.line(lines.start));
        let present: Vec<_> = rest
            .clone()
            .filter_map(|index| key(document, index))
            .collect();
        let missing = self
            .wanted
            .iter()
            .filter(|setting| !present.contains(&setting.key));
        // A line that is indented further than the one above would go on with it.
        let first = rest.clone().find(|index| key(document, *index).is_some());
        let indent = first.map_or(&b""[..], |index| indent(document, index));
        for setting in missing {
            self.render(setting, indent, bytes);
        }
        let mut written = Vec::new();
        let mut dropping = false;
        for index in rest.clone() {
            let text = document.text(index);
            if NOTES.contains(&text.trim_end()) && text.trim_end() != self.note {
                continue;
            }
            dropping &= !matches!(document.lines()[index].kind, Kind::Setting { .. });
            if dropping && document.lines()[index].kind == Kind::Continuation {
                continue;
            }
            let Some(key) = key(document, index).filter(|key| self.own.contains(key)) else {
                bytes.extend(document.line(index));
                continue;
            };
            let unwritten = |setting: &&Setting| setting.key == key && !written.contains(&key);
            match self.wanted.iter().find(unwritten) {
                Some(setting) if setting.stands(document, index..rest.end) => {
                    bytes.extend(document.line(index));
                }
                wanted => {
                    dropping = true;
                    if let Some(setting) = wanted {
                        self.render(setting, self::indent(document, index), bytes);
                    }
                }
            }
            written.push(key);
        }
    }

    fn render(&self, setting: &Setting, indent: &[u8], bytes: &mut Vec<u8>) {
        let (key, end) = (setting.key, self.end);
        bytes.extend(indent);
        match &setting.value {
            Wanted::Exactly(value) | Wanted::AtFirst(value) => {
                bytes.extend(format!("{key} = {value}{end}").bytes());
            }
            Wanted::Endpoint(url) => {
                bytes.extend(format!("{key} ={end}").bytes());
                bytes.extend(indent);
                bytes.extend(format!("  endpoint_url = {url}{end}").bytes());
            }
        }
    }
}

impl Setting {
    /// Whether the setting on the first of these lines, with those that go on with it, says what
    /// is wanted.
    fn stands(&self, document: &Document, lines: Range<usize>) -> bool {
        let value = document.value(lines.start);
        let goes_on =
            |index: &usize| !matches!(document.lines()[*index].kind, Kind::Setting { .. });
        let mut more = (lines.start + 1..lines.end)
            .take_while(goes_on)
            .filter(|index| document.lines()[*index].kind == Kind::Continuation)
            .map(|index| document.text(index));
        match &self.value {
            Wanted::Exactly(wanted) | Wanted::AtFirst(wanted) => {
                value == wanted.as_str() && more.next().is_none()
            }
            Wanted::Endpoint(url) => {
                let is_wanted = |line: std::borrow::Cow<'_, str>| {
                    let nested = line.split_once('=');
                    nested.is_some_and(|(key, value)| {
                        key.trim() == "endpoint_url" && value.trim() == url
                    })
                };
                value.is_empty() && more.any(is_wanted)
            }
        }
    }
}

fn key(document: &Document, index: usize) -> Option<&str> {
    match &document.lines()[index].kind {
        Kind::Setting { key } => Some(key),
        _ => None,
    }
}

/// The white space a line begins with.
fn indent(document: &Document, index: usize) -> &[u8] {
    let line = document.line(index);
    let text = document.text(index);
    let content = text.trim_start_matches(crate::lines::is_space);
    line.get(..text.len() - content.len()).unwrap_or_default()
}
