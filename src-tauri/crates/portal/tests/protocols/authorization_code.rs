//! The authorization code grant with PKCE, as AWS CLI 2.36 walks through it.

use crate::house::{Answer, House, Registered, browser};
use portal::oidc::{
    Decision,
    authorization_code::{self, AuthorizeError, AuthorizeRequest},
};
use serde_json::json;
use time::Duration;
use url::Url;

const REDIRECT: &str = "http://127.0.0.1:49152/oauth/callback";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const INVALID: &str = "InvalidRequestException";

async fn register(house: &House) -> Registered {
    house
        .register_as(json!({
            "clientName": "AWS CLI",
            "clientType": "public",
            "scopes": ["sso:account:access"],
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"],
            "issuerUrl": "https://d-1234567890.awsapps.com/start",
        }))
        .await
}

fn request(client: &Registered) -> AuthorizeRequest {
    AuthorizeRequest {
        response_type: "code".to_owned(),
        client_id: client.id.clone(),
        redirect_uri: REDIRECT.to_owned(),
        state: Some("a state & more".to_owned()),
        code_challenge_method: "S256".to_owned(),
        code_challenge: CHALLENGE.to_owned(),
        scopes: Some("sso:account:access".to_owned()),
        scope: None,
    }
}

/// Signs in, consents, and returns the code that the browser carries back.
async fn code(house: &House, client: &Registered) -> String {
    let session = house.sign_in("storage").await;
    let consent = authorization_code::begin(&house.portal, &browser(), &request(client)).await;
    let id = consent.expect("consent").id;
    let approved = authorization_code::approve(&house.portal, &browser(), &session, &id).await;
    let Decision::Done(address) = approved.expect("store") else {
        panic!("gone");
    };
    assert!(address.starts_with(REDIRECT), "{address}");
    assert_eq!(
        parameter(&address, "state").as_deref(),
        Some("a state & more")
    );
    parameter(&address, "code").expect("a code")
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).expect("URL");
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn fields(code: &str) -> serde_json::Value {
    json!({ "code": code, "redirectUri": REDIRECT, "codeVerifier": VERIFIER })
}

#[tokio::test]
async fn a_consent_becomes_tokens() {
    let house = House::new().await;
    let client = register(&house).await;
    let code = code(&house, &client).await;
    let granted = house
        .token(&client, "authorization_code", fields(&code))
        .await;
    assert_eq!(granted.status, 200, "{granted:?}");
    let accounts = house
        .get("/assignment/accounts", &granted.text("accessToken"))
        .await;
    let names: Vec<_> = accounts.body["accountList"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|account| account["accountName"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(names, ["Data Lake Production", "Data Lake Development"]);
    let refreshed = house.refresh(&client, &granted.text("refreshToken")).await;
    assert_eq!(refreshed.status, 200);
}

#[tokio::test]
async fn the_proof_must_fit() {
    let house = House::new().await;
    let client = register(&house).await;
    let code = code(&house, &client).await;
    for (name, wrong) in [
        (
            "codeVerifier",
            "another verifier of at least 43 characters.....",
        ),
        ("redirectUri", "http://127.0.0.1:1/oauth/callback"),
        ("code", "unknown"),
    ] {
        let mut fields = fields(&code);
        fields[name] = json!(wrong);
        let answer = house.token(&client, "authorization_code", fields).await;
        answer.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    }
    let granted = house
        .token(&client, "authorization_code", fields(&code))
        .await;
    assert_eq!(granted.status, 200, "none of these spent it: {granted:?}");
}

#[tokio::test]
async fn a_code_that_comes_many_times_at_once_is_exchanged_once() {
    let house = House::new().await;
    let client = register(&house).await;
    let code = code(&house, &client).await;
    let once = || house.token(&client, "authorization_code", fields(&code));
    let answers = tokio::join!(once(), once(), once(), once());
    let granted = <[Answer; 4]>::from(answers).map(|answer| answer.status == 200);
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 1);
}

#[tokio::test]
async fn a_code_that_comes_again_takes_its_tokens_with_it() {
    let house = House::new().await;
    let client = register(&house).await;
    let code = code(&house, &client).await;
    let granted = house
        .token(&client, "authorization_code", fields(&code))
        .await;
    let access_token = granted.text("accessToken");
    assert_eq!(
        house
            .get("/assignment/accounts", &access_token)
            .await
            .status,
        200
    );

    let replayed = house
        .token(&client, "authorization_code", fields(&code))
        .await;
    replayed.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    assert_eq!(
        house
            .get("/assignment/accounts", &access_token)
            .await
            .status,
        401
    );
    let refreshed = house.refresh(&client, &granted.text("refreshToken")).await;
    refreshed.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn a_code_expires() {
    let house = House::new().await;
    let client = register(&house).await;
    let code = code(&house, &client).await;
    house.pass(Duration::minutes(10));
    let answer = house
        .token(&client, "authorization_code", fields(&code))
        .await;
    answer.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn a_refusal_is_told_to_the_client() {
    let house = House::new().await;
    let registered = register(&house).await;
    let session = house.sign_in("storage").await;
    let consent = authorization_code::begin(&house.portal, &browser(), &request(&registered)).await;
    let id = consent.expect("consent").id;
    let denied = authorization_code::deny(&house.portal, &browser(), &session, &id).await;
    let Decision::Done(address) = denied.expect("store") else {
        panic!("gone");
    };
    assert_eq!(
        parameter(&address, "error").as_deref(),
        Some("access_denied")
    );
    let late = authorization_code::approve(&house.portal, &browser(), &session, &id).await;
    assert_eq!(late.expect("store"), Decision::Gone);
}

#[tokio::test]
async fn a_redirect_may_differ_in_its_port_only() {
    let house = House::new().await;
    let client = register(&house).await;
    for (redirect_uri, good) in [
        ("http://127.0.0.1:1/oauth/callback", true),
        ("http://127.0.0.1/oauth/callback", true),
        ("http://127.0.0.1:1/oauth/other", false),
        ("http://localhost:1/oauth/callback", false),
        ("http://127.0.0.1.example.com:1/oauth/callback", false),
        ("https://example.com/oauth/callback", false),
    ] {
        let request = AuthorizeRequest {
            redirect_uri: redirect_uri.to_owned(),
            ..request(&client)
        };
        let begun = authorization_code::begin(&house.portal, &browser(), &request).await;
        match begun {
            Ok(_) => assert!(good, "{redirect_uri}"),
            Err(AuthorizeError::Show(_)) => assert!(!good, "{redirect_uri}"),
            Err(AuthorizeError::Redirect(to)) => panic!("an open redirect to {to}"),
        }
    }
}

#[tokio::test]
async fn faults_of_the_request_are_told_to_the_client() {
    type Change = fn(&mut AuthorizeRequest);
    let house = House::new().await;
    let client = register(&house).await;
    let faults: [(Change, &str); 4] = [
        (
            |request| request.code_challenge_method = "plain".into(),
            "invalid_request",
        ),
        (
            |request| request.code_challenge = String::new(),
            "invalid_request",
        ),
        (
            |request| request.response_type = "token".into(),
            "invalid_request",
        ),
        (
            |request| request.scopes = Some("sso:everything".into()),
            "invalid_scope",
        ),
    ];
    for (change, code) in faults {
        let mut request = request(&client);
        change(&mut request);
        let Err(AuthorizeError::Redirect(address)) =
            authorization_code::begin(&house.portal, &browser(), &request).await
        else {
            panic!("{code} was not told");
        };
        assert_eq!(parameter(&address, "error").as_deref(), Some(code));
        assert_eq!(
            parameter(&address, "state").as_deref(),
            Some("a state & more")
        );
    }
    let refusals = house.events().await;
    let told: Vec<_> = refusals
        .iter()
        .filter_map(|(_, error)| error.as_deref())
        .collect();
    assert_eq!(
        told,
        [[INVALID; 3].as_slice(), &["InvalidScopeException"]].concat()
    );
    let spelled = AuthorizeRequest {
        scopes: None,
        scope: Some("sso:account:access".to_owned()),
        ..request(&client)
    };
    let consent = authorization_code::begin(&house.portal, &browser(), &spelled).await;
    assert_eq!(consent.expect("consent").scopes, ["sso:account:access"]);
}
