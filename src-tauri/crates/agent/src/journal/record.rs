//! One line of the journal.

use ipc::message::{Code, Way};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Credentials of a role were asked for.
    Credentials,
    /// The console of a role was asked for.
    Console,
    /// A role was to be kept refreshed.
    Keep,
    /// A role was no longer to be kept refreshed.
    Unkeep,
    /// The user was to sign in.
    SignIn,
    /// The user signed out.
    SignOut,
    /// The portal ended the session.
    SessionEnded,
    /// Entries are missing here, for the disk did not take them.
    Lost,
}

/// One act: a line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it ended, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// What was done.
    pub act: Act,
    /// How what was got was handed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// Name of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Name of the account, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// Role (permission set) name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// Name of the program that asked, such as `aws`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Its process id, where the system told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Why it could not be done; absent where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Code>,
    /// How many entries are missing ([`Act::Lost`] only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl Record {
    /// Nothing but what was done when.
    pub(super) fn new(time: OffsetDateTime, act: Act) -> Self {
        Self {
            time: time.truncate_to_millisecond(),
            act,
            way: None,
            session: None,
            account_id: None,
            account_name: None,
            role_name: None,
            program: None,
            pid: None,
            failure: None,
            count: None,
        }
    }
}
