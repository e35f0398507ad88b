//! Everything under the portal's one origin.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{
    Portal, admin,
    client::{Client, RequestId},
    console, health, oidc, portal_api, random, sts, web,
};

/// The largest body a route takes.
const BODY_LIMIT: usize = 64 * 1024;
/// The largest that one for administrators takes: an inline policy has 32,768 characters, and each
/// takes six bytes in a form or in JSON where it is not of ASCII, beside the other fields.
const ADMINISTRATION_BODY_LIMIT: usize = 256 * 1024;
/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The media type of forms.
const FORM: &[u8] = b"application/x-www-form-urlencoded";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// All routes of `portal`, for a server that tells the peer's address (`ConnectInfo`).
pub fn router(portal: Portal) -> Router {
    let everyones = Router::new()
        .merge(oidc::routes())
        .merge(portal_api::routes())
        .merge(web::routes())
        .merge(console::routes());
    let administrators = Router::new()
        .merge(web::administration())
        .merge(sts::routes());
    limited(everyones, BODY_LIMIT)
        .merge(limited(administrators, ADMINISTRATION_BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            portal.clone(),
            common_headers,
        ))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(middleware::from_fn_with_state(
            portal.clone(),
            refuse_strangers,
        ))
        // Probes come from anywhere and learn nothing.
        .merge(health::routes())
        .layer(middleware::from_fn_with_state(portal.clone(), observe))
        .with_state(portal)
}

/// Holds routes to bodies of so many bytes, without NUL.
fn limited(routes: Router<Portal>, limit: usize) -> Router<Portal> {
    routes
        .layer(middleware::from_fn_with_state(limit, refuse_nul))
        .layer(RequestBodyLimitLayer::new(limit))
}

/// Counts the answer and gives the request its id.
async fn observe(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = random::uuid();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    portal
        .metrics()
        .answered(route, counted_as(&method), status, took);
    tracing::info!(%method, route, status, ?took, id, "request");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
}

/// What a method is counted as: a client may make one up for every request.
fn counted_as(method: &Method) -> &str {
    let known = [&Method::GET, &Method::HEAD, &Method::POST, &Method::OPTIONS];
    let known = known.into_iter().find(|known| *known == method);
    known.map_or("other", Method::as_str)
}

/// Whoever goes past the proxy would send passwords over the network in the clear.
async fn refuse_strangers(
    State(portal): State<Portal>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let config = portal.config();
    if config.tls.is_some() || Client::may_connect(peer.ip(), &config.trusted_proxies) {
        return next.run(request).await;
    }
    let text = format!(
        "Plain http is for this portal's proxy only. Open {}\n",
        config.start_url()
    );
    (StatusCode::FORBIDDEN, text).into_response()
}

/// Nobody types a NUL, PostgreSQL keeps none in a text, and no form, name or token of ours holds one:
/// what has one is refused in one place. The body is read for it, as every route does that takes any.
/// Only the administrative APIs look at theirs themselves, to answer as their clients read it.
async fn refuse_nul(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let read = if body.is_end_stream() {
        Bytes::new()
    } else {
        match to_bytes(body, limit).await {
            Ok(read) => read,
            Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        }
    };
    let asked = parts
        .uri
        .path_and_query()
        .map_or("", |asked| asked.as_str());
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(FORM));
    let is_administrative = parts.uri.path() == "/" && parts.headers.contains_key(admin::TARGET);
    if asked.contains("%00") || !is_administrative && has_nul(&read, is_form) {
        let text = "The request holds a NUL character.\n";
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    next.run(Request::from_parts(parts, Body::from(read))).await
}

/// Whether a body holds a NUL, as it is or as a form or JSON writes it.
fn has_nul(body: &[u8], is_form: bool) -> bool {
    const JSON: &[u8] = br"\u0000";
    if is_form {
        return body.contains(&0) || body.windows(3).any(|part| part == b"%00");
    }
    // A backslash that another one stands before is text.
    let is_escape = |at: usize| {
        let before = body[..at].iter().rev();
        before.take_while(|byte| **byte == b'\\').count() % 2 == 0
    };
    let mut parts = body.windows(JSON.len()).enumerate();
    body.contains(&0) || parts.any(|(at, part)| part == JSON && is_escape(at))
}

/// What every answer says, unless its route said otherwise.
async fn common_headers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let defaults = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    // By the portal's clock, not the server's underneath: clients correct theirs by it.
    if let Some(date) = http_date(portal.now()) {
        headers.entry(header::DATE).or_insert(date);
    }
    response
}

/// RFC 9110 section 5.6.7.
fn http_date(moment: OffsetDateTime) -> Option<HeaderValue> {
    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    HeaderValue::try_from(moment.format(FORMAT).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn methods_that_are_made_up_are_counted_as_one() {
        let made_up = Method::from_bytes(b"X-7F3A").expect("a method");
        assert_eq!(counted_as(&made_up), "other");
        assert_eq!(counted_as(&Method::POST), "POST");
    }

    #[test]
    fn a_nul_is_found_however_it_is_written() {
        for form in [&b"a=\0"[..], b"a=x%00y"] {
            assert!(has_nul(form, true));
        }
        assert!(!has_nul(br"a=\u0000", true));
        for json in [
            &b"{\"a\": \"\0\"}"[..],
            br#"{"a": "\u0000"}"#,
            br#"["\\\u0000"]"#,
        ] {
            assert!(has_nul(json, false));
        }
        for json in [&br#"["\\u0000"]"#[..], b"[\"%00\"]", br#"["\u0001"]"#, b""] {
            assert!(!has_nul(json, false));
        }
    }

    #[test]
    fn a_date_is_written_as_the_rfc_writes_it() {
        let date = http_date(datetime!(1994-11-06 08:49:37 UTC));
        assert_eq!(date.expect("a date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
