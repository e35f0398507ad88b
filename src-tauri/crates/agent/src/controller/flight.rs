//! Credentials of a role on their way, and everyone who waits for them.

use ipc::message::{MfaCode, Response};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::answer::Answer;
use super::keep::ToKeep;
use super::session::PATIENCE;
use crate::menu::RoleId;

/// Credentials of one role being got, for everyone who wants them.
pub(super) struct Flight {
    pub(super) waiters: Vec<Waiter>,
    pub(super) stage: Stage,
    /// Whether a dead access token, or dead credentials that it is taken with, were already
    /// replaced once.
    pub(super) retried: bool,
    /// The code of the MFA device, on its way to STS.
    pub(super) entered: Option<Entered>,
    /// The client whose terminal asks for a code.
    pub(super) terminal: Option<mpsc::Sender<Response>>,
    /// Whether the window that asks for a code was opened.
    pub(super) shown: bool,
}

/// A code of an MFA device.
pub(super) struct Entered {
    pub(super) code: MfaCode,
    /// Who entered it.
    pub(super) answer: Answer,
}

/// How far a flight has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It needs an access token first; a chained role needs its source.
    Grounded,
    /// A chained role waits for the credentials it is taken with.
    Chained,
    /// A chained role waits for the code of an MFA device.
    Code,
    /// The portal, or STS, was asked.
    Asked,
}

/// Somebody who wants credentials, and for what.
pub(super) struct Waiter {
    pub(super) purpose: Purpose,
    pub(super) deadline: Instant,
}

/// What credentials are wanted for.
pub(super) enum Purpose {
    /// To hand them out.
    HandOut(Answer),
    /// To open the console, or to give its URL.
    Console(Destination, Answer),
    /// To put them into the clipboard.
    Copy(Answer),
    /// To take a chained role with them.
    Chain(RoleId),
    /// To have them ready, because the user asked to enter the code for them.
    Ready(Answer),
    /// To write them into the credentials file from now on.
    KeepKeys(ToKeep, Answer),
    /// To have them fresh.
    Keep,
}

/// Where in the console to land.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    pub(super) service: Option<String>,
    pub(super) region: Option<sso::endpoints::Region>,
    /// Whether the agent opens the browser.
    pub(super) open: bool,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self {
            waiters: Vec::new(),
            stage: Stage::Grounded,
            retried: false,
            entered: None,
            terminal: None,
            shown: false,
        }
    }
}

impl Waiter {
    pub(super) fn new(purpose: Purpose) -> Self {
        let patience = match purpose {
            // It waits for as long as somebody waits for the chained role.
            Purpose::Chain(_) => PATIENCE * 1000,
            _ => PATIENCE,
        };
        Self {
            purpose,
            deadline: Instant::now() + patience,
        }
    }

    /// Who is to be told.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.purpose {
            Purpose::HandOut(answer)
            | Purpose::Copy(answer)
            | Purpose::Console(_, answer)
            | Purpose::KeepKeys(_, answer)
            | Purpose::Ready(answer) => Some(answer),
            Purpose::Keep | Purpose::Chain(_) => None,
        }
    }

    pub(super) fn into_answer(self) -> Option<Answer> {
        self.purpose.into_answer()
    }
}

impl Purpose {
    pub(super) fn into_answer(self) -> Option<Answer> {
        match self {
            Self::HandOut(answer)
            | Self::Copy(answer)
            | Self::Console(_, answer)
            | Self::KeepKeys(_, answer)
            | Self::Ready(answer) => Some(answer),
            Self::Keep | Self::Chain(_) => None,
        }
    }
}
