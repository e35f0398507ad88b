//! Who is to be told how something ended.

use ipc::message::{Failure, Progress, Response};
use tokio::sync::{mpsc, oneshot};

use crate::journal::{Caller, Note};

/// The one who asked.
#[derive(Debug)]
pub(crate) struct Answer {
    to: To,
    by: Caller,
    /// What the journal says of it, once it has ended.
    note: Option<Note>,
}

#[derive(Debug)]
enum To {
    /// A client of the socket, or a window that asks like one.
    Client(mpsc::Sender<Response>),
    /// A client of the socket that can ask its user on a terminal.
    Terminal(mpsc::Sender<Response>),
    /// A window.
    Window(oneshot::Sender<Result<(), Failure>>),
    /// A click in the menu or on a notification: only a failure is told, by a notification.
    Click,
}

impl Answer {
    /// To a client of the socket.
    pub(crate) fn client(reply: mpsc::Sender<Response>, by: Caller) -> Self {
        Self::new(To::Client(reply), by)
    }

    /// To a window.
    pub(crate) fn window(done: oneshot::Sender<Result<(), Failure>>) -> Self {
        Self::new(To::Window(done), Caller::tray())
    }

    /// To nobody, unless it fails.
    pub(crate) fn click() -> Self {
        Self::new(To::Click, Caller::tray())
    }

    fn new(to: To, by: Caller) -> Self {
        Self { to, by, note: None }
    }

    /// Who asked.
    pub(crate) fn by(&self) -> &Caller {
        &self.by
    }

    /// The same, to be noted in the journal when it is given.
    pub(crate) fn noted(self, note: Note) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    /// Tells how it ended. A failure that nobody else would show comes back.
    #[must_use]
    pub(crate) fn give(self, response: Response) -> Option<Failure> {
        if let Some(note) = self.note {
            note.end(&response);
        }
        let failure = match &response {
            Response::Error(failure) => Some(failure.clone()),
            _ => None,
        };
        match self.to {
            // Whoever hung up wants to hear no more.
            To::Client(client) | To::Terminal(client) => drop(client.try_send(response)),
            To::Window(window) => drop(window.send(failure.map_or(Ok(()), Err))),
            To::Click => return failure,
        }
        None
    }

    /// Tells a step on the way.
    pub(crate) fn progress(&self, progress: &Progress) {
        if let To::Client(client) | To::Terminal(client) = &self.to {
            // A client that reads nothing misses a step; its answer is what counts.
            let _ = client.try_send(Response::Progress(progress.clone()));
        }
    }

    /// Whether the user asked by hand, in the menu or in a window.
    pub(crate) fn is_by_hand(&self) -> bool {
        matches!(self.to, To::Click | To::Window(_))
    }

    /// Whether it was a click, whose success nobody is told.
    pub(crate) fn is_click(&self) -> bool {
        matches!(self.to, To::Click)
    }

    /// The same, from a client that can ask its user on a terminal.
    pub(crate) fn on_terminal(self) -> Self {
        let to = match self.to {
            To::Client(client) => To::Terminal(client),
            other => other,
        };
        Self { to, ..self }
    }

    /// The client that can ask its user on a terminal, if it is one.
    pub(crate) fn terminal(&self) -> Option<&mpsc::Sender<Response>> {
        match &self.to {
            To::Terminal(client) => Some(client),
            _ => None,
        }
    }

    /// Whether nobody listens any more.
    pub(crate) fn is_gone(&self) -> bool {
        match &self.to {
            To::Client(client) | To::Terminal(client) => client.is_closed(),
            To::Window(window) => window.is_closed(),
            To::Click => false,
        }
    }
}
