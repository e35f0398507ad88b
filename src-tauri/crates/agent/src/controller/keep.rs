//! Keeping a role: a section in AWS's files, in one or several ways of delivery, and credentials
//! that never go stale.

use std::path::PathBuf;

use aws_files::sso_session::{Endpoints, NativeProfile};
use aws_files::static_keys::StaticKeys;
use aws_files::{Profile, profile, write};
use ipc::message::{Code, Delivery, Failure, Response};
use sso::oidc::SCOPE;
use sso::portal::RoleCredentials;
use url::Url;

use super::answer::Answer;
use super::flight::Purpose;
use super::guest::Cause;
use super::session::{Auth, Session};
use super::{Controller, Event};
use crate::failure::{self, failure};
use crate::journal::Act;
use crate::menu::RoleId;
use crate::remembered::Kept;
use crate::section::{self, Section};
use crate::shell::Shell;

/// What is to be kept, and how.
#[derive(Debug)]
pub(super) struct ToKeep {
    pub(super) role: RoleId,
    pub(super) delivery: Delivery,
    /// Name of the profile; `None` for the one it has, or for one made from account and role.
    pub(super) profile: Option<String>,
    /// The file to write to.
    pub(super) file: PathBuf,
    /// The command `vestibule`.
    pub(super) program: PathBuf,
}

impl<S: Shell> Controller<S> {
    /// Keeps the role or stops doing so, as a window asks.
    pub(super) fn set_kept(
        &mut self,
        role: RoleId,
        delivery: Delivery,
        kept: bool,
        answer: Answer,
    ) {
        let act = if kept { Act::Keep } else { Act::Unkeep };
        let answer = self.noted(answer, act, &role);
        if !kept {
            return self.unkeep(&role, Some(delivery), answer);
        }
        let Some(at) = self.session_at(&role.session) else {
            let failure = failure::no_such_session(&role.session, &self.names());
            return self.fail(answer, failure);
        };
        let aws = &self.environment.paths.aws;
        let file = match delivery {
            Delivery::StaticKeys => aws.credentials.clone(),
            Delivery::Process | Delivery::SsoSession => aws.config.clone(),
        };
        let to_keep = ToKeep {
            role,
            delivery,
            profile: None,
            file,
            program: self.environment.program.clone(),
        };
        self.keep(at, to_keep, answer);
    }

    /// Writes the role's section, as soon as there are credentials where it takes some.
    pub(super) fn keep(&mut self, at: usize, mut to_keep: ToKeep, answer: Answer) {
        if let Err(failure) = self.refuse_to_keep(at, &to_keep) {
            return self.fail(answer, failure);
        }
        let known = self.remembered.kept_as(&to_keep.role, to_keep.delivery);
        let known = known.filter(|known| known.config_file == to_keep.file);
        if let (None, Some(known)) = (&to_keep.profile, known) {
            to_keep.profile = Some(known.profile.clone());
        }
        let (role, name) = (&to_keep.role, to_keep.profile.clone().unwrap_or_default());
        let session = &self.sessions[at];
        let section = match to_keep.delivery {
            Delivery::Process => {
                let program = to_keep.program.clone();
                Section::Process(process(session, role, name, program))
            }
            Delivery::SsoSession => Section::SsoSession(native(session, role, name)),
            Delivery::StaticKeys => {
                let role = role.clone();
                let purpose = Purpose::KeepKeys(to_keep, answer);
                return self.want_credentials(at, role, purpose);
            }
        };
        self.write_section(to_keep, section, answer);
    }

    /// Writes keys that have come for a role that is to be kept by them.
    pub(super) fn keep_keys(
        &self,
        at: usize,
        to_keep: ToKeep,
        credentials: &RoleCredentials,
        answer: Answer,
    ) {
        let name = to_keep.profile.clone().unwrap_or_default();
        let keys = keys(&self.sessions[at], credentials, name);
        self.write_section(to_keep, Section::StaticKeys(keys), answer);
    }

    fn write_section(&self, to_keep: ToKeep, section: Section, answer: Answer) {
        let ToKeep {
            role,
            delivery,
            file,
            ..
        } = to_keep;
        let account_name = self.account_name(&role);
        let aws = &self.environment.paths.aws;
        let other = match delivery {
            Delivery::StaticKeys => aws.config.clone(),
            Delivery::Process | Delivery::SsoSession => aws.credentials.clone(),
        };
        let reports = self.reports.clone();
        self.guest.files.run(move || {
            let written = section::write(section, &account_name, &role.role_name, &file, &other);
            let result = written.map(|profile| Kept {
                role,
                delivery,
                profile,
                config_file: file,
            });
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::SectionWritten { answer, result });
        });
    }

    fn refuse_to_keep(&self, at: usize, to_keep: &ToKeep) -> Result<(), Failure> {
        if !to_keep.file.is_absolute() || !to_keep.program.is_absolute() {
            let message = "The file and the program must be given by absolute paths.";
            return Err(failure(Code::BadRequest, message, "Use absolute paths."));
        }
        let portal = &self.sessions[at].portal;
        if to_keep.delivery == Delivery::SsoSession && !portal.share_sign_in {
            let name = &portal.name;
            return Err(failure(
                Code::BadRequest,
                format!(
                    "Profiles of AWS's own kind need a shared sign-in, and that of {name} is not."
                ),
                format!(
                    "Share it in the settings, or run: vestibule portal set {name} --share-sign-in on"
                ),
            ));
        }
        if to_keep.delivery == Delivery::SsoSession && self.chained(&to_keep.role).is_some() {
            return Err(failure(
                Code::BadRequest,
                "Profiles of AWS's own kind know no roles that are taken from others by Vestibule.",
                "Keep it in another way: vestibule keep ACCOUNT ROLE --as process",
            ));
        }
        let taken = self.remembered.kept.iter().find(|kept| {
            let same = kept.role == to_keep.role && kept.delivery == to_keep.delivery;
            let named = Some(&kept.profile) == to_keep.profile.as_ref();
            !same && named && kept.config_file == to_keep.file
        });
        match taken {
            Some(Kept { role, profile, .. }) => Err(failure(
                Code::BadRequest,
                format!(
                    "The profile {profile} is that of {} in {}.",
                    role.role_name, role.account_id
                ),
                "Choose another name with --profile, or stop keeping that role.",
            )),
            None => Ok(()),
        }
    }

    /// The section stands, or could not be written.
    pub(super) fn section_written(&mut self, answer: Answer, result: Result<Kept, Failure>) {
        let kept = match result {
            Ok(kept) => kept,
            Err(failure) => return self.fail(answer, failure),
        };
        let replaced = self
            .remembered
            .kept_as(&kept.role, kept.delivery)
            .filter(|old| **old != kept)
            .cloned();
        if let Some(old) = replaced {
            self.remove_sections(vec![old], Answer::click());
        }
        let same = |old: &Kept| old.role == kept.role && old.delivery == kept.delivery;
        self.remembered.kept.retain(|old| !same(old));
        self.remembered.kept.push(kept.clone());
        self.save_remembered();
        self.watch_files();
        self.give(
            answer,
            Response::Kept {
                profile: kept.profile,
            },
        );
        if let Some(at) = self.session_at(&kept.role.session)
            && kept.delivery == Delivery::Process
        {
            self.want_credentials(at, kept.role, Purpose::Keep);
        }
    }

    /// Removes the role's section of one way of delivery, or of all, and stops renewing for it.
    pub(super) fn unkeep(&mut self, role: &RoleId, delivery: Option<Delivery>, answer: Answer) {
        let ends = |kept: &&Kept| delivery.is_none_or(|delivery| kept.delivery == delivery);
        let sections: Vec<_> = self.remembered.ways(role).filter(ends).cloned().collect();
        if sections.is_empty() {
            let account = self.account_name(role);
            return self.fail(answer, failure::not_kept(&account, &role.role_name));
        }
        self.remove_sections(sections, answer);
    }

    /// Without a shared sign-in, profiles of AWS's own kind are of no use.
    pub(super) fn stop_native_profiles(&mut self, session: &str) {
        let is_native =
            |kept: &&Kept| kept.role.session == session && kept.delivery == Delivery::SsoSession;
        let sections = self.remembered.kept.iter().filter(is_native).cloned();
        self.remove_sections(sections.collect(), Answer::click());
    }

    pub(super) fn remove_sections(&self, sections: Vec<Kept>, answer: Answer) {
        let reports = self.reports.clone();
        self.guest.files.run(move || {
            let (mut gone, mut result) = (Vec::new(), Ok(()));
            for kept in sections {
                match section::remove(&kept) {
                    Ok(()) => gone.push(kept),
                    Err(failure) => result = Err(failure),
                }
            }
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::SectionsRemoved {
                answer,
                gone,
                result,
            });
        });
    }

    /// Removes the profiles that were written for all roles of the session at once.
    pub(super) fn remove_profiles_of_all(&self, session: &str) {
        let (session, reports) = (session.to_owned(), self.reports.clone());
        let config = self.environment.paths.aws.config.clone();
        self.guest.files.run(move || {
            let event = Event::SectionsRemoved {
                answer: Answer::click(),
                gone: Vec::new(),
                result: section::remove_all(&session, &config),
            };
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(event);
        });
    }

    /// These sections are gone; why others could not be removed.
    pub(super) fn sections_removed(
        &mut self,
        answer: Answer,
        gone: &[Kept],
        result: Result<(), Failure>,
    ) {
        self.remembered.kept.retain(|kept| !gone.contains(kept));
        for kept in gone {
            if !self.remembered.is_kept(&kept.role) {
                self.withdraw_refused(&kept.role);
                self.withdraw_code(&kept.role);
            }
        }
        self.save_remembered();
        self.watch_files();
        self.give(
            answer,
            result.map_or_else(Response::Error, |()| Response::Done),
        );
    }

    /// Takes the keys of the session's roles out of the credentials file, until the next sign-in.
    pub(super) fn withdraw_keys(&self, at: usize) {
        let name = self.sessions[at].name();
        self.withdraw_keys_where(|kept| kept.role.session == name);
    }

    /// Takes the keys of a role that was refused out of the credentials file.
    pub(super) fn withdraw_keys_of(&self, role: &RoleId) {
        self.withdraw_keys_where(|kept| kept.role == *role);
    }

    fn withdraw_keys_where(&self, is_ended: impl Fn(&Kept) -> bool) {
        let kept = self.remembered.kept.iter();
        let ended = kept.filter(|kept| kept.delivery == Delivery::StaticKeys && is_ended(kept));
        for kept in ended.cloned() {
            let reports = self.reports.clone();
            self.guest.files.run(move || {
                let result = section::remove(&kept).map(|()| true);
                let file = kept.config_file;
                // A controller that has stopped needs no news.
                let _ = reports.blocking_send(Event::Restored {
                    file,
                    cause: Cause::Us,
                    result,
                });
            });
        }
    }

    /// What should stand in a file for a kept role, as far as it can be known now.
    pub(super) fn section_of(&self, kept: &Kept) -> Option<Section> {
        let session = &self.sessions[self.session_at(&kept.role.session)?];
        let name = kept.profile.clone();
        Some(match kept.delivery {
            Delivery::Process => {
                let program = self.environment.program.clone();
                Section::Process(process(session, &kept.role, name, program))
            }
            Delivery::SsoSession => Section::SsoSession(native(session, &kept.role, name)),
            Delivery::StaticKeys => {
                let held = session.held.get(&kept.role)?;
                let good = held.credentials.expiration > self.now()
                    && matches!(session.auth, Auth::SignedIn(_));
                Section::StaticKeys(good.then(|| keys(session, &held.credentials, name))?)
            }
        })
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
        self.guest.files.run(move || {
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

fn process(session: &Session, role: &RoleId, name: String, program: PathBuf) -> Profile {
    Profile {
        name,
        account_id: role.account_id.clone(),
        role_name: role.role_name.clone(),
        session: role.session.clone(),
        program,
        region: Some(session.portal.region.to_string()),
        sts_endpoint: outside(session).sts,
    }
}

fn native(session: &Session, role: &RoleId, name: String) -> NativeProfile {
    NativeProfile {
        name,
        session_name: session.name().to_owned(),
        start_url: session.portal.start_url.as_str().to_owned(),
        sso_region: session.portal.region.to_string(),
        registration_scopes: SCOPE.to_owned(),
        account_id: role.account_id.clone(),
        role_name: role.role_name.clone(),
        region: Some(session.portal.region.to_string()),
        endpoints: outside(session),
    }
}

fn keys(session: &Session, credentials: &RoleCredentials, profile: String) -> StaticKeys {
    StaticKeys {
        profile,
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
        expiration: credentials.expiration,
        region: Some(session.portal.region.to_string()),
    }
}

/// The endpoints that AWS's tools could not know: those of a portal outside AWS, and those that
/// were set by hand.
fn outside(session: &Session) -> Endpoints {
    let (portal, endpoints) = (&session.portal, &session.remote.endpoints);
    let named = |set: &Option<Url>, url: &Url| {
        let unknown = set.is_some() || !portal.start_url.is_aws();
        unknown.then(|| url.as_str().trim_end_matches('/').to_owned())
    };
    Endpoints {
        sso: named(&portal.endpoints.portal, &endpoints.portal),
        sso_oidc: named(&portal.endpoints.oidc, &endpoints.oidc),
        sts: named(&portal.endpoints.sts, &endpoints.sts),
    }
}
