//! What users look after themselves: password, factors, sessions, known devices and networks.

mod authenticator;
mod confirm;
mod factor;
mod overview;
mod password;
mod places;
mod recovery_codes;
mod security_key;

use axum::{Router, response::Response};
use serde_json::Value;
use time::Duration;

use super::{Refusal, Visit, moment, redirect};
use crate::{
    Portal,
    act::{Act, Refusal as DomainRefusal, perform},
    audit::DIRECTORY,
    directory::{self, User},
    mfa::{self, Policy},
    sessions::PortalSession,
    web,
};

/// How long a proof that it is the user is enough to change factors.
const FRESH: Duration = Duration::minutes(15);

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .merge(overview::routes())
        .merge(password::routes())
        .merge(confirm::routes())
        .merge(authenticator::routes())
        .merge(security_key::routes())
        .merge(factor::routes())
        .merge(recovery_codes::routes())
        .merge(places::routes())
}

/// The session of whoever looks; nobody else gets a page.
fn signed_in(visit: &Visit) -> Result<&PortalSession, Refusal> {
    visit.session.as_ref().ok_or(Refusal::SignedOut)
}

/// The same, where it was proved only a while ago that it is the user: a browser left open must
/// not be enough to add a factor of one's own. `page` is where the proof leads back to.
fn confirmed<'a>(visit: &'a Visit, page: &'static str) -> Result<&'a PortalSession, Refusal> {
    let session = signed_in(visit)?;
    let age = visit.portal.now() - session.confirmed_at;
    if age > FRESH {
        return Err(Refusal::Unconfirmed(page));
    }
    Ok(session)
}

/// The policy, where it lets users look after their factors themselves.
async fn self_service(visit: &Visit) -> Result<Policy, Refusal> {
    let policy = mfa::policy(visit.portal.pool()).await?;
    if policy.self_service {
        Ok(policy)
    } else {
        Err(Refusal::NotYours)
    }
}

/// The user of a session.
async fn user_of(visit: &Visit, session: &PortalSession) -> Result<User, Refusal> {
    let user = directory::user(visit.portal.pool(), &session.user_id).await?;
    user.ok_or(Refusal::SignedOut)
}

/// Runs an act of a user on themselves.
async fn act<T, E: DomainRefusal + From<sqlx::Error>>(
    visit: &Visit,
    session: &PortalSession,
    name: &'static str,
    parameters: Value,
    work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let actor = visit.actor(session);
    perform(&visit.portal, &actor, DIRECTORY, name, parameters, work).await
}

/// Leads back after a factor was added, by way of recovery codes if it is the first.
async fn factor_added(visit: &Visit, session: &PortalSession) -> Result<Response, Refusal> {
    let codes = web::recovery_codes::with_first_factor(visit, &visit.actor(session)).await?;
    let onward = redirect("/security?done=factor-added");
    web::recovery_codes::show_before(visit, &session.user_name, codes, onward).await
}
