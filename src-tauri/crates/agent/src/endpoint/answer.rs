//! What the endpoint says: the border to AWS's SDKs, with AWS's names.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use ipc::message::{Code, Credentials, Failure};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::request::Refusal;

pub(super) type Body = Full<Bytes>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    token: &'a str,
    expiration: String,
    account_id: &'a str,
}

/// SDKs show it to their user.
#[derive(Serialize)]
struct Told<'a, C> {
    code: C,
    message: &'a str,
}

pub(super) fn credentials(credentials: &Credentials) -> Response<Body> {
    // Whole seconds end in `Z`, as every SDK reads them.
    let expiration = credentials.expiration.truncate_to_second();
    let shown = Shown {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose_secret(),
        token: credentials.session_token.expose_secret(),
        expiration: expiration.format(&Rfc3339).unwrap_or_default(),
        account_id: &credentials.account_id,
    };
    json(StatusCode::OK, &shown)
}

pub(super) fn failure(failure: &Failure) -> Response<Body> {
    let message = format!("{} {}", failure.message, failure.next_step);
    let told = Told {
        code: failure.code,
        message: message.trim_end(),
    };
    json(status(failure.code), &told)
}

pub(super) fn too_slow() -> Response<Body> {
    let told = Told {
        code: Code::SignInTimedOut,
        message: "The credentials did not come in time. Sign in, then try again.",
    };
    json(StatusCode::SERVICE_UNAVAILABLE, &told)
}

pub(super) fn refusal(refusal: &Refusal) -> Response<Body> {
    let told = Told {
        code: refusal.code(),
        message: &refusal.to_string(),
    };
    let mut response = json(refusal.status(), &told);
    if *refusal == Refusal::Method {
        let get = HeaderValue::from_static("GET");
        response.headers_mut().insert(ALLOW, get);
    }
    response
}

/// SDKs try again after 5xx, which is right for what may pass by itself within seconds.
fn status(code: Code) -> StatusCode {
    match code {
        Code::PortalUnreachable | Code::PortalBusy => StatusCode::SERVICE_UNAVAILABLE,
        Code::NoSuchAccount | Code::NoSuchRole | Code::NoSuchSession | Code::NoPortal => {
            StatusCode::NOT_FOUND
        }
        Code::SignInNeeded
        | Code::SignInRefused
        | Code::SignInTimedOut
        | Code::SignInCancelled
        | Code::AccessDenied => StatusCode::FORBIDDEN,
        Code::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    // Large enough that growing leaves no copy of a secret behind.
    let mut text = Zeroizing::new(Vec::with_capacity(8 * 1024));
    // Text and numbers always have a JSON form.
    let _ = serde_json::to_writer(&mut *text, value);
    let mut response = Response::new(Full::new(Bytes::from_owner(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
