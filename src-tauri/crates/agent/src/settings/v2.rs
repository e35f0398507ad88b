//! Version 2 of the file: a sign-in may be shared with AWS's own tools.

use std::path::PathBuf;

use serde::Deserialize;
use sso::endpoints::{Overrides, Region, StartUrl};
use toml::Spanned;

use super::v1::{Console, Endpoints};
use super::{ConsoleLink, Fault, Portal, Settings, is_session_name};

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
            sessions,
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
