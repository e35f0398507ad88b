use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use thiserror::Error;

use super::Visit;
use crate::{
    access::CredentialsError,
    directory::PasswordError,
    invitations::InvitationError,
    mfa::{MfaError, TotpError},
    seal::SealError,
    sessions::SessionError,
};

/// What every page shows around its content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The token its forms carry; empty on pages without a form.
    pub(crate) csrf: String,
    /// Who is signed in.
    pub(crate) user: Option<String>,
    /// Whether to show them the way to the pages of administration.
    pub(crate) administrator: bool,
}

/// What is wrong with which field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// The field's name.
    pub(crate) field: &'static str,
    /// A sentence, and what to do.
    pub(crate) text: String,
}

impl FieldProblem {
    pub(crate) fn new(field: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { field, text }
    }
}

/// Why there is no page.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// The form was not made for this browser.
    #[error("the form was not made for this browser")]
    Forged,
    /// The form's fields do not read.
    #[error("the form is incomplete")]
    Malformed,
    /// The role is not assigned to the user.
    #[error("the role is not assigned to the user")]
    NotAssigned,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// It was proved too long ago that it is the user; the proof leads back to this page.
    #[error("the password must be given once more")]
    Unconfirmed(&'static str),
    /// The policy leaves this to those who look after the portal.
    #[error("the policy does not let users do this themselves")]
    NotYours,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// A sealed value could not be made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The password could not be checked or set.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The second factor could not be checked or set up.
    #[error(transparent)]
    Totp(#[from] TotpError),
    /// The user's factors could not be read or changed.
    #[error(transparent)]
    Mfa(#[from] MfaError),
    /// A link could not be made or used.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// A session could not be ended.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Credentials could not be issued.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The page could not be rendered.
    #[error(transparent)]
    Render(#[from] askama::Error),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, heading, text) = match self {
            Self::SignedOut => return redirect("/signin?return_to=%2Fsecurity"),
            Self::Unconfirmed(page) => {
                return redirect(&format!("/security/confirm?next={page}"));
            }
            Self::NotYours => (
                StatusCode::FORBIDDEN,
                "You cannot change this yourself",
                "Ask whoever looks after this portal: they can do it for you.",
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "This form has gone stale",
                "It was made for another browser, or this browser keeps no cookies. \
                 Go back, load the page again and send it once more.",
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "Something is missing",
                "The page did not send everything the portal needs. Go back and load it again.",
            ),
            Self::NotAssigned => (
                StatusCode::FORBIDDEN,
                "This role is not assigned to you",
                "It may have been taken away a moment ago. The portal lists the roles you have.",
            ),
            Self::Mfa(MfaError::NotFound) | Self::Session(SessionError::NotFound) => (
                StatusCode::NOT_FOUND,
                "It is gone already",
                "It was removed or ended a moment ago, here or in another window.",
            ),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "no page");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The portal could not do this",
                    "Nothing is lost. Try again; if it goes on, whoever looks after this portal \
                     finds the reason in its log.",
                )
            }
        };
        let link = Some(("Open the portal", "/start"));
        let page = Message {
            frame: Frame::default(),
            heading,
            text,
            link,
        };
        render(status, &page).unwrap_or_else(|_| status.into_response())
    }
}

/// A page that tells one thing, with the way back to the portal.
pub(crate) fn message(
    visit: &Visit,
    status: StatusCode,
    heading: &str,
    text: &str,
) -> Result<Response, Refusal> {
    let link = Some(if visit.session.is_some() {
        ("Open the portal", "/start")
    } else {
        ("Sign in", "/signin")
    });
    visit.page(
        status,
        &Message {
            frame: visit.frame()?,
            heading,
            text,
            link,
        },
    )
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    heading: &'a str,
    text: &'a str,
    /// Label and target of what to do next.
    link: Option<(&'a str, &'a str)>,
}

/// The template as a response.
pub(crate) fn render(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    Ok((status, Html(template.render()?)).into_response())
}

/// Sends the browser to `target` with a GET.
pub(crate) fn redirect(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(target) => (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response(),
        Err(_) => Refusal::Malformed.into_response(),
    }
}
