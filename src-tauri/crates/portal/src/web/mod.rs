//! The pages people see: sign-in, the portal itself, consent. Rendered here, usable without
//! scripts; the scripts read a shortcut link's fragment, copy text, and speak to security keys.

mod access_keys;
mod admin;
mod assets;
mod authorize;
mod cookies;
mod device;
mod enrol;
mod form;
mod new_password;
mod own_browser;
mod page;
mod proof;
mod recovery_codes;
mod return_to;
mod second_factor;
mod security;
mod set_password;
mod sign_in;
mod start;
mod visit;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, Uri, header},
    middleware::map_response,
    response::Response,
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

pub(crate) use cookies::Cookie;
pub(crate) use page::{Frame, Refusal, message, redirect};
pub(crate) use visit::Visit;

use crate::{Portal, settings};

/// Everything a page may do; a page that sends its form on to a client adds that one address.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// The routes of the pages for everyone, and the assets of all.
pub fn routes() -> Router<Portal> {
    let pages = Router::new()
        .merge(sign_in::routes())
        .merge(start::routes())
        .merge(access_keys::routes())
        .merge(device::routes())
        .merge(authorize::routes())
        .merge(security::routes())
        .fallback(not_found);
    guarded(pages).merge(assets::routes())
}

/// The routes of the pages of administration, whose forms are larger.
pub(crate) fn administration() -> Router<Portal> {
    guarded(admin::routes())
}

async fn not_found(visit: Visit, asked: Uri) -> Result<Response, Refusal> {
    if let Some(alias) = settings::alias(visit.portal.pool()).await?
        && asked.path().trim_end_matches('/') == format!("/{alias}")
    {
        return Ok(redirect("/start"));
    }
    let text = "The address may be mistyped, or the page is gone.";
    message(&visit, StatusCode::NOT_FOUND, "There is no such page", text)
}

/// Holds pages to the policy; what every answer says beside it, the router adds.
pub(crate) fn guarded(pages: Router<Portal>) -> Router<Portal> {
    pages.layer(map_response(guard))
}

/// A moment as people read it: to the minute, in UTC.
fn moment(time: OffsetDateTime) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    time.format(FORMAT).unwrap_or_default()
}

async fn guard(mut response: Response) -> Response {
    response
        .headers_mut()
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    response
}
