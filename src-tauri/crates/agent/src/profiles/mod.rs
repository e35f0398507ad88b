//! Profiles for all roles at once: which there should be, and how they get into AWS's config file.
//! The command line and the windows share it. Whatever touches a file may block.

mod only;
mod plan;
mod template;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

pub use aws_files::Delivery;
use aws_files::profiles::{self, Refusals};
use aws_files::{Document, Paths, Refusal, changes, write};
use ipc::message::{Account, Code, Failure, SessionStatus};
use time::OffsetDateTime;

pub use self::only::Only;
use self::plan::{Plan, plan};
pub use self::template::Template;
use crate::failure::failure;
use crate::section::of_file;

/// What is wanted of the profiles for all roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct All {
    /// Which of them.
    pub only: Only,
    /// How new ones are named.
    pub name_template: Template,
    /// Region of new ones; `None` for the portal's.
    pub region: Option<String>,
    /// How they get their credentials; never by static keys.
    pub delivery: Delivery,
}

/// What the agent knows that profiles need.
#[derive(Debug, Clone)]
pub struct Roles {
    /// Accounts with their roles.
    pub accounts: Vec<Account>,
    /// Their sessions; accounts of others get no profiles.
    pub sessions: Vec<SessionStatus>,
    /// The command `vestibule`, absolute.
    pub program: PathBuf,
}

/// What was done, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The config file.
    pub file: PathBuf,
    /// Names of the profiles that are new, or that were removed.
    pub names: Vec<String>,
    /// How many stood there already.
    pub stood: usize,
    /// Names of profiles whose roles are not assigned any more. They stay until they are removed.
    pub gone: Vec<String>,
    /// Why profiles could not be changed, by name.
    pub refused: BTreeMap<String, Failure>,
    /// The file as it was.
    pub backup: Option<PathBuf>,
}

/// What [`write()`] would do.
#[derive(Debug)]
pub struct Preview {
    /// The config file as it is.
    pub before: Document,
    /// As it would be.
    pub after: Document,
    /// What would be done.
    pub outcome: Outcome,
}

impl Preview {
    /// What would change, as a unified diff of Vestibule's own lines alone: it may be shown where
    /// nothing secret may go.
    #[must_use]
    pub fn changes(&self) -> String {
        let file = self.outcome.file.display().to_string();
        changes::unified(&file, &self.before, &self.after)
    }
}

/// What [`write()`] would do; changes nothing.
///
/// # Errors
/// A file cannot be read.
pub fn preview(files: &Paths, roles: &Roles, all: &All) -> Result<Preview, Failure> {
    let read = |file: &Path| write::read(file).map_err(|error| of_file(&error));
    let before = read(&files.config)?;
    let (after, outcome) = with_all(files, &before, &read(&files.credentials)?, roles, all)
        .map_err(|source| {
            of_file(&write::Error::Refused {
                path: files.config.clone(),
                source,
            })
        })?;
    Ok(Preview {
        before,
        after,
        outcome,
    })
}

/// Writes a profile for every role, and leaves the file as it was beside it. A role that has one
/// keeps its name.
///
/// # Errors
/// A file cannot be read or written.
pub fn write(
    files: &Paths,
    roles: &Roles,
    all: &All,
    now: OffsetDateTime,
) -> Result<Outcome, Failure> {
    let credentials = write::read(&files.credentials).map_err(|error| of_file(&error))?;
    edit(&files.config, now, |before| {
        with_all(files, before, &credentials, roles, all)
    })
}

/// Removes what [`write()`] wrote, and leaves the file as it was beside it. Profiles of roles that
/// are kept refreshed stay.
///
/// # Errors
/// The file cannot be read or written.
pub fn remove(files: &Paths, only: &Only, now: OffsetDateTime) -> Result<Outcome, Failure> {
    edit(&files.config, now, |before| {
        let own = profiles::own(before).into_iter();
        let meant = own.filter(|own| !own.kept && only.includes(&own.name));
        let mut names: Vec<_> = meant.map(|own| own.name).collect();
        let (after, refused) = profiles::remove(before, &names);
        names.retain(|name| !refused.contains_key(name));
        let outcome = Outcome {
            file: files.config.clone(),
            names,
            refused: failures(refused),
            ..Outcome::default()
        };
        Ok((after, outcome))
    })
}

/// The failure of having no role to write a profile for.
#[must_use]
pub fn no_roles(next_step: &str) -> Failure {
    failure(Code::SignInNeeded, "No accounts are known yet.", next_step)
}

fn edit(
    file: &Path,
    now: OffsetDateTime,
    mut change: impl FnMut(&Document) -> Result<(Document, Outcome), Refusal>,
) -> Result<Outcome, Failure> {
    let mut done = Outcome::default();
    let backup = write::edit_with_backup(file, now, |before| {
        let (after, outcome) = change(before)?;
        done = outcome;
        Ok(after)
    });
    let backup = backup.map_err(|error| of_file(&error))?;
    Ok(Outcome { backup, ..done })
}

fn with_all(
    files: &Paths,
    before: &Document,
    credentials: &Document,
    roles: &Roles,
    all: &All,
) -> Result<(Document, Outcome), Refusal> {
    let Plan { wanted, gone } = plan(before, credentials, roles, all);
    let (after, refused) = profiles::insert(before, &wanted);
    if let Some(unreadable) = unreadable(&refused) {
        return Err(unreadable);
    }
    let names = new_names(before, &after);
    let outcome = Outcome {
        file: files.config.clone(),
        stood: wanted.len() - refused.len() - names.len(),
        names,
        gone,
        refused: failures(refused),
        backup: None,
    };
    Ok((after, outcome))
}

/// What keeps the file itself from being edited.
fn unreadable(refused: &Refusals) -> Option<Refusal> {
    let mut all = refused.values();
    all.find(|refusal| matches!(refusal, Refusal::Unreadable(_)))
        .cloned()
}

fn new_names(before: &Document, after: &Document) -> Vec<String> {
    let stood: HashSet<_> = profiles::own(before)
        .into_iter()
        .map(|own| own.name)
        .collect();
    let stand = profiles::own(after).into_iter().map(|own| own.name);
    stand.filter(|name| !stood.contains(name)).collect()
}

fn failures(refused: Refusals) -> BTreeMap<String, Failure> {
    let failure =
        |refusal: Refusal| failure(Code::File, format!("{refusal}."), refusal.next_step());
    refused
        .into_iter()
        .map(|(name, refusal)| (name, failure(refusal)))
        .collect()
}
