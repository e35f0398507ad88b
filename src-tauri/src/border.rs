//! What the windows are told, as the JSON of `ui/src/lib/backend/types.ts`. Never a credential.

mod chained;
mod profiles;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use agent::menu;
use agent::settings::ConsoleLink;
use agent::snapshot;
use ipc::message::{Code, Delivery, Flow, SessionState};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use url::Url;

pub(crate) use self::chained::Chained;
use self::chained::ChainedRole;
pub(crate) use self::profiles::{AllProfiles, FoundPortal, Imported, ProfilesReport};

/// Everything the windows show, at one moment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snapshot {
    sessions: Vec<Session>,
    roles: Vec<Role>,
    kept: Vec<KeptRole>,
    chained_roles: Vec<ChainedRole>,
    sign_ins: Vec<SignIn>,
    mfa_codes: Vec<MfaCode>,
    settings: Settings,
}

/// Why something could not be done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    code: Code,
    message: String,
    next_step: String,
    /// The field of a form that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

/// A role of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleId {
    pub(crate) session: String,
    pub(crate) account_id: String,
    pub(crate) role_name: String,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignInFlow {
    Pkce,
    Device,
}

/// How a console is opened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsoleDoor {
    Federation,
    Shortcut,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    name: String,
    start_url: Url,
    region: String,
    state: SessionState,
    until: Option<String>,
    user: Option<String>,
    problem: Option<Failure>,
    console: ConsoleDoor,
    shares_sign_in: bool,
    listing: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    #[serde(flatten)]
    id: RoleId,
    account_name: String,
    favourite: bool,
    kept: bool,
    recent: Option<usize>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptRole {
    #[serde(flatten)]
    id: RoleId,
    account_name: String,
    profiles: BTreeMap<Delivery, String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignIn {
    session: String,
    flow: SignInFlow,
    phase: SignInPhase,
    user_code: Option<String>,
    verification_uri: Option<Url>,
    verification_uri_complete: Option<Url>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
enum SignInPhase {
    Starting,
    Waiting,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct MfaCode {
    #[serde(flatten)]
    role: RoleId,
    account_name: String,
    mfa_serial: String,
    checking: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    browser: Option<String>,
    autostart: bool,
    problem: Option<Failure>,
}

impl Snapshot {
    /// What the agent knows, with the one setting that the desktop keeps.
    pub(crate) fn new(from: &snapshot::Snapshot, autostart: bool) -> Self {
        Self {
            sessions: from.sessions.iter().map(Session::from).collect(),
            roles: from.roles.iter().map(Role::from).collect(),
            mfa_codes: from.codes.iter().map(MfaCode::from).collect(),
            kept: from.kept.iter().map(KeptRole::from).collect(),
            chained_roles: from.chained_roles.iter().map(ChainedRole::from).collect(),
            sign_ins: from.sessions.iter().filter_map(sign_in).collect(),
            settings: Settings {
                browser: from.browser.clone(),
                autostart,
                problem: from.settings_problem.clone().map(Failure::from),
            },
        }
    }
}

impl Failure {
    /// A failure of the desktop's own.
    pub(crate) fn new(
        code: Code,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            next_step: next_step.into(),
            field: None,
        }
    }

    /// The same, about a field of a form.
    pub(crate) fn about(self, field: Option<&'static str>) -> Self {
        Self { field, ..self }
    }
}

impl From<ipc::message::Failure> for Failure {
    fn from(from: ipc::message::Failure) -> Self {
        Self::new(from.code, from.message, from.next_step)
    }
}

impl From<menu::RoleId> for RoleId {
    fn from(from: menu::RoleId) -> Self {
        Self {
            session: from.session,
            account_id: from.account_id,
            role_name: from.role_name,
        }
    }
}

impl From<RoleId> for menu::RoleId {
    fn from(from: RoleId) -> Self {
        Self {
            session: from.session,
            account_id: from.account_id,
            role_name: from.role_name,
        }
    }
}

impl From<SignInFlow> for Flow {
    fn from(from: SignInFlow) -> Self {
        match from {
            SignInFlow::Pkce => Self::Pkce,
            SignInFlow::Device => Self::Device,
        }
    }
}

impl From<Flow> for SignInFlow {
    fn from(from: Flow) -> Self {
        match from {
            Flow::Pkce => Self::Pkce,
            Flow::Device => Self::Device,
        }
    }
}

impl From<snapshot::SignInPhase> for SignInPhase {
    fn from(from: snapshot::SignInPhase) -> Self {
        match from {
            snapshot::SignInPhase::Starting => Self::Starting,
            snapshot::SignInPhase::Waiting => Self::Waiting,
        }
    }
}

impl From<ConsoleDoor> for ConsoleLink {
    fn from(from: ConsoleDoor) -> Self {
        match from {
            ConsoleDoor::Federation => Self::Federation,
            ConsoleDoor::Shortcut => Self::Shortcut,
        }
    }
}

impl From<ConsoleLink> for ConsoleDoor {
    fn from(from: ConsoleLink) -> Self {
        match from {
            ConsoleLink::Federation => Self::Federation,
            ConsoleLink::Shortcut => Self::Shortcut,
        }
    }
}

impl From<&snapshot::Session> for Session {
    fn from(from: &snapshot::Session) -> Self {
        Self {
            name: from.name.clone(),
            start_url: from.start_url.clone(),
            region: from.region.clone(),
            state: from.state,
            until: from.until.and_then(utc),
            user: from.user.clone(),
            problem: from.problem.clone().map(Failure::from),
            console: from.console.into(),
            shares_sign_in: from.shares_sign_in,
            listing: from.listing,
        }
    }
}

impl From<&snapshot::Role> for Role {
    fn from(from: &snapshot::Role) -> Self {
        Self {
            id: from.id.clone().into(),
            account_name: from.account_name.clone(),
            favourite: from.favourite,
            kept: from.kept,
            recent: from.recent,
        }
    }
}

impl From<&snapshot::Code> for MfaCode {
    fn from(from: &snapshot::Code) -> Self {
        Self {
            role: from.role.clone().into(),
            account_name: from.account_name.clone(),
            mfa_serial: from.mfa_serial.clone(),
            checking: from.checking,
        }
    }
}

impl From<&snapshot::KeptRole> for KeptRole {
    fn from(from: &snapshot::KeptRole) -> Self {
        Self {
            id: from.id.clone().into(),
            account_name: from.account_name.clone(),
            profiles: from.profiles.iter().cloned().collect(),
        }
    }
}

fn sign_in(session: &snapshot::Session) -> Option<SignIn> {
    let from = session.sign_in.as_ref()?;
    Some(SignIn {
        session: session.name.clone(),
        flow: from.flow.into(),
        phase: from.phase.into(),
        user_code: from.user_code.clone(),
        verification_uri: from.verification_uri.clone(),
        verification_uri_complete: from.verification_uri_complete.clone(),
    })
}

fn utc(time: OffsetDateTime) -> Option<String> {
    time.to_offset(UtcOffset::UTC).format(&Rfc3339).ok()
}
