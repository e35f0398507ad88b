//! Who is to be told how something ended.

use ipc::message::{Failure, Progress, Response};
use tokio::sync::{mpsc, oneshot};

/// The one who asked.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A client of the socket, or a window that asks like one.
    Client(mpsc::Sender<Response>),
    /// A window.
    Window(oneshot::Sender<Result<(), Failure>>),
    /// A click in the menu or on a notification: only a failure is told, by a notification.
    Click,
}

impl Answer {
    /// Tells how it ended. A failure that nobody else would show comes back.
    #[must_use]
    pub(crate) fn give(self, response: Response) -> Option<Failure> {
        let failure = match &response {
            Response::Error(failure) => Some(failure.clone()),
            _ => None,
        };
        match self {
            // Whoever hung up wants to hear no more.
            Self::Client(client) => drop(client.try_send(response)),
            Self::Window(window) => drop(window.send(failure.map_or(Ok(()), Err))),
            Self::Click => return failure,
        }
        None
    }

    /// Tells a step on the way.
    pub(crate) fn progress(&self, progress: &Progress) {
        if let Self::Client(client) = self {
            // A client that reads nothing misses a step; its answer is what counts.
            let _ = client.try_send(Response::Progress(progress.clone()));
        }
    }

    /// Whether the user asked by hand, in the menu or in a window.
    pub(crate) fn is_by_hand(&self) -> bool {
        matches!(self, Self::Click | Self::Window(_))
    }

    /// Whether nobody listens any more.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Client(client) => client.is_closed(),
            Self::Window(window) => window.is_closed(),
            Self::Click => false,
        }
    }
}
