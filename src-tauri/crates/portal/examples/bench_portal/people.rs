//! The people behind the requests: signed in, with tokens for their clients.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use portal::{
    Portal, access,
    act::{Act, Actor},
    client::Client,
    directory::{self, NewPassword},
    oidc::{Decision, device_code},
    sessions::{self, PortalSession},
};
use serde_json::{Value, json};

use crate::{
    load::Connection,
    organization::{self, EVERYWHERE},
};

/// What everyone signs in with.
pub(crate) const PASSWORD: &str = "a long enough password";

/// A registered client of the portal's.
pub(crate) struct Registration {
    id: String,
    secret: String,
}

/// A user with a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) cookie: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    /// Account and role, one each.
    pub(crate) role: (String, String),
}

pub(crate) async fn post(
    connection: &mut Connection,
    address: SocketAddr,
    path: &str,
    body: &Value,
) -> Result<Value> {
    let answer = connection.ask(&request(address, path, body)).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.body);
    Ok(serde_json::from_str(answer.body)?)
}

fn request(address: SocketAddr, path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn text(value: &Value, name: &str) -> Result<String> {
    let found = value[name]
        .as_str()
        .with_context(|| format!("{name} in {value}"))?;
    Ok(found.to_owned())
}

impl Registration {
    pub(crate) async fn make(address: SocketAddr) -> Result<Self> {
        let mut connection = Connection::open(address).await?;
        let body = json!({
            "clientName": "bench",
            "clientType": "public",
            "scopes": ["sso:account:access"],
        });
        let made = post(&mut connection, address, "/client/register", &body).await?;
        Ok(Self {
            id: text(&made, "clientId")?,
            secret: text(&made, "clientSecret")?,
        })
    }

    /// The body of CreateToken.
    pub(crate) fn token(&self, grant: &str, name: &str, value: &str) -> Value {
        json!({
            "grantType": grant, "clientId": self.id, "clientSecret": self.secret, name: value,
        })
    }
}

/// The user who has a role everywhere, and `count` others spread over all.
pub(crate) async fn sign_in(
    portal: &Portal,
    address: SocketAddr,
    client: &Registration,
    users: usize,
    count: usize,
) -> Result<(Person, Vec<Person>)> {
    let everywhere = person(portal, address, client, EVERYWHERE).await?;
    let mut others = Vec::new();
    for index in 0..count {
        let name = organization::user_name(index * users / count);
        others.push(person(portal, address, client, &name).await?);
    }
    Ok((everywhere, others))
}

async fn person(
    portal: &Portal,
    address: SocketAddr,
    client: &Registration,
    name: &str,
) -> Result<Person> {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let browser = Client::this_machine("bench");
    let user = directory::user_by_name(portal.pool(), name).await?;
    let user = user.with_context(|| format!("there is no user {name}"))?;
    let password = NewPassword::of(&PASSWORD.into(), false).await?;
    let actor = Actor::machine();
    let mut act = Act::begin(portal, &actor).await?;
    directory::set_password(&mut act, &user.id, &password, None).await?;
    act.commit().await?;
    let user = directory::user(portal.pool(), &user.id).await?;
    let user = user.context("the user with the new password")?;
    let begun = sessions::create(portal, &browser, &user, true).await?;
    let (id, cookie) = begun.context("a new session")?;
    let session: PortalSession = sessions::by_id(portal, &id).await?.context("a session")?;

    let mut connection = Connection::open(address).await?;
    let body = json!({
        "clientId": client.id, "clientSecret": client.secret,
        "startUrl": portal.config().start_url(),
    });
    let started = post(&mut connection, address, "/device_authorization", &body).await?;
    let code = text(&started, "userCode")?;
    let decided = device_code::approve(portal, &browser, &session, &code).await?;
    ensure!(decided == Decision::Done(()), "the code was not approved");
    let body = client.token(DEVICE, "deviceCode", &text(&started, "deviceCode")?);
    let tokens = post(&mut connection, address, "/token", &body).await?;

    let accounts = access::accounts(portal.pool(), &user.id, "", 1).await?;
    let account = &accounts.first().context("an account")?.id;
    let roles = access::account_roles(portal.pool(), &user.id, account, "", 1).await?;
    let role = roles.first().context("a role")?;
    Ok(Person {
        name: name.to_owned(),
        cookie: cookie.to_string(),
        access_token: text(&tokens, "accessToken")?,
        refresh_token: text(&tokens, "refreshToken")?,
        role: (account.clone(), role.role_name.clone()),
    })
}
