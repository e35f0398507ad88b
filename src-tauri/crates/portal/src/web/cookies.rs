use axum::http::{HeaderMap, HeaderValue, header};
use time::Duration;

use crate::Portal;

/// How long a browser is recognized.
pub(super) const RECOGNIZED: Duration = Duration::days(400);

/// The cookies the portal sets. None can be read by a script or goes along with another site's
/// form; over https none leaves it, and no other host can plant one (`__Host-`). Browsers do not tell
/// the ports of a host apart, so an unusual port stands in their names: two portals side by side
/// would sign each other out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The portal session's secret.
    Session,
    /// A sign-in between password and session, sealed.
    SignIn,
    /// What forms of this browser are tied to.
    Form,
    /// What this browser is recognized by as a place the user has been.
    Device,
    /// Whose own browser this is, sealed.
    OwnBrowser,
    /// The console session of the stand-in console, sealed.
    Console,
}

impl Cookie {
    fn name(self, portal: &Portal) -> String {
        let name = match self {
            Self::Session => "session",
            Self::SignIn => "sign_in",
            Self::Form => "form",
            Self::Device => "device",
            Self::OwnBrowser => "own_browser",
            Self::Console => "console",
        };
        let prefix = if is_https(portal) { "__Host-" } else { "" };
        let port = portal.config().origin.port();
        let port = port.map_or_else(String::new, |port| format!("_{port}"));
        format!("{prefix}vestibule_{name}{port}")
    }

    /// The value the browser sent.
    pub(crate) fn read(self, portal: &Portal, headers: &HeaderMap) -> Option<String> {
        let name = self.name(portal);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }

    /// A `Set-Cookie` for `life`, or until the browser closes. `value` is base64url.
    pub(crate) fn set(self, portal: &Portal, value: &str, life: Option<Duration>) -> HeaderValue {
        let name = self.name(portal);
        let secure = if is_https(portal) { "; Secure" } else { "" };
        let age = life.map_or_else(String::new, |life| {
            format!("; Max-Age={}", life.whole_seconds())
        });
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// A `Set-Cookie` that makes the browser forget it.
    pub(crate) fn clear(self, portal: &Portal) -> HeaderValue {
        self.set(portal, "", Some(Duration::ZERO))
    }
}

fn is_https(portal: &Portal) -> bool {
    portal.config().origin.scheme() == "https"
}
