use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    Done, Section,
    fields::Fields,
    problem::{Explained, Problem},
    view::Page,
};
use crate::{
    Portal,
    act::{self, Act, Actor, Identity},
    admin::Authority,
    audit::{self, Event, PORTAL_API},
    web::{Refusal, Visit, message, redirect, return_to::ReturnTo},
};

/// A visit of somebody who may administer this portal. Anyone else is sent to the sign-in or told
/// what to do.
pub(super) struct Administrator {
    pub(super) visit: Visit,
    pub(super) portal: Portal,
    actor: Actor,
}

/// A form that an administrator was given and has sent.
pub(super) struct Sent(pub(super) Administrator, pub(super) Fields);

impl FromRequestParts<Portal> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, portal)
            .await
            .map_err(IntoResponse::into_response)?;
        let Some(session) = &visit.session else {
            // What was sent is gone: the sign-in leads to a page.
            let asked = match parts.method {
                Method::GET => parts
                    .uri
                    .path_and_query()
                    .map_or("", |asked| asked.as_str()),
                _ => "/admin",
            };
            return Err(visit.sign_in_first(&ReturnTo::parse(asked)));
        };
        let actor = visit.actor(session);
        let may = may_administer(portal, &actor.identity).await;
        match may.map_err(Refusal::from) {
            Ok(true) => Ok(Self {
                portal: portal.clone(),
                actor,
                visit,
            }),
            Ok(false) => Err(turned_away(&visit, &actor).await.into_response()),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// Whether the pages of administration are open to this user.
pub(in crate::web) async fn may_administer(
    portal: &Portal,
    identity: &Identity,
) -> Result<bool, sqlx::Error> {
    Ok(Authority::of(portal, identity).await? == Authority::Full)
}

async fn turned_away(visit: &Visit, actor: &Actor) -> Result<Response, Refusal> {
    let event = Event::new(PORTAL_API, "OpenAdministration")
        .by(&actor.identity)
        .refused("AccessDeniedException", "not an administrator");
    audit::record(&visit.portal, &visit.client, event).await?;
    let next_step = match Authority::has_holder(visit.portal.pool()).await? {
        true => "Ask whoever looks after this portal to assign it to you or to your group.",
        false => {
            "Nobody has it now: whoever looks after this portal assigns it on the portal's machine, \
             with vestibule-portal admin assign or apply."
        }
    };
    message(
        visit,
        StatusCode::FORBIDDEN,
        "Only administrators come in here",
        &format!(
            "You need the permission set AdministratorAccess in the organization's management \
             account. {next_step}"
        ),
    )
}

impl FromRequest<Portal> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let administrator = Administrator::from_request_parts(&mut parts, portal).await?;
        let request = Request::from_parts(parts, body);
        let Ok(Form(sent)) = Form::<Vec<(String, String)>>::from_request(request, portal).await
        else {
            return Err(Refusal::Malformed.into_response());
        };
        let fields = Fields::from(sent);
        if !administrator.visit.owns_form(fields.text("csrf")) {
            return Err(Refusal::Forged.into_response());
        }
        Ok(Self(administrator, fields))
    }
}

impl Administrator {
    /// An empty page of a section.
    pub(super) fn page(&self, section: Section, title: impl Into<String>) -> Result<Page, Refusal> {
        Ok(Page::new(self.visit.frame()?, section, title))
    }

    pub(super) fn show(&self, page: &Page) -> Result<Response, Refusal> {
        self.visit.page(StatusCode::OK, page)
    }

    /// A page whose form was not taken.
    pub(super) fn show_again(&self, page: &Page) -> Result<Response, Refusal> {
        self.visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    /// Runs one act of this administrator, or says what is wrong with it.
    pub(super) async fn perform<T, E>(
        &self,
        source: &'static str,
        name: &'static str,
        parameters: Value,
        work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
    ) -> Result<Result<T, Problem>, Refusal>
    where
        E: act::Refusal + Explained + From<sqlx::Error>,
    {
        let performed =
            act::perform(&self.portal, &self.actor, source, name, parameters, work).await;
        match performed {
            Ok(done) => Ok(Ok(done)),
            Err(error) => error.explained().map(Err),
        }
    }

    /// There is no such page, or what it is about is gone.
    pub(super) fn gone(&self, what: &str) -> Result<Response, Refusal> {
        let heading = format!("There is no such {what}");
        let text = "It may have been deleted a moment ago. The lists show what there is.";
        message(&self.visit, StatusCode::NOT_FOUND, &heading, text)
    }
}

/// Leads to the page `target`, which then says what was done.
pub(super) fn lead_to(target: &str, done: Done) -> Response {
    redirect(&format!("{target}?done={}", done.name()))
}
