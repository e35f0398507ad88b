//! Listing what a portal assigns: shown as it comes, kept where it fails.

use std::collections::BTreeSet;

use ipc::message::Failure;
use sso::error::Kind;
use sso::portal::{self, AccountRoles};
use tokio::sync::{mpsc, watch};

use super::session::{Access, Auth, RunningListing};
use super::{Controller, Event, News};
use crate::catalog::{Account, Catalog};
use crate::failure;
use crate::shell::Shell;

/// How many accounts may wait to be shown.
const PENDING: usize = 64;

impl<S: Shell> Controller<S> {
    /// Wants a listing as soon as there is a token. The user is asked to sign in for it only where
    /// a request is held for it.
    pub(super) fn want_listing(&mut self, at: usize) {
        let listing = &mut self.sessions[at].listing;
        listing.wanted |= listing.running.is_none();
        self.advance(at);
    }

    pub(super) fn start_listing(&mut self, at: usize, access: &Access) {
        let session = &self.sessions[at];
        let portal = session.remote.portal.clone();
        let (renewed, token) = watch::channel(access.token.clone());
        let (reports, id) = (self.reports.clone(), session.id);
        // AWS's portals tell no address at which an application opens.
        let applications = !session.portal.start_url.is_aws();
        let task = self.spawn(id, async move {
            let (found, mut accounts) = mpsc::channel(PENDING);
            let show = async {
                let mut batch = Vec::new();
                while accounts.recv_many(&mut batch, PENDING).await > 0 {
                    let news = News::Listed(std::mem::take(&mut batch));
                    // A controller that has stopped needs no news.
                    let _ = reports.send(Event::Session { id, news }).await;
                }
            };
            let (result, ()) = tokio::join!(portal.list_all(&token, found), show);
            if applications && result.is_ok() {
                let news = News::Applications(portal.list_applications(&token).await);
                // A controller that has stopped needs no news.
                let _ = reports.send(Event::Session { id, news }).await;
            }
            News::ListingEnded(result)
        });
        let session = &mut self.sessions[at];
        session.listing.wanted = false;
        let before = session.catalog.clone();
        session.listing.running = Some(RunningListing {
            before,
            seen: BTreeSet::new(),
            token: renewed,
            task,
        });
    }

    /// Some accounts came.
    pub(super) fn listed(&mut self, at: usize, accounts: Vec<AccountRoles>) {
        let session = &mut self.sessions[at];
        let Some(running) = &mut session.listing.running else {
            return;
        };
        for AccountRoles { account, roles } in accounts {
            running.seen.insert(account.id.clone());
            session.catalog.put(Account {
                // An account without a name is known by its number.
                name: if account.name.is_empty() {
                    account.id.clone()
                } else {
                    account.name
                },
                id: account.id,
                email: account.email.unwrap_or_default(),
                roles,
            });
        }
    }

    /// The listing ended, well or not.
    pub(super) fn listing_ended(&mut self, at: usize, result: Result<(), portal::Error>) {
        let now = self.now();
        let session = &mut self.sessions[at];
        let Some(running) = session.listing.running.take() else {
            return;
        };
        match result {
            Ok(()) => {
                session.listing.ended = Some(now);
                session.listing.retried = false;
                session.catalog.finish(&running.seen);
                self.portal_answered(at);
                self.catalog_revised(at, &running.before);
                self.listing_done(at);
            }
            Err(error) if error.kind() == Kind::Unauthorized => {
                if let Auth::SignedIn(signed_in) = &mut session.auth {
                    signed_in.access = None;
                }
                session.listing.wanted = true;
                // Once more with a fresh token; where that is refused too, the session is over.
                if std::mem::replace(&mut session.listing.retried, true) {
                    session.listing.retried = false;
                    self.session_ended(at);
                }
            }
            Err(error) => {
                let failure = failure::of_portal(session.name(), error.kind(), &error);
                self.portal_failed(at, &failure);
                self.listing_failed(at, &failure);
            }
        }
    }

    fn catalog_revised(&mut self, at: usize, before: &Catalog) {
        let session = &self.sessions[at];
        let name = session.name().to_owned();
        let difference = before.difference(&session.catalog);
        if *before != session.catalog {
            self.save_catalog(at);
        }
        self.notify_roles(&name, &difference);
    }

    /// Whoever waited for the listing learns that it failed.
    pub(super) fn listing_failed(&mut self, at: usize, failure: &Failure) {
        let id = self.sessions[at].id;
        self.undefer(id, Some(failure));
    }

    fn listing_done(&mut self, at: usize) {
        let id = self.sessions[at].id;
        self.undefer(id, None);
    }
}
