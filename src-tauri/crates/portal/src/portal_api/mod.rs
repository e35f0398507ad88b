//! The portal API: accounts, roles and role credentials for a bearer of an access token.

use axum::{
    Json, Router,
    extract::{FromRequestParts, Query, State, rejection::QueryRejection},
    http::request::Parts,
    routing::{get, post},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sqlx::{Any, pool::PoolConnection};

use crate::{
    Portal, access,
    applications::{self, Application},
    audit::{self, Event, PORTAL_API},
    client::Client,
    clock,
    oidc::access_token,
    rate_limit::Unproved,
    sessions::{self, PortalSession},
};

mod error;
mod page;

pub use error::PortalApiError;
use page::Page;

/// The header that carries the access token.
const BEARER: &str = "x-amz-sso_bearer_token";

/// The routes of the portal API.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/assignment/accounts", get(list_accounts))
        .route("/assignment/roles", get(list_account_roles))
        .route("/instance/appinstances", get(list_applications))
        .route("/federation/credentials", get(get_role_credentials))
        .route("/logout", post(logout))
}

/// The portal session of a request's access token, within its rate limit.
struct Bearer {
    session: PortalSession,
    /// What it was looked up with: getting another connection takes as long as asking one something.
    /// To be given back before an event waits for its turn to be written, so that others can be
    /// served meanwhile.
    db: PoolConnection<Any>,
}

impl FromRequestParts<Portal> for Bearer {
    type Rejection = PortalApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Portal,
    ) -> Result<Self, PortalApiError> {
        let token = parts
            .headers
            .get(BEARER)
            .and_then(|value| value.to_str().ok());
        let bearer = match token {
            Some(token) => Self::of(portal, token).await?,
            None => None,
        };
        let Some(bearer) = bearer else {
            return Err(refuse_stranger(parts, portal).await);
        };
        portal
            .rate_limit()
            .take(&bearer.session.id, portal.now())
            .map_err(PortalApiError::TooManyRequests)?;
        Ok(bearer)
    }
}

impl Bearer {
    async fn of(portal: &Portal, token: &str) -> Result<Option<Self>, sqlx::Error> {
        let mut db = portal.pool().acquire().await?;
        let session = access_token::session_of(&mut db, portal.now(), token).await?;
        Ok(session.map(|session| Self { session, db }))
    }
}

/// Strangers are limited by address, so that they cannot flood the audit trail.
async fn refuse_stranger(parts: &mut Parts, portal: &Portal) -> PortalApiError {
    let Ok(client) = Client::from_request_parts(parts, portal).await;
    let limit = portal.rate_limit();
    if let Err(wait) = limit.take_unproved(Unproved::Refusal, &client, portal.now()) {
        return PortalApiError::TooManyRequests(wait);
    }
    let error = PortalApiError::Unauthorized;
    let event = Event::new(PORTAL_API, "Authenticate")
        .detail(serde_json::json!({ "path": parts.uri.path() }))
        .refused(error.kind(), &error.to_string());
    match audit::record(portal, &client, event).await {
        Ok(()) => error,
        Err(failed) => failed.into(),
    }
}

#[derive(Deserialize)]
struct ListQuery {
    account_id: Option<String>,
    max_result: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountList {
    account_list: Vec<AccountInfo>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountInfo {
    account_id: String,
    account_name: String,
    email_address: String,
}

async fn list_accounts(
    State(portal): State<Portal>,
    Bearer { session, mut db }: Bearer,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<AccountList>, PortalApiError> {
    let Query(query) = query?;
    let page = Page::of(&portal, "accounts", query.max_result, query.next_token)?;
    let found = access::accounts(&mut *db, &session.user_id, &page.after, page.probe()).await?;
    let (found, next_token) = page.cut(&portal, found, |account| &account.id)?;
    let account_list = found
        .into_iter()
        .map(|account| AccountInfo {
            account_id: account.id,
            account_name: account.name,
            email_address: account.email,
        })
        .collect();
    Ok(Json(AccountList {
        account_list,
        next_token,
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleList {
    role_list: Vec<RoleInfo>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleInfo {
    role_name: String,
    account_id: String,
}

async fn list_account_roles(
    State(portal): State<Portal>,
    client: Client,
    Bearer { session, mut db }: Bearer,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<RoleList>, PortalApiError> {
    let Query(query) = query?;
    let account_id = account_id(query.account_id)?;
    let purpose = format!("roles {account_id}");
    let page = Page::of(&portal, &purpose, query.max_result, query.next_token)?;
    let user = &session.user_id;
    let found =
        access::account_roles(&mut *db, user, &account_id, &page.after, page.probe()).await?;
    drop(db);
    if found.is_empty() && page.after.is_empty() {
        let event = Event::new(PORTAL_API, "ListAccountRoles")
            .user(user, &session.user_name)
            .role(&account_id, "")
            .not_assigned();
        audit::record(&portal, &client, event).await?;
        return Err(PortalApiError::Forbidden);
    }
    let (found, next_token) = page.cut(&portal, found, |role| &role.role_name)?;
    let role_list = found
        .into_iter()
        .map(|role| RoleInfo {
            role_name: role.role_name,
            account_id: role.account_id,
        })
        .collect();
    Ok(Json(RoleList {
        role_list,
        next_token,
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationList {
    result: Vec<ApplicationInfo>,
    /// Null: an answer holds everything.
    pagination_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationInfo {
    id: String,
    name: String,
    description: Option<String>,
    application_id: String,
    application_name: String,
    /// Ours: where a browser opens it. AWS asks for the profiles of each instance instead.
    start_url: Option<String>,
}

/// The applications of the user. Not in AWS's models, but what the pages of its portal ask for;
/// there, the list also holds each account as an instance of the application "AWS Account".
async fn list_applications(
    State(portal): State<Portal>,
    Bearer { session, mut db }: Bearer,
) -> Result<Json<ApplicationList>, PortalApiError> {
    let assigned = applications::assigned(&mut *db, &session.user_id).await?;
    let info = |application: Application| {
        let opens = application.start_url().is_some();
        let page = format!("/start/application?id={}", application.id);
        ApplicationInfo {
            start_url: opens.then(|| portal.config().url(&page)),
            application_id: application.provider.name(),
            application_name: application.provider.display_name().to_owned(),
            id: application.id,
            name: application.name,
            description: application.description,
        }
    };
    Ok(Json(ApplicationList {
        result: assigned.into_iter().map(info).collect(),
        pagination_token: None,
    }))
}

#[derive(Deserialize)]
struct CredentialsQuery {
    account_id: Option<String>,
    role_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsResponse {
    role_credentials: RoleCredentials,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// Epoch milliseconds.
    expiration: i64,
}

async fn get_role_credentials(
    State(portal): State<Portal>,
    client: Client,
    Bearer { session, db }: Bearer,
    query: Result<Query<CredentialsQuery>, QueryRejection>,
) -> Result<Json<CredentialsResponse>, PortalApiError> {
    let Query(query) = query?;
    let account_id = account_id(query.account_id)?;
    let role_name = query
        .role_name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| PortalApiError::invalid("role_name is missing"))?;
    let issued = access::role_credentials(&portal, db, &client, &session, &account_id, &role_name)
        .await?
        .ok_or(PortalApiError::Forbidden)?;
    Ok(Json(CredentialsResponse {
        role_credentials: RoleCredentials {
            access_key_id: issued.access_key_id,
            secret_access_key: issued.secret_access_key.expose_secret().to_owned(),
            session_token: issued.session_token.expose_secret().to_owned(),
            expiration: clock::millis(issued.expires_at),
        },
    }))
}

async fn logout(
    State(portal): State<Portal>,
    client: Client,
    Bearer { session, db }: Bearer,
) -> Result<(), PortalApiError> {
    drop(db);
    sessions::end(&portal, &session.id).await?;
    let event = Event::new(PORTAL_API, "Logout").user(&session.user_id, &session.user_name);
    audit::record(&portal, &client, event).await?;
    Ok(())
}

fn account_id(given: Option<String>) -> Result<String, PortalApiError> {
    given
        .filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| PortalApiError::invalid("account_id must have twelve digits"))
}
