use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;
use sqlx::{Any, Executor, Row};

use super::OidcError;
use crate::{
    Portal,
    audit::{self, Event},
    client::Client,
    clock, random,
    rate_limit::Unproved,
};

/// A JSON body, whatever content type it claims: clients differ.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Portal> for Body<T> {
    type Rejection = OidcError;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, OidcError> {
        let bytes = Bytes::from_request(request, portal)
            .await
            .map_err(|error| OidcError::InvalidRequest(error.body_text()))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| OidcError::InvalidRequest(format!("The body is malformed: {error}.")))
    }
}

/// Records that a request was refused, before it is told so. Who is refused too often is told only
/// that.
pub(super) async fn refuse(
    portal: &Portal,
    client: &Client,
    event: Event,
    error: OidcError,
) -> OidcError {
    let limit = portal.rate_limit();
    if let Err(wait) = limit.take_unproved(Unproved::Refusal, client, portal.now()) {
        return OidcError::TooManyRequests(wait);
    }
    let event = event.refused(error.kind(), &error.to_string());
    match audit::record(portal, client, event).await {
        Ok(()) => error,
        Err(failed) => failed.into(),
    }
}

/// How a user's answer to a request was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<T> {
    /// It stands.
    Done(T),
    /// The request is unknown, expired or was answered before.
    Gone,
}

/// A client that has proved who it is.
#[derive(Debug)]
pub(super) struct RegisteredClient {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) grant_types: Vec<String>,
    pub(super) redirect_uris: Vec<String>,
    secret_hash: String,
}

impl RegisteredClient {
    /// The client with this id, while its registration lasts.
    pub(super) async fn find(
        portal: &Portal,
        db: impl Executor<'_, Database = Any>,
        id: &str,
    ) -> Result<Option<Self>, sqlx::Error> {
        let list = |text: String| serde_json::from_str(&text).unwrap_or_default();
        sqlx::query("SELECT * FROM client_registrations WHERE id = $1 AND expires_at > $2")
            .bind(id)
            .bind(clock::millis(portal.now()))
            .try_map(|row: sqlx::any::AnyRow| {
                Ok(Self {
                    id: row.try_get("id")?,
                    name: row.try_get("name")?,
                    scopes: list(row.try_get("scopes")?),
                    grant_types: list(row.try_get("grant_types")?),
                    redirect_uris: list(row.try_get("redirect_uris")?),
                    secret_hash: row.try_get("secret_hash")?,
                })
            })
            .fetch_optional(db)
            .await
    }

    /// The client with this id and secret.
    pub(super) async fn authenticate(
        portal: &Portal,
        id: &str,
        secret: &str,
    ) -> Result<Self, OidcError> {
        Self::find(portal, portal.pool(), id)
            .await?
            .filter(|client| client.secret_hash == random::hash(secret))
            .ok_or(OidcError::InvalidClient)
    }

    /// Whether it may use a grant. A client registered without grants may use those of AWS's
    /// device flow.
    pub(super) fn require_grant(&self, grant: &str) -> Result<(), OidcError> {
        let allowed = if self.grant_types.is_empty() {
            grant != super::authorization_code::GRANT_TYPE
        } else {
            self.grant_types.iter().any(|allowed| allowed == grant)
        };
        if allowed {
            Ok(())
        } else {
            Err(OidcError::UnauthorizedClient)
        }
    }
}
