//! Everything under the portal's one origin.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

use crate::{
    Portal,
    client::{Client, RequestId},
    console, health, oidc, portal_api, random, sts, web,
};

/// The largest body any route takes.
const BODY_LIMIT: usize = 64 * 1024;
/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// All routes of `portal`, for a server that tells the peer's address (`ConnectInfo`).
pub fn router(portal: Portal) -> Router {
    Router::new()
        .merge(oidc::routes())
        .merge(portal_api::routes())
        .merge(web::routes())
        .merge(console::routes())
        .merge(sts::routes())
        .layer(middleware::from_fn_with_state(
            portal.clone(),
            common_headers,
        ))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            portal.clone(),
            refuse_strangers,
        ))
        // Probes come from anywhere and learn nothing.
        .merge(health::routes())
        .layer(middleware::from_fn_with_state(portal.clone(), observe))
        .with_state(portal)
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
        .answered(route, method.as_str(), status, took);
    tracing::info!(%method, route, status, ?took, id, "request");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
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
    fn a_date_is_written_as_the_rfc_writes_it() {
        let date = http_date(datetime!(1994-11-06 08:49:37 UTC));
        assert_eq!(date.expect("a date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
