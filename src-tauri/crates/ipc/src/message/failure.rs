//! What could not be done, and the stable codes of it.

use serde::{Deserialize, Serialize};

/// Why something could not be done, in words for a person and a code for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code.
    pub code: Code,
    /// What happened, to what.
    pub message: String,
    /// What to do now.
    pub next_step: String,
}

/// The stable codes of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The user must sign in.
    SignInNeeded,
    /// The user or the portal refused the sign-in.
    SignInRefused,
    /// The sign-in was not finished in time.
    SignInTimedOut,
    /// The sign-in was cancelled.
    SignInCancelled,
    /// No portal has been added.
    NoPortal,
    /// No session of that name.
    NoSuchSession,
    /// No such account, or the prefix fits several.
    NoSuchAccount,
    /// No such role, or the prefix fits several.
    NoSuchRole,
    /// The role is not assigned any more, or does not trust whoever wants to take it.
    AccessDenied,
    /// The role wants the code of an MFA device and nobody entered one.
    MfaCodeNeeded,
    /// The code of the MFA device was wrong, or had been used before.
    MfaCodeWrong,
    /// The portal cannot be reached or does not answer in its protocol.
    PortalUnreachable,
    /// The portal asks to slow down and waiting did not help.
    PortalBusy,
    /// The portal does not know this start URL, or it is in another region.
    WrongPortal,
    /// No browser could be started.
    NoBrowser,
    /// A file could not be read or written.
    File,
    /// Settings are not valid.
    Settings,
    /// The keyring is locked or absent.
    Keyring,
    /// Client and agent are of different releases.
    Version,
    /// The request makes no sense.
    BadRequest,
    /// A fault of Vestibule.
    Internal,
}

impl Code {
    /// Exit code of the command line: 3 sign-in or MFA code needed, 4 no such session, account
    /// or role, 5 portal unreachable, 2 usage, 1 anything else.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::SignInNeeded
            | Self::SignInRefused
            | Self::SignInTimedOut
            | Self::SignInCancelled
            | Self::MfaCodeNeeded
            | Self::MfaCodeWrong => 3,
            Self::NoSuchSession | Self::NoSuchAccount | Self::NoSuchRole => 4,
            Self::PortalUnreachable | Self::PortalBusy => 5,
            Self::BadRequest => 2,
            _ => 1,
        }
    }
}
