//! All the profiles of a config file at once.

use std::collections::BTreeMap;

use crate::block::{Entry, KEPT, ONE_OF_ALL, Subject, insert_all, remove_all};
use crate::delivery::Delivery;
use crate::document::{Block, Document};
use crate::lines::Kind;
use crate::profile::{self, Profile};
use crate::refusal::Refusal;
use crate::sso_session::{self, NativeProfile};

/// A profile that must stand in a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// See [`profile::insert`].
    Process(Profile),
    /// See [`sso_session::insert`].
    SsoSession(NativeProfile),
}

/// What kept profiles from being written or removed, by name.
pub type Refusals = BTreeMap<String, Refusal>;

impl Wanted {
    /// Name of the profile.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Process(profile) => &profile.name,
            Self::SsoSession(profile) => &profile.name,
        }
    }
}

/// A profile that Vestibule wrote, as far as its lines can be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Name of the profile.
    pub name: String,
    /// Whether it is of a role that is kept refreshed, else one of those for all roles.
    pub kept: bool,
    /// How it gets its credentials; `None` where that was overwritten.
    pub source: Option<Source>,
}

/// How a profile gets the credentials of a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Never by static keys.
    pub delivery: Delivery,
    /// Vestibule's session, or the sso-session.
    pub session: String,
    /// Twelve digits.
    pub account_id: String,
    /// Role (permission set) name.
    pub role_name: String,
}

/// The profiles Vestibule wrote, in the order of the file.
#[must_use]
pub fn own(document: &Document) -> Vec<Own> {
    let blocks = document.blocks().into_iter();
    let profiles = blocks.filter_map(|block| {
        let Subject::Profile(name) = Subject::of_marker(&block.name) else {
            return None;
        };
        let mut lines = block.body().map(|index| document.text(index));
        Some(Own {
            name: name.to_owned(),
            kept: !lines.any(|line| line.trim_end() == ONE_OF_ALL),
            source: source(document, &block),
        })
    });
    profiles.collect()
}

/// A document with all of these kept profiles, as far as none of them is refused. It is the same
/// one where they stand already, so this mends what other programs overwrote. Each must have a
/// name of its own.
#[must_use]
pub fn restore(document: &Document, wanted: &[Wanted]) -> (Document, Refusals) {
    written(document, wanted, KEPT)
}

/// Like [`restore`], for profiles that nobody keeps refreshed.
#[must_use]
pub fn insert(document: &Document, wanted: &[Wanted]) -> (Document, Refusals) {
    written(document, wanted, ONE_OF_ALL)
}

/// A document without these profiles, however they get their credentials, as far as none of them
/// is refused.
#[must_use]
pub fn remove(document: &Document, names: &[String]) -> (Document, Refusals) {
    let subjects: Vec<_> = names.iter().map(|name| Subject::Profile(name)).collect();
    let (document, answers) = remove_all(document, &subjects);
    let answers = names.iter().zip(answers);
    let refused = answers.filter_map(|(name, answer)| Some((name.clone(), answer.err()?)));
    (sso_session::without_unused(document), refused.collect())
}

fn written(document: &Document, wanted: &[Wanted], note: &'static str) -> (Document, Refusals) {
    let mut refusals = Refusals::new();
    let (with_sessions, unusable) = with_sessions(document, wanted);
    let mut entries = Vec::new();
    for wanted in wanted {
        let entry = match wanted {
            Wanted::Process(profile) => profile::entry(profile),
            Wanted::SsoSession(profile) => match unusable.get(&profile.session_name) {
                Some(refusal) => Err(refusal.clone()),
                None => Ok(sso_session::profile_entry(profile)),
            },
        };
        match entry {
            Ok(entry) => entries.push(Entry { note, ..entry }),
            Err(refusal) => drop(refusals.insert(wanted.name().to_owned(), refusal)),
        }
    }
    let (document, refused) = inserted(&with_sessions, &entries);
    refusals.extend(refused);
    (sso_session::without_unused(document), refusals)
}

/// The document with the sign-ins that the profiles name, and those it cannot have.
fn with_sessions(document: &Document, wanted: &[Wanted]) -> (Document, Refusals) {
    let mut profiles = BTreeMap::new();
    for wanted in wanted {
        if let Wanted::SsoSession(profile) = wanted {
            profiles
                .entry(profile.session_name.as_str())
                .or_insert(profile);
        }
    }
    let mut unusable = Refusals::new();
    let mut entries = Vec::new();
    for (name, profile) in profiles {
        match sso_session::session_entry(document, profile) {
            Ok(entry) => entries.extend(entry),
            Err(refusal) => drop(unusable.insert(name.to_owned(), refusal)),
        }
    }
    let (document, refused) = inserted(document, &entries);
    unusable.extend(refused);
    (document, unusable)
}

fn inserted(document: &Document, entries: &[Entry<'_>]) -> (Document, Refusals) {
    let (document, answers) = insert_all(document, entries);
    let answers = entries.iter().zip(answers);
    let refused = answers
        .filter_map(|(entry, answer)| Some((entry.subject.name().to_owned(), answer.err()?)));
    (document, refused.collect())
}

fn source(document: &Document, block: &Block) -> Option<Source> {
    let mut settings: BTreeMap<&str, String> = BTreeMap::new();
    for index in block.body() {
        if let Kind::Setting { key } = &document.lines()[index].kind {
            settings.insert(key, document.value(index).into_owned());
        }
    }
    if let Some(command) = settings.get(profile::PROCESS) {
        return profile::source(command);
    }
    Some(Source {
        delivery: Delivery::SsoSession,
        session: settings.remove(sso_session::SSO_SESSION)?,
        account_id: settings.remove("sso_account_id")?,
        role_name: settings.remove("sso_role_name")?,
    })
}

#[cfg(test)]
mod tests;
