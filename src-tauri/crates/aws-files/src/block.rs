//! The blocks that Vestibule writes, each between two marker comments of its own.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::body::{Setting, Wanted, body};
use crate::document::{Block, Document, Edits, Section};
use crate::lines::Kind;
use crate::profile::is_name_char;
use crate::reading;
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
    pub(crate) settings: Vec<(&'static str, Cow<'a, str>)>,
    /// Region to begin with; the user may set another.
    pub(crate) region: Option<&'a str>,
    /// Endpoints of services outside AWS, by the service's name in the config file.
    pub(crate) endpoints: Vec<(&'static str, &'a str)>,
    /// Told to whoever reads the file.
    pub(crate) note: &'static str,
}

/// Of a role that is kept refreshed.
pub(crate) const KEPT: &str =
    "# Vestibule writes these lines and removes them when the role is no longer kept refreshed.";
/// Of one of the profiles for all roles.
pub(crate) const ONE_OF_ALL: &str =
    "# Vestibule writes these lines and removes them with `vestibule profiles remove`.";
/// Every note of a profile of the config file; the last one written stands.
pub(crate) const NOTES: &[&str] = &[KEPT, ONE_OF_ALL];

const SERVICES: &str = "services";
/// Begins the name of the services section of each profile of Vestibule's.
pub(crate) const SERVICES_PREFIX: &str = "vestibule-";
const SSO_SESSION: &str = "sso-session ";

/// A document with the entries: written anew at the end, or brought up to date where they stand.
/// Each is answered in the order given; where one is refused, the others are written all the same.
/// Their subjects must differ.
pub(crate) fn insert_all(
    document: &Document,
    entries: &[Entry<'_>],
) -> (Document, Vec<Result<(), Refusal>>) {
    let mut problems = reading::problems(document).into_iter();
    if let Some(problem) = problems.find(|problem| problem.reason.is_syntax()) {
        let refused = entries.iter().map(|_| Err(problem.clone().into()));
        return (document.clone(), refused.collect());
    }
    let index = Index::of(document);
    let mut edits = Edits::default();
    let answers = entries
        .iter()
        .map(|entry| {
            entry.refuse_unwritable()?;
            let block = index.block(entry.subject);
            index.refuse_taken(entry.subject)?;
            match block {
                Some(block) => {
                    refuse_stray(document, block, entry.subject)?;
                    let body = body(document, Some(block), entry);
                    if *body != document.bytes(block.body()) {
                        edits.replaced.push((block.body(), body));
                    }
                }
                None => {
                    let body = body(document, None, entry);
                    edits
                        .appended
                        .push((entry.subject.marker().into_owned(), body));
                }
            }
            Ok(())
        })
        .collect();
    (document.edited(edits), answers)
}

/// A document with one entry.
pub(crate) fn insert(document: &Document, entry: Entry<'_>) -> Result<Document, Refusal> {
    let (document, answers) = insert_all(document, &[entry]);
    answers.into_iter().collect::<Result<(), _>>()?;
    Ok(document)
}

/// A document without the blocks of these subjects; the same one where there are none.
pub(crate) fn remove_all(
    document: &Document,
    subjects: &[Subject<'_>],
) -> (Document, Vec<Result<(), Refusal>>) {
    let index = Index::of(document);
    let mut edits = Edits::default();
    let answers = subjects
        .iter()
        .map(|subject| {
            if let Some(block) = index.block(*subject) {
                refuse_stray(document, block, *subject)?;
                edits.removed.push(block.lines.clone());
            }
            Ok(())
        })
        .collect();
    (document.edited(edits), answers)
}

/// A document without one subject's block.
pub(crate) fn remove(document: &Document, subject: Subject<'_>) -> Result<Document, Refusal> {
    let (document, answers) = remove_all(document, &[subject]);
    answers.into_iter().collect::<Result<(), _>>()?;
    Ok(document)
}

/// Name of the services section of a profile of Vestibule's.
pub(crate) fn services_name(profile: &str) -> String {
    format!("{SERVICES_PREFIX}{profile}")
}

impl<'a> Subject<'a> {
    /// What the marker in a config file says; no profile's name has a space.
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

    pub(crate) fn block(self, document: &Document) -> Option<Block> {
        let marker = self.marker();
        document
            .blocks()
            .into_iter()
            .find(|block| block.name == marker)
    }

    pub(crate) fn header(self) -> String {
        match self {
            Self::Profile("default") => "default".to_owned(),
            Self::Profile(name) => format!("profile {name}"),
            Self::SsoSession(name) => format!("sso-session {name}"),
            Self::Keys(name) => name.to_owned(),
        }
    }

    /// Settings of the first section that are Vestibule's, wanted or not: a profile may change its
    /// way. Whatever else stands there is the user's.
    pub(crate) fn own_settings(self) -> &'static [&'static str] {
        match self {
            Self::Profile(_) => &[
                "credential_process",
                "sso_session",
                "sso_account_id",
                "sso_role_name",
                SERVICES,
            ],
            Self::SsoSession(_) => &["sso_start_url", "sso_region", "sso_registration_scopes"],
            Self::Keys(_) => &[
                "aws_access_key_id",
                "aws_secret_access_key",
                "aws_session_token",
                "x_security_token_expires",
            ],
        }
    }

    /// Whether this is the subject's first section.
    pub(crate) fn is_main(self, section: &Section<'_>) -> bool {
        match self {
            Self::Profile(name) => section.profile().as_deref() == Some(name),
            Self::SsoSession(name) => section.sso_session().as_deref() == Some(name),
            Self::Keys(name) => section.header == name,
        }
    }

    /// Whether a section can be nobody else's.
    pub(crate) fn owns(self, section: &Section<'_>) -> bool {
        let services = match self {
            Self::Profile(name) => section.services().as_deref() == Some(&services_name(name)),
            _ => false,
        };
        services || self.is_main(section)
    }

    fn marker(self) -> Cow<'a, str> {
        match self {
            Self::Profile(name) | Self::Keys(name) => name.into(),
            Self::SsoSession(name) => format!("{SSO_SESSION}{name}").into(),
        }
    }

    /// How the sections it owns may be called, in short; see [`short`].
    fn names(self) -> Vec<String> {
        match self {
            Self::Profile(name) => vec![
                format!("profile {name}"),
                format!("{SERVICES} {}", services_name(name)),
            ],
            Self::SsoSession(name) => vec![format!("{SSO_SESSION}{name}")],
            Self::Keys(name) => vec![name.to_owned()],
        }
    }
}

impl Entry<'_> {
    /// What the subject's first section should say.
    pub(crate) fn main_settings(&self) -> Vec<Setting<'_>> {
        let settings = self.settings.iter();
        let mut wanted: Vec<_> = settings
            .map(|(key, value)| Setting {
                key,
                value: Wanted::Exactly(Cow::Borrowed(value)),
            })
            .collect();
        if let (Subject::Profile(name), false) = (self.subject, self.endpoints.is_empty()) {
            wanted.push(Setting {
                key: SERVICES,
                value: Wanted::Exactly(services_name(name).into()),
            });
        }
        wanted.extend(self.region.map(|region| Setting {
            key: "region",
            value: Wanted::AtFirst(region),
        }));
        wanted
    }

    /// What its services section should say.
    pub(crate) fn service_settings(&self) -> Vec<Setting<'_>> {
        let endpoints = self.endpoints.iter();
        endpoints
            .map(|(key, url)| Setting {
                key,
                value: Wanted::Endpoint(url),
            })
            .collect()
    }

    fn refuse_unwritable(&self) -> Result<(), Refusal> {
        let name = self.subject.name();
        if name.is_empty() || !name.chars().all(is_name_char) {
            let name = name.to_owned();
            return Err(Refusal::Name { name });
        }
        let settings = self.settings.iter().map(|(key, value)| (*key, &**value));
        let endpoints = self.endpoints.iter().copied();
        let region = self.region.map(|region| ("region", region));
        let unwritable = |(_, value): &(&str, &str)| {
            value.is_empty() || value.trim() != *value || value.chars().any(char::is_control)
        };
        match settings.chain(endpoints).chain(region).find(unwritable) {
            Some((key, value)) => Err(Refusal::Unwritable {
                // Keys are secret.
                text: if key.starts_with("aws_") { key } else { value }.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// Blocks and the sections outside them by name, so that a thousand entries are looked up at once.
struct Index<'a> {
    blocks: HashMap<String, Block>,
    sections: HashMap<String, Vec<Section<'a>>>,
}

impl<'a> Index<'a> {
    fn of(document: &'a Document) -> Self {
        let mut blocks = HashMap::new();
        for block in document.blocks() {
            blocks.entry(block.name.clone()).or_insert(block);
        }
        let mut sections: HashMap<_, Vec<_>> = HashMap::new();
        for section in document.sections() {
            let names = HashSet::from([section.header.to_owned(), short(&section)]);
            for name in names {
                sections.entry(name).or_default().push(section);
            }
        }
        Self { blocks, sections }
    }

    fn block(&self, subject: Subject<'_>) -> Option<&Block> {
        self.blocks.get(&*subject.marker())
    }

    /// A section of the user's has one of the subject's names.
    fn refuse_taken(&self, subject: Subject<'_>) -> Result<(), Refusal> {
        let own = self.block(subject).map(|block| block.lines.clone());
        let is_own = |section: &&Section<'_>| {
            own.as_ref()
                .is_some_and(|lines| lines.contains(&(section.line - 1)))
        };
        let names = subject.names();
        let named = names.iter().filter_map(|name| self.sections.get(name));
        match named.flatten().find(|section| !is_own(section)) {
            Some(section) => Err(Refusal::Taken {
                line: section.line,
                header: section.header.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// A section's header without quotes and odd spaces; that of `[default]` as of any profile.
fn short(section: &Section<'_>) -> String {
    if let Some(name) = section.profile() {
        format!("profile {name}")
    } else if let Some(name) = section.sso_session() {
        format!("{SSO_SESSION}{name}")
    } else if let Some(name) = section.services() {
        format!("{SERVICES} {name}")
    } else {
        section.header.to_owned()
    }
}

/// Within a block only its own sections may stand. What follows it up to the next section would
/// fall to the section above once the block is gone; so would a section whose header is indented.
fn refuse_stray(document: &Document, block: &Block, subject: Subject<'_>) -> Result<(), Refusal> {
    let mut in_own_section = false;
    let lines = document.lines().iter().zip(1..).skip(block.lines.start);
    for (line, number) in lines {
        let below = number > block.lines.end;
        let stray = match &line.kind {
            Kind::Header(_) if below && line.indent == 0 => break,
            Kind::Header(header) => {
                in_own_section = subject.owns(&Section {
                    line: number,
                    header: header.trim(),
                });
                below || !in_own_section
            }
            Kind::Setting { .. } | Kind::Continuation | Kind::Homeless | Kind::Junk => {
                below || !in_own_section
            }
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
