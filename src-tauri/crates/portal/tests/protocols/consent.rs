//! The pages on which a user lets a program in.

use crate::{
    browser::{Browser, PASSWORD},
    house::{DEVICE, House, Registered},
};
use axum::http::{StatusCode, header};
use portal::config::MfaMode;
use serde_json::json;
use time::Duration;
use url::Url;

const REDIRECT: &str = "http://127.0.0.1:49152/oauth/callback";
/// The challenge of `VERIFIER`, from RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn house() -> House {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    house.set_password("developer", false).await;
    house
}

async fn pkce_client(house: &House) -> Registered {
    house
        .register_as(json!({
            "clientName": "botocore-client-test",
            "clientType": "public",
            "scopes": ["sso:account:access"],
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"],
            "issuerUrl": "http://localhost:8123/start",
        }))
        .await
}

fn authorize(client: &Registered) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", REDIRECT),
            ("state", "a state"),
            ("code_challenge_method", "S256"),
            ("code_challenge", CHALLENGE),
            ("scopes", "sso:account:access"),
        ])
        .finish();
    format!("/authorize?{query}")
}

/// Goes from the client's address through the sign-in to the page that asks; returns its address.
async fn arrive(browser: &mut Browser<'_>, client: &Registered) -> String {
    let ask = browser.get(&authorize(client)).await.location().to_owned();
    let sign_in = browser.get(&ask).await.location().to_owned();
    let page = browser.get(&sign_in).await;
    let fields = [
        ("username", "developer"),
        ("password", PASSWORD),
        ("return_to", &page.value("return_to")),
        ("csrf", &page.value("csrf")),
    ];
    browser.post("/signin", &fields).await.leads_to(&ask);
    ask
}

fn answer_of(location: &str) -> Vec<(String, String)> {
    assert!(location.starts_with(REDIRECT), "{location}");
    Url::parse(location)
        .expect("URL")
        .query_pairs()
        .into_owned()
        .collect()
}

#[tokio::test]
async fn consent_sends_a_code_to_the_client_that_asked() {
    let house = house().await;
    let client = pkce_client(&house).await;
    let mut browser = house.browser();
    let ask = arrive(&mut browser, &client).await;
    let page = browser.get(&ask).await;
    assert_eq!(page.text("client-name"), "botocore-client-test");
    assert_eq!(page.text("redirect-host"), "127.0.0.1:49152");
    // Chromium holds the redirect after the form to the policy of the form's page.
    let policy = page.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("ASCII");
    assert!(
        policy.ends_with("form-action 'self' http://127.0.0.1:49152"),
        "{policy}"
    );

    let request = page.value("request");
    let fields = [("request", request.as_str()), ("decision", "allow")];
    let allowed = browser.submit(&ask, "/consent", &fields).await;
    let answer = answer_of(allowed.location());
    assert_eq!(answer[1], ("state".to_owned(), "a state".to_owned()));
    let fields = json!({
        "code": answer[0].1, "redirectUri": REDIRECT, "codeVerifier": VERIFIER,
    });
    let token = house.token(&client, "authorization_code", fields).await;
    assert_eq!(token.status, 200, "{token:?}");

    let again = browser.get(&ask).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_refusal_is_told_to_the_client() {
    let house = house().await;
    let client = pkce_client(&house).await;
    let mut browser = house.browser();
    let ask = arrive(&mut browser, &client).await;
    let request = browser.get(&ask).await.value("request");
    let fields = [("request", request.as_str()), ("decision", "deny")];
    let denied = browser.submit(&ask, "/consent", &fields).await;
    let answer = answer_of(denied.location());
    assert_eq!(answer[0], ("error".to_owned(), "access_denied".to_owned()));
}

#[tokio::test]
async fn a_request_for_a_foreign_address_goes_nowhere() {
    let house = house().await;
    let client = pkce_client(&house).await;
    let foreign = authorize(&client).replace("127.0.0.1%3A49152", "evil.example");
    let page = house.browser().get(&foreign).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(page.text("message"), "This request cannot be trusted");
}

#[tokio::test]
async fn a_device_code_is_confirmed_or_turned_away() {
    let house = house().await;
    for (decision, told, error) in [
        ("allow", "Request approved", None),
        ("deny", "Request denied", Some("AccessDeniedException")),
    ] {
        let client = house.register().await;
        let started = house.start_device(&client).await;
        let code = started.text("userCode");
        let mut browser = house.browser();
        // Typed by hand, in lower case and without the dash.
        let typed = code.to_lowercase().replace('-', " ");
        let typed = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>();
        let page = format!("/device?user_code={typed}");
        let sign_in = browser.get(&page).await.location().to_owned();
        assert!(sign_in.starts_with("/signin?return_to="), "{sign_in}");
        browser.sign_in("developer").await;
        let asked = browser.get(&page).await;
        assert_eq!(asked.text("user-code"), code);
        assert_eq!(asked.text("client-name"), "botocore-client-test");
        let fields = [("user_code", code.as_str()), ("decision", decision)];
        let answered = browser.submit(&page, "/device", &fields).await;
        assert_eq!(answered.text("message"), told);

        let fields = json!({ "deviceCode": started.text("deviceCode") });
        let token = house.token(&client, DEVICE, fields).await;
        assert_eq!(token.body["__type"].as_str(), error, "{token:?}");
        assert_eq!(
            browser.get(&page).await.status,
            StatusCode::NOT_FOUND,
            "answered once"
        );
    }
}

#[tokio::test]
async fn device_codes_cannot_be_guessed_at_will() {
    let house = house().await;
    let client = house.register().await;
    let code = house.start_device(&client).await.text("userCode");
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    for _ in 0..5 {
        let guess = browser.get("/device?user_code=BBBB-BBBB").await;
        assert_eq!(guess.status, StatusCode::NOT_FOUND);
    }
    let right = browser.get(&format!("/device?user_code={code}")).await;
    assert_eq!(right.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn device_codes_cannot_be_guessed_past_the_page_that_asks() {
    let house = house().await;
    let client = house.register().await;
    let code = house.start_device(&client).await.text("userCode");
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let mut allow = async |code: &str| {
        let fields = [("user_code", code), ("decision", "allow")];
        browser.submit("/start", "/device", &fields).await.status
    };
    for _ in 0..5 {
        assert_eq!(allow("BBBB-BBBB").await, StatusCode::NOT_FOUND);
    }
    assert_eq!(allow(&code).await, StatusCode::NOT_FOUND);
    house.pass(Duration::minutes(16));
    let code = house.start_device(&client).await.text("userCode");
    assert_eq!(allow(&code).await, StatusCode::OK);
}
