//! Where sessions and kept roles stand.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

use super::{EndpointOverrides, Failure, Way};

/// A session as `status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// Name of the session.
    pub name: String,
    /// Start URL of its portal.
    pub start_url: Url,
    /// Region of the Identity Center instance.
    pub region: String,
    /// Where it stands.
    pub state: SessionState,
    /// End of the portal session, once learned; never that of the access token.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
    /// When the portal last gave tokens for it.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub refreshed: Option<OffsetDateTime>,
    /// When it is refreshed next, or tried again after a failure.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub next: Option<OffsetDateTime>,
    /// Who is signed in, where the portal told.
    pub user: Option<String>,
    /// What last went wrong and still stands.
    pub problem: Option<Failure>,
    /// Where its services are: all of them for a portal outside AWS, else those set by hand.
    #[serde(default, skip_serializing_if = "EndpointOverrides::is_empty")]
    pub endpoints: EndpointOverrides,
}

/// A role that is kept refreshed, as `status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptStatus {
    /// Session it belongs to.
    pub session: String,
    /// Twelve digits.
    pub account_id: String,
    /// Name of the account, where it is known.
    pub account_name: Option<String>,
    /// Role (permission set) name.
    pub role_name: String,
    /// How it reaches the tools that use it.
    pub way: Way,
    /// Name of the profile.
    pub profile: String,
    /// File the profile stands in.
    pub file: PathBuf,
    /// End of the credentials at hand; `None` where there are none yet.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires: Option<OffsetDateTime>,
    /// When they are renewed next, or tried again after a failure.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next: Option<OffsetDateTime>,
    /// Why they are not renewed.
    pub problem: Option<Failure>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// No tokens; the user must sign in.
    SignedOut,
    /// A sign-in is under way.
    SigningIn,
    /// Credentials can be had.
    SignedIn,
    /// There were tokens and the portal no longer takes them.
    Expired,
}
