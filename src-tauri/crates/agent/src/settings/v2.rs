//! Version 2 of the file: a sign-in may be shared with AWS's own tools, and roles may be taken from
//! other roles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use sso::endpoints::{Overrides, Region, StartUrl};
use sso::sts::AssumeRole;
use toml::Spanned;

use super::v1::{Console, Endpoints};
use super::{ConsoleLink, Fault, Portal, Settings, is_session_name};
use crate::chain::{self, ChainedRole};
use crate::menu::RoleId;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[expect(dead_code, reason = "read before; named so that it is no unknown key")]
    pub(super) version: Option<i64>,
    pub(super) browser: Option<String>,
    pub(super) keyring_service: Option<String>,
    pub(super) ca_bundle: Option<PathBuf>,
    #[serde(default)]
    pub(super) sessions: Vec<Session>,
    #[serde(default)]
    pub(super) chained_roles: Vec<Chained>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub(super) name: Spanned<String>,
    pub(super) start_url: StartUrl,
    pub(super) region: Region,
    #[serde(default)]
    pub(super) console: Console,
    #[serde(default)]
    pub(super) share_sign_in: bool,
    #[serde(default)]
    pub(super) endpoints: Endpoints,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chained {
    name: Spanned<String>,
    session: Spanned<String>,
    source_account: String,
    source_role: String,
    role_arn: Spanned<String>,
    role_session_name: Option<String>,
    duration_seconds: Option<u32>,
    external_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Settings, Fault> {
    toml::from_str::<File>(text)?.try_into()
}

impl TryFrom<File> for Settings {
    type Error = Fault;

    fn try_from(file: File) -> Result<Self, Fault> {
        let mut sessions: Vec<Portal> = Vec::new();
        for session in file.sessions {
            let at = session.name.span().start;
            let name = session.name.as_ref();
            if !is_session_name(name) {
                let reason =
                    format!("“{name}” is no session name: use letters, digits, -, _ and .");
                return Err(Fault { at, reason });
            }
            if sessions.iter().any(|other| other.name == *name) {
                return Err(Fault {
                    at,
                    reason: format!("a second session is named “{name}”"),
                });
            }
            sessions.push(session.into());
        }
        Ok(Self {
            browser: file.browser,
            keyring_service: file.keyring_service,
            ca_bundle: file.ca_bundle,
            chained_roles: chained_roles(file.chained_roles, &sessions)?,
            sessions,
        })
    }
}

fn chained_roles(written: Vec<Chained>, sessions: &[Portal]) -> Result<Vec<ChainedRole>, Fault> {
    let places: Vec<usize> = written.iter().map(|one| one.name.span().start).collect();
    for Chained { session, .. } in &written {
        if !sessions.iter().any(|one| one.name == *session.as_ref()) {
            return Err(Fault {
                at: session.span().start,
                reason: format!("there is no session named “{}”", session.as_ref()),
            });
        }
    }
    let chained = written.into_iter().map(ChainedRole::try_from);
    let chained = chained.collect::<Result<Vec<_>, _>>()?;
    chain::check(&chained).map_err(|(index, error)| Fault {
        at: places[index],
        reason: error.to_string(),
    })?;
    Ok(chained)
}

impl TryFrom<Chained> for ChainedRole {
    type Error = Fault;

    fn try_from(written: Chained) -> Result<Self, Fault> {
        let arn = written.role_arn.as_ref().parse();
        let arn = arn.map_err(|error: sso::sts::Invalid| Fault {
            at: written.role_arn.span().start,
            reason: error.to_string(),
        })?;
        Ok(Self {
            name: written.name.into_inner(),
            source: RoleId {
                session: written.session.into_inner(),
                account_id: written.source_account,
                role_name: written.source_role,
            },
            assume: AssumeRole {
                role_arn: arn,
                session_name: written.role_session_name,
                duration_seconds: written.duration_seconds,
                external_id: written.external_id,
                tags: written.tags,
                source_identity: written.source_identity,
                serial_number: written.mfa_serial,
            },
        })
    }
}

impl From<Session> for Portal {
    fn from(session: Session) -> Self {
        let Endpoints {
            sso_oidc,
            sso,
            signin,
            sts,
            console,
        } = session.endpoints;
        Self {
            name: session.name.into_inner(),
            start_url: session.start_url,
            region: session.region,
            console: match session.console {
                Console::Federation => ConsoleLink::Federation,
                Console::Shortcut => ConsoleLink::Shortcut,
            },
            share_sign_in: session.share_sign_in,
            endpoints: Overrides {
                oidc: sso_oidc,
                portal: sso,
                signin,
                sts,
                console,
            },
        }
    }
}
