//! One session as the controller knows it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use ipc::message::{Code, Failure, Flow, Progress, SessionState};
use secrecy::SecretString;
use sso::endpoints::Endpoints;
use sso::http::Client;
use sso::oidc::{Grant, Registration, Tokens};
use sso::portal::RoleCredentials;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::answer::Answer;
use super::farewell::Farewell;
use super::flight::{Flight, Purpose, Stage, Waiter};
use crate::catalog::Catalog;
use crate::keyring::{SignedIn, Stored};
use crate::menu::RoleId;
use crate::refresh;
use crate::settings::Portal;

/// How long a caller waits for a sign-in or a listing.
pub(super) const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Tells one session from another that later had its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionId(pub(super) u64);

/// What is known of a session and what is under way for it.
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) portal: Portal,
    pub(super) remote: Remote,
    pub(super) auth: Auth,
    pub(super) registrations: Vec<Registration>,
    pub(super) sign_in: Option<SignIn>,
    /// Why no caller may open a browser again until the user asks for it.
    pub(super) barred: Option<Failure>,
    /// Number of the renewal under way.
    pub(super) renewal: Option<u64>,
    pub(super) flights: BTreeMap<RoleId, Flight>,
    pub(super) held: HashMap<RoleId, Held>,
    /// Chained roles for which no caller may cause a code to be asked for until the user wants it,
    /// and why.
    pub(super) codes_barred: HashMap<RoleId, Failure>,
    /// Roles the portal refused, and when they may be asked for again by themselves.
    pub(super) refused: HashMap<RoleId, OffsetDateTime>,
    pub(super) catalog: Catalog,
    pub(super) listing: Listing,
    /// What last went wrong and still stands.
    pub(super) problem: Option<Failure>,
    pub(super) trouble: Trouble,
    /// When somebody last wanted something of it.
    pub(super) used: Option<OffsetDateTime>,
    /// Whether the user, told of the session's end, wants to hear of it when it has come.
    pub(super) later: bool,
    /// The old session, to be ended at the portal before the next sign-in begins.
    pub(super) farewell: Option<Farewell>,
}

/// Where its services are, for tasks that ask them.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) http: Client,
    pub(super) endpoints: Endpoints,
    pub(super) portal: sso::portal::Portal,
    pub(super) config: Portal,
}

/// Whether the portal will answer.
pub(super) enum Auth {
    /// The keyring has not answered yet.
    Unread,
    /// There are no tokens.
    SignedOut,
    /// There are tokens.
    SignedIn(Credentialed),
    /// The portal no longer takes the tokens there were.
    Expired,
}

/// A sign-in and the access token last got by it.
pub(super) struct Credentialed {
    pub(super) grant: Grant,
    /// The registration it was made with, where that is another tool's.
    pub(super) client: Option<Registration>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) since: OffsetDateTime,
    pub(super) alive: OffsetDateTime,
    pub(super) access: Option<Access>,
}

/// An access token.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) token: SecretString,
    pub(super) received: OffsetDateTime,
    pub(super) expires: OffsetDateTime,
}

/// A sign-in under way.
pub(super) struct SignIn {
    pub(super) attempt: u64,
    pub(super) flow: Flow,
    /// Whether the agent opens the browser itself.
    pub(super) open: bool,
    /// Whether it ends as soon as nobody waits for it: one that `vestibule login` began does. One
    /// begun for a caller of credentials goes on, for a caller that loses patience must neither
    /// close the page under the user's hands nor open another.
    pub(super) ends_unattended: bool,
    pub(super) progress: Option<Progress>,
    pub(super) waiters: Vec<Answer>,
    pub(super) task: AbortHandle,
}

/// Credentials in memory.
pub(super) struct Held {
    pub(super) credentials: RoleCredentials,
    pub(super) received: OffsetDateTime,
}

impl Held {
    pub(super) fn hands_out(&self, now: OffsetDateTime) -> bool {
        refresh::hands_out(self.received, self.credentials.expires_at, now)
    }

    pub(super) fn still_serves(&self, now: OffsetDateTime) -> bool {
        refresh::still_serves(self.received, self.credentials.expires_at, now)
    }
}

/// The listing of accounts and roles.
#[derive(Default)]
pub(super) struct Listing {
    /// Somebody wants it as soon as there is a token.
    pub(super) wanted: bool,
    pub(super) running: Option<RunningListing>,
    /// Whether a dead access token was already replaced for it.
    pub(super) retried: bool,
    /// When the last one ended well.
    pub(super) ended: Option<OffsetDateTime>,
}

/// A listing under way.
pub(super) struct RunningListing {
    pub(super) before: Catalog,
    pub(super) seen: BTreeSet<String>,
    /// It may outlive the access token it began with.
    pub(super) token: watch::Sender<SecretString>,
    pub(super) task: AbortHandle,
}

/// Failures in a row, and when to try again.
#[derive(Default)]
pub(super) struct Trouble {
    pub(super) failures: u32,
    pub(super) retry: Option<OffsetDateTime>,
}

/// What must happen before the portal can be asked.
pub(super) enum TokenStep {
    /// Nothing; this token is good.
    Use(Access),
    /// The access token is renewed first.
    Renew,
    /// The user signs in first.
    SignIn,
    /// The keyring answers first.
    Wait,
}

impl Session {
    pub(super) fn new(id: SessionId, portal: Portal, http: &Client, catalog: Catalog) -> Self {
        Self {
            id,
            remote: Remote::new(http, &portal),
            portal,
            auth: Auth::Unread,
            registrations: Vec::new(),
            sign_in: None,
            barred: None,
            renewal: None,
            flights: BTreeMap::new(),
            held: HashMap::new(),
            codes_barred: HashMap::new(),
            refused: HashMap::new(),
            catalog,
            listing: Listing::default(),
            problem: None,
            trouble: Trouble::default(),
            used: None,
            later: false,
            farewell: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.portal.name
    }

    pub(super) fn state(&self) -> SessionState {
        match (&self.sign_in, &self.auth) {
            (Some(_), _) => SessionState::SigningIn,
            (None, Auth::SignedIn(_)) => SessionState::SignedIn,
            (None, Auth::Expired) => SessionState::Expired,
            (None, Auth::SignedOut | Auth::Unread) => SessionState::SignedOut,
        }
    }

    /// What the user should know of.
    pub(super) fn standing_problem(&self) -> Option<Failure> {
        let told = |failure: &&Failure| failure.code != Code::SignInCancelled;
        self.problem
            .as_ref()
            .or(self.barred.as_ref())
            .filter(told)
            .cloned()
    }

    pub(super) fn token_step(&self, now: OffsetDateTime) -> TokenStep {
        let signed_in = match &self.auth {
            Auth::Unread => return TokenStep::Wait,
            Auth::SignedOut | Auth::Expired => return TokenStep::SignIn,
            Auth::SignedIn(signed_in) => signed_in,
        };
        match &signed_in.access {
            Some(access) if refresh::token_is_good(access.received, access.expires, now) => {
                TokenStep::Use(access.clone())
            }
            _ if signed_in.refresh_token.is_some() => TokenStep::Renew,
            _ => TokenStep::SignIn,
        }
    }

    /// Whether no new credentials can be had just now: the portal failed a moment ago, or wants
    /// the user to sign in.
    pub(super) fn has_no_others(&self, now: OffsetDateTime) -> bool {
        let failing = self.trouble.retry.is_some_and(|retry| retry > now);
        failing || matches!(self.auth, Auth::Expired)
    }

    /// Roles whose credentials wait for an access token.
    pub(super) fn grounded(&self) -> Vec<RoleId> {
        let grounded = |(_, flight): &(&RoleId, &Flight)| flight.stage == Stage::Grounded;
        let flights = self.flights.iter().filter(grounded);
        flights.map(|(role, _)| role.clone()).collect()
    }

    /// Whether something waits for an access token.
    pub(super) fn wants_token(&self) -> bool {
        self.listing.wanted
            || self
                .flights
                .values()
                .any(|flight| flight.stage == Stage::Grounded)
    }

    /// Those who wait for credentials of a role and may be asked to sign in.
    pub(super) fn callers(&self) -> impl Iterator<Item = &Answer> {
        let waiters = self.flights.values().flat_map(|flight| &flight.waiters);
        waiters.filter_map(Waiter::answer)
    }

    /// Whether what is not in the catalog is not assigned, as far as can be known: one that was
    /// never finished, or that nobody is signed in to revise, does not say.
    pub(super) fn catalog_is_current(&self) -> bool {
        self.catalog.complete && !matches!(self.auth, Auth::SignedOut | Auth::Expired)
    }

    /// Takes everyone away who waits for an access token; whoever called is to be told why.
    pub(super) fn take_waiting(&mut self) -> Vec<Answer> {
        self.listing.wanted = false;
        let grounded = self.grounded();
        let waiting = grounded.iter().map(|role| self.take_flight(role));
        waiting.flatten().collect()
    }

    /// Ends a flight, and those of roles that were to be taken with its credentials; whoever
    /// called is to be told why.
    pub(super) fn take_flight(&mut self, role: &RoleId) -> Vec<Answer> {
        let Some(flight) = self.flights.remove(role) else {
            return Vec::new();
        };
        let mut answers: Vec<Answer> = flight.entered.map(|one| one.answer).into_iter().collect();
        for waiter in flight.waiters {
            match waiter.purpose {
                Purpose::Chain(next) => answers.extend(self.take_flight(&next)),
                _ => answers.extend(waiter.into_answer()),
            }
        }
        answers
    }

    /// Tells everyone who waits for the user how to take part in the sign-in.
    pub(super) fn tell(&self, progress: &Progress) {
        let sign_in = self.sign_in.iter().flat_map(|sign_in| &sign_in.waiters);
        self.callers()
            .chain(sign_in)
            .for_each(|answer| answer.progress(progress));
    }

    /// The registration that the sign-in was made with.
    pub(super) fn registration(&self) -> Option<&Registration> {
        let Auth::SignedIn(signed_in) = &self.auth else {
            return None;
        };
        let own = || {
            let mut registrations = self.registrations.iter();
            registrations.find(|one| one.grant == signed_in.grant)
        };
        signed_in.client.as_ref().or_else(own)
    }

    /// What the keyring should hold.
    pub(super) fn stored(&self) -> Stored {
        let signed_in = match &self.auth {
            Auth::SignedIn(now) => now.refresh_token.clone().map(|refresh_token| SignedIn {
                grant: now.grant,
                client: now.client.clone(),
                refresh_token,
                since: now.since,
                alive: now.alive,
            }),
            _ => None,
        };
        Stored {
            registrations: self.registrations.clone(),
            signed_in,
        }
    }

    /// What would be over by then is not used any more.
    pub(super) fn doubt_what_ends_by(&mut self, then: OffsetDateTime) {
        self.held.retain(|_, held| held.hands_out(then));
        if let Auth::SignedIn(signed_in) = &mut self.auth {
            let good =
                |access: &Access| refresh::token_is_good(access.received, access.expires, then);
            signed_in.access = signed_in.access.take().filter(good);
        }
    }

    /// Everything that has to do with the user's tokens is forgotten.
    pub(super) fn forget_tokens(&mut self, auth: Auth) {
        self.auth = auth;
        self.renewal = None;
        self.trouble = Trouble::default();
        if let Some(listing) = self.listing.running.take() {
            listing.task.abort();
        }
        self.listing.wanted = false;
    }
}

impl Remote {
    fn new(http: &Client, portal: &Portal) -> Self {
        let endpoints = Endpoints::resolve(&portal.start_url, &portal.region, &portal.endpoints);
        Self {
            http: http.clone(),
            portal: sso::portal::Portal::new(http, &endpoints),
            endpoints,
            config: portal.clone(),
        }
    }
}

impl Credentialed {
    /// From fresh tokens.
    pub(super) fn new(grant: Grant, tokens: Tokens, now: OffsetDateTime) -> Self {
        let access = Access {
            token: tokens.access_token,
            received: now,
            expires: tokens.expires_at,
        };
        Self {
            grant,
            client: None,
            refresh_token: tokens.refresh_token,
            since: now,
            alive: now,
            access: Some(access),
        }
    }
}

impl From<SignedIn> for Credentialed {
    fn from(stored: SignedIn) -> Self {
        Self {
            grant: stored.grant,
            client: stored.client,
            refresh_token: Some(stored.refresh_token),
            since: stored.since,
            alive: stored.alive,
            access: None,
        }
    }
}
