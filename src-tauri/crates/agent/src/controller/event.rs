//! Everything that can happen to the controller.

use std::io;
use std::path::PathBuf;

use aws_files::token_cache;
use ipc::message::{Chain, Failure, Progress, Request, Response, Role};
use secrecy::SecretString;
use sso::oidc::{self, Registration, Tokens};
use sso::portal::{self, AccountRoles, RoleCredentials};
use sso::sts;
use tokio::sync::{mpsc, oneshot};

use super::Change;
use super::all_profiles::{Report, Wish};
use super::answer::Answer;
use super::guest::Cause;
use super::portals::Wanted;
use super::session::SessionId;
use crate::chain::Refused;
use crate::endpoint::Endpoint;
use crate::files;
use crate::import::FoundPortal;
use crate::journal::Caller;
use crate::keyring;
use crate::menu::{Action, RoleId};
use crate::remembered::Kept;
use crate::token_file::Found;

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
        by: Caller,
    },
    /// Something a window changes.
    Change {
        change: Change,
        done: oneshot::Sender<Result<(), Failure>>,
    },
    /// A chained role that a window adds.
    AddChain {
        source: RoleId,
        chain: Box<Chain>,
        done: oneshot::Sender<Result<(), Refused>>,
    },
    /// What a window wants of the profiles for all roles.
    Profiles {
        wish: Wish,
        done: oneshot::Sender<Result<Report, Failure>>,
    },
    /// A window asks which portals of the AWS config file are no sessions yet.
    Importable {
        done: oneshot::Sender<Result<Vec<FoundPortal>, Failure>>,
    },
    /// A task for a session tells how it went.
    Session { id: SessionId, news: News },
    /// It was found out where a start URL leads.
    PortalLocated { wanted: Box<Wanted>, answer: Answer },
    /// An endpoint serves a role, or could not be opened.
    EndpointOpened {
        role: Box<Role>,
        answer: Answer,
        result: io::Result<Endpoint>,
    },
    /// The journal can no longer be written, or can be again.
    Journal(Result<(), files::Error>),
    /// The catalog of a session was written, or could not be.
    CatalogSaved {
        session: String,
        result: Result<(), files::Error>,
    },
    /// The machine's addresses or routes changed.
    NetworkChanged,
    /// A client hung up before it was answered.
    Left,
    /// The section of a kept role was written, or could not be.
    SectionWritten {
        answer: Answer,
        result: Result<Kept, Failure>,
    },
    /// Sections were removed; why others could not be.
    SectionsRemoved {
        answer: Answer,
        gone: Vec<Kept>,
        result: Result<(), Failure>,
    },
    /// What stands in a file for kept roles was brought up to date, or could not be; whether that
    /// took a change.
    Restored {
        file: PathBuf,
        cause: Cause,
        result: Result<bool, Failure>,
    },
    /// Something happened to a file that is watched, or to its folder.
    FileChanged { path: PathBuf },
    /// The program ends.
    Stop,
}

/// What a task found out for its session.
#[derive(Debug)]
pub(crate) enum News {
    /// What the keyring holds of the session.
    Stored(Result<Option<SecretString>, keyring::Error>),
    /// Whether the keyring took what it was given, and who waits to hear that the sign-in is done.
    Kept {
        result: Result<(), keyring::Error>,
        signed_in: Vec<Answer>,
    },
    /// The user's part in a sign-in.
    SignInStep { attempt: u64, progress: Progress },
    /// The end of a sign-in.
    SignInEnded {
        attempt: u64,
        result: Result<(Registration, Tokens), oidc::Error>,
    },
    /// The end of a renewal of the access token.
    Renewed {
        number: u64,
        result: Result<Tokens, oidc::Error>,
    },
    /// Credentials of a role.
    Credentials {
        role: RoleId,
        result: Result<RoleCredentials, portal::Error>,
    },
    /// Credentials of a chained role.
    Assumed {
        role: RoleId,
        result: Result<RoleCredentials, sts::Error>,
    },
    /// The way into the console.
    Console {
        answer: Answer,
        open: bool,
        result: Result<SecretString, Failure>,
    },
    /// What stands in the session's token file.
    TokenFile {
        found: Found,
        /// Whether the portal has refused the agent's own refresh token.
        refused: bool,
        /// Number of the renewal that found it, and ends with that.
        renewal: Option<u64>,
    },
    /// The session's token was written into its file, or could not be.
    TokenFileWritten(Result<(), token_cache::Error>),
    /// Some accounts of the listing under way.
    Listed(Vec<AccountRoles>),
    /// The end of the listing.
    ListingEnded(Result<(), portal::Error>),
    /// The applications that the portal assigns.
    Applications(Result<Vec<portal::Application>, portal::Error>),
}
