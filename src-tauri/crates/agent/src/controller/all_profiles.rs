//! Profiles for all roles at once, and the portals that the AWS config file names, as windows ask
//! for them. Files are read and written on the thread that writes the profiles of kept roles.

use aws_files::Paths;
use ipc::message::Failure;
use time::OffsetDateTime;
use tokio::sync::oneshot;
use url::Url;

use super::Controller;
use crate::import::{self, FoundPortal};
use crate::profiles::{self, All, Only, Outcome, Roles};
use crate::shell::Shell;

/// What a window wants of the profiles for all roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To see what would be written.
    Preview(All),
    /// To have them.
    Write(All),
    /// To have them no longer.
    Remove(Only),
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was done, or would be.
    pub outcome: Outcome,
    /// For a preview, what would change as a unified diff of Vestibule's own lines; empty where
    /// nothing would.
    pub changes: String,
}

impl<S: Shell> Controller<S> {
    /// Shows, writes or removes the profiles for all roles.
    pub(super) fn write_all_profiles(
        &self,
        wish: Wish,
        done: oneshot::Sender<Result<Report, Failure>>,
    ) {
        let roles = self.known_roles();
        let files = self.environment.paths.aws.clone();
        let now = self.on_the_wall(self.now());
        self.guest.files.run(move || {
            // A window that was closed meanwhile needs no answer.
            let _ = done.send(report(wish, &files, &roles, now));
        });
    }

    /// Looks for portals in the AWS config file that are no sessions yet.
    pub(super) fn look_for_portals(
        &self,
        done: oneshot::Sender<Result<Vec<FoundPortal>, Failure>>,
    ) {
        let portals = self.sessions.iter().map(|session| &session.portal);
        let known: Vec<(Url, String)> = portals
            .map(|portal| (portal.start_url.url().clone(), portal.region.to_string()))
            .collect();
        let config = self.environment.paths.aws.config.clone();
        self.guest.files.run(move || {
            let is_new =
                |found: &FoundPortal| !known.iter().any(|(url, region)| found.is(url, region));
            let found = import::found(&config);
            let new = found.map(|found| found.into_iter().filter(is_new).collect());
            // A window that was closed meanwhile needs no answer.
            let _ = done.send(new);
        });
    }

    /// The roles of the sessions whose listing was ever finished: those of another would seem to
    /// be assigned no longer.
    fn known_roles(&self) -> Roles {
        let listed: Vec<usize> = (0..self.sessions.len())
            .filter(|&at| self.sessions[at].catalog.complete)
            .collect();
        let sessions = listed.iter().map(|&at| &self.sessions[at]);
        Roles {
            sessions: sessions.map(|one| self.session_status(one)).collect(),
            accounts: self.accounts_of(&listed),
            program: self.environment.program.clone(),
        }
    }
}

fn report(
    wish: Wish,
    files: &Paths,
    roles: &Roles,
    now: OffsetDateTime,
) -> Result<Report, Failure> {
    let needs_roles = !matches!(wish, Wish::Remove(_));
    if needs_roles && roles.accounts.is_empty() {
        return Err(profiles::no_roles(
            "Sign in, and wait until your accounts are listed.",
        ));
    }
    let outcome = match wish {
        Wish::Preview(all) => {
            let preview = profiles::preview(files, roles, &all)?;
            return Ok(Report {
                changes: preview.changes(),
                outcome: preview.outcome,
            });
        }
        Wish::Write(all) => profiles::write(files, roles, &all, now)?,
        Wish::Remove(only) => profiles::remove(files, &only, now)?,
    };
    Ok(Report {
        outcome,
        changes: String::new(),
    })
}
