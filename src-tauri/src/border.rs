//! What the windows are told, as the JSON of `ui/src/lib/backend/types.ts`. Never a credential.

use std::collections::BTreeMap;

use agent::menu;
use agent::settings::ConsoleLink;
use agent::snapshot;
use ipc::message::{Code, Delivery, Flow, SessionState};
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use url::Url;

/// Everything the windows show, at one moment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snapshot {
    sessions: Vec<Session>,
    roles: Vec<Role>,
    kept: Vec<KeptRole>,
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
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn signed_in_by_device() -> snapshot::Session {
        snapshot::Session {
            name: "main".into(),
            start_url: Url::parse("https://example.awsapps.com/start").unwrap(),
            region: "eu-west-1".into(),
            state: SessionState::SigningIn,
            until: Some(datetime!(2026-11-22 19:30 +01:00)),
            user: None,
            problem: Some(ipc::message::Failure {
                code: Code::PortalUnreachable,
                message: "The portal does not answer.".into(),
                next_step: "Try again.".into(),
            }),
            console: ConsoleLink::Shortcut,
            shares_sign_in: true,
            sign_in: Some(snapshot::SignIn {
                flow: Flow::Device,
                phase: snapshot::SignInPhase::Waiting,
                user_code: Some("ABCD-EFGH".into()),
                verification_uri: None,
                verification_uri_complete: None,
            }),
            listing: false,
        }
    }

    #[test]
    fn windows_read_camel_case_and_utc() {
        let role = snapshot::Role {
            id: menu::RoleId {
                session: "main".into(),
                account_id: "111122223333".into(),
                role_name: "Billing".into(),
            },
            account_name: "Payer".into(),
            favourite: true,
            kept: false,
            recent: Some(0),
        };
        let kept = snapshot::KeptRole {
            id: role.id.clone(),
            account_name: "Payer".into(),
            profiles: vec![(Delivery::SsoSession, "payer-billing".into())],
        };
        let agent = snapshot::Snapshot {
            sessions: vec![signed_in_by_device()],
            roles: vec![role],
            applications: Vec::new(),
            codes: vec![snapshot::Code {
                role: menu::RoleId {
                    session: "main".into(),
                    account_id: "111122223333".into(),
                    role_name: "Deploy".into(),
                },
                account_name: "Payer".into(),
                mfa_serial: "arn:aws:iam::111122223333:mfa/ana".into(),
                checking: false,
            }],
            browser: Some("firefox".into()),
            kept: vec![kept],
            settings_problem: None,
        };
        let expected = json!({
            "sessions": [{
                "name": "main", "startUrl": "https://example.awsapps.com/start",
                "region": "eu-west-1", "state": "signing_in", "until": "2026-11-22T18:30:00Z",
                "user": null, "console": "shortcut", "sharesSignIn": true, "listing": false,
                "problem": {
                    "code": "portal_unreachable", "message": "The portal does not answer.",
                    "nextStep": "Try again.",
                },
            }],
            "roles": [{
                "session": "main", "accountId": "111122223333", "roleName": "Billing",
                "accountName": "Payer", "favourite": true, "kept": false, "recent": 0,
            }],
            "kept": [{
                "session": "main", "accountId": "111122223333", "roleName": "Billing",
                "accountName": "Payer", "profiles": { "sso_session": "payer-billing" },
            }],
            "signIns": [{
                "session": "main", "flow": "device", "phase": "waiting", "userCode": "ABCD-EFGH",
                "verificationUri": null, "verificationUriComplete": null,
            }],
            "mfaCodes": [{
                "session": "main", "accountId": "111122223333", "roleName": "Deploy",
                "accountName": "Payer", "mfaSerial": "arn:aws:iam::111122223333:mfa/ana",
                "checking": false,
            }],
            "settings": { "browser": "firefox", "autostart": true, "problem": null },
        });
        let told = serde_json::to_value(Snapshot::new(&agent, true)).unwrap();
        assert_eq!(told, expected);
    }
}
