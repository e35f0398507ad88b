//! Profiles that fetch their credentials from Vestibule.
//!
//! A profile stands in a block of its own between two comments:
//!
//! ```ini
//! # >>> vestibule payments-admin
//! [profile payments-admin]
//! credential_process = "/usr/bin/vestibule" credentials --account … --format process
//! region = eu-west-1
//! [services vestibule-payments-admin]
//! # Vestibule writes these lines and removes them when the role is no longer kept refreshed.
//! # <<< vestibule
//! ```

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::block::{self, Entry, Subject};
use crate::delivery::Delivery;
use crate::document::{Document, Edits, Section};
use crate::profiles::Source;
use crate::refusal::Refusal;
use crate::{quote, sso_session, words};

/// A role that AWS's tools can use under a profile name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Name of the profile; `default` writes `[default]`.
    pub name: String,
    /// Twelve digits.
    pub account_id: String,
    /// Role (permission set) name.
    pub role_name: String,
    /// Vestibule's session that has the role.
    pub session: String,
    /// Absolute path of the command `vestibule`.
    pub program: PathBuf,
    /// Region a new profile starts with; one already in the profile stays.
    pub region: Option<String>,
    /// STS endpoint of a portal outside AWS.
    pub sts_endpoint: Option<String>,
}

/// A document with the profile: written anew at the end, or brought up to date where Vestibule
/// wrote it before. Settings that were added to it since stay.
///
/// # Errors
/// Where the user has a section of that name, or the profile cannot be written down.
pub fn insert(document: &Document, profile: &Profile) -> Result<Document, Refusal> {
    let with_profile = block::insert(document, entry(profile)?)?;
    Ok(sso_session::without_unused(with_profile))
}

/// A document without the profile, however it gets its credentials; the same one where Vestibule
/// wrote none of that name.
///
/// # Errors
/// [`Refusal::Stray`] where the user added sections to the profile's block.
pub fn remove(document: &Document, name: &str) -> Result<Document, Refusal> {
    sso_session::remove(document, name)
}

/// A document in which every profile of Vestibule's names this program; the same one where they
/// already do.
///
/// # Errors
/// [`Refusal::Unwritable`] where the path cannot be written down.
pub fn repair(document: &Document, program: &Path) -> Result<Document, Refusal> {
    let program = quoted_program(program)?;
    let mut edits = Edits::default();
    for block in document.blocks() {
        let lines = block.body().filter_map(|index| {
            let line = with_program(document.line(index), &program)?;
            Some((index..index + 1, line.into()))
        });
        edits.replaced.extend(lines);
    }
    Ok(document.edited(edits))
}

/// What a new profile is called at best: `{account_name}-{role_name}`, as a [`slug`].
#[must_use]
pub fn base_name(account_name: &str, role_name: &str) -> String {
    slug(&format!("{account_name}-{role_name}"))
}

/// The text in lower case, runs of other characters than ASCII letters, digits, `_` and `.` turned
/// to one `-`, and none at the ends.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Whether a name of a profile may hold the character. Every SDK takes these (the Rust SDK has the
/// shortest list); `:` is not among them, for it would make the marker look like a setting to
/// `aws configure set`.
#[must_use]
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./+@%".contains(c)
}

/// Every name that a new profile cannot have, for a section of either file has it.
#[must_use]
pub fn names(config: &Document, credentials: &Document) -> HashSet<String> {
    let of_config = config.sections().filter_map(|section| {
        let services = || {
            Some(
                section
                    .services()?
                    .strip_prefix(block::SERVICES_PREFIX)?
                    .to_owned(),
            )
        };
        section.profile().map(Cow::into_owned).or_else(services)
    });
    let of_credentials = credentials
        .sections()
        .map(|section| section.header.to_owned());
    of_config.chain(of_credentials).collect()
}

/// Whether a new profile of that name would clash with a section of either file.
#[must_use]
pub fn is_taken(name: &str, config: &Document, credentials: &Document) -> bool {
    names(config, credentials).contains(name)
}

/// Refuses a name that the credentials file has keys for: AWS's tools would take those, not what
/// `credential_process` gives.
///
/// # Errors
/// [`Refusal::Shadowed`].
pub fn refuse_shadowed(name: &str, credentials: &Document) -> Result<(), Refusal> {
    match credentials
        .sections()
        .find(|section| section.header == name)
    {
        Some(Section { line, .. }) => Err(Refusal::Shadowed {
            line,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}

pub(crate) const PROCESS: &str = "credential_process";
/// Stands between program and arguments in every line Vestibule writes.
const ARGUMENTS: &str = " credentials --account ";

/// What the profile's block says.
pub(crate) fn entry(profile: &Profile) -> Result<Entry<'_>, Refusal> {
    let endpoint = profile.sts_endpoint.as_deref();
    Ok(Entry {
        subject: Subject::Profile(&profile.name),
        settings: vec![(PROCESS, command(profile)?.into())],
        region: profile.region.as_deref(),
        endpoints: endpoint.map(|url| ("sts", url)).into_iter().collect(),
        note: block::KEPT,
    })
}

fn command(profile: &Profile) -> Result<String, Refusal> {
    let word = |text: &str| {
        quote::word(text).ok_or_else(|| Refusal::Unwritable {
            text: text.to_owned(),
        })
    };
    Ok(format!(
        "{}{ARGUMENTS}{} --role {} --session {} --format process",
        quoted_program(&profile.program)?,
        word(&profile.account_id)?,
        word(&profile.role_name)?,
        word(&profile.session)?,
    ))
}

/// What a `credential_process` of Vestibule's asks for.
pub(crate) fn source(command: &str) -> Option<Source> {
    let words = words::split(command)?;
    let behind = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1).cloned()
    };
    Some(Source {
        delivery: Delivery::Process,
        session: behind("--session")?,
        account_id: behind("--account")?,
        role_name: behind("--role")?,
    })
}

fn quoted_program(program: &Path) -> Result<String, Refusal> {
    let unquotable = || Refusal::Unwritable {
        text: program.display().to_string(),
    };
    program
        .to_str()
        .and_then(quote::quoted)
        .ok_or_else(unquotable)
}

/// The line with another program, if it is a `credential_process` of Vestibule's that names one.
fn with_program(line: &[u8], program: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let (key, value) = text.split_once('=')?;
    let (named, arguments) = value.rsplit_once(ARGUMENTS)?;
    if key.trim_end() != PROCESS || named.trim() == program {
        return None;
    }
    Some(format!("{key}= {program}{ARGUMENTS}{arguments}").into_bytes())
}

#[cfg(test)]
mod tests;
