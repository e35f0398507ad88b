//! What could not be written down, for want of room or of a keyring: it stays in memory and is
//! written as soon as that goes.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::{Controller, Event};
use crate::files;
use crate::keyring;
use crate::refresh;
use crate::shell::Shell;

/// What waits to be written, and for when.
#[derive(Default)]
pub(super) struct Unsaved {
    remembered: bool,
    /// By names of sessions.
    catalogs: BTreeSet<String>,
    /// By names of sessions.
    tokens: BTreeSet<String>,
    failures: u32,
    retry: Option<OffsetDateTime>,
}

impl Unsaved {
    /// When it is tried again.
    pub(super) fn due(&self) -> Option<OffsetDateTime> {
        self.retry
    }

    fn wait(&mut self, now: OffsetDateTime) {
        // What fails together is tried again together.
        if self.retry.is_none_or(|retry| retry <= now) {
            self.failures += 1;
            self.retry = Some(now + refresh::retry_delay(self.failures, &"unsaved", now));
        }
    }

    fn files_are_saved(&self) -> bool {
        !self.remembered && self.catalogs.is_empty()
    }

    fn rest(&mut self) {
        if self.files_are_saved() && self.tokens.is_empty() {
            *self = Self::default();
        }
    }
}

impl<S: Shell> Controller<S> {
    /// Writes down what should be remembered.
    pub(super) fn save_remembered(&mut self) {
        let saved = self.remembered.save(&self.environment.paths.state);
        self.unsaved.remembered = saved.is_err();
        self.file_saved(saved);
    }

    /// Writes down the catalog of the session, on a thread that may block.
    pub(super) fn save_catalog(&self, at: usize) {
        let session = &self.sessions[at];
        let (catalog, name) = (session.catalog.clone(), session.name().to_owned());
        let folder = self.environment.paths.catalogs.clone();
        let reports = self.reports.clone();
        tokio::task::spawn_blocking(move || {
            let result = catalog.save(&folder, &name);
            let event = Event::CatalogSaved {
                session: name,
                result,
            };
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(event);
        });
    }

    /// The catalog was written, or could not be.
    pub(super) fn catalog_saved(&mut self, session: String, result: Result<(), files::Error>) {
        match &result {
            Ok(()) => self.unsaved.catalogs.remove(&session),
            Err(_) => self.unsaved.catalogs.insert(session),
        };
        self.file_saved(result);
    }

    fn file_saved(&mut self, result: Result<(), files::Error>) {
        match result {
            Ok(()) => {
                if self.unsaved.files_are_saved() {
                    self.withdraw_unsaved();
                }
                self.unsaved.rest();
            }
            Err(error) => {
                tracing::warn!(%error, "it is kept in memory and tried again");
                self.unsaved.wait(self.now());
                self.notify_unsaved(&error);
            }
        }
    }

    /// The keyring took the session's entry, or did not. One that is silent still has it before
    /// it, and takes it once it is unlocked.
    pub(super) fn entry_stored(&mut self, at: usize, error: Option<&keyring::Error>) {
        let session = self.sessions[at].name().to_owned();
        match error {
            Some(keyring::Error::Refused(_)) => {
                self.unsaved.tokens.insert(session);
                self.unsaved.wait(self.now());
            }
            Some(keyring::Error::Silent) | None => {
                self.unsaved.tokens.remove(&session);
                self.unsaved.rest();
            }
        }
    }

    /// Tries again what is due.
    pub(super) fn save_what_waits(&mut self) {
        let now = self.now();
        if self.unsaved.retry.is_none_or(|retry| retry > now) {
            return;
        }
        if self.unsaved.remembered {
            self.save_remembered();
        }
        for at in 0..self.sessions.len() {
            if self.unsaved.catalogs.contains(self.sessions[at].name()) {
                self.save_catalog(at);
            }
            if self.unsaved.tokens.contains(self.sessions[at].name()) {
                self.store(at, Vec::new());
            }
        }
        // Whatever fails again says so and waits longer.
        if self.unsaved.retry.is_some_and(|retry| retry <= now) {
            self.unsaved.wait(now);
        }
    }

    /// What was to be written of a session that is gone.
    pub(super) fn forget_unsaved(&mut self, session: &str) {
        self.unsaved.catalogs.remove(session);
        self.unsaved.tokens.remove(session);
        self.unsaved.rest();
    }
}
