//! Sign-ins shared with AWS's own tools: the token file follows the session, and the session
//! follows what other tools do to the file.

use std::future::Future;

use aws_files::token_cache::{self, CachedToken};
use ipc::message::{Code, Failure};
use sso::error::Kind;
use sso::oidc::{self, Grant, Registration, Tokens};
use time::{Duration, OffsetDateTime};

use super::session::{Access, Auth, Credentialed, Session};
use super::{Controller, Event, News};
use crate::clock::Clock;
use crate::failure::{self, failure};
use crate::files;
use crate::journal::Act;
use crate::shell::Shell;
use crate::token_file::{Found, Own, TokenFile, Verdict, judge};

impl<S: Shell> Controller<S> {
    /// The session's token file, where its sign-in is shared.
    pub(super) fn token_file(&self, at: usize) -> Option<TokenFile> {
        let portal = &self.sessions[at].portal;
        let folder = &self.environment.paths.aws.token_cache;
        portal.share_sign_in.then(|| TokenFile {
            path: token_cache::path(folder, &portal.name),
            start_url: portal.start_url.clone(),
            region: portal.region.clone(),
        })
    }

    /// Begins or ends the sharing of a session's sign-in.
    pub(super) fn set_sharing(&mut self, name: &str, share: bool) -> Result<(), Failure> {
        let Some(at) = self.session_at(name) else {
            return Err(failure::no_such_session(name, &self.names()));
        };
        if share {
            files::create_private(&self.environment.paths.aws.token_cache).map_err(|error| {
                let folder = self.environment.paths.aws.token_cache.display();
                let message = format!("The folder {folder} cannot be made: {error}.");
                failure(Code::File, message, "Make ~/.aws writable, then try again.")
            })?;
        }
        self.change_session(name, |portal| portal.share_sign_in = share)?;
        if share {
            self.sessions[at].portal.share_sign_in = true;
            self.watch_files();
            self.look_at_token_file(at);
        } else {
            self.withdraw_token(at);
            self.sessions[at].portal.share_sign_in = false;
            self.stop_native_profiles(name);
            self.watch_files();
        }
        Ok(())
    }

    /// Puts the session's token into its file, where it is shared.
    pub(super) fn share_token(&self, at: usize) {
        let Some(file) = self.token_file(at) else {
            return;
        };
        let session = &self.sessions[at];
        let Some(token) = cached_token(session, self.wall_ahead) else {
            return;
        };
        let (id, reports) = (session.id, self.reports.clone());
        self.guest.tokens.run(move || {
            let news = match file.put(&token) {
                Ok(None) => News::TokenFileWritten(Ok(())),
                Ok(Some(found)) => News::TokenFile {
                    found,
                    refused: false,
                    renewal: None,
                },
                Err(error) => News::TokenFileWritten(Err(error)),
            };
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::Session { id, news });
        });
    }

    /// The token stands in its file, or could not be written.
    pub(super) fn token_file_written(&mut self, at: usize, result: Result<(), token_cache::Error>) {
        let Some(file) = self.token_file(at) else {
            return;
        };
        match result {
            Ok(()) => {
                self.withdraw_file(&file.path);
                let session = &self.sessions[at];
                let name = session.name().to_owned();
                let signed_in = matches!(session.auth, Auth::SignedIn(_));
                // From now on, a file that is gone was deleted by another tool.
                if signed_in && self.remembered.shared.insert(name) {
                    self.save_remembered();
                }
            }
            Err(error) => {
                let next = "Make ~/.aws/sso/cache writable for you.";
                let failure = failure(Code::File, failure::sentence(&error), next);
                self.notify_file(&file.path, &failure);
            }
        }
    }

    /// Takes the session's token out of its file: it has ended, or is no longer shared.
    pub(super) fn withdraw_token(&mut self, at: usize) {
        if let Some(file) = self.token_file(at) {
            self.withdraw_file(&file.path);
            self.guest.tokens.run(move || file.remove());
        }
        let name = self.sessions[at].name().to_owned();
        if self.remembered.shared.remove(&name) {
            self.save_remembered();
        }
    }

    /// Finds out what stands in the session's token file now, after everything written so far.
    pub(super) fn look_at_token_file(&self, at: usize) {
        let Some(file) = self.token_file(at) else {
            return;
        };
        let (id, reports) = (self.sessions[at].id, self.reports.clone());
        self.guest.tokens.run(move || {
            let news = News::TokenFile {
                found: file.find(),
                refused: false,
                renewal: None,
            };
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::Session { id, news });
        });
    }

    /// What stands in the session's token file came, from a look at it or from a renewal that
    /// found another tool to be faster.
    pub(super) fn token_file_found(
        &mut self,
        at: usize,
        found: Found,
        refused: bool,
        renewal: Option<u64>,
    ) {
        let session = &mut self.sessions[at];
        if renewal.is_some() {
            session.renewal.take_if(|one| Some(*one) == renewal);
        }
        // What the keyring holds comes first; the file is looked at then.
        if !session.portal.share_sign_in || matches!(session.auth, Auth::Unread) {
            return;
        }
        let own = self.own_token(at, refused);
        let name = self.sessions[at].name().to_owned();
        match judge(&found, own.as_ref(), self.environment.clock.now()) {
            Verdict::Leave if refused => self.session_ended(at),
            Verdict::Leave => {}
            Verdict::Write => self.share_token(at),
            Verdict::SignOut => {
                tracing::info!(session = name, "another tool signed out");
                self.note_session(Act::SignOut, None, &name, None);
                self.sign_out(at);
            }
            Verdict::Take => {
                if let Found::Token { token, .. } = found {
                    tracing::info!(session = name, "took the token of another tool");
                    self.take_token(at, *token);
                }
            }
        }
        // After a start there is a sign-in and nothing yet to share.
        if self
            .own_token(at, false)
            .is_some_and(|own| own.access.is_none())
        {
            self.renew(at);
        }
    }

    /// What the agent has of the sign-in, to be held against the file: in the file's time, which is
    /// that of the clock on the wall.
    pub(super) fn own_token(&self, at: usize, refused: bool) -> Option<Own> {
        let session = &self.sessions[at];
        let Auth::SignedIn(signed_in) = &session.auth else {
            return None;
        };
        let access = signed_in.access.as_ref();
        Some(Own {
            access: access.map(|access| (access.token.clone(), access.expires + self.wall_ahead)),
            refresh_token: signed_in.refresh_token.clone(),
            alive: signed_in.alive + self.wall_ahead,
            written: self.remembered.shared.contains(session.name()),
            refused,
        })
    }

    /// Goes on with the token of another tool: its renewal of the sign-in, or one of its own.
    fn take_token(&mut self, at: usize, token: CachedToken) {
        let now = self.now();
        let session = &mut self.sessions[at];
        let name = session.name().to_owned();
        let sign_in = session.sign_in.take();
        let goes_on = matches!(session.auth, Auth::SignedIn(_));
        if let Some(listing) = &session.listing.running {
            listing.token.send_replace(token.access_token.clone());
        }
        let taken = taken(token, &session.registrations, now, self.wall_ahead);
        session.renewal = None;
        match &mut session.auth {
            Auth::SignedIn(signed_in) => {
                let since = signed_in.since;
                *signed_in = Credentialed { since, ..taken };
            }
            _ => {
                session.auth = Auth::SignedIn(taken);
                session.used = Some(now);
                session.barred = None;
                session.later = false;
                session.refused.clear();
                session.listing.wanted = true;
                self.remembered.set_user(&name, None);
                self.withdraw_sign_in(&name);
                self.note_session(Act::SignIn, None, &name, None);
            }
        }
        self.remembered.shared.insert(name.clone());
        self.save_remembered();
        self.portal_answered(at);
        let waiters = sign_in.map_or(Vec::new(), |sign_in| {
            sign_in.task.abort();
            self.withdraw_device_code(&name);
            sign_in.waiters
        });
        self.store(at, waiters);
        if !goes_on {
            self.restore_all();
        }
    }
}

/// Renews the access token, unless another tool has done so: AWS's tools renew by the same
/// refresh token, which the portal takes but once.
pub(super) async fn renew(
    number: u64,
    file: TokenFile,
    mut own: Own,
    clock: &dyn Clock,
    renew: impl Future<Output = Result<Tokens, oidc::Error>>,
) -> News {
    if let Some(found) = taken_by_another(&file, &own, clock.now()).await {
        return news(number, found, false);
    }
    let result = renew.await;
    let refused = |error: &oidc::Error| error.kind() == Kind::InvalidGrant;
    if result.as_ref().is_err_and(refused) {
        own.refused = true;
        if let Some(found) = taken_by_another(&file, &own, clock.now()).await {
            return news(number, found, true);
        }
    }
    News::Renewed { number, result }
}

fn news(number: u64, found: Found, refused: bool) -> News {
    News::TokenFile {
        found,
        refused,
        renewal: Some(number),
    }
}

/// What stands in the file, where it is to be taken.
async fn taken_by_another(file: &TokenFile, own: &Own, now: OffsetDateTime) -> Option<Found> {
    let file = file.clone();
    let found = tokio::task::spawn_blocking(move || file.find())
        .await
        .ok()?;
    (judge(&found, Some(own), now) == Verdict::Take).then_some(found)
}

/// The session's token as AWS's tools keep it; `None` where there is none to share.
fn cached_token(session: &Session, wall_ahead: Duration) -> Option<CachedToken> {
    let Auth::SignedIn(signed_in) = &session.auth else {
        return None;
    };
    let access = signed_in.access.as_ref()?;
    let registration = session.registration()?;
    Some(CachedToken {
        start_url: session.portal.start_url.as_str().to_owned(),
        region: session.portal.region.to_string(),
        access_token: access.token.clone(),
        expires_at: access.expires + wall_ahead,
        registration: Some(token_cache::Registration {
            client_id: registration.client_id.clone(),
            client_secret: registration.client_secret.clone(),
            expires_at: registration.expires_at + wall_ahead,
        }),
        refresh_token: signed_in.refresh_token.clone(),
    })
}

/// A sign-in from another tool's token, renewed with the registration it was made with.
fn taken(
    token: CachedToken,
    known: &[Registration],
    now: OffsetDateTime,
    wall_ahead: Duration,
) -> Credentialed {
    let client_id = token.registration.as_ref().map(|one| &one.client_id);
    let ours = known.iter().find(|one| Some(&one.client_id) == client_id);
    let grant = ours.map_or(Grant::DeviceCode, |one| one.grant);
    let client = match ours {
        Some(_) => None,
        None => token.registration.map(|theirs| Registration {
            client_id: theirs.client_id,
            client_secret: theirs.client_secret,
            expires_at: theirs.expires_at - wall_ahead,
            grant,
        }),
    };
    Credentialed {
        grant,
        client,
        refresh_token: token.refresh_token,
        since: now,
        alive: now,
        access: Some(Access {
            token: token.access_token,
            received: now,
            expires: token.expires_at - wall_ahead,
        }),
    }
}
