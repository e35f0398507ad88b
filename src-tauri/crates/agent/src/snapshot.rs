//! What others see of the state: windows, menu and `status` are all made from it. It holds no secret.

use ipc::message::{Chain, Delivery, Failure, Flow, SessionState};
use time::OffsetDateTime;
use url::Url;

use crate::menu::RoleId;
use crate::settings::ConsoleLink;

/// The state at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// In the order of the settings.
    pub sessions: Vec<Session>,
    /// Every role of every session, sorted by session, account name, account id and role name.
    pub roles: Vec<Role>,
    /// Every application of every session, sorted by session and name.
    pub applications: Vec<Application>,
    /// Codes of MFA devices that chained roles wait for.
    pub codes: Vec<Code>,
    /// Roles whose credentials are kept fresh, whether they are still listed or not, sorted by
    /// account name and role name.
    pub kept: Vec<KeptRole>,
    /// Roles that are taken from others, in the order they were added. They stand among `roles` too.
    pub chained_roles: Vec<ChainedRole>,
    /// Command that opens URLs, with `%s` for the URL; `None` for the system's own browser.
    pub browser: Option<String>,
    /// Why the settings could not be read, and where they were set aside.
    pub settings_problem: Option<Failure>,
}

impl Snapshot {
    /// Whether there is something to do without being asked: what is kept fresh or shared.
    #[must_use]
    pub fn is_keeping(&self) -> bool {
        let shares =
            |session: &Session| session.shares_sign_in && session.state == SessionState::SignedIn;
        !self.kept.is_empty() || self.sessions.iter().any(shares)
    }
}

/// A portal and its user.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Name, unique.
    pub name: String,
    /// Start URL of the portal.
    pub start_url: Url,
    /// Region of the Identity Center instance.
    pub region: String,
    /// Where it stands.
    pub state: SessionState,
    /// End of the portal session in local time, once learned; never that of the access token.
    pub until: Option<OffsetDateTime>,
    /// Who is signed in, where the portal told.
    pub user: Option<String>,
    /// What last went wrong and still stands.
    pub problem: Option<Failure>,
    /// How its consoles are opened.
    pub console: ConsoleLink,
    /// Whether AWS's own tools share its sign-in, by a token file.
    pub shares_sign_in: bool,
    /// The sign-in under way.
    pub sign_in: Option<SignIn>,
    /// Whether its accounts are being listed.
    pub listing: bool,
}

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// How.
    pub flow: Flow,
    /// How far it has come.
    pub phase: SignInPhase,
    /// The code to compare, such as `ABCD-EFGH` (device code only).
    pub user_code: Option<String>,
    /// Where the code is typed in (device code only).
    pub verification_uri: Option<Url>,
    /// The same with the code filled in (device code only).
    pub verification_uri_complete: Option<Url>,
}

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInPhase {
    /// The portal is being asked.
    Starting,
    /// The user's turn, in the browser.
    Waiting,
}

/// A code of an MFA device that a chained role waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Which role.
    pub role: RoleId,
    /// Name of its account.
    pub account_name: String,
    /// Serial number or ARN of the device.
    pub mfa_serial: String,
    /// Whether one was entered and is being checked.
    pub checking: bool,
}

/// A role with what the user made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub id: RoleId,
    /// Name of its account.
    pub account_name: String,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Whether its credentials are kept fresh for a profile that asks Vestibule.
    pub kept: bool,
    /// Place among the recently used ones, 0 for the last used.
    pub recent: Option<usize>,
}

/// An application that opens in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Session it belongs to.
    pub session: String,
    /// Names it within the portal.
    pub id: String,
    /// The name its administrator gave it.
    pub name: String,
}

/// A role whose credentials are kept fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRole {
    /// Which.
    pub id: RoleId,
    /// Name of its account.
    pub account_name: String,
    /// The ways in which it reaches AWS's tools, each with the name of its profile.
    pub profiles: Vec<(Delivery, String)>,
}

/// A role that is taken from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRole {
    /// Which.
    pub id: RoleId,
    /// Name of its account.
    pub account_name: String,
    /// The role it is taken from.
    pub source: RoleId,
    /// Name of that role's account.
    pub source_account_name: String,
    /// What is asked of AWS.
    pub chain: Chain,
}
