//! Keeping a role: a profile in the AWS config file, and credentials that never go stale.

use std::path::Path;

use aws_files::{Delivery, Document, Profile, profile, write};
use ipc::message::{Code, Failure, Response};

use super::answer::Answer;
use super::flight::Purpose;
use super::{Controller, Event};
use crate::failure::failure;
use crate::journal::Act;
use crate::menu::RoleId;
use crate::remembered::Kept;
use crate::shell::Shell;

impl<S: Shell> Controller<S> {
    /// Keeps the role or stops doing so, as a window asks.
    pub(super) fn set_kept(&mut self, role: RoleId, kept: bool, answer: Answer) {
        let act = if kept { Act::Keep } else { Act::Unkeep };
        let answer = self.noted(answer, act, &role);
        if !kept {
            return self.unkeep(&role, answer);
        }
        let Some(at) = self.session_at(&role.session) else {
            let failure = crate::failure::no_such_session(&role.session, &self.names());
            return self.fail(answer, failure);
        };
        let config = self.environment.paths.aws.config.clone();
        let program = self.environment.program.clone();
        self.keep(at, role, None, &config, &program, answer);
    }

    /// Writes a profile for the role, on a thread that may block.
    pub(super) fn keep(
        &mut self,
        at: usize,
        role: RoleId,
        name: Option<String>,
        config_file: &Path,
        program: &Path,
        answer: Answer,
    ) {
        if !config_file.is_absolute() || !program.is_absolute() {
            let message = "The AWS config file and the program must be given by absolute paths.";
            return self.fail(
                answer,
                failure(Code::BadRequest, message, "Use absolute paths."),
            );
        }
        let session = &self.sessions[at];
        let account = session.catalog.account(&role.account_id);
        let account_name = account.map_or(role.account_id.clone(), |account| account.name.clone());
        let known = self
            .remembered
            .kept(&role)
            .filter(|kept| kept.config_file == config_file);
        let outside = !session.portal.start_url.is_aws() || session.portal.endpoints.sts.is_some();
        let wanted = Profile {
            name: name
                .or_else(|| known.map(|kept| kept.profile.clone()))
                .unwrap_or_default(),
            account_id: role.account_id.clone(),
            role_name: role.role_name.clone(),
            session: role.session.clone(),
            program: program.to_owned(),
            region: Some(session.portal.region.to_string()),
            sts_endpoint: outside.then(|| {
                session
                    .remote
                    .endpoints
                    .sts
                    .as_str()
                    .trim_end_matches('/')
                    .to_owned()
            }),
        };
        let credentials_file = self.environment.paths.aws.credentials.clone();
        let config_file = config_file.to_owned();
        let reports = self.reports.clone();
        tokio::task::spawn_blocking(move || {
            let result = write_profile(wanted, &account_name, &config_file, &credentials_file).map(
                |profile| Kept {
                    role,
                    profile,
                    config_file,
                },
            );
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::ProfileWritten { answer, result });
        });
    }

    /// The profile stands, or could not be written.
    pub(super) fn profile_written(&mut self, answer: Answer, result: Result<Kept, Failure>) {
        let kept = match result {
            Ok(kept) => kept,
            Err(failure) => return self.fail(answer, failure),
        };
        let replaced = self
            .remembered
            .kept(&kept.role)
            .filter(|old| **old != kept)
            .cloned();
        if let Some(old) = replaced {
            self.remove_profile(old, Answer::click());
        }
        self.remembered.kept.retain(|old| old.role != kept.role);
        self.remembered.kept.push(kept.clone());
        self.save_remembered();
        self.give(
            answer,
            Response::Kept {
                profile: kept.profile,
            },
        );
        if let Some(at) = self.session_at(&kept.role.session) {
            self.want_credentials(at, kept.role, Purpose::Keep);
        }
    }

    /// Removes the profile and stops renewing.
    pub(super) fn unkeep(&mut self, role: &RoleId, answer: Answer) {
        match self.remembered.kept(role).cloned() {
            Some(kept) => self.remove_profile(kept, answer),
            None => self.give(answer, Response::Done),
        }
    }

    pub(super) fn remove_profile(&self, kept: Kept, answer: Answer) {
        let reports = self.reports.clone();
        tokio::task::spawn_blocking(move || {
            let edited = write::edit(&kept.config_file, |config| {
                profile::remove(config, &kept.profile)
            });
            let result = edited.map(drop).map_err(|error| of_file(&error));
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::ProfileRemoved {
                answer,
                kept,
                result,
            });
        });
    }

    /// The profile is gone, or could not be removed.
    pub(super) fn profile_removed(
        &mut self,
        answer: Answer,
        gone: &Kept,
        result: Result<(), Failure>,
    ) {
        match result {
            Ok(()) => {
                self.remembered.kept.retain(|kept| kept != gone);
                self.withdraw_refused(&gone.role);
                self.save_remembered();
                self.give(answer, Response::Done);
            }
            Err(failure) => self.fail(answer, failure),
        }
    }

    /// Profiles name the program by its path, which may have changed since.
    pub(super) fn repair_profiles(&self) {
        let mut files: Vec<_> = self
            .remembered
            .kept
            .iter()
            .map(|kept| kept.config_file.clone())
            .collect();
        files.sort();
        files.dedup();
        let program = self.environment.program.clone();
        tokio::task::spawn_blocking(move || {
            for file in files {
                match write::edit(&file, |config| profile::repair(config, &program)) {
                    Ok(true) => {
                        tracing::info!(file = %file.display(), "profiles name the program's new path")
                    }
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(%error, "profiles may name an old path of the program")
                    }
                }
            }
        });
    }
}

/// Writes the profile and answers its name.
fn write_profile(
    mut wanted: Profile,
    account_name: &str,
    config_file: &Path,
    credentials_file: &Path,
) -> Result<String, Failure> {
    let credentials = write::read(credentials_file).map_err(|error| of_file(&error))?;
    let unnamed = wanted.name.is_empty();
    write::edit(config_file, |config: &Document| {
        if unnamed {
            let taken = |name: &str| profile::is_taken(name, config, &credentials);
            let base = profile::base_name(account_name, &wanted.role_name);
            wanted.name = Delivery::Process.free_name(&base, &taken);
        }
        profile::refuse_shadowed(&wanted.name, &credentials)?;
        profile::insert(config, &wanted)
    })
    .map_err(|error| of_file(&error))?;
    Ok(wanted.name)
}

fn of_file(error: &write::Error) -> Failure {
    failure(
        Code::File,
        crate::failure::sentence(error),
        error.next_step(),
    )
}
