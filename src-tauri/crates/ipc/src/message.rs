//! The messages of the socket: one JSON object a line, a [`Hello`] first in each direction.
//!
//! A client sends one [`Request`] and reads [`Response`] lines until one that is not
//! [`Response::Progress`]; then it may send the next request on the same connection.

mod chain;
mod delivery;
mod failure;
mod status;
#[cfg(test)]
mod tests;
mod way;

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

pub use chain::{Chain, CodeWanted, ListedChain, MfaCode, NotACode};
pub use delivery::Delivery;
pub use failure::{Code, Failure};
pub use status::{KeptStatus, SessionState, SessionStatus};
pub use way::Way;

use crate::secret;

/// Raised whenever a message changes in a way an older program would misread.
pub const PROTOCOL_VERSION: u32 = 1;

/// The first line either side sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the sender.
    pub version: u32,
    /// Program and release, for the log: `vestibule 0.1.0`.
    pub program: String,
    /// How a client hands on what it is given, for the journal.
    #[serde(default)]
    pub way: Way,
}

/// What a client may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// The state of every session. Answer: [`Response::Status`].
    Status,
    /// The accounts and roles of one session, or of all. Answer: [`Response::Accounts`].
    Accounts {
        /// Name of the session; `None` for all.
        session: Option<String>,
    },
    /// Credentials of a role, signing in first if needed. Answer: [`Response::Credentials`].
    Credentials {
        /// Which role.
        role: RoleQuery,
        /// Whether the client can ask its user for the code of an MFA device: it then answers
        /// [`Progress::MfaCode`] with [`Request::MfaCode`] on another connection.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interactive: bool,
    },
    /// Which role is meant, and where its clients go. Answer: [`Response::Role`].
    Role {
        /// The role as the user named it.
        role: RoleQuery,
    },
    /// Opens the federated console, or gives its URL. Answer: [`Response::Console`].
    Console {
        /// Which role.
        role: RoleQuery,
        /// Console service to land on, such as `s3`.
        service: Option<String>,
        /// AWS region to land in.
        region: Option<String>,
        /// Whether the agent opens the browser; otherwise the URL is answered.
        open: bool,
    },
    /// Signs in. Answers [`Progress`] as it goes, then [`Response::Done`].
    Login {
        /// Name of the session; `None` where there is but one.
        session: Option<String>,
        /// How to sign in.
        flow: Flow,
        /// Whether the agent opens the browser; otherwise the client shows the URL of the progress.
        open: bool,
    },
    /// Signs out and forgets the tokens. Answer: [`Response::Done`].
    Logout {
        /// Name of the session; `None` for all.
        session: Option<String>,
    },
    /// Adds a portal as a session. Answer: [`Response::PortalAdded`].
    AddPortal {
        /// Start URL as the user typed it.
        start_url: Url,
        /// Region of the Identity Center instance, such as `eu-west-1`.
        region: String,
        /// Name of the session; `None` derives one from the start URL.
        name: Option<String>,
        /// Endpoints that replace those following from start URL and region.
        endpoints: EndpointOverrides,
    },
    /// Removes a session with its tokens, catalog and profiles. Answer: [`Response::Done`].
    RemovePortal {
        /// Name of the session.
        name: String,
    },
    /// Writes a profile for the role and keeps its credentials fresh. Answer: [`Response::Kept`].
    Keep {
        /// Which role.
        role: RoleQuery,
        /// Name of the profile; `None` for `{account-name}-{role}` in lower case.
        profile: Option<String>,
        /// How it reaches AWS's tools.
        #[serde(default)]
        delivery: Delivery,
        /// File to write to, absolute: the AWS credentials file for [`Delivery::StaticKeys`], else
        /// the AWS config file.
        config_file: PathBuf,
        /// Program to name in `credential_process`, absolute.
        program: PathBuf,
    },
    /// Undoes [`Request::Keep`]: removes the profile and stops renewing. Answer: [`Response::Done`].
    Unkeep {
        /// Which role.
        role: RoleQuery,
        /// Which way of delivery ends; `None` for all.
        #[serde(default)]
        delivery: Option<Delivery>,
    },
    /// Sets whether AWS's own tools share the session's sign-in, by a token file that they read
    /// and write. Answer: [`Response::Done`].
    ShareSignIn {
        /// Name of the session.
        name: String,
        /// Whether they do.
        share: bool,
    },
    /// Adds a chained role. Answer: [`Response::ChainAdded`].
    AddChain {
        /// The role it is taken from.
        from: RoleQuery,
        /// The chained role.
        chain: Chain,
    },
    /// The chained roles. Answer: [`Response::Chains`].
    Chains,
    /// Removes a chained role with its profiles. Answer: [`Response::Done`].
    RemoveChain {
        /// Name of the chained role.
        name: String,
        /// Name of the session; `None` searches all.
        session: Option<String>,
    },
    /// Enters the code that a role waits for. Answer: [`Response::Done`] once AWS took it.
    MfaCode {
        /// Which role.
        role: RoleQuery,
        /// What the device shows.
        code: MfaCode,
    },
    /// The tray takes over: finish running answers, release the lock, exit. Answer: [`Response::Done`].
    TakeOver,
}

/// A role as the user named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleQuery {
    /// Account id or name, or a unique prefix of either.
    pub account: String,
    /// Role (permission set) name, or a unique prefix.
    pub role: String,
    /// Name of the session; `None` searches all.
    pub session: Option<String>,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Authorization code with PKCE; a browser on this machine comes back to a loopback listener.
    Pkce,
    /// Device code; any browser anywhere.
    Device,
}

/// Endpoints set by `AWS_ENDPOINT_URL_SSO_OIDC`, `AWS_ENDPOINT_URL_SSO`, `AWS_ENDPOINT_URL_STS`
/// or by hand; `None` follows from start URL and region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointOverrides {
    /// SSO OIDC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sso_oidc: Option<Url>,
    /// Portal API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sso: Option<Url>,
    /// STS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts: Option<Url>,
}

impl EndpointOverrides {
    /// Whether everything follows from start URL and region.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the agent answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum Response {
    /// Not the end: something the user should see meanwhile.
    Progress(Progress),
    /// It is done and there is nothing more to say.
    Done,
    /// Answer to [`Request::Status`].
    Status {
        /// One entry a session, in the order of the settings.
        sessions: Vec<SessionStatus>,
        /// One entry for each way in which a role is kept.
        #[serde(default)]
        kept: Vec<KeptStatus>,
    },
    /// Answer to [`Request::Accounts`].
    Accounts {
        /// Sorted by session, then account name.
        accounts: Vec<Account>,
    },
    /// Answer to [`Request::Credentials`].
    Credentials(Credentials),
    /// Answer to [`Request::Role`].
    Role(Role),
    /// Answer to [`Request::Console`].
    Console {
        /// Present where the client asked not to open a browser. A secret for 15 minutes.
        #[serde(
            default,
            with = "secret::option",
            skip_serializing_if = "Option::is_none"
        )]
        url: Option<SecretString>,
    },
    /// Answer to [`Request::AddPortal`].
    PortalAdded {
        /// Name of the new session.
        name: String,
    },
    /// Answer to [`Request::Keep`].
    Kept {
        /// Name of the profile written.
        profile: String,
    },
    /// Answer to [`Request::AddChain`].
    ChainAdded {
        /// Name of its session.
        session: String,
        /// The account it is in.
        account_id: String,
    },
    /// Answer to [`Request::Chains`].
    Chains {
        /// In the order they were added.
        chains: Vec<ListedChain>,
    },
    /// It could not be done.
    Error(Failure),
}

/// A step that the user takes part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Progress {
    /// Open this address in a browser on this machine (PKCE).
    OpenUrl {
        /// The authorization URL.
        url: Url,
    },
    /// Open this address in any browser and confirm the code.
    DeviceCode {
        /// Address without the code.
        verification_uri: Url,
        /// Address with the code filled in.
        verification_uri_complete: Url,
        /// The code to compare, such as `ABCD-EFGH`.
        user_code: String,
    },
    /// Ask the user for the code of the MFA device; only told to a client that said it can.
    MfaCode(CodeWanted),
}

/// An account with its roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Session it belongs to.
    pub session: String,
    /// Twelve digits.
    pub id: String,
    /// Name as the organization gave it.
    pub name: String,
    /// Email address of the account's root.
    pub email: String,
    /// Role names, sorted.
    pub roles: Vec<String>,
}

/// A role, and where an AWS client that takes it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Session it belongs to.
    pub session: String,
    /// Twelve digits.
    pub account_id: String,
    /// Name as the organization gave it; the id where it is not known.
    pub account_name: String,
    /// Name of the role.
    pub role_name: String,
    /// Region for clients that were told no other, such as `eu-west-1`.
    pub region: String,
    /// STS of a portal outside AWS; `None` where clients find AWS's own.
    pub sts_endpoint: Option<Url>,
}

/// Temporary credentials of a role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Twelve digits.
    pub account_id: String,
    /// The role they are for.
    pub role_name: String,
    /// Access key id, starting `ASIA`.
    pub access_key_id: String,
    /// Secret access key.
    #[serde(with = "secret::plain")]
    pub secret_access_key: SecretString,
    /// Session token.
    #[serde(with = "secret::plain")]
    pub session_token: SecretString,
    /// When they end, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub expiration: OffsetDateTime,
}
