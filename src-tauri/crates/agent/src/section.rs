//! What stands in AWS's files for a kept role, and how it gets there. All of this may block.

use std::path::Path;

use aws_files::profiles::{self, Own, Source, Wanted};
use aws_files::sso_session::{self, NativeProfile};
use aws_files::static_keys::{self, StaticKeys};
use aws_files::{Document, Profile, Refusal, profile, write};
use ipc::message::{Code, Delivery, Failure};

use crate::failure::{self, failure};
use crate::remembered::Kept;

/// The section of one kept role in one way of delivery.
#[derive(Debug)]
pub(crate) enum Section {
    /// A profile that asks Vestibule.
    Process(Profile),
    /// A profile of AWS's own kind.
    SsoSession(NativeProfile),
    /// Keys.
    StaticKeys(StaticKeys),
}

/// Writes the section and answers the profile's name: the section's own, or one made from the
/// account's and the role's where that is empty. `other` is the file of the two that is not
/// written, whose profiles must not be shadowed either.
///
/// # Errors
/// The name is taken, or the file cannot be written.
pub(crate) fn write(
    mut section: Section,
    account_name: &str,
    role_name: &str,
    file: &Path,
    other: &Path,
) -> Result<String, Failure> {
    let other = write::read(other).map_err(|error| of_file(&error))?;
    let unnamed = section.name().is_empty();
    let base = profile::base_name(account_name, role_name);
    let edited = write::edit(file, |document: &Document| {
        let (config, credentials) = section.in_order(document, &other);
        if unnamed {
            let taken = |name: &str| profile::is_taken(name, config, credentials);
            let name = section.name_among_all(config);
            let name = name.unwrap_or_else(|| way(section.delivery()).free_name(&base, &taken));
            *section.name_mut() = name;
        } else if section.delivery() == Delivery::StaticKeys {
            static_keys::refuse_shadowing(section.name(), config)?;
        } else {
            profile::refuse_shadowed(section.name(), credentials)?;
        }
        section.insert(document)
    });
    edited.map_err(|error| of_file(&error))?;
    Ok(section.name().to_owned())
}

/// Brings all these sections of one file up to date, those that are missing included. Answers
/// whether that took a change.
///
/// # Errors
/// The file cannot be written, or one of them cannot stand there; the others then do.
pub(crate) fn restore(file: &Path, sections: Vec<Section>) -> Result<bool, Failure> {
    let (mut wanted, mut keys) = (Vec::new(), Vec::new());
    for section in sections {
        match section {
            Section::Process(profile) => wanted.push(Wanted::Process(profile)),
            Section::SsoSession(profile) => wanted.push(Wanted::SsoSession(profile)),
            Section::StaticKeys(one) => keys.push(one),
        }
    }
    let mut refused = None;
    let edited = write::edit(file, |document: &Document| {
        let (mut restored, refusals) = profiles::restore(document, &wanted);
        refused = refusals.into_values().next();
        for keys in &keys {
            match static_keys::insert(&restored, keys) {
                Ok(document) => restored = document,
                Err(refusal) => refused = Some(refusal),
            }
        }
        Ok(restored)
    });
    let changed = edited.map_err(|error| of_file(&error))?;
    match refused {
        Some(source) => Err(refusal_of(file, source)),
        None => Ok(changed),
    }
}

/// Removes the profiles written for all roles of the session that ask Vestibule for credentials.
///
/// # Errors
/// The file cannot be written, or the user wrote between our lines.
pub(crate) fn remove_all(session: &str, config: &Path) -> Result<(), Failure> {
    let is_its = |own: &Own| {
        let source = own.source.as_ref();
        let asks = |source: &Source| {
            source.delivery == aws_files::Delivery::Process && source.session == session
        };
        !own.kept && source.is_some_and(asks)
    };
    let mut refused = None;
    let edited = write::edit(config, |document: &Document| {
        let own = profiles::own(document).into_iter().filter(is_its);
        let names: Vec<_> = own.map(|own| own.name).collect();
        let (rest, refusals) = profiles::remove(document, &names);
        refused = refusals.into_values().next();
        Ok(rest)
    });
    edited.map_err(|error| of_file(&error))?;
    refused.map_or(Ok(()), |source| Err(refusal_of(config, source)))
}

/// Removes what was written for a kept role.
///
/// # Errors
/// The file cannot be written, or the user wrote between our lines.
pub(crate) fn remove(kept: &Kept) -> Result<(), Failure> {
    let edited = write::edit(&kept.config_file, |document| match kept.delivery {
        Delivery::StaticKeys => static_keys::remove(document, &kept.profile),
        Delivery::Process | Delivery::SsoSession => profile::remove(document, &kept.profile),
    });
    edited.map(drop).map_err(|error| of_file(&error))
}

/// A failure of a file of AWS's.
pub(crate) fn of_file(error: &write::Error) -> Failure {
    failure(Code::File, failure::sentence(error), error.next_step())
}

fn refusal_of(file: &Path, source: Refusal) -> Failure {
    of_file(&write::Error::Refused {
        path: file.to_owned(),
        source,
    })
}

impl Section {
    /// The profile written for this role as one of all, which becomes the kept one.
    fn name_among_all(&self, config: &Document) -> Option<String> {
        let (session, account_id, role_name) = match self {
            Self::Process(profile) => (&profile.session, &profile.account_id, &profile.role_name),
            Self::SsoSession(profile) => (
                &profile.session_name,
                &profile.account_id,
                &profile.role_name,
            ),
            Self::StaticKeys(_) => return None,
        };
        let source = Source {
            delivery: way(self.delivery()),
            session: session.clone(),
            account_id: account_id.clone(),
            role_name: role_name.clone(),
        };
        let mut own = profiles::own(config).into_iter();
        let found = own.find(|own| !own.kept && own.source.as_ref() == Some(&source));
        found.map(|own| own.name)
    }

    fn delivery(&self) -> Delivery {
        match self {
            Self::Process(_) => Delivery::Process,
            Self::SsoSession(_) => Delivery::SsoSession,
            Self::StaticKeys(_) => Delivery::StaticKeys,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Process(profile) => &profile.name,
            Self::SsoSession(profile) => &profile.name,
            Self::StaticKeys(keys) => &keys.profile,
        }
    }

    fn name_mut(&mut self) -> &mut String {
        match self {
            Self::Process(profile) => &mut profile.name,
            Self::SsoSession(profile) => &mut profile.name,
            Self::StaticKeys(keys) => &mut keys.profile,
        }
    }

    fn insert(&self, document: &Document) -> Result<Document, Refusal> {
        match self {
            Self::Process(profile) => profile::insert(document, profile),
            Self::SsoSession(profile) => sso_session::insert(document, profile),
            Self::StaticKeys(keys) => static_keys::insert(document, keys),
        }
    }

    /// The config and the credentials file, of which this section stands in the first given.
    fn in_order<'a>(&self, own: &'a Document, other: &'a Document) -> (&'a Document, &'a Document) {
        match self.delivery() {
            Delivery::StaticKeys => (other, own),
            Delivery::Process | Delivery::SsoSession => (own, other),
        }
    }
}

fn way(delivery: Delivery) -> aws_files::Delivery {
    match delivery {
        Delivery::Process => aws_files::Delivery::Process,
        Delivery::SsoSession => aws_files::Delivery::SsoSession,
        Delivery::StaticKeys => aws_files::Delivery::StaticKeys,
    }
}
