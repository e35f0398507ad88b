//! One factor: its name, and its end.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{act, confirmed, self_service, signed_in};
use crate::{
    Portal,
    mfa::{self, MfaError},
    sessions::PortalSession,
    web::{Frame, Refusal, Visit, form::OwnForm, page::FieldProblem, redirect},
};

pub(super) const TOO_MANY: &str = "You have eight factors already. Remove one first.";
const LAST: &str = "It is your only factor, and this portal lets nobody in without one. Add \
                    another first.";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/security/factor", get(show))
        .route("/security/factor/name", post(rename))
        .route("/security/factor/removal", post(remove))
}

#[derive(Template)]
#[template(path = "security/factor.html")]
struct Page<'a> {
    frame: Frame,
    problem: Option<FieldProblem>,
    id: &'a str,
    name: &'a str,
    /// What is typed for a name.
    label: &'a str,
    /// Whether no other is left without it.
    is_last: bool,
}

#[derive(Deserialize)]
struct Which {
    id: String,
}

#[derive(Deserialize)]
struct Renamed {
    id: String,
    label: String,
}

async fn show(visit: Visit, Query(which): Query<Which>) -> Result<Response, Refusal> {
    let session = signed_in(&visit)?;
    self_service(&visit).await?;
    page(&visit, session, None, &which.id, None).await
}

async fn rename(OwnForm(visit, form): OwnForm<Renamed>) -> Result<Response, Refusal> {
    let session = signed_in(&visit)?;
    self_service(&visit).await?;
    let Renamed { id, label } = &form;
    let parameters = json!({ "userId": session.user_id, "mfaDeviceId": id });
    let renamed = act(
        &visit,
        session,
        "UpdateMfaDeviceForUser",
        parameters,
        async |act| mfa::rename_factor(act, &session.user_id, id, label).await,
    )
    .await;
    match renamed {
        Ok(()) => Ok(redirect("/security?done=factor-renamed")),
        Err(MfaError::Invalid { problem, .. }) => {
            let problem = FieldProblem::new("label", problem);
            page(&visit, session, Some(problem), id, Some(label)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn remove(OwnForm(visit, which): OwnForm<Which>) -> Result<Response, Refusal> {
    let session = confirmed(&visit, "/security")?;
    self_service(&visit).await?;
    let id = &which.id;
    let parameters = json!({ "userId": session.user_id, "mfaDeviceId": id });
    let removed = act(
        &visit,
        session,
        "DeleteMfaDeviceForUser",
        parameters,
        async |act| mfa::remove_factor(act, &session.user_id, id).await,
    )
    .await;
    match removed {
        Ok(()) => Ok(redirect("/security?done=factor-removed")),
        Err(MfaError::LastFactor) => {
            let problem = FieldProblem::new("removal", LAST);
            page(&visit, session, Some(problem), id, None).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    visit: &Visit,
    session: &PortalSession,
    problem: Option<FieldProblem>,
    id: &str,
    label: Option<&str>,
) -> Result<Response, Refusal> {
    let factors = mfa::factors(visit.portal.pool(), &session.user_id).await?;
    let factor = factors.iter().find(|factor| factor.id == id);
    let factor = factor.ok_or(MfaError::NotFound)?;
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    visit.page(
        status,
        &Page {
            frame: visit.frame()?,
            problem,
            id,
            name: &factor.label,
            label: label.unwrap_or(&factor.label),
            is_last: factors.len() == 1,
        },
    )
}
