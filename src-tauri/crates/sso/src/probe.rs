//! Whether a portal is there and speaks its protocol: asked without signing in.

use std::time::Duration;

use reqwest::Method;
use time::OffsetDateTime;

use crate::endpoints::{Endpoints, under};
use crate::error::Kind;
use crate::http::{Client, Error};
use crate::oidc::{self, Grant, Registration};

/// How long the answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Nobody's token, client or secret: a portal that understands the question refuses it.
const NOBODY: &str = "nobody";

/// What a portal's answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What time it is there, to the second, where it says so.
    pub date: Option<OffsetDateTime>,
    /// What time it was here when the answer came.
    pub received: OffsetDateTime,
}

/// Asks the portal API for accounts with a token that nobody has.
///
/// # Errors
/// No answer came, or one that no portal gives.
pub async fn portal(client: &Client, endpoints: &Endpoints) -> Result<Seen, Error> {
    let url = under(&endpoints.portal, "/assignment/accounts");
    let request = client
        .request(Method::GET, url)
        .timeout(LIMIT)
        .header("x-amz-sso_bearer_token", NOBODY);
    let answer = client.exchange(request).await?;
    let seen = Seen {
        date: answer.date(),
        received: client.now(),
    };
    let host = answer.host.clone();
    match answer.accept() {
        Ok(answer) => {
            let _: serde::de::IgnoredAny = answer.json()?;
            let what = "it takes a token that nobody has".to_owned();
            Err(Error::Unexpected { host, what })
        }
        Err(Error::Refused(refusal)) if refusal.kind() == Kind::Unauthorized => Ok(seen),
        Err(error) => Err(error),
    }
}

/// Asks SSO OIDC to renew a token that nobody has.
///
/// # Errors
/// No answer came, or one that SSO OIDC does not give.
pub async fn oidc(client: &Client, endpoints: &Endpoints) -> Result<(), oidc::Error> {
    let nobody = Registration {
        client_id: NOBODY.to_owned(),
        client_secret: NOBODY.into(),
        expires_at: client.now(),
        grant: Grant::AuthorizationCode,
    };
    let token = NOBODY.into();
    let asked = oidc::refresh(client, endpoints, &nobody, &token);
    let outcome = tokio::time::timeout(LIMIT, asked).await;
    match outcome.unwrap_or(Err(oidc::Error::TimedOut)) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            Kind::InvalidClient
            | Kind::InvalidGrant
            | Kind::Unauthorized
            | Kind::AccessDenied
            | Kind::Rejected => Ok(()),
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::testing;

    async fn server(answer: ResponseTemplate) -> (MockServer, Endpoints) {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/assignment/accounts"))
            .and(header("x-amz-sso_bearer_token", "nobody"))
            .respond_with(answer.clone())
            .mount(&server)
            .await;
        Mock::given(method("POST"))
            .and(path("/token"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let endpoints = testing::endpoints(&server);
        (server, endpoints)
    }

    #[tokio::test]
    async fn a_portal_refuses_nobody_and_tells_the_time() {
        let refusal = ResponseTemplate::new(401)
            .insert_header("x-amzn-ErrorType", "UnauthorizedException")
            .insert_header("date", "Sun, 22 Nov 2026 10:00:07 GMT")
            .set_body_string(r#"{"message":"Session token not found or invalid"}"#);
        let (_server, endpoints) = server(refusal).await;
        let client = testing::client();
        let seen = portal(&client, &endpoints).await.unwrap();
        assert_eq!(seen.date, Some(datetime!(2026-11-22 10:00:07 UTC)));
        oidc(&client, &endpoints).await.unwrap();
    }

    #[tokio::test]
    async fn a_page_of_another_server_is_no_portal() {
        let page = ResponseTemplate::new(200).set_body_string("<h1>Welcome to the hotel</h1>");
        let (_server, endpoints) = server(page).await;
        let client = testing::client();
        assert_eq!(
            portal(&client, &endpoints).await.unwrap_err().kind(),
            Kind::Protocol
        );
        assert_eq!(
            oidc(&client, &endpoints).await.unwrap_err().kind(),
            Kind::Protocol
        );
    }
}
