//! Recovery codes as they are shown, once: to whoever has added a first factor, and to whoever asks
//! for new ones.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{Frame, Refusal, Visit};
use crate::{
    act::{Actor, Identity, perform},
    audit::DIRECTORY,
    mfa, settings,
};

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct Page<'a> {
    frame: Frame,
    user_name: &'a str,
    start_url: String,
    codes: Vec<SecretString>,
    /// Where the user goes from here.
    onward: &'a str,
}

/// New codes for `actor`, a user who has just added a factor. None unless it is the first and users
/// look after their factors themselves: they can make others later.
pub(super) async fn with_first_factor(
    visit: &Visit,
    actor: &Actor,
) -> Result<Vec<SecretString>, Refusal> {
    let Identity::User { id, .. } = &actor.identity else {
        return Ok(Vec::new());
    };
    let pool = visit.portal.pool();
    let is_first = mfa::factors(pool, id).await?.len() == 1;
    let has_codes = mfa::recovery_codes_left(pool, id).await? > 0;
    if !is_first || has_codes || !mfa::policy(pool).await?.self_service {
        return Ok(Vec::new());
    }
    create(visit, actor, id).await
}

/// New codes for a user, in place of those there were.
pub(super) async fn create(
    visit: &Visit,
    actor: &Actor,
    user_id: &str,
) -> Result<Vec<SecretString>, Refusal> {
    let name = "CreateRecoveryCodesForUser";
    let parameters = json!({ "userId": user_id });
    let created = perform(
        &visit.portal,
        actor,
        DIRECTORY,
        name,
        parameters,
        async |act| mfa::create_recovery_codes(act, user_id).await,
    );
    Ok(created.await?)
}

/// Shows codes, if there are any, before the browser goes where `onward` leads it. The answer to
/// the form that made them is the one page that ever holds them.
pub(super) async fn show_before(
    visit: &Visit,
    user_name: &str,
    codes: Vec<SecretString>,
    onward: Response,
) -> Result<Response, Refusal> {
    if codes.is_empty() {
        return Ok(onward);
    }
    let target = onward.headers().get(header::LOCATION);
    let target = target.and_then(|target| HeaderValue::to_str(target).ok());
    let mut page = visit.page(
        StatusCode::OK,
        &Page {
            frame: visit.frame()?,
            user_name,
            start_url: settings::address(&visit.portal).await?,
            codes,
            onward: target.unwrap_or("/start"),
        },
    )?;
    // The session that begins with it.
    for cookie in onward.headers().get_all(header::SET_COOKIE) {
        page.headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    Ok(page)
}
