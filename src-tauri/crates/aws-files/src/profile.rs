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

use std::path::{Path, PathBuf};

use crate::document::{Block, Document, Kind, Section};
use crate::quote;

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

/// Why a document could not be changed. The document's path is the caller's to name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The user's own section has that name.
    #[error("line {line} already defines [{header}]")]
    Taken {
        /// Line of the section, from 1.
        line: usize,
        /// Its header.
        header: String,
    },
    /// The credentials file has keys under that name, which AWS's tools prefer.
    #[error("line {line} of the credentials file has keys for the profile {name}")]
    Shadowed {
        /// Line of the section in the credentials file, from 1.
        line: usize,
        /// The profile.
        name: String,
    },
    /// Something the user wrote would be lost or change its meaning.
    #[error("line {line} was added to the lines Vestibule keeps for the profile {name}")]
    Stray {
        /// The line in the way, from 1.
        line: usize,
        /// The profile.
        name: String,
    },
    /// AWS's tools would not all read a profile of that name.
    #[error("{name:?} cannot be the name of a profile")]
    Name {
        /// The name as given.
        name: String,
    },
    /// No quoting makes every tool read this text back.
    #[error("{text:?} cannot be written into a command for AWS's tools")]
    Unquotable {
        /// The path or name.
        text: String,
    },
    /// The bytes are not text, or UTF-16.
    #[error("it is not a text file in an encoding that AWS's tools read")]
    NotText,
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Taken { .. } | Self::Shadowed { .. } => {
                "Choose another name with --profile, or remove that section yourself."
            }
            Self::Stray { .. } => "Move that line into a section of your own, then try again.",
            Self::Name { .. } => "Use letters, digits and any of - _ . / + @ % : in the name.",
            Self::Unquotable { .. } => "Install Vestibule in a folder with a plainer name.",
            Self::NotText => "Save the file as UTF-8, then try again.",
        }
    }
}

/// A document with the profile: written anew at the end, or brought up to date where Vestibule
/// wrote it before. Settings that were added to it since stay.
///
/// # Errors
/// Where the user has a section of that name, or the profile cannot be written down.
pub fn insert(document: &Document, profile: &Profile) -> Result<Document, Error> {
    if !document.is_text() {
        return Err(Error::NotText);
    }
    if !valid_name(&profile.name) {
        return Err(Error::Name {
            name: profile.name.clone(),
        });
    }
    let block = block(document, &profile.name);
    refuse_taken(document, &profile.name, block.as_ref())?;
    let body = body(document, block.as_ref(), profile)?;
    let Some(block) = block else {
        return Ok(document.append_block(&profile.name, &body));
    };
    refuse_stray(document, &block)?;
    Ok(document.replace_body(&block, &body))
}

/// A document without the profile; the same one where Vestibule wrote none of that name.
///
/// # Errors
/// [`Error::Stray`] where the user added sections to the profile's block.
pub fn remove(document: &Document, name: &str) -> Result<Document, Error> {
    let Some(block) = block(document, name) else {
        return Ok(document.clone());
    };
    refuse_stray(document, &block)?;
    Ok(document.remove_block(&block))
}

/// A document in which every profile of Vestibule's names this program; the same one where they
/// already do.
///
/// # Errors
/// [`Error::Unquotable`] where the path cannot be written down.
pub fn repair(document: &Document, program: &Path) -> Result<Document, Error> {
    let program = quoted_program(program)?;
    let mut repaired = document.clone();
    for block in document.blocks() {
        for index in block.lines {
            // Each replacement is one line for one line, so the indices stay true.
            if let Some(line) = with_program(repaired.line(index), &program) {
                repaired = repaired.splice(index..index + 1, &line);
            }
        }
    }
    Ok(repaired)
}

/// The profiles Vestibule wrote, in the order of the file.
#[must_use]
pub fn own(document: &Document) -> Vec<String> {
    document
        .blocks()
        .into_iter()
        .map(|block| block.name)
        .collect()
}

/// A name for a new profile: `{account_name}-{role_name}` in lower case, other characters than
/// ASCII letters, digits, `_` and `.` turned to `-`, numbered from 2 where `taken`.
#[must_use]
pub fn profile_name(account_name: &str, role_name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut name = String::new();
    for c in format!("{account_name}-{role_name}").to_lowercase().chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            name.push(c);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if !taken(name) {
        return name.to_owned();
    }
    (2_u32..)
        .map(|number| format!("{name}-{number}"))
        .find(|candidate| !taken(candidate))
        .unwrap_or_default()
}

/// Whether a new profile of that name would clash with a section of either file.
#[must_use]
pub fn is_taken(name: &str, config: &Document, credentials: &Document) -> bool {
    let in_config = config.sections().any(|section| belongs_to(&section, name));
    in_config || refuse_shadowed(name, credentials).is_err()
}

/// Refuses a name that the credentials file has keys for: AWS's tools would take those, not what
/// `credential_process` gives.
///
/// # Errors
/// [`Error::Shadowed`].
pub fn refuse_shadowed(name: &str, credentials: &Document) -> Result<(), Error> {
    match credentials
        .sections()
        .find(|section| section.header == name)
    {
        Some(Section { line, .. }) => Err(Error::Shadowed {
            line,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}

const NOTE: &str =
    "# Vestibule writes these lines and removes them when the role is no longer kept refreshed.";
const PROCESS: &str = "credential_process";
const SERVICES: &str = "services";
/// Stands between program and arguments in every line Vestibule writes.
const ARGUMENTS: &str = " credentials --account ";

/// What every SDK accepts; the Rust SDK has the shortest list.
fn valid_name(name: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || "-_./+@%:".contains(c);
    !name.is_empty() && name.chars().all(valid)
}

fn services_name(profile: &str) -> String {
    format!("vestibule-{profile}")
}

fn belongs_to(section: &Section<'_>, name: &str) -> bool {
    section.profile() == Some(name) || section.services() == Some(&services_name(name))
}

fn block(document: &Document, name: &str) -> Option<Block> {
    document
        .blocks()
        .into_iter()
        .find(|block| block.name == name)
}

fn refuse_taken(document: &Document, name: &str, own: Option<&Block>) -> Result<(), Error> {
    let is_own = |line: usize| own.is_some_and(|block| block.lines.contains(&(line - 1)));
    let mut sections = document.sections();
    match sections.find(|section| belongs_to(section, name) && !is_own(section.line)) {
        Some(Section { line, header }) => Err(Error::Taken {
            line,
            header: header.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Within a block only its own two sections may stand; and a setting below it, before the next
/// section, would fall to the section above once the block is gone.
fn refuse_stray(document: &Document, block: &Block) -> Result<(), Error> {
    let mut in_own_section = false;
    let lines = document.lines().iter().zip(1..).skip(block.lines.start);
    for (line, number) in lines {
        let below = number > block.lines.end;
        let stray = match &line.kind {
            Kind::Header(_) if below => break,
            Kind::Header(header) => {
                in_own_section = belongs_to(
                    &Section {
                        line: number,
                        header,
                    },
                    &block.name,
                );
                !in_own_section
            }
            Kind::Setting { .. } | Kind::Other => below || !in_own_section,
            Kind::Blank | Kind::Comment | Kind::Begin { .. } | Kind::End => false,
        };
        if stray {
            return Err(Error::Stray {
                line: number,
                name: block.name.clone(),
            });
        }
    }
    Ok(())
}

/// The lines between the markers.
///
/// The services section stands there even when it is empty: `aws configure set` adds a new setting
/// to the last section of a file two lines below the last setting, which would be past the marker.
fn body(document: &Document, block: Option<&Block>, profile: &Profile) -> Result<Vec<u8>, Error> {
    let added = block
        .map(|block| added_lines(document, block))
        .unwrap_or_default();
    let name = &profile.name;
    let mut above = vec![
        match name.as_str() {
            "default" => "[default]".to_owned(),
            _ => format!("[profile {name}]"),
        },
        format!("{PROCESS} = {}", command(profile)?),
    ];
    if let Some(region) = &profile.region
        && !added.iter().any(|(key, _)| key == "region")
    {
        above.push(format!("region = {region}"));
    }
    let services = services_name(name);
    let mut below = vec![format!("[{SERVICES} {services}]")];
    if let Some(endpoint) = &profile.sts_endpoint {
        above.push(format!("{SERVICES} = {services}"));
        below.extend(["sts =".to_owned(), format!("  endpoint_url = {endpoint}")]);
    }
    below.push(NOTE.to_owned());

    let end = document.line_end();
    let mut body = terminated(&above, end);
    body.extend(added.into_iter().flat_map(|(_, line)| line));
    body.extend(terminated(&below, end));
    Ok(body)
}

fn terminated(lines: &[String], end: &str) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [line, end])
        .flat_map(str::bytes)
        .collect()
}

/// Lines the user, or `aws configure set`, added to the profile's section, each with the key of
/// the setting it belongs to.
fn added_lines(document: &Document, block: &Block) -> Vec<(String, Vec<u8>)> {
    let mut added = Vec::new();
    let mut in_profile = false;
    let mut current = String::new();
    for index in block.lines.clone() {
        match &document.lines()[index].kind {
            Kind::Header(header) => {
                in_profile = Section {
                    line: index + 1,
                    header,
                }
                .profile()
                .is_some()
            }
            Kind::Setting { key } => current.clone_from(key),
            Kind::Other => {}
            _ => continue,
        }
        let is_header = matches!(document.lines()[index].kind, Kind::Header(_));
        if in_profile && !is_header && current != PROCESS && current != SERVICES {
            added.push((current.clone(), document.line(index).to_vec()));
        }
    }
    added
}

fn command(profile: &Profile) -> Result<String, Error> {
    let word = |text: &str| {
        quote::word(text).ok_or_else(|| Error::Unquotable {
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

fn quoted_program(program: &Path) -> Result<String, Error> {
    let unquotable = || Error::Unquotable {
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
