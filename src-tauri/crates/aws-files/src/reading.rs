//! What a file says to AWS's tools, and why they refuse one.
//!
//! The measure is botocore, under the AWS CLI and boto3: it refuses a whole file for one line.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::document::Document;
use crate::lines::{Kind, is_space};
use crate::words;

/// A config file as botocore's `load_config` gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// By the name of the profile.
    pub profiles: Sections,
    /// By the name of the sso-session.
    pub sso_sessions: Sections,
    /// By the name of the services section.
    pub services: Sections,
    /// Whatever else there is, by its header. All profiles of a credentials file but `default`
    /// are here.
    pub others: Sections,
}

/// Settings by section.
pub type Sections = BTreeMap<String, Settings>;

/// Values by key, which is in lower case.
pub type Settings = BTreeMap<String, Value>;

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Its lines, joined by `\n`.
    Text(String),
    /// The indented settings below it.
    Nested(BTreeMap<String, String>),
}

impl Value {
    /// The text; `None` for nested settings.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nested(_) => None,
        }
    }
}

/// Something for which botocore refuses the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// UTF-16 or no text at all.
    NotText,
    /// Windows' Notepad puts one there.
    ByteOrderMark,
    /// Bytes of another encoding.
    NotUtf8,
    /// A setting above the first section.
    NoSection,
    /// Neither a `[section]` nor a setting.
    NoSetting,
    /// An indented line below a setting without a value, which must be a setting itself.
    NotNested,
    /// Sections may not be repeated.
    RepeatedSection {
        /// Its header.
        header: String,
        /// Line of the first.
        first: usize,
    },
    /// Settings may not be repeated in a section.
    RepeatedSetting {
        /// In lower case.
        key: String,
        /// Line of the first.
        first: usize,
    },
}

impl Reason {
    /// Whether it leaves open what the lines mean. Other problems do not keep a file from being
    /// edited.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        matches!(
            self,
            Self::NotText | Self::NoSection | Self::NoSetting | Self::NotNested
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("this is no text, or it is UTF-16"),
            Self::ByteOrderMark => f.write_str("the file begins with a byte order mark"),
            Self::NotUtf8 => f.write_str("this is not UTF-8"),
            Self::NoSection => f.write_str("this stands above the first [section]"),
            Self::NoSetting => f.write_str("this is neither a [section] nor a setting with ="),
            Self::NotNested => f.write_str("an indented setting needs a ="),
            Self::RepeatedSection { header, first } => {
                write!(f, "the section [{header}] is already on line {first}")
            }
            Self::RepeatedSetting { key, first } => {
                write!(f, "the setting {key} is already on line {first}")
            }
        }
    }
}

/// What the file says.
///
/// # Errors
/// The first of its [`problems`].
pub fn read(document: &Document) -> Result<Reading, Problem> {
    let scan = Scan::of(document);
    if let Some(problem) = scan.problems.into_iter().next() {
        return Err(problem);
    }
    let (defaults, sections): (Vec<_>, Vec<_>) = scan
        .sections
        .into_iter()
        .partition(|section| section.header == DEFAULTS);
    let defaults: Settings = defaults.into_iter().flat_map(Found::values).collect();
    let mut reading = Reading::default();
    for section in sections {
        let header = section.header.clone();
        let mut settings = defaults.clone();
        settings.extend(section.values());
        reading.add(header, settings);
    }
    Ok(reading)
}

/// Every line for which botocore refuses the file, in the order of the file; none where it takes
/// the file.
#[must_use]
pub fn problems(document: &Document) -> Vec<Problem> {
    Scan::of(document).problems
}

/// Python's `configparser` adds these settings to every section.
const DEFAULTS: &str = "DEFAULT";

impl Reading {
    fn add(&mut self, header: String, settings: Settings) {
        let kinds = [
            ("profile", &mut self.profiles),
            ("sso-session", &mut self.sso_sessions),
            ("services", &mut self.services),
        ];
        for (kind, sections) in kinds {
            if header.starts_with(kind) {
                if let Some([_, name]) = words::split(&header).as_deref() {
                    sections.insert(name.clone(), settings);
                }
                return;
            }
        }
        let others = match header.as_str() {
            "default" => &mut self.profiles,
            _ => &mut self.others,
        };
        others.insert(header, settings);
    }
}

/// A section as it stands in the file.
struct Found {
    header: String,
    settings: Vec<FoundSetting>,
}

struct FoundSetting {
    key: String,
    /// What stands on its line, then on each line that goes on with it.
    value: Vec<String>,
}

impl Found {
    fn values(self) -> impl Iterator<Item = (String, Value)> {
        self.settings.into_iter().map(|setting| {
            let value = setting.parsed();
            (setting.key, value)
        })
    }
}

impl FoundSetting {
    fn parsed(&self) -> Value {
        let text = self.value.join("\n");
        let text = text.trim_end_matches(is_space);
        if !text.starts_with('\n') {
            return Value::Text(text.to_owned());
        }
        let nested = inner_lines(text).filter_map(|line| line.split_once('='));
        let trimmed = |text: &str| text.trim_matches(is_space).to_owned();
        Value::Nested(
            nested
                .map(|(key, value)| (trimmed(key), trimmed(value)))
                .collect(),
        )
    }
}

/// The lines of a text as Python's `splitlines` finds them, but blank ones.
fn inner_lines(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    text.split(is_end)
        .map(|line| line.trim_matches(is_space))
        .filter(|line| !line.is_empty())
}

/// One walk through a document.
#[derive(Default)]
struct Scan {
    sections: Vec<Found>,
    problems: Vec<Problem>,
    /// Line of each header.
    headers: HashMap<String, usize>,
    /// Line of each setting of the section, and of all the sections of defaults.
    keys: HashMap<String, usize>,
    default_keys: HashMap<String, usize>,
    /// Whether the setting has had no value yet.
    nests: bool,
}

impl Scan {
    fn of(document: &Document) -> Self {
        let mut scan = Self::default();
        if !is_text(document.as_bytes()) {
            scan.problem(1, 1, Reason::NotText);
            return scan;
        }
        if document.as_bytes().starts_with("\u{feff}".as_bytes()) {
            scan.problem(1, 1, Reason::ByteOrderMark);
        }
        for (index, line) in document.lines().iter().enumerate() {
            if let Err(error) = std::str::from_utf8(document.line(index)) {
                let valid = &document.line(index)[..error.valid_up_to()];
                let column = String::from_utf8_lossy(valid).chars().count() + 1;
                scan.problem(index + 1, column, Reason::NotUtf8);
            }
            scan.line(document, index, &line.kind);
        }
        scan
    }

    fn problem(&mut self, line: usize, column: usize, reason: Reason) {
        self.problems.push(Problem {
            line,
            column,
            reason,
        });
    }

    fn line(&mut self, document: &Document, index: usize, kind: &Kind) {
        let number = index + 1;
        let column = document.lines()[index].indent + 1;
        match kind {
            Kind::Comment | Kind::Begin { .. } | Kind::End => {}
            Kind::Blank => self.go_on(String::new()),
            Kind::Homeless => self.problem(number, column, Reason::NoSection),
            Kind::Junk => self.problem(number, column, Reason::NoSetting),
            Kind::Header(header) => self.header(header, number, column),
            Kind::Setting { key } => {
                self.setting(key, document.value(index).into_owned(), number, column);
            }
            Kind::Continuation => {
                let text = document.text(index);
                let text = text.trim_matches(is_space);
                if self.nests && inner_lines(text).any(|line| !line.contains('=')) {
                    self.problem(number, column, Reason::NotNested);
                }
                self.go_on(text.to_owned());
            }
        }
    }

    fn header(&mut self, header: &str, line: usize, column: usize) {
        self.keys.clear();
        self.sections.push(Found {
            header: header.to_owned(),
            settings: Vec::new(),
        });
        if header == DEFAULTS {
            return;
        }
        match self.headers.get(header) {
            Some(&first) => {
                let header = header.to_owned();
                self.problem(line, column, Reason::RepeatedSection { header, first });
            }
            None => {
                self.headers.insert(header.to_owned(), line);
            }
        }
    }

    fn setting(&mut self, key: &str, value: String, line: usize, column: usize) {
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        let keys = match section.header.as_str() {
            DEFAULTS => &mut self.default_keys,
            _ => &mut self.keys,
        };
        self.nests = value.is_empty();
        section.settings.push(FoundSetting {
            key: key.to_owned(),
            value: vec![value],
        });
        match keys.get(key) {
            Some(&first) => {
                let key = key.to_owned();
                self.problem(line, column, Reason::RepeatedSetting { key, first });
            }
            None => {
                keys.insert(key.to_owned(), line);
            }
        }
    }

    /// More of the last setting, if there is one.
    fn go_on(&mut self, text: String) {
        let section = self.sections.last_mut();
        if let Some(setting) = section.and_then(|section| section.settings.last_mut()) {
            setting.value.push(text);
        }
    }
}

/// Whether this can be a text file in an encoding that AWS's tools read: UTF-16 and UTF-32 begin
/// with a mark of their own or have a zero among the first four bytes.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4)];
    !(start.contains(&0) || start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff"))
}

#[cfg(test)]
mod tests;
