//! Version 1 of the file, as released. It never changes again: what comes later is a version of
//! its own, and this one is converted to it.

use serde::Deserialize;
use sso::endpoints::{Region, StartUrl};
use toml::Spanned;
use url::Url;

use super::{Fault, Settings, v2};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
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
pub(super) enum Console {
    #[default]
    Federation,
    Shortcut,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Endpoints {
    pub(super) sso_oidc: Option<Url>,
    pub(super) sso: Option<Url>,
    pub(super) signin: Option<Url>,
    pub(super) sts: Option<Url>,
    pub(super) console: Option<Url>,
}

pub(super) fn parse(text: &str) -> Result<Settings, Fault> {
    v2::File::from(toml::from_str::<File>(text)?).try_into()
}

impl From<File> for v2::File {
    fn from(file: File) -> Self {
        Self {
            version: file.version,
            browser: file.browser,
            keyring_service: file.keyring_service,
            ca_bundle: None,
            sessions: file.sessions.into_iter().map(v2::Session::from).collect(),
            chained_roles: Vec::new(),
        }
    }
}

impl From<Session> for v2::Session {
    fn from(session: Session) -> Self {
        Self {
            name: session.name,
            start_url: session.start_url,
            region: session.region,
            console: session.console,
            share_sign_in: false,
            endpoints: session.endpoints,
        }
    }
}
