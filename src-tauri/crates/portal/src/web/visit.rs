use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};

use super::{Cookie, Frame, Refusal, page, return_to::ReturnTo};
use crate::{
    Portal,
    act::{Actor, Identity},
    client::Client,
    directory::User,
    random,
    sessions::{self, PortalSession},
};

/// What the tokens in forms are sealed for.
const FORM: &str = "form";

/// A browser's request: where it comes from, who is signed in, and what its forms are tied to.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) portal: Portal,
    pub(crate) client: Client,
    /// The live portal session, if the browser has one.
    pub(crate) session: Option<PortalSession>,
    pub(super) cookies: HeaderMap,
    pub(super) form_key: String,
    pub(super) form_key_is_new: bool,
}

impl FromRequestParts<Portal> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Refusal> {
        let Ok(client) = Client::from_request_parts(parts, portal).await;
        let session = match Cookie::Session.read(portal, &parts.headers) {
            Some(cookie) => sessions::by_cookie(portal, &cookie).await?,
            None => None,
        };
        let form_key = Cookie::Form.read(portal, &parts.headers);
        Ok(Self {
            portal: portal.clone(),
            client,
            session,
            cookies: parts.headers.clone(),
            form_key_is_new: form_key.is_none(),
            form_key: form_key.unwrap_or_else(|| random::token().to_string()),
        })
    }
}

impl Visit {
    /// The value of a cookie.
    pub(crate) fn cookie(&self, cookie: Cookie) -> Option<String> {
        cookie.read(&self.portal, &self.cookies)
    }

    /// Who acts in a session of this browser.
    pub(crate) fn actor(&self, session: &PortalSession) -> Actor {
        Actor {
            identity: Identity::User {
                id: session.user_id.clone(),
                name: session.user_name.clone(),
            },
            client: self.client.clone(),
        }
    }

    /// The same of a user on the way in.
    pub(crate) fn actor_on_the_way(&self, user: &User) -> Actor {
        Actor {
            identity: Identity::User {
                id: user.id.clone(),
                name: user.user_name.clone(),
            },
            client: self.client.clone(),
        }
    }

    /// What every page shows around its content.
    pub(crate) fn frame(&self) -> Result<Frame, Refusal> {
        Ok(Frame {
            csrf: self.portal.seal().seal(FORM, &self.form_key)?,
            user: self
                .session
                .as_ref()
                .map(|session| session.user_name.clone()),
            administrator: false,
        })
    }

    /// Whether a form with this token was made for this browser.
    pub(crate) fn owns_form(&self, token: &str) -> bool {
        let sealed_key = self.portal.seal().open::<String>(FORM, token);
        !self.form_key_is_new && sealed_key.is_ok_and(|key| key == self.form_key)
    }

    /// A page. A browser without one gets its form key along with it.
    pub(crate) fn page(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<Response, Refusal> {
        let mut response = page::render(status, template)?;
        if self.form_key_is_new {
            let cookie = Cookie::Form.set(&self.portal, &self.form_key, None);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Sends the browser to the sign-in, and from there to `target`.
    pub(crate) fn sign_in_first(&self, target: &ReturnTo) -> Response {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", target.as_str())
            .finish();
        page::redirect(&format!("/signin?{query}"))
    }
}
