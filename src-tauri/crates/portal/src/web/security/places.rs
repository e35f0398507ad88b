//! The end of sessions, and of what is known of devices and networks.

use axum::{Router, response::Response, routing::post};
use serde::Deserialize;
use serde_json::json;

use super::{act, signed_in};
use crate::{
    Portal,
    act::perform,
    audit::PORTAL_API,
    mfa::{self, PlaceKind},
    sessions,
    web::{Refusal, form::OwnForm, redirect},
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/security/session/end", post(end))
        .route("/security/sessions/end", post(end_others))
        .route("/security/device/removal", post(forget_device))
        .route("/security/network/removal", post(forget_network))
        .route("/security/places/removal", post(forget_all))
}

#[derive(Deserialize)]
struct Which {
    id: String,
}

#[derive(Deserialize)]
struct Nothing {}

async fn end(form: OwnForm<Which>) -> Result<Response, Refusal> {
    let OwnForm(visit, Which { id }) = form;
    let session = signed_in(&visit)?;
    let parameters = json!({ "userId": session.user_id, "sessionId": id });
    let (actor, name) = (visit.actor(session), "DeleteSession");
    perform(
        &visit.portal,
        &actor,
        PORTAL_API,
        name,
        parameters,
        async |act| sessions::end_of_user(act, &session.user_id, &id).await,
    )
    .await?;
    Ok(redirect("/security?done=session-ended"))
}

async fn end_others(form: OwnForm<Nothing>) -> Result<Response, Refusal> {
    let OwnForm(visit, Nothing {}) = form;
    let session = signed_in(&visit)?;
    let parameters = json!({ "userId": session.user_id });
    let (actor, name) = (visit.actor(session), "DeleteSessions");
    perform(
        &visit.portal,
        &actor,
        PORTAL_API,
        name,
        parameters,
        async |act| sessions::end_all_of_user(act, &session.user_id, Some(&session.id)).await,
    )
    .await?;
    Ok(redirect("/security?done=sessions-ended"))
}

async fn forget_device(form: OwnForm<Which>) -> Result<Response, Refusal> {
    forget(form, PlaceKind::Device).await
}

async fn forget_network(form: OwnForm<Which>) -> Result<Response, Refusal> {
    forget(form, PlaceKind::Network).await
}

async fn forget(form: OwnForm<Which>, kind: PlaceKind) -> Result<Response, Refusal> {
    let OwnForm(visit, Which { id }) = form;
    let session = signed_in(&visit)?;
    let parameters = json!({ "userId": session.user_id });
    act(
        &visit,
        session,
        "ForgetKnownPlace",
        parameters,
        async |act| mfa::forget_place(act, &session.user_id, kind, &id).await,
    )
    .await?;
    Ok(redirect("/security?done=place-forgotten"))
}

async fn forget_all(form: OwnForm<Nothing>) -> Result<Response, Refusal> {
    let OwnForm(visit, Nothing {}) = form;
    let session = signed_in(&visit)?;
    let parameters = json!({ "userId": session.user_id });
    act(
        &visit,
        session,
        "ForgetKnownPlaces",
        parameters,
        async |act| mfa::forget_all_places(act, &session.user_id).await,
    )
    .await?;
    Ok(redirect("/security?done=places-forgotten"))
}
