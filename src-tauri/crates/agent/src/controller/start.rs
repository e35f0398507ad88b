//! The first and the last moments.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ipc::message::{Code, Response};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::endpoints::Endpoints;
use super::guest::Guest;
use super::notices::Notices;
use super::publish::Published;
use super::session::{Auth, Session, SessionId};
use super::unsaved::Unsaved;
use super::{Controller, EVENTS, Environment, Event, Handle, News};
use crate::catalog::Catalog;
use crate::clock::Steady;
use crate::failure::failure;
use crate::keyring::{self, Keyring, SecretStore, Stored};
use crate::network;
use crate::outside;
use crate::remembered::Remembered;
use crate::settings::{self, Portal, Settings};
use crate::shell::Shell;
use crate::snapshot::Snapshot;

/// Name of the keyring's entries, where the settings name none.
pub(crate) const KEYRING_SERVICE: &str = "vestibule";

/// What is waited for the keyring before the first answer.
const FIRST_READ: Duration = Duration::from_secs(2);

/// What is waited for the keyring at the end.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl<S: Shell> Controller<S> {
    /// Starts the controller on the current runtime. It runs until [`Handle::stop`] or until the
    /// last handle is gone; the task then returns.
    ///
    /// # Errors
    /// TLS cannot be set up on this machine.
    pub fn start(
        environment: Environment,
        secrets: Box<dyn SecretStore>,
        shell: S,
    ) -> Result<(Handle, JoinHandle<()>), sso::http::Error> {
        let time = Steady::start(environment.clock.clone());
        let (settings, settings_problem) = load_settings(&environment);
        let (http, untrusted) = {
            let clock = time.clone();
            let clock = Arc::new(move || clock.now());
            outside::client(&settings, &*environment.env, clock)?
        };
        let service = settings.keyring_service.clone();
        let (reports, events) = mpsc::channel(EVENTS);
        let (sender, snapshot) = watch::channel(Arc::new(Snapshot::default()));
        let mut controller = Self {
            keyring: Keyring::start(
                service.unwrap_or_else(|| KEYRING_SERVICE.to_owned()),
                secrets,
            ),
            keyring_missing: false,
            journal: super::journal::start(&environment, &reports),
            remembered: Remembered::load(&environment.paths.state),
            guest: Guest::start(&reports),
            endpoints: Endpoints::default(),
            notices: Notices::default(),
            published: Published::new(sender),
            sessions: Vec::new(),
            deferred: Vec::new(),
            unsaved: Unsaved::default(),
            counter: 0,
            wall_ahead: time.wall_ahead(),
            time,
            reports: reports.clone(),
            environment,
            shell,
            http,
            settings_problem,
            settings,
        };
        for portal in controller.settings.sessions.clone() {
            controller.add_session(portal);
        }
        if let Some(problem) = &untrusted {
            controller.notify_untrusted(problem);
        }
        tokio::spawn(tell_of_the_network(reports.clone()));
        Ok((
            Handle {
                events: reports,
                snapshot,
            },
            tokio::spawn(controller.run(events)),
        ))
    }

    /// Everything that starts before the first event.
    pub(super) fn begin(&mut self) {
        self.shell.set_browser(self.settings.browser.as_deref());
        if let Some(problem) = self.settings_problem.clone() {
            self.notify_settings(&problem);
        }
        self.repair_profiles();
        self.restore_all();
        self.watch_files();
        for at in 0..self.sessions.len() {
            self.read_stored(at);
        }
    }

    /// Waits a moment for the keyring, which answers at once unless it is locked, and gives back
    /// what else happened: whoever asks first is to hear of the sign-ins there are.
    pub(super) async fn first_read(
        &mut self,
        events: &mut mpsc::Receiver<Event>,
    ) -> VecDeque<Event> {
        let end = tokio::time::Instant::now() + FIRST_READ;
        let mut early = VecDeque::new();
        while self
            .sessions
            .iter()
            .any(|session| matches!(session.auth, Auth::Unread))
        {
            match tokio::time::timeout_at(end, events.recv()).await {
                Ok(Some(event @ Event::Session { .. })) => self.handle(event),
                Ok(Some(event)) => early.push_back(event),
                Ok(None) | Err(_) => break,
            }
        }
        early
    }

    /// Lets keyring and journal finish what they were given.
    pub(super) async fn end(self) {
        let mut last = self.keyring.flush();
        let last = async { tokio::join!(last.at_last(), self.journal.flush()) };
        // A keyring or a disk that does not answer cannot hold the program back.
        let _ = tokio::time::timeout(LAST_WORDS, last).await;
    }

    /// Makes a session of a portal, with what is on disk of it.
    pub(super) fn add_session(&mut self, portal: Portal) -> usize {
        let id = SessionId(self.number());
        let catalog = Catalog::load(&self.environment.paths.catalogs, &portal.name);
        self.sessions
            .push(Session::new(id, portal, &self.http, catalog));
        self.sessions.len() - 1
    }

    /// Asks the keyring what it holds of the session.
    pub(super) fn read_stored(&self, at: usize) {
        let session = &self.sessions[at];
        let id = session.id;
        let mut job = self.keyring.read(session.name());
        let reports = self.reports.clone();
        self.spawn(id, async move {
            let outcome = job.in_time(keyring::LIMIT).await;
            if matches!(outcome, Err(keyring::Error::Silent)) {
                // The user is told; whatever comes when the keyring is unlocked is taken then.
                let news = News::Stored(Err(keyring::Error::Silent));
                let _ = reports.send(Event::Session { id, news }).await;
                return News::Stored(job.at_last().await);
            }
            News::Stored(outcome)
        });
    }

    /// What the keyring holds came, or did not.
    pub(super) fn stored_read(
        &mut self,
        at: usize,
        result: Result<Option<secrecy::SecretString>, keyring::Error>,
    ) {
        self.keyring_answered(result.as_ref().err());
        let session = &mut self.sessions[at];
        // After a sign-in in the meantime the old entry is of no use.
        let undecided = match session.auth {
            Auth::Unread => true,
            Auth::SignedOut => session.sign_in.is_none(),
            Auth::SignedIn(_) | Auth::Expired => false,
        };
        let stored = result
            .ok()
            .flatten()
            .as_ref()
            .map(Stored::from_secret)
            .unwrap_or_default()
            .moved(-self.wall_ahead);
        if session.registrations.is_empty() {
            session.registrations = stored.registrations;
        }
        if undecided {
            session.auth = match stored.signed_in {
                Some(signed_in) => Auth::SignedIn(signed_in.into()),
                None => Auth::SignedOut,
            };
            if matches!(session.auth, Auth::SignedOut) {
                self.tell_if_kept(at);
            }
            // Another tool may have renewed the sign-in, or ended it, while no agent ran.
            self.look_at_token_file(at);
        }
    }

    /// Puts what there is of a session into the keyring. Who waits for a sign-in hears that it is
    /// done only then: killed a moment later, the agent must still know of it.
    pub(super) fn store(&self, at: usize, signed_in: Vec<Answer>) {
        let session = &self.sessions[at];
        let stored = session.stored().moved(self.wall_ahead);
        let mut job = self.keyring.write(session.name(), stored.to_secret());
        self.spawn(session.id, async move {
            let result = job.in_time(keyring::LIMIT).await;
            News::Kept { result, signed_in }
        });
    }

    /// Deletes what the keyring holds of the session.
    pub(super) fn delete_stored(&self, at: usize) {
        let session = &self.sessions[at];
        let mut job = self.keyring.delete(session.name());
        self.spawn(session.id, async move {
            let result = job.in_time(keyring::LIMIT).await;
            let signed_in = Vec::new();
            News::Kept { result, signed_in }
        });
    }

    /// The keyring took what it was given, or cannot be used.
    pub(super) fn kept(&mut self, error: Option<&keyring::Error>, signed_in: Vec<Answer>) {
        self.keyring_answered(error);
        for answer in signed_in {
            self.give(answer, Response::Done);
        }
    }

    /// Tells the user once when the keyring cannot be used.
    pub(super) fn keyring_answered(&mut self, error: Option<&keyring::Error>) {
        match error {
            Some(error) if !self.keyring_missing => {
                self.keyring_missing = true;
                tracing::warn!(%error, "tokens are kept in memory only");
                self.notify_keyring(error);
            }
            Some(_) => {}
            None => {
                self.keyring_missing = false;
                self.withdraw_keyring();
            }
        }
    }
}

async fn tell_of_the_network(reports: mpsc::Sender<Event>) {
    let mut changes = network::Changes::listen();
    loop {
        tokio::select! {
            () = changes.next() => {}
            () = reports.closed() => return,
        }
        // A controller that has stopped needs no news.
        let _ = reports.send(Event::NetworkChanged).await;
    }
}

fn load_settings(environment: &Environment) -> (Settings, Option<ipc::message::Failure>) {
    let path = &environment.paths.settings;
    let error = match settings::load(path) {
        Ok(settings) => return (settings, None),
        Err(error) => error,
    };
    tracing::error!(%error, "the settings cannot be used");
    let next = match settings::set_aside(path, environment.clock.now()) {
        Ok(copy) => format!(
            "Mend it and start Vestibule again; a copy is at {}.",
            copy.display()
        ),
        Err(_) => "Mend it and start Vestibule again.".to_owned(),
    };
    (
        Settings::default(),
        Some(failure(Code::Settings, format!("{error}."), next)),
    )
}
