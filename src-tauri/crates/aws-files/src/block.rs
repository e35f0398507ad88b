//! The blocks that Vestibule writes, each between two marker comments of its own.

use crate::document::{Block, Document, Kind, Section};
use crate::refusal::Refusal;

/// What a block is about: decides its markers and which sections may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// A profile of the config file, and its services section.
    Profile(&'a str),
    /// An `[sso-session]` of the config file.
    SsoSession(&'a str),
    /// A profile of the credentials file.
    Keys(&'a str),
}

/// What Vestibule has to say about a subject.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) subject: Subject<'a>,
    /// Settings as they must be.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Region to begin with; the user may set another.
    pub(crate) region: Option<&'a str>,
    /// Endpoints of services outside AWS, by the service's name in the config file.
    pub(crate) endpoints: Vec<(&'static str, &'a str)>,
    /// Told to whoever reads the file.
    pub(crate) note: &'static str,
}

/// Settings that are Vestibule's in any block, wanted or not: a profile may change its way.
const OWN: &[&str] = &[
    "credential_process",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "sso_region",
    "sso_registration_scopes",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "x_security_token_expires",
    SERVICES,
];
const SERVICES: &str = "services";
const SSO_SESSION: &str = "sso-session ";

impl<'a> Subject<'a> {
    /// What the marker says; no profile's name has a space.
    pub(crate) fn of_marker(name: &'a str) -> Self {
        match name.strip_prefix(SSO_SESSION) {
            Some(session) => Self::SsoSession(session),
            None => Self::Profile(name),
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Profile(name) | Self::SsoSession(name) | Self::Keys(name) => name,
        }
    }

    fn marker(self) -> String {
        match self {
            Self::Profile(name) | Self::Keys(name) => name.to_owned(),
            Self::SsoSession(name) => format!("{SSO_SESSION}{name}"),
        }
    }

    fn header(self) -> String {
        match self {
            Self::Profile("default") => "default".to_owned(),
            Self::Profile(name) => format!("profile {name}"),
            Self::SsoSession(name) => format!("sso-session {name}"),
            Self::Keys(name) => name.to_owned(),
        }
    }

    /// Whether a section of that header is the subject's first.
    fn is_main(self, section: &Section<'_>) -> bool {
        match self {
            Self::Profile(name) => section.profile() == Some(name),
            Self::SsoSession(name) => section.sso_session() == Some(name),
            Self::Keys(name) => section.header == name,
        }
    }

    /// Whether a section of that header can be nobody else's.
    pub(crate) fn owns(self, section: &Section<'_>) -> bool {
        let services = match self {
            Self::Profile(name) => section.services() == Some(&services_name(name)),
            _ => false,
        };
        services || self.is_main(section)
    }

    pub(crate) fn block(self, document: &Document) -> Option<Block> {
        let marker = self.marker();
        document
            .blocks()
            .into_iter()
            .find(|block| block.name == marker)
    }
}

/// A document with the entry: written anew at the end, or brought up to date where it stands.
pub(crate) fn insert(document: &Document, entry: &Entry<'_>) -> Result<Document, Refusal> {
    if !document.is_text() {
        return Err(Refusal::NotText);
    }
    let name = entry.subject.name();
    if !valid_name(name) {
        return Err(Refusal::Name {
            name: name.to_owned(),
        });
    }
    let values = entry.settings.iter().map(|(_, value)| value.as_str());
    let others = entry.endpoints.iter().map(|(_, endpoint)| *endpoint);
    for value in values.chain(others).chain(entry.region) {
        if value.is_empty() || value.trim() != value || value.chars().any(char::is_control) {
            return Err(Refusal::Unwritable {
                text: value.to_owned(),
            });
        }
    }
    let block = entry.subject.block(document);
    refuse_taken(document, entry.subject, block.as_ref())?;
    let body = body(document, block.as_ref(), entry);
    let Some(block) = block else {
        return Ok(document.append_block(&entry.subject.marker(), &body));
    };
    refuse_stray(document, &block, entry.subject)?;
    Ok(document.replace_body(&block, &body))
}

/// A document without the subject's block; the same one where there is none.
pub(crate) fn remove(document: &Document, subject: Subject<'_>) -> Result<Document, Refusal> {
    let Some(block) = subject.block(document) else {
        return Ok(document.clone());
    };
    refuse_stray(document, &block, subject)?;
    Ok(document.remove_block(&block))
}

/// What every SDK accepts (the Rust SDK has the shortest list), without the `:` that would make
/// the marker look like a setting to `aws configure set`.
fn valid_name(name: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || "-_./+@%".contains(c);
    !name.is_empty() && name.chars().all(valid)
}

pub(crate) fn services_name(profile: &str) -> String {
    format!("vestibule-{profile}")
}

fn refuse_taken(
    document: &Document,
    subject: Subject<'_>,
    own: Option<&Block>,
) -> Result<(), Refusal> {
    let is_own = |line: usize| own.is_some_and(|block| block.lines.contains(&(line - 1)));
    let mut sections = document.sections();
    match sections.find(|section| subject.owns(section) && !is_own(section.line)) {
        Some(Section { line, header }) => Err(Refusal::Taken {
            line,
            header: header.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Within a block only its own sections may stand; and a setting below it, before the next
/// section, would fall to the section above once the block is gone.
fn refuse_stray(document: &Document, block: &Block, subject: Subject<'_>) -> Result<(), Refusal> {
    let mut in_own_section = false;
    let lines = document.lines().iter().zip(1..).skip(block.lines.start);
    for (line, number) in lines {
        let below = number > block.lines.end;
        let stray = match &line.kind {
            Kind::Header(_) if below => break,
            Kind::Header(header) => {
                in_own_section = subject.owns(&Section {
                    line: number,
                    header,
                });
                !in_own_section
            }
            Kind::Setting { .. } | Kind::Other => below || !in_own_section,
            Kind::Blank | Kind::Comment | Kind::Begin { .. } | Kind::End => false,
        };
        if stray {
            return Err(Refusal::Stray {
                line: number,
                name: subject.name().to_owned(),
            });
        }
    }
    Ok(())
}

/// The lines between the markers.
///
/// A profile's services section stands there even when it is empty: `aws configure set` adds a new
/// setting to the last section of a file two lines below the last setting, which would be past the
/// marker.
fn body(document: &Document, block: Option<&Block>, entry: &Entry<'_>) -> Vec<u8> {
    let added = block
        .map(|block| added_lines(document, block, entry.subject))
        .unwrap_or_default();
    let mut above = vec![format!("[{}]", entry.subject.header())];
    let settings = entry.settings.iter();
    above.extend(settings.map(|(key, value)| format!("{key} = {value}")));
    let mut below = Vec::new();
    if let Subject::Profile(name) = entry.subject {
        let services = services_name(name);
        below.push(format!("[{SERVICES} {services}]"));
        if !entry.endpoints.is_empty() {
            above.push(format!("{SERVICES} = {services}"));
        }
    }
    for (service, endpoint) in &entry.endpoints {
        below.extend([
            format!("{service} ="),
            format!("  endpoint_url = {endpoint}"),
        ]);
    }
    if let Some(region) = entry.region
        && !added.iter().any(|(key, _)| key == "region")
    {
        above.push(format!("region = {region}"));
    }
    below.push(entry.note.to_owned());

    let end = document.line_end();
    let mut body = terminated(&above, end);
    body.extend(added.into_iter().flat_map(|(_, line)| line));
    body.extend(terminated(&below, end));
    body
}

fn terminated(lines: &[String], end: &str) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [line, end])
        .flat_map(str::bytes)
        .collect()
}

/// Lines the user, or `aws configure set`, added to the subject's section, each with the key of
/// the setting it belongs to.
fn added_lines(document: &Document, block: &Block, subject: Subject<'_>) -> Vec<(String, Vec<u8>)> {
    let mut added = Vec::new();
    let mut in_main = false;
    let mut current = String::new();
    for index in block.lines.clone() {
        match &document.lines()[index].kind {
            Kind::Header(header) => {
                in_main = subject.is_main(&Section {
                    line: index + 1,
                    header,
                });
                continue;
            }
            Kind::Setting { key } => current.clone_from(key),
            Kind::Other => {}
            _ => continue,
        }
        if in_main && !OWN.contains(&current.as_str()) {
            added.push((current.clone(), document.line(index).to_vec()));
        }
    }
    added
}
