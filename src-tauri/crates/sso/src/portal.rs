//! The portal API: which accounts and roles a user has, and credentials for them.

mod applications;
mod listing;

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::time::Instant;
use url::Url;

use crate::endpoints::{Endpoints, under};
use crate::error::Kind;
use crate::http::{self, Client};
use crate::rate::{Limit, Priority};

pub use applications::Application;
pub use listing::AccountRoles;

/// How long a request is repeated where somebody waits for the answer.
const URGENT_PATIENCE: Duration = Duration::from_secs(15);
/// How long a listing bears with a portal that fails. With one that throttles it bears without end.
const PATIENCE: Duration = Duration::from_secs(20);
const BEARER: &str = "x-amz-sso_bearer_token";

/// Why a call of the portal API failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// ListAccounts.
    #[error("the accounts could not be listed")]
    ListAccounts(#[source] http::Error),
    /// ListAccountRoles.
    #[error("the roles of account {account_id} could not be listed")]
    ListAccountRoles {
        /// Whose roles.
        account_id: String,
        /// What came instead of an answer.
        source: http::Error,
    },
    /// The applications.
    #[error("the applications could not be listed")]
    ListApplications(#[source] http::Error),
    /// GetRoleCredentials.
    #[error("no credentials for role {role_name} in account {account_id}")]
    GetRoleCredentials {
        /// The account.
        account_id: String,
        /// The role.
        role_name: String,
        /// What came instead of an answer.
        source: http::Error,
    },
    /// Logout.
    #[error("the portal session could not be ended")]
    Logout(#[source] http::Error),
}

impl Error {
    /// What this means to the caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::ListAccounts(source)
            | Self::ListApplications(source)
            | Self::ListAccountRoles { source, .. }
            | Self::GetRoleCredentials { source, .. }
            | Self::Logout(source) => source.kind(),
        }
    }
}

/// An account assigned to the user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Twelve digits.
    #[serde(rename = "accountId")]
    pub id: String,
    /// The name the organization gave it; may be empty.
    #[serde(rename = "accountName", default)]
    pub name: String,
    /// The address of its root user.
    #[serde(rename = "emailAddress")]
    pub email: Option<String>,
}

/// Temporary credentials of one role.
#[derive(Clone, Debug)]
pub struct RoleCredentials {
    /// Public: it names the credentials in logs.
    pub access_key_id: String,
    /// Signs requests.
    pub secret_access_key: SecretString,
    /// Goes along with every request.
    pub session_token: SecretString,
    /// When they die, as the portal says it.
    pub expiration: OffsetDateTime,
    /// The same by the client's clock, which may be wrong: what to decide by.
    pub expires_at: OffsetDateTime,
}

/// The portal API of one session. Clones share its rate limit.
#[derive(Clone, Debug)]
pub struct Portal {
    client: Client,
    endpoint: Url,
    limit: Limit,
}

impl Portal {
    /// The portal API at `endpoints`, with a rate limit of its own.
    #[must_use]
    pub fn new(client: &Client, endpoints: &Endpoints) -> Self {
        Self {
            client: client.clone(),
            endpoint: endpoints.portal.clone(),
            limit: Limit::default(),
        }
    }

    /// Takes credentials of a role. It leaves ahead of a listing that is under way.
    ///
    /// # Errors
    /// [`Forbidden`](Kind::Forbidden) for a role that is not assigned,
    /// [`Unauthorized`](Kind::Unauthorized) for a dead token.
    pub async fn get_role_credentials(
        &self,
        access_token: &SecretString,
        account_id: &str,
        role_name: &str,
    ) -> Result<RoleCredentials, Error> {
        let failed = |source| Error::GetRoleCredentials {
            account_id: account_id.to_owned(),
            role_name: role_name.to_owned(),
            source,
        };
        let query = [("account_id", account_id), ("role_name", role_name)];
        let request = self
            .get("/federation/credentials", access_token)
            .query(&query);
        let answer = self.call(request, Priority::Urgent).await.map_err(failed)?;
        let CredentialsAnswer {
            role_credentials: told,
        } = answer.json().map_err(failed)?;
        let nanoseconds = i128::from(told.expiration) * 1_000_000;
        let expiration = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).map_err(|_| {
            let host = self.endpoint.host_str().unwrap_or_default().to_owned();
            failed(http::Error::Unexpected {
                host,
                what: "its expiration is no time".to_owned(),
            })
        })?;
        Ok(RoleCredentials {
            access_key_id: told.access_key_id,
            secret_access_key: told.secret_access_key.into(),
            session_token: told.session_token.into(),
            expiration,
            expires_at: answer.on_our_clock(expiration),
        })
    }

    /// Ends the portal session: its tokens die, and with them every other client's that shares
    /// them. A session that has already ended is no error.
    ///
    /// # Errors
    /// When the portal cannot be told.
    pub async fn logout(&self, access_token: &SecretString) -> Result<(), Error> {
        let request = self.request(Method::POST, "/logout", access_token).body("");
        match self.call(request, Priority::Urgent).await {
            Err(error) if error.kind() != Kind::Unauthorized => Err(Error::Logout(error)),
            _ => Ok(()),
        }
    }

    fn get(&self, path: &str, access_token: &SecretString) -> RequestBuilder {
        self.request(Method::GET, path, access_token)
    }

    fn request(&self, method: Method, path: &str, access_token: &SecretString) -> RequestBuilder {
        let request = self.client.request(method, under(&self.endpoint, path));
        request.header(BEARER, access_token.expose_secret())
    }

    /// Sends a request, at its turn, until it is answered or does not deserve another attempt.
    async fn call(
        &self,
        request: RequestBuilder,
        priority: Priority,
    ) -> Result<http::Answer, http::Error> {
        let urgent = priority == Priority::Urgent;
        let start = Instant::now();
        let mut failing_since = None;
        let retries = if urgent { http::RETRIES } else { usize::MAX };
        let mut delays = http::delays(fastrand::f64).take(retries);
        loop {
            self.limit.turn(priority).await;
            let Some(attempt) = request.try_clone() else {
                return self.client.send(request).await;
            };
            let result = self.client.send(attempt).await;
            let kind = result.as_ref().err().map(http::Error::kind);
            if let Some(Kind::Throttled { retry_after }) = kind {
                self.limit.throttled(retry_after);
                if urgent && start.elapsed() + retry_after.unwrap_or_default() > URGENT_PATIENCE {
                    return result;
                }
                failing_since = None;
                continue;
            }
            self.limit.answered();
            let patience = if urgent { URGENT_PATIENCE } else { PATIENCE };
            let failing = failing_since.get_or_insert_with(Instant::now).elapsed();
            match delays.next().filter(|_| failing < patience) {
                Some(delay) if kind.is_some_and(Kind::is_transient) => {
                    tokio::time::sleep(delay).await;
                }
                _ => return result,
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsAnswer {
    role_credentials: CredentialsTold,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialsTold {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// Milliseconds since 1970.
    expiration: i64,
}

#[cfg(test)]
mod tests;
