//! The one task that owns the state. Every input is an event; whatever takes time is a task that
//! reports back by an event.

mod actions;
mod all_profiles;
mod answer;
mod applications;
mod chain_list;
mod chains;
mod codes;
mod console;
mod credentials;
mod deferred;
mod endpoints;
mod environment;
mod event;
mod farewell;
mod flight;
mod flows;
mod guest;
mod handle;
mod journal;
mod keep;
mod listing;
mod notices;
mod portals;
mod publish;
mod requests;
mod role;
mod schedule;
mod session;
mod sharing;
mod sign_in;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod tokens;
mod unsaved;

use std::future::Future;

use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::time::Instant;

pub use self::all_profiles::{Report, Wish};
use self::deferred::Deferred;
use self::endpoints::Endpoints;
pub use self::environment::{Environment, Lookup};
use self::event::{Event, News};
use self::guest::Guest;
pub use self::handle::{Change, Handle};
use self::notices::Notices;
use self::publish::Published;
use self::session::{Session, SessionId};
pub(crate) use self::start::KEYRING_SERVICE;
use self::unsaved::Unsaved;
use crate::clock::Steady;
use crate::journal::Journal;
use crate::keyring::Keyring;
use crate::remembered::Remembered;
use crate::settings::Settings;
use crate::shell::Shell;

/// How many events may wait; more hold their senders back.
const EVENTS: usize = 256;

/// The owner of the state. See [`Controller::start`].
pub struct Controller<S: Shell> {
    environment: Environment,
    shell: S,
    http: sso::http::Client,
    keyring: Keyring,
    journal: Journal,
    /// Whether the user was told that the keyring cannot be used.
    keyring_missing: bool,
    /// What is due is due by this time, not by the clock on the wall.
    time: Steady,
    /// How far the clock on the wall was last seen ahead of that.
    wall_ahead: time::Duration,
    /// The senders' end, for tasks to report to.
    reports: mpsc::Sender<Event>,
    settings: Settings,
    settings_problem: Option<ipc::message::Failure>,
    remembered: Remembered,
    sessions: Vec<Session>,
    deferred: Vec<Deferred>,
    unsaved: Unsaved,
    guest: Guest,
    endpoints: Endpoints,
    notices: Notices,
    published: Published,
    /// Numbers for sessions, sign-ins and renewals.
    counter: u64,
}

impl<S: Shell> Controller<S> {
    async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        self.begin();
        self.publish();
        let mut waiting = self.first_read(&mut events).await;
        loop {
            // What has piled up is dealt with before anything is shown.
            while let Some(event) = waiting.pop_front().or_else(|| events.try_recv().ok()) {
                if matches!(event, Event::Stop) {
                    return self.end().await;
                }
                self.handle(event);
            }
            self.tick();
            self.publish();
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => waiting.push_back(event),
                    None => return self.end().await,
                },
                () = self.time.wait(self.next_due()) => {}
                () = until(self.next_deadline()) => {}
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Action { action, done } => self.act(action, done),
            Event::Request { request, reply, by } => {
                self.request(request, answer::Answer::client(reply, by))
            }
            Event::Change { change, done } => self.change(change, answer::Answer::window(done)),
            Event::AddChain {
                source,
                chain,
                done,
            } => {
                let added = self.add_shown_chain(source, &chain);
                // A window that was closed meanwhile needs no answer.
                let _ = done.send(added.map(drop));
            }
            Event::Profiles { wish, done } => self.write_all_profiles(wish, done),
            Event::Importable { done } => self.look_for_portals(done),
            Event::Session { id, news } => {
                // A session that was removed meanwhile needs no news.
                if let Some(at) = self.sessions.iter().position(|session| session.id == id) {
                    self.hear(at, news);
                    self.advance(at);
                }
            }
            Event::SectionWritten { answer, result } => self.section_written(answer, result),
            Event::SectionsRemoved {
                answer,
                gone,
                result,
            } => self.sections_removed(answer, &gone, result),
            Event::Restored {
                file,
                cause,
                result,
            } => self.restored(file, cause, result),
            Event::FileChanged { path } => self.file_changed(&path),
            Event::EndpointOpened {
                role,
                answer,
                result,
            } => self.endpoint_opened(&role, answer, result),
            Event::PortalLocated { wanted, answer } => self.portal_located(*wanted, answer),
            Event::Journal(outcome) => self.journal_written(outcome),
            Event::Left => (0..self.sessions.len()).for_each(|at| self.end_unattended_sign_in(at)),
            Event::CatalogSaved { session, result } => self.catalog_saved(session, result),
            Event::NetworkChanged => self.network_changed(),
            Event::Stop => {}
        }
    }

    fn hear(&mut self, at: usize, news: News) {
        match news {
            News::Stored(result) => self.stored_read(at, result),
            News::Kept { result, signed_in } => {
                self.entry_stored(at, result.as_ref().err());
                self.kept(result.err().as_ref(), signed_in);
            }
            News::SignInStep { attempt, progress } => self.sign_in_step(at, attempt, progress),
            News::SignInEnded { attempt, result } => self.sign_in_ended(at, attempt, result),
            News::Renewed { number, result } => self.renewed(at, number, result),
            News::Credentials { role, result } => self.credentials_came(at, &role, result),
            News::Assumed { role, result } => self.assumed(at, &role, result),
            News::Console {
                answer,
                open,
                result,
            } => self.console_came(answer, open, result),
            News::TokenFile {
                found,
                refused,
                renewal,
            } => self.token_file_found(at, found, refused, renewal),
            News::TokenFileWritten(result) => self.token_file_written(at, result),
            News::Listed(accounts) => self.listed(at, accounts),
            News::Applications(result) => self.applications_listed(at, result),
            News::ListingEnded(result) => self.listing_ended(at, result),
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.time.now()
    }

    fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn session_at(&self, name: &str) -> Option<usize> {
        self.sessions
            .iter()
            .position(|session| session.name() == name)
    }

    /// Runs a task for a session and reports what it found out.
    fn spawn(
        &self,
        id: SessionId,
        task: impl Future<Output = News> + Send + 'static,
    ) -> tokio::task::AbortHandle {
        let reports = self.reports.clone();
        let task = async move {
            let news = task.await;
            // A controller that has stopped needs no news.
            let _ = reports.send(Event::Session { id, news }).await;
        };
        tokio::spawn(task).abort_handle()
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
