use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    OidcError,
    access_token::TokenResponse,
    authorization_code, device_code, refresh_token,
    request::{Body, RegisteredClient, refuse},
};
use crate::{Portal, audit, client::Client, sessions::PortalSession, store::Write};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest {
    grant_type: String,
    client_id: String,
    client_secret: String,
    device_code: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

/// What a grant has come to: its tokens last once `db` is committed, with the record of them.
pub(super) struct Granted {
    pub(super) tokens: TokenResponse,
    pub(super) session: PortalSession,
    pub(super) db: Write,
}

/// CreateToken: one door for the three grants.
pub(super) async fn create(
    State(portal): State<Portal>,
    client: Client,
    Body(request): Body<TokenRequest>,
) -> Result<Response, OidcError> {
    let result = redeem(&portal, &request).await;
    let event = audit::Event::new(super::EVENT_SOURCE, "CreateToken")
        .detail(json!({ "grantType": request.grant_type, "clientId": request.client_id }));
    match result {
        Ok(Granted {
            tokens,
            session,
            mut db,
        }) => {
            let event = event.user(&session.user_id, &session.user_name);
            audit::append(&mut db, &portal, &client, vec![event]).await?;
            db.commit().await?;
            let private = [(header::CACHE_CONTROL, "no-store")];
            Ok((private, Json(tokens)).into_response())
        }
        Err(error) => {
            // A client that waits for its user asks every second: that is no event.
            let waiting = matches!(error, OidcError::AuthorizationPending | OidcError::SlowDown);
            if waiting {
                return Err(error);
            }
            Err(refuse(&portal, &client, event, error).await)
        }
    }
}

async fn redeem(portal: &Portal, request: &TokenRequest) -> Result<Granted, OidcError> {
    let client =
        RegisteredClient::authenticate(portal, &request.client_id, &request.client_secret).await?;
    match request.grant_type.as_str() {
        device_code::GRANT_TYPE => {
            let code = required("deviceCode", &request.device_code)?;
            device_code::redeem(portal, &client, code).await
        }
        authorization_code::GRANT_TYPE => {
            let code = required("code", &request.code)?;
            let redirect_uri = required("redirectUri", &request.redirect_uri)?;
            let verifier = required("codeVerifier", &request.code_verifier)?;
            authorization_code::redeem(portal, &client, code, redirect_uri, verifier).await
        }
        refresh_token::GRANT_TYPE => {
            let token = required("refreshToken", &request.refresh_token)?;
            refresh_token::redeem(portal, &client, token).await
        }
        other => Err(OidcError::UnsupportedGrantType(other.to_owned())),
    }
}

fn required<'a>(name: &str, value: &'a Option<String>) -> Result<&'a str, OidcError> {
    value
        .as_deref()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| OidcError::InvalidRequest(format!("{name} is missing.")))
}
