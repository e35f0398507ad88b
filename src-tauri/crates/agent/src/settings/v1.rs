//! Version 1 of the file, as released. It never changes again: what comes later is a version of
//! its own, and this one is converted to it.

use serde::Deserialize;
use sso::endpoints::{Overrides, Region, StartUrl};
use toml::Spanned;
use url::Url;

use super::{ConsoleLink, Fault, Portal, Settings, is_session_name};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "read before; named so that it is no unknown key")]
    version: Option<i64>,
    browser: Option<String>,
    keyring_service: Option<String>,
    #[serde(default)]
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    name: Spanned<String>,
    start_url: StartUrl,
    region: Region,
    #[serde(default)]
    console: Console,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Console {
    #[default]
    Federation,
    Shortcut,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Endpoints {
    sso_oidc: Option<Url>,
    sso: Option<Url>,
    signin: Option<Url>,
    sts: Option<Url>,
    console: Option<Url>,
}

pub(super) fn parse(text: &str) -> Result<Settings, Fault> {
    let file: File = toml::from_str(text)?;
    let mut sessions: Vec<Portal> = Vec::new();
    for session in file.sessions {
        let at = session.name.span().start;
        let name = session.name.as_ref();
        if !is_session_name(name) {
            let reason = format!("“{name}” is no session name: use letters, digits, -, _ and .");
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
    Ok(Settings {
        browser: file.browser,
        keyring_service: file.keyring_service,
        sessions,
    })
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
