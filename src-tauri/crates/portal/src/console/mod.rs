//! Console federation: credentials become a sign-in token, the token a console session. The
//! console itself is a stand-in that shows whom and what it was opened for.

mod destination;
mod federation;
mod session;
mod stand_in;

use axum::{Router, routing::get};
use serde_json::json;

pub(crate) use session::ConsoleSession;

use crate::{
    Portal,
    access::{self, RoleSession},
    audit,
    sessions::PortalSession,
    web::{self, Refusal, Visit},
};

/// What the audit trail calls this door.
const EVENT_SOURCE: &str = "signin.amazonaws.com";

/// The routes of federation and of the stand-in console.
pub fn routes() -> Router<Portal> {
    let pages = Router::new()
        .route(
            "/federation",
            get(federation::answer).post(federation::answer_form),
        )
        .route("/oauth", get(stand_in::sign_out))
        .route("/console", get(stand_in::show));
    web::guarded(pages)
}

/// Whether a console session may land there: on a page of a console, or of this portal.
pub(crate) fn is_destination(portal: &Portal, address: &str) -> bool {
    destination::parse(address, &portal.config().origin).is_some()
}

/// The address that opens the console for a role of the signed-in user: at `destination`, or else
/// where the permission set says, or else at the console's first page. It holds a sign-in token.
///
/// # Errors
/// [`Refusal::NotAssigned`] for a role that is not the user's.
pub(crate) async fn sign_in_url(
    visit: &Visit,
    session: &PortalSession,
    account_id: &str,
    role_name: &str,
    destination: Option<String>,
) -> Result<String, Refusal> {
    let portal = &visit.portal;
    let event = audit::Event::new(EVENT_SOURCE, "Federate")
        .user(&session.user_id, &session.user_name)
        .role(account_id, role_name);
    let user = &session.user_id;
    let role = access::assigned_role(portal.pool(), user, account_id, role_name).await?;
    let Some(role) = role else {
        audit::record(portal, &visit.client, event.not_assigned()).await?;
        return Err(Refusal::NotAssigned);
    };
    let destination = destination
        .or_else(|| role.relay_state.clone())
        .unwrap_or_else(|| destination::first_page(&portal.config().partition).to_owned());
    let expires_at = portal.now() + access::session_length(portal, &role);
    let mut db = portal.pool().acquire().await?;
    let role = RoleSession::of(&mut db, session, &role).await?;
    drop(db);
    let console = ConsoleSession::new(role, expires_at);
    let token = console.into_signin_token(portal)?;
    let event = event.detail(json!({ "destination": destination }));
    audit::record(portal, &visit.client, event).await?;
    Ok(portal.config().url(&federation::login_path(
        &portal.config().start_url(),
        &destination,
        &token,
    )))
}
