//! Everything a user is assigned, many accounts at a time, as it comes.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{Account, Error, Portal};
use crate::error::Kind;
use crate::http;
use crate::rate::Priority;

/// The largest page the portal gives.
const PAGE: &str = "100";
/// Requests under way at once: enough for 20 a second where each takes more than a second.
const MANY: usize = 32;

/// An account and the roles the user may take there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRoles {
    /// The account.
    pub account: Account,
    /// The names of the roles, in the portal's order.
    pub roles: Vec<String>,
}

impl Portal {
    /// Lists every account with its roles into `found`, in the order in which they come.
    ///
    /// A listing may outlive a token: every call is made with the one that `access_token` holds
    /// then. Only `Ok` means that the listing is complete. Dropping the future, or the receiver,
    /// ends it.
    ///
    /// # Errors
    /// A dead token or portal ends the listing; throttling does not, however long it lasts. Where
    /// single accounts cannot be read, the others are listed first and the error comes at the end.
    pub async fn list_all(
        &self,
        access_token: &watch::Receiver<SecretString>,
        found: mpsc::Sender<AccountRoles>,
    ) -> Result<(), Error> {
        let mut calls = JoinSet::new();
        let mut unreadable = None;
        let mut page = AccountsAnswer::default();
        loop {
            page = self
                .accounts_page(access_token, page.next_token.as_deref())
                .await?;
            for account in std::mem::take(&mut page.account_list) {
                while calls.len() >= MANY {
                    settle_one(&mut calls, &mut unreadable).await?;
                }
                calls.spawn(
                    self.clone()
                        .roles_of(account, access_token.clone(), found.clone()),
                );
            }
            if page.next_token.as_deref().is_none_or(str::is_empty) {
                break;
            }
        }
        while !calls.is_empty() {
            settle_one(&mut calls, &mut unreadable).await?;
        }
        unreadable.map_or(Ok(()), Err)
    }

    async fn roles_of(
        self,
        account: Account,
        access_token: watch::Receiver<SecretString>,
        found: mpsc::Sender<AccountRoles>,
    ) -> Result<(), Error> {
        let roles = self.list_account_roles(&access_token, &account.id).await?;
        // Nobody listens any more: the listing is being dropped.
        let _ = found.send(AccountRoles { account, roles }).await;
        Ok(())
    }

    async fn list_account_roles(
        &self,
        access_token: &watch::Receiver<SecretString>,
        account_id: &str,
    ) -> Result<Vec<String>, Error> {
        let failed = |source| Error::ListAccountRoles {
            account_id: account_id.to_owned(),
            source,
        };
        let mut names = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = vec![("account_id", account_id), ("max_result", PAGE)];
            query.extend(next.as_deref().map(|token| ("next_token", token)));
            let answer = self.page("/assignment/roles", &query, access_token).await;
            let page: RolesAnswer = answer.map_err(failed)?;
            names.extend(page.role_list.into_iter().map(|role| role.role_name));
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn accounts_page(
        &self,
        access_token: &watch::Receiver<SecretString>,
        next_token: Option<&str>,
    ) -> Result<AccountsAnswer, Error> {
        let mut query = vec![("max_result", PAGE)];
        query.extend(next_token.map(|token| ("next_token", token)));
        let answer = self
            .page("/assignment/accounts", &query, access_token)
            .await;
        answer.map_err(Error::ListAccounts)
    }

    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        access_token: &watch::Receiver<SecretString>,
    ) -> Result<T, http::Error> {
        loop {
            let token = access_token.borrow().clone();
            let request = self.get(path, &token).query(query);
            let answer = self.call(request, Priority::Background).await;
            let dead = answer
                .as_ref()
                .is_err_and(|error| error.kind() == Kind::Unauthorized);
            // While it waited for its turn the token was replaced.
            let replaced = || access_token.borrow().expose_secret() != token.expose_secret();
            if !(dead && replaced()) {
                return answer?.json();
            }
        }
    }
}

/// Waits for one account. An error of that account alone is kept for the end.
async fn settle_one(
    calls: &mut JoinSet<Result<(), Error>>,
    unreadable: &mut Option<Error>,
) -> Result<(), Error> {
    match calls.join_next().await {
        Some(Ok(Err(error))) => match error.kind() {
            Kind::Forbidden | Kind::NotFound | Kind::Rejected => {
                unreadable.get_or_insert(error);
                Ok(())
            }
            _ => Err(error),
        },
        Some(Err(stopped)) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        _ => Ok(()),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountsAnswer {
    account_list: Vec<Account>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RolesAnswer {
    role_list: Vec<RoleTold>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleTold {
    role_name: String,
}
