use std::collections::HashMap;

use secrecy::ExposeSecret;
use serde_json::json;
use tokio::net::TcpStream;
use wiremock::matchers::{body_partial_json, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::error::Kind;
use crate::oidc::Grant;
use crate::testing::{client, endpoints, refusal, registration};

const LIMIT: Duration = Duration::from_secs(30);

/// What a browser reads from the authorization URL.
struct Browser {
    http: reqwest::Client,
    query: HashMap<String, String>,
}

impl Browser {
    fn open(url: &Url) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            query: url.query_pairs().into_owned().collect(),
        }
    }

    fn redirect_uri(&self) -> Url {
        self.query["redirect_uri"].parse().unwrap()
    }

    /// Goes back to the program with these parameters; gives the status and the page.
    async fn go_back(&self, parameters: &[(&str, &str)]) -> (u16, String) {
        self.get(self.redirect_uri(), parameters).await
    }

    async fn get(&self, url: Url, parameters: &[(&str, &str)]) -> (u16, String) {
        let response = self.http.get(url).query(parameters).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

async fn portal(token: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/token"))
        .respond_with(token)
        .mount(&server)
        .await;
    server
}

fn tokens() -> ResponseTemplate {
    let body =
        json!({ "accessToken": "the-access-token", "tokenType": "Bearer", "expiresIn": 3600 });
    ResponseTemplate::new(200).set_body_json(body)
}

async fn begin(server: &MockServer) -> (Browser, Authorization) {
    let listener = LoopbackListener::bind().await.unwrap();
    let authorization =
        listener.authorize(&endpoints(server), &registration(Grant::AuthorizationCode));
    (Browser::open(authorization.url()), authorization)
}

#[tokio::test]
async fn the_address_asks_for_a_code_with_pkce() {
    let server = portal(tokens()).await;
    let (browser, authorization) = begin(&server).await;
    assert!(
        authorization
            .url()
            .as_str()
            .starts_with(&format!("{}/authorize?", server.uri()))
    );
    let told = |name: &str| browser.query[name].as_str();
    assert_eq!(told("response_type"), "code");
    assert_eq!(told("client_id"), "the-client-id");
    assert_eq!(told("scopes"), "sso:account:access");
    assert_eq!(told("code_challenge_method"), "S256");
    assert_eq!(told("code_challenge").len(), 43);
    assert!(told("state").len() >= 20);
    let redirect = browser.redirect_uri();
    assert_eq!(
        (redirect.host_str(), redirect.path()),
        (Some("127.0.0.1"), "/oauth/callback")
    );
}

#[tokio::test]
async fn the_code_is_exchanged_with_its_verifier_and_the_user_told() {
    let server = MockServer::start().await;
    let (browser, authorization) = begin(&server).await;
    let asked = json!({
        "grantType": "authorization_code",
        "code": "the-code",
        "redirectUri": browser.redirect_uri().as_str(),
        "codeVerifier": authorization.verifier.secret(),
    });
    let token = Mock::given(path("/token"))
        .and(body_partial_json(asked))
        .respond_with(tokens());
    token.expect(1).mount(&server).await;

    let client = client();
    let parameters = [("code", "the-code"), ("state", &browser.query["state"])];
    let (tokens, (status, page)) = tokio::join!(
        authorization.finish(&client, LIMIT),
        browser.go_back(&parameters)
    );
    assert_eq!(
        tokens.unwrap().access_token.expose_secret(),
        "the-access-token"
    );
    assert_eq!(status, 200);
    assert!(
        page.contains("You are signed in") && page.contains("return to Vestibule"),
        "{page}"
    );
}

#[tokio::test]
async fn strangers_are_turned_away_and_change_nothing() {
    let server = portal(tokens()).await;
    let (browser, authorization) = begin(&server).await;
    let client = client();
    let waiting = tokio::spawn(async move { authorization.finish(&client, LIMIT).await });

    // A browser's idle connection must not keep the real request waiting.
    let address = browser.redirect_uri().socket_addrs(|| None).unwrap()[0];
    let _idle = TcpStream::connect(address).await.unwrap();
    let favicon = browser.redirect_uri().join("/favicon.ico").unwrap();
    let state = browser.query["state"].as_str();
    assert_eq!(
        browser
            .get(favicon, &[("code", "x"), ("state", state)])
            .await
            .0,
        404
    );
    assert_eq!(
        browser
            .go_back(&[("code", "forged"), ("state", "guessed")])
            .await
            .0,
        400
    );
    assert_eq!(browser.go_back(&[("code", "forged")]).await.0, 400);
    assert_eq!(
        browser
            .go_back(&[("error", "access_denied"), ("state", "guessed")])
            .await
            .0,
        400
    );
    assert_eq!(browser.go_back(&[("state", state)]).await.0, 400);
    assert!(!waiting.is_finished());

    assert_eq!(
        browser
            .go_back(&[("code", "the-code"), ("state", state)])
            .await
            .0,
        200
    );
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_refusal_ends_the_sign_in_and_its_words_are_escaped() {
    let server = portal(tokens()).await;
    let (browser, authorization) = begin(&server).await;
    let client = client();
    let state = browser.query["state"].as_str();
    let words = "<script>alert(1)</script>";
    let parameters = [
        ("error", "access_denied"),
        ("error_description", words),
        ("state", state),
    ];
    let (outcome, (_, page)) = tokio::join!(
        authorization.finish(&client, LIMIT),
        browser.go_back(&parameters)
    );
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::AccessDenied);
    assert!(
        page.contains("You are not signed in") && page.contains("&lt;script&gt;"),
        "{page}"
    );
    assert!(!page.contains(words));
}

#[tokio::test]
async fn a_code_that_the_portal_does_not_take_is_not_called_a_sign_in() {
    let server = portal(refusal(400, "InvalidGrantException")).await;
    let (browser, authorization) = begin(&server).await;
    let client = client();
    let parameters = [("code", "spent"), ("state", &browser.query["state"])];
    let (outcome, (_, page)) = tokio::join!(
        authorization.finish(&client, LIMIT),
        browser.go_back(&parameters)
    );
    assert_eq!(outcome.unwrap_err().kind(), Kind::InvalidGrant);
    assert!(page.contains("You are not signed in"), "{page}");
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_the_limit() {
    let server = portal(tokens()).await;
    let (_, authorization) = begin(&server).await;
    let outcome = authorization
        .finish(&client(), Duration::from_millis(10))
        .await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::TimedOut);
}

#[tokio::test]
async fn dropping_the_sign_in_closes_its_port() {
    let server = portal(tokens()).await;
    let (browser, authorization) = begin(&server).await;
    let address = browser.redirect_uri().socket_addrs(|| None).unwrap()[0];
    assert!(TcpStream::connect(address).await.is_ok());
    let client = client();
    let waiting = tokio::spawn(async move { authorization.finish(&client, LIMIT).await });
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let server = portal(tokens()).await;
    let (browser, authorization) = begin(&server).await;
    let shown = format!("{authorization:?}");
    for secret in [
        "the-client-secret",
        authorization.verifier.secret(),
        &browser.query["state"],
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
