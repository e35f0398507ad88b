//! A whole portal in a temporary folder, with the example organization and a clock that is moved
//! by hand; requests go through its router.

use std::{
    fmt::Debug,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use portal::{
    Config, Portal,
    access::{self, IssuedCredentials},
    act::{Act, Actor},
    audit::{Filter, Record},
    client::Client,
    clock::{Clock, SetClock},
    declaration::{self, ApplyError, Declaration, Options},
    directory, example,
    oidc::{Decision, device_code},
    router,
    sessions::{self, PortalSession},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, macros::datetime};
use tokio::net::TcpSocket;
use tower::ServiceExt;

use crate::postgresql;

pub(crate) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Where requests come from, unless the proxy that runs there says otherwise.
pub(crate) const PROXY: ConnectInfo<SocketAddr> =
    ConnectInfo(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50000));

pub(crate) struct House {
    pub(crate) portal: Portal,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) folder: TempDir,
    config: Config,
    /// The place of the last record of its making.
    made: i64,
}

/// A registered client.
pub(crate) struct Registered {
    pub(crate) id: String,
    pub(crate) secret: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// This port of this machine, or any for 0, kept from others: connections are refused until this
/// socket, or a program, listens there.
pub(crate) fn reserved_port(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("shared");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    socket.bind(address).expect("a port");
    socket
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut house = Self::empty(change).await;
        let organization = example::example().expect("the example");
        declaration::apply(
            &house.portal,
            &organization,
            &declaration::Options::default(),
        )
        .await
        .expect("applied");
        let made = Filter::default()
            .before(house.portal.pool(), i64::MAX, 1)
            .await
            .expect("store");
        house.made = made.first().map_or(0, |record| record.sequence);
        house
    }

    /// A portal in which nobody has done anything yet.
    pub(crate) async fn without_organization(change: impl FnOnce(&mut Config)) -> Self {
        Self::empty(change).await
    }

    async fn empty(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("http://localhost:8123".parse().expect("URL"));
        config.aliases = vec!["https://d-1234567890.awsapps.com/start".to_owned()];
        config.trusted_proxies = vec![PROXY.0.ip()];
        config.database = postgresql::database().await;
        change(&mut config);
        let folder = tempfile::tempdir().expect("folder");
        let clock = Arc::new(SetClock::new(datetime!(2026-11-22 12:00 UTC)));
        let portal = open(&folder, &config, &clock).await;
        Self {
            made: 0,
            portal,
            clock,
            folder,
            config,
        }
    }

    /// The same data opened anew, as after a restart.
    pub(crate) async fn reopened(self) -> Self {
        self.portal.store().close().await;
        let portal = open(&self.folder, &self.config, &self.clock).await;
        Self { portal, ..self }
    }

    /// The same data opened by another process, beside this one.
    pub(crate) async fn beside(&self) -> Portal {
        open(&self.folder, &self.config, &self.clock).await
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Credentials of an assigned role for a user who has just signed in.
    pub(crate) async fn credentials(
        &self,
        user: &str,
        account: &str,
        role: &str,
    ) -> IssuedCredentials {
        let session = self.sign_in(user).await;
        let db = self.portal.pool().acquire().await.expect("a connection");
        access::role_credentials(&self.portal, db, &browser(), &session, account, role)
            .await
            .expect("issued")
            .expect("assigned")
    }

    /// Applies a declaration, and returns what that took.
    pub(crate) async fn declare(
        &self,
        text: &str,
        options: &Options,
    ) -> Result<Vec<String>, ApplyError> {
        let declaration = Declaration::parse(text)?;
        let applied = declaration::apply(&self.portal, &declaration, options).await?;
        Ok(applied.changes.iter().map(ToString::to_string).collect())
    }

    /// The present state as a declaration.
    pub(crate) async fn exported(&self) -> String {
        let declaration = declaration::export(&self.portal).await.expect("exported");
        declaration.to_toml().expect("TOML")
    }

    pub(crate) async fn call(&self, mut request: Request<Body>) -> Answer {
        let peer = request.extensions().get().copied().unwrap_or(PROXY);
        request.extensions_mut().insert(peer);
        let app: Router = router::router(self.portal.clone());
        let response = app.oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.call(request.expect("request")).await
    }

    pub(crate) async fn get(&self, path: &str, access_token: &str) -> Answer {
        let request = Request::get(path)
            .header("x-amz-sso_bearer_token", access_token)
            .body(Body::empty());
        self.call(request.expect("request")).await
    }

    /// Signs a user in, as the pages do after password and code.
    pub(crate) async fn sign_in(&self, user_name: &str) -> PortalSession {
        let user = directory::user_by_name(self.portal.pool(), user_name)
            .await
            .expect("store")
            .expect("user");
        let (id, _) = sessions::create(&self.portal, &browser(), &user, true)
            .await
            .expect("store")
            .expect("session");
        sessions::by_id(&self.portal, &id)
            .await
            .expect("store")
            .expect("alive")
    }

    pub(crate) async fn register(&self) -> Registered {
        self.register_as(json!({
            "clientName": "botocore-client-test",
            "clientType": "public",
            "scopes": ["sso:account:access"],
        }))
        .await
    }

    pub(crate) async fn register_as(&self, body: Value) -> Registered {
        let answer = self.post("/client/register", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Registered {
            id: answer.text("clientId"),
            secret: answer.text("clientSecret"),
        }
    }

    pub(crate) async fn start_device(&self, client: &Registered) -> Answer {
        self.post(
            "/device_authorization",
            json!({
                "clientId": client.id,
                "clientSecret": client.secret,
                "startUrl": "http://localhost:8123/start",
            }),
        )
        .await
    }

    pub(crate) async fn token(&self, client: &Registered, grant: &str, fields: Value) -> Answer {
        let mut body = json!({
            "grantType": grant,
            "clientId": client.id,
            "clientSecret": client.secret,
        });
        let (Value::Object(body_fields), Value::Object(fields)) = (&mut body, fields) else {
            panic!("objects");
        };
        body_fields.extend(fields);
        self.post("/token", body).await
    }

    pub(crate) async fn refresh(&self, client: &Registered, refresh_token: &str) -> Answer {
        let fields = json!({ "refreshToken": refresh_token });
        self.token(client, "refresh_token", fields).await
    }

    /// The answer of CreateToken after a device sign-in of `session`.
    pub(crate) async fn device_sign_in(
        &self,
        client: &Registered,
        session: &PortalSession,
    ) -> Answer {
        let started = self.start_device(client).await;
        let code = started.text("userCode");
        let decision = device_code::approve(&self.portal, &browser(), session, &code).await;
        assert_eq!(decision.expect("store"), Decision::Done(()));
        let fields = json!({ "deviceCode": started.text("deviceCode") });
        let answer = self.token(client, DEVICE, fields).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    /// An access token of `user_name`.
    pub(crate) async fn access_token(&self, user_name: &str) -> String {
        let session = self.sign_in(user_name).await;
        let client = self.register().await;
        self.device_sign_in(&client, &session)
            .await
            .text("accessToken")
    }

    /// Does something as the portal's own machine does.
    pub(crate) async fn perform<T, E: Debug>(
        &self,
        work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
    ) -> T {
        let actor = Actor::machine();
        let mut act = Act::begin(&self.portal, &actor).await.expect("begun");
        let done = work(&mut act).await.expect("done");
        act.commit().await.expect("stored");
        done
    }

    /// The audit trail since the house was made.
    pub(crate) async fn trail(&self) -> Vec<Record> {
        Filter::default()
            .after(self.portal.pool(), self.made, 10_000)
            .await
            .expect("store")
    }

    /// The names of the events since then, with their errors.
    pub(crate) async fn events(&self) -> Vec<(String, Option<String>)> {
        let trail = self.trail().await.into_iter();
        trail
            .map(|record| (record.event_name, record.error_code))
            .collect()
    }
}

impl Answer {
    /// A text field of the body.
    pub(crate) fn text(&self, name: &str) -> String {
        match &self.body[name] {
            Value::String(text) => text.clone(),
            other => panic!("{name} is {other} in {self:?}"),
        }
    }

    /// Checks an error in the form that AWS's clients read, in header and body.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, kind: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["x-amzn-errortype"], kind, "{self:?}");
        assert_eq!(self.body["__type"], kind, "{self:?}");
        // Some services of AWS write it with a capital letter.
        let message = self.body.get("message").or(self.body.get("Message"));
        assert!(message.is_some_and(|text| text != ""), "{self:?}");
    }

    /// The same, and the form of OAuth.
    #[track_caller]
    pub(crate) fn is_oidc_error(&self, status: u16, kind: &str, code: &str) {
        self.is_error(status, kind);
        assert_eq!(self.body["error"], code, "{self:?}");
        assert!(!self.text("error_description").is_empty());
    }
}

pub(crate) fn browser() -> Client {
    Client::this_machine("a test's browser")
}

async fn open(folder: &TempDir, config: &Config, clock: &Arc<SetClock>) -> Portal {
    let clock: Arc<dyn Clock> = clock.clone();
    Portal::open(folder.path(), config.clone(), clock)
        .await
        .expect("opened")
}
