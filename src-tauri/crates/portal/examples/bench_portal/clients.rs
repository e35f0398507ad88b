//! What each row's clients do.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    load::{Client, Connection},
    people::{PASSWORD, Person, Registration, post},
};

/// Asks for the same thing over and over.
pub(crate) struct Asking {
    request: String,
    expected: &'static str,
}

impl Asking {
    /// A request to the portal API; `expected` stands in every good answer.
    pub(crate) fn api(
        address: SocketAddr,
        person: &Person,
        path: &str,
        expected: &'static str,
    ) -> Self {
        Self {
            request: format!(
                "GET {path} HTTP/1.1\r\nhost: {address}\r\nx-amz-sso_bearer_token: {}\r\n\r\n",
                person.access_token
            ),
            expected,
        }
    }

    pub(crate) fn credentials(address: SocketAddr, person: &Person) -> Self {
        let (account, role) = &person.role;
        let path = format!("/federation/credentials?account_id={account}&role_name={role}");
        Self::api(address, person, &path, "\"sessionToken\"")
    }

    /// A page of the portal.
    pub(crate) fn page(
        address: SocketAddr,
        person: &Person,
        path: &str,
        expected: &'static str,
    ) -> Self {
        Self {
            request: format!(
                "GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: vestibule_session_{}={}\r\n\r\n",
                address.port(),
                person.cookie
            ),
            expected,
        }
    }
}

impl Client for Asking {
    async fn once(&mut self, connection: &mut Connection) -> Result<()> {
        let answer = connection.ask(&self.request).await?;
        let good = answer.status == 200 && answer.body.contains(self.expected);
        ensure!(good, "{}{}", answer.head, answer.body);
        Ok(())
    }
}

/// Goes through the pages of a listing, again and again.
pub(crate) struct Paging {
    pub(crate) address: SocketAddr,
    pub(crate) person: Person,
    pub(crate) next: Option<String>,
}

impl Client for Paging {
    async fn once(&mut self, connection: &mut Connection) -> Result<()> {
        let token = self.next.as_deref().unwrap_or_default();
        let path = format!("/assignment/accounts?max_result=100&next_token={token}");
        let request = Asking::api(self.address, &self.person, &path, "").request;
        let answer = connection.ask(&request).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        let page: Value = serde_json::from_str(answer.body)?;
        let accounts = page["accountList"].as_array().map_or(0, Vec::len);
        ensure!(accounts == 100, "{accounts} accounts on a page");
        self.next = page["nextToken"].as_str().map(str::to_owned);
        Ok(())
    }
}

/// Exchanges its refresh token for the next one.
pub(crate) struct Refreshing {
    pub(crate) address: SocketAddr,
    pub(crate) client: std::sync::Arc<Registration>,
    pub(crate) token: String,
}

impl Client for Refreshing {
    async fn once(&mut self, connection: &mut Connection) -> Result<()> {
        let body = self
            .client
            .token("refresh_token", "refreshToken", &self.token);
        let tokens = post(connection, self.address, "/token", &body).await?;
        self.token = tokens["refreshToken"]
            .as_str()
            .context("a token")?
            .to_owned();
        Ok(())
    }
}

/// Signs in with a password, each time as a new browser.
pub(crate) struct SigningIn {
    pub(crate) address: SocketAddr,
    pub(crate) user_name: String,
}

impl SigningIn {
    /// Whether the portal let the user in, and how long it took to say so.
    pub(crate) async fn with(
        &self,
        connection: &mut Connection,
        password: &str,
    ) -> Result<(bool, Duration)> {
        let address = self.address;
        let form = format!("GET /signin HTTP/1.1\r\nhost: {address}\r\n\r\n");
        let answer = connection.ask(&form).await?;
        let cookie = between(answer.head, "set-cookie: ", ";")?.to_owned();
        let csrf = between(answer.body, "name=\"csrf\" value=\"", "\"")?;
        let body = format!(
            "csrf={csrf}&username={}&password={}&return_to=/start",
            self.user_name,
            password.replace(' ', "+")
        );
        let request = format!(
            "POST /signin HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let asked = Instant::now();
        let answer = connection.ask(&request).await?;
        let let_in = answer.head.contains("vestibule_session_");
        Ok((let_in, asked.elapsed()))
    }
}

impl Client for SigningIn {
    async fn once(&mut self, connection: &mut Connection) -> Result<()> {
        let (let_in, _) = self.with(connection, PASSWORD).await?;
        ensure!(let_in, "{} was not let in", self.user_name);
        Ok(())
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(before)
        .with_context(|| format!("{before} in {text}"))?;
    let (found, _) = rest.split_once(after).context("its end")?;
    Ok(found)
}
