//! Who may ask for what: a pure decision on the head of a request.

use hyper::header::{AUTHORIZATION, HOST, HeaderMap};
use hyper::http::uri::Authority;
use hyper::{Method, Request, StatusCode};
use ipc::message::{Role, RoleQuery};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// What comes before `/ACCOUNT/ROLE` or `/SESSION/ACCOUNT/ROLE` in a path.
pub(super) const ROLES: &str = "/roles";
/// The path of the only role there is.
const ONLY_ROLE: &str = "/";
/// Names of this machine. The port may be another: `ssh -R` brings clients that know their own.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// Headers that browsers send and SDKs do not.
const OF_BROWSERS: [&str; 3] = ["origin", "referer", "sec-fetch-site"];

/// Why a request gets no credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Credentials are read by GET.")]
    Method,
    #[error("The endpoint is no proxy: ask it by path.")]
    Absolute,
    #[error("The endpoint answers as 127.0.0.1 and localhost, not under another name.")]
    Host,
    #[error("The endpoint answers programs, not pages in a browser.")]
    Browser,
    #[error(
        "The Authorization header does not hold the endpoint's token. Take it from AWS_CONTAINER_AUTHORIZATION_TOKEN."
    )]
    Token,
    #[error("There is no such role at this endpoint. Its address ends in /roles/ACCOUNT/ROLE.")]
    Path,
}

impl Refusal {
    /// None of these is worth another try: SDKs repeat what fails with 5xx.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Absolute => StatusCode::BAD_REQUEST,
            Self::Host | Self::Browser => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::Path => StatusCode::NOT_FOUND,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Method => "method_not_allowed",
            Self::Absolute => "bad_request",
            Self::Host => "wrong_host",
            Self::Browser => "browser_refused",
            Self::Token => "wrong_token",
            Self::Path => "no_such_role",
        }
    }
}

/// The role that the request may have, of `roles` or, where there are none, of all.
pub(super) fn admit<B>(
    request: &Request<B>,
    token: &SecretString,
    roles: &[Role],
) -> Result<RoleQuery, Refusal> {
    if request.uri().authority().is_some() {
        return Err(Refusal::Absolute);
    }
    let headers = request.headers();
    if !comes_to_loopback(headers) {
        return Err(Refusal::Host);
    }
    if OF_BROWSERS.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refusal::Browser);
    }
    if !holds(headers, token) {
        return Err(Refusal::Token);
    }
    if request.method() != Method::GET {
        return Err(Refusal::Method);
    }
    role(request.uri().path(), roles).ok_or(Refusal::Path)
}

/// A page whose own name was made to lead here is told apart by that name.
fn comes_to_loopback(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let authority = host
        .to_str()
        .ok()
        .and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        // `user@host` is no Host (RFC 9110, section 7.2).
        !authority.as_str().contains('@')
            && LOOPBACK
                .iter()
                .any(|name| authority.host().eq_ignore_ascii_case(name))
    })
}

fn holds(headers: &HeaderMap, token: &SecretString) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    value
        .as_bytes()
        .ct_eq(token.expose_secret().as_bytes())
        .into()
}

fn role(path: &str, roles: &[Role]) -> Option<RoleQuery> {
    if path == ONLY_ROLE {
        return match roles {
            [only] => Some(query(only)),
            _ => None,
        };
    }
    let asked = named(path)?;
    if roles.is_empty() {
        return Some(asked);
    }
    let fits = |role: &&Role| {
        role.account_id == asked.account
            && role.role_name == asked.role
            && asked
                .session
                .as_ref()
                .is_none_or(|session| *session == role.session)
    };
    roles.iter().find(fits).map(query)
}

fn named(path: &str) -> Option<RoleQuery> {
    let segments: Option<Vec<String>> = path
        .strip_prefix(ROLES)?
        .strip_prefix('/')?
        .split('/')
        .map(|segment| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned()))
        .collect();
    let (session, account, role) = match &segments?[..] {
        [account, role] => (None, account.clone(), role.clone()),
        [session, account, role] => (Some(session.clone()), account.clone(), role.clone()),
        _ => return None,
    };
    Some(RoleQuery {
        account,
        role,
        session,
    })
}

fn query(role: &Role) -> RoleQuery {
    RoleQuery {
        account: role.account_id.clone(),
        role: role.role_name.clone(),
        session: Some(role.session.clone()),
    }
}
