//! The door to the controller, for windows, tray and socket alike.

use std::sync::Arc;

use ipc::message::{Chain, Code, Delivery, Failure, Request, Response};
use tokio::sync::{mpsc, oneshot, watch};

use super::all_profiles::{Report, Wish};
use super::event::Event;
use crate::chain::Refused;
use crate::import::FoundPortal;
use crate::journal::Caller;
use crate::menu::{Action, RoleId};
use crate::settings::ConsoleLink;
use crate::snapshot::Snapshot;

/// A clone of it may be given to whoever wants something of the controller.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) events: mpsc::Sender<Event>,
    pub(super) snapshot: watch::Receiver<Arc<Snapshot>>,
}

/// What windows change beyond actions and requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Command that opens URLs, with `%s` for the URL; `None` for the system's own browser.
    Browser(Option<String>),
    /// How a session's consoles are opened.
    Console {
        /// Name of the session.
        session: String,
        /// How.
        link: ConsoleLink,
    },
    /// Whether a role is a favourite.
    Favourite {
        /// Which role.
        role: RoleId,
        /// Whether it is one from now on.
        favourite: bool,
    },
    /// Whether a role's credentials are kept fresh.
    Kept {
        /// Which role.
        role: RoleId,
        /// How it reaches AWS's tools.
        delivery: Delivery,
        /// Whether they are from now on.
        kept: bool,
    },
    /// Whether AWS's own tools share a session's sign-in.
    ShareSignIn {
        /// Name of the session.
        session: String,
        /// Whether they do from now on.
        share: bool,
    },
    /// A chained role is one no longer.
    ChainRemoved(RoleId),
}

impl Handle {
    /// Does what a click asks for. What goes wrong is told by a notification.
    pub async fn act(&self, action: Action) {
        // A stopped controller has nobody left to act for.
        let _ = self.events.send(Event::Action { action, done: None }).await;
    }

    /// Does what a click asks for and says how it ended, for windows that show the failure themselves.
    ///
    /// # Errors
    /// What went wrong, in words for the user.
    pub async fn perform(&self, action: Action) -> Result<(), Failure> {
        let event = |done| Event::Action {
            action,
            done: Some(done),
        };
        self.answered(event).await
    }

    /// Asks as the command line would and returns the final answer.
    pub async fn request(&self, request: Request) -> Response {
        let mut answers = self.ask(request).await;
        while let Some(answer) = answers.recv().await {
            if !matches!(answer, Response::Progress(_)) {
                return answer;
            }
        }
        Response::Error(stopping())
    }

    /// Asks as the command line would; progress comes first, the final answer last.
    /// Dropping the receiver gives the answer up; [`Handle::left`] makes that known.
    pub async fn ask(&self, request: Request) -> mpsc::Receiver<Response> {
        self.ask_as(Caller::tray(), request).await
    }

    /// Asks for somebody else, whom the journal names.
    pub(crate) async fn ask_as(&self, by: Caller, request: Request) -> mpsc::Receiver<Response> {
        let (reply, answers) = mpsc::channel(8);
        let event = Event::Request { request, reply, by };
        // A stopped controller drops `reply`, which ends the answers.
        let _ = self.events.send(event).await;
        answers
    }

    /// Says that somebody who asked has dropped the receiver and waits no more.
    pub async fn left(&self) {
        // A stopped controller has let everybody go.
        let _ = self.events.send(Event::Left).await;
    }

    /// Changes a setting, a favourite, a chained role or what is kept.
    ///
    /// # Errors
    /// What went wrong, in words for the user.
    pub async fn change(&self, change: Change) -> Result<(), Failure> {
        self.answered(|done| Event::Change { change, done }).await
    }

    /// Adds a chained role that is taken from `source`.
    ///
    /// # Errors
    /// What is wrong with it, and with which part of it.
    pub async fn add_chain(&self, source: RoleId, chain: Chain) -> Result<(), Refused> {
        let chain = Box::new(chain);
        let event = |done| Event::AddChain {
            source,
            chain,
            done,
        };
        self.answered(event).await
    }

    /// Shows, writes or removes the profiles for all roles.
    ///
    /// # Errors
    /// No role is known yet, or a file cannot be read or written.
    pub async fn profiles(&self, wish: Wish) -> Result<Report, Failure> {
        self.answered(|done| Event::Profiles { wish, done }).await
    }

    /// The portals of the AWS config file that are no sessions yet.
    ///
    /// # Errors
    /// The file cannot be read or understood.
    pub async fn importable(&self) -> Result<Vec<FoundPortal>, Failure> {
        self.answered(|done| Event::Importable { done }).await
    }

    /// The state, now and whenever it changes.
    #[must_use]
    pub fn snapshot(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// Ends the controller; its task then writes what is unwritten and returns.
    pub async fn stop(&self) {
        // Already stopped is as good.
        let _ = self.events.send(Event::Stop).await;
    }

    async fn answered<T, E: From<Failure>>(
        &self,
        event: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Event,
    ) -> Result<T, E> {
        let (done, ended) = oneshot::channel();
        let sent = self.events.send(event(done)).await;
        sent.map_err(|_| stopping())?;
        ended.await.unwrap_or_else(|_| Err(stopping().into()))
    }
}

/// The controller has stopped.
pub(super) fn stopping() -> Failure {
    Failure {
        code: Code::Internal,
        message: "Vestibule's agent is stopping.".to_owned(),
        next_step: "Try again in a moment.".to_owned(),
    }
}
