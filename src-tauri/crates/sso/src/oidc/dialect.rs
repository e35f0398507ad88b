//! AWS's dialect of OAuth: `oauth2` speaks forms and snake_case, the service camelCase JSON and
//! errors with the names of exceptions.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::OnceLock;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl,
    EndpointNotSet, EndpointSet, ErrorResponseType, HttpRequest, HttpResponse, RequestTokenError,
    StandardErrorResponse, StandardRevocableToken, StandardTokenResponse, TokenUrl,
};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::identity::Identity;
use super::{Error, Operation, Registration};
use crate::endpoints::{Endpoints, under};
use crate::error::Kind;
use crate::http::{self, Client};

/// What CreateToken answers.
pub(super) type TokenAnswer = StandardTokenResponse<Identity, BasicTokenType>;

/// An OAuth client that knows where to authorize, to ask for device codes and for tokens.
pub(super) type OAuth = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

pub(super) fn oauth(endpoints: &Endpoints, registration: &Registration) -> OAuth {
    let secret = registration.client_secret.expose_secret().to_owned();
    let at = |path| under(&endpoints.oidc, path);
    oauth2::Client::new(ClientId::new(registration.client_id.clone()))
        .set_client_secret(ClientSecret::new(secret))
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(AuthUrl::from_url(at("/authorize")))
        .set_token_uri(TokenUrl::from_url(at("/token")))
        .set_device_authorization_url(DeviceAuthorizationUrl::from_url(at(
            "/device_authorization",
        )))
}

/// The HTTP client that `oauth2` asks for: it translates one request and its answer.
///
/// Only what may pass (no answer, throttling, a failing server) is an error of the transport, for
/// `oauth2` goes on polling after one.
pub(super) struct Dialect {
    client: Client,
    operation: Operation,
    /// Why the answer was not one of the service's; `oauth2` has no place for it.
    garbled: OnceLock<http::Error>,
}

impl Dialect {
    pub(super) fn new(client: &Client, operation: Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            garbled: OnceLock::new(),
        }
    }

    /// Makes our error of one that `oauth2` gives, without the answer it quotes.
    pub(super) fn error<T>(
        self,
        error: RequestTokenError<http::Error, StandardErrorResponse<T>>,
    ) -> Error
    where
        T: ErrorResponseType + Display + 'static,
    {
        let operation = self.operation;
        match (error, self.garbled.into_inner()) {
            (RequestTokenError::ServerResponse(refused), _) => Error::Refused {
                operation,
                code: refused.error().to_string(),
                description: refused.error_description().cloned(),
            },
            (RequestTokenError::Request(source), _) | (_, Some(source)) => {
                Error::Failed { operation, source }
            }
            _ => Error::NotUnderstood { operation },
        }
    }

    async fn translate(&self, request: HttpRequest) -> Result<HttpResponse, http::Error> {
        let form = form_urlencoded::parse(request.body());
        let fields = form.map(|(name, value)| (camel_case(&name), value.into_owned().into()));
        let url = request.uri().to_string();
        let url = Url::parse(&url).map_err(|_| http::Error::Unexpected {
            host: url,
            what: "not an address".to_owned(),
        })?;
        let post = self
            .client
            .request(Method::POST, url)
            .json(&fields.collect::<Map<_, Value>>());

        let answer = self
            .client
            .send(post)
            .await
            .and_then(|answer| answer.json::<Map<_, _>>());
        let (status, body) = match answer {
            Ok(fields) => (200, renamed(fields)),
            Err(http::Error::Refused(refusal)) if !refusal.kind().is_transient() => {
                let code = oauth_code(&refusal.code);
                (
                    400,
                    json!({ "error": code, "error_description": refusal.message }),
                )
            }
            Err(error) if error.kind() == Kind::Protocol => {
                self.garbled.get_or_init(|| error);
                (400, json!({}))
            }
            Err(error) => return Err(error),
        };
        let mut response = HttpResponse::new(body.to_string().into_bytes());
        *response.status_mut() = status.try_into().unwrap_or_default();
        Ok(response)
    }
}

impl<'d> AsyncHttpClient<'d> for Dialect {
    type Error = http::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, http::Error>> + Send + 'd>>;

    fn call(&'d self, request: HttpRequest) -> Self::Future {
        Box::pin(self.translate(request))
    }
}

/// The fields under OAuth's names; one that is null is left out, as OAuth has no null.
fn renamed(fields: Map<String, Value>) -> Value {
    let told = fields.into_iter().filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| (snake_case(&name), value))
        .collect()
}

/// `grantType` of `grant_type`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_ascii_uppercase() + rest
    })
}

/// `access_token` of `accessToken`.
fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
        snake
    })
}

/// `slow_down` of `SlowDownException`: the exceptions are named after OAuth's codes (RFC 6749
/// section 5.2, RFC 8628 section 3.5).
fn oauth_code(exception: &str) -> String {
    let name = exception.strip_suffix("Exception").unwrap_or(exception);
    snake_case(name).trim_start_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated_both_ways() {
        assert_eq!(camel_case("client_id"), "clientId");
        assert_eq!(camel_case("scope"), "scope");
        assert_eq!(
            snake_case("verificationUriComplete"),
            "verification_uri_complete"
        );
    }

    #[test]
    fn exceptions_become_the_codes_of_oauth() {
        let codes = [
            ("AuthorizationPendingException", "authorization_pending"),
            ("SlowDownException", "slow_down"),
            ("ExpiredTokenException", "expired_token"),
            ("InvalidGrantException", "invalid_grant"),
            ("UnsupportedGrantTypeException", "unsupported_grant_type"),
            ("authorization_pending", "authorization_pending"),
        ];
        for (exception, code) in codes {
            assert_eq!(oauth_code(exception), code);
        }
    }
}
