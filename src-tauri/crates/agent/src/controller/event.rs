//! Everything that can happen to the controller.

use ipc::message::{Failure, Request, Response};
use tokio::sync::{mpsc, oneshot};

use super::Change;
use crate::menu::Action;

/// One input.
#[derive(Debug)]
pub(crate) enum Event {
    /// A click in the menu, in a window or on a notification.
    Action {
        action: Action,
        done: Option<oneshot::Sender<Result<(), Failure>>>,
    },
    /// Something the command line asks.
    Request {
        request: Request,
        reply: mpsc::Sender<Response>,
    },
    /// Something a window changes.
    Change {
        change: Change,
        done: oneshot::Sender<Result<(), Failure>>,
    },
    /// The program ends.
    Stop,
}
