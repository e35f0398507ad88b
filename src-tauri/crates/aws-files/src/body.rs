//! What stands between the markers: Vestibule's settings, and whatever the user, or
//! `aws configure set`, added to them.

use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::block::{Entry, NOTES, Subject, services_name};
use crate::document::{Block, Document, line_end};
use crate::lines::{Kind, is_space};

/// The lines of a block, brought up to date; everything that is not Vestibule's stays, in place.
pub(crate) fn body(
    document: &Document,
    block: Option<&Block>,
    entry: &Entry<'_>,
) -> Zeroizing<Vec<u8>> {
    let end = match block {
        Some(block) => line_end(document.line(block.lines.start)),
        None => document.line_end(),
    };
    let present = block.map_or(&b""[..], |block| document.bytes(block.body()));
    let body = complete(present, entry, end);
    let part = |wanted, own| Part {
        wanted,
        own,
        note: entry.note,
        end,
    };
    let main = part(entry.main_settings(), entry.subject.own_settings());
    let services = part(entry.service_settings(), &["sts", "sso", "sso_oidc"]);

    let sections: Vec<_> = body.sections().collect();
    let start = |at: usize| match sections.get(at) {
        Some(section) => section.line - 1,
        None => body.lines().len(),
    };
    let mut bytes = Zeroizing::new(body.bytes(0..start(0)).to_vec());
    for (at, section) in sections.iter().enumerate() {
        let is_main = entry.subject.is_main(section);
        let part = if is_main { &main } else { &services };
        part.write(&body, start(at)..start(at + 1), &mut bytes);
    }
    bytes
}

/// A setting as Vestibule wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<'a> {
    pub(crate) key: &'static str,
    pub(crate) value: Wanted<'a>,
}

/// What a setting is to be set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    /// This, whatever it is now.
    Exactly(Cow<'a, str>),
    /// This, unless it is set already.
    AtFirst(&'a str),
    /// A nested `endpoint_url`.
    Endpoint(&'a str),
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
        let services = services_name(name);
        bytes.extend(format!("[services {services}]{end}").bytes());
    }
    let noted = (0..found.lines().len()).any(|index| found.text(index).trim_end() == entry.note);
    if !noted {
        bytes.extend(format!("{}{end}", entry.note).bytes());
    }
    Document::parse(bytes)
}

/// One section of a block.
struct Part<'a> {
    wanted: Vec<Setting<'a>>,
    /// Settings that are Vestibule's, wanted or not.
    own: &'a [&'a str],
    note: &'a str,
    end: &'a str,
}

impl Part<'_> {
    /// Writes the section of these lines, its header first.
    fn write(&self, document: &Document, lines: Range<usize>, bytes: &mut Vec<u8>) {
        bytes.extend(document.line(lines.start));
        let rest = lines.start + 1..lines.end;
        self.write_missing(document, rest.clone(), bytes);
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
            let unwritten = |setting: &&Setting<'_>| setting.key == key && !written.contains(&key);
            match self.wanted.iter().find(unwritten) {
                Some(setting) if setting.stands(document, index..rest.end) => {
                    bytes.extend(document.line(index));
                }
                wanted => {
                    dropping = true;
                    if let Some(setting) = wanted {
                        self.render(setting, indent(document, index), bytes);
                    }
                }
            }
            written.push(key);
        }
    }

    fn write_missing(&self, document: &Document, rest: Range<usize>, bytes: &mut Vec<u8>) {
        let present: Vec<_> = rest
            .filter_map(|index| Some((index, key(document, index)?)))
            .collect();
        // A line that is indented further than the one above would go on with it.
        let indent = match present.first() {
            Some((index, _)) => indent(document, *index),
            None => b"",
        };
        for setting in &self.wanted {
            if !present.iter().any(|(_, key)| *key == setting.key) {
                self.render(setting, indent, bytes);
            }
        }
    }

    fn render(&self, setting: &Setting<'_>, indent: &[u8], bytes: &mut Vec<u8>) {
        let mut line = |parts: &[&str]| {
            bytes.extend(indent);
            bytes.extend(parts.iter().flat_map(|part| part.bytes()));
            bytes.extend(self.end.bytes());
        };
        match &setting.value {
            Wanted::Exactly(value) => line(&[setting.key, " = ", value]),
            Wanted::AtFirst(value) => line(&[setting.key, " = ", value]),
            Wanted::Endpoint(url) => {
                line(&[setting.key, " ="]);
                line(&["  endpoint_url = ", url]);
            }
        }
    }
}

impl Setting<'_> {
    /// Whether the setting on the first of these lines, with those that go on with it, says what
    /// is wanted.
    fn stands(&self, document: &Document, lines: Range<usize>) -> bool {
        let kind = |index: &usize| &document.lines()[*index].kind;
        let value = document.value(lines.start);
        let mut more = (lines.start + 1..lines.end)
            .take_while(|index| !matches!(kind(index), Kind::Setting { .. }))
            .filter(|index| *kind(index) == Kind::Continuation)
            .map(|index| document.text(index));
        match &self.value {
            Wanted::Exactly(wanted) => value == *wanted && more.next().is_none(),
            Wanted::AtFirst(_) => true,
            Wanted::Endpoint(url) => {
                let is_wanted = |line: Cow<'_, str>| {
                    let nested = line.split_once('=');
                    nested.is_some_and(|(key, value)| {
                        key.trim() == "endpoint_url" && value.trim() == *url
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
    let content = text.trim_start_matches(is_space);
    line.get(..text.len() - content.len()).unwrap_or_default()
}
