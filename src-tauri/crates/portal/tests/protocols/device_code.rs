//! The device grant, as the AWS CLI walks through it.

use crate::house::{Answer, DEVICE, House, browser};
use data_encoding::BASE64URL_NOPAD;
use portal::{
    oidc::{Decision, device_code},
    settings,
};
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn a_device_waits_is_approved_and_gets_tokens_once() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("developer").await;
    let started = house.start_device(&registered).await;
    assert_eq!(started.status, 200);
    assert_eq!(started.body["expiresIn"], 600);
    assert_eq!(started.body["interval"], 1);
    let code = started.text("userCode");
    assert_eq!(
        started.text("verificationUri"),
        "http://localhost:8123/device"
    );
    assert_eq!(
        started.text("verificationUriComplete"),
        format!("http://localhost:8123/device?user_code={code}")
    );
    let fields = json!({ "deviceCode": started.text("deviceCode") });

    let waiting = house.token(&registered, DEVICE, fields.clone()).await;
    waiting.is_oidc_error(
        400,
        "AuthorizationPendingException",
        "authorization_pending",
    );
    let hasty = house.token(&registered, DEVICE, fields.clone()).await;
    hasty.is_oidc_error(400, "SlowDownException", "slow_down");

    let typed = code.to_lowercase().replace('-', " ");
    let shown = device_code::find(&house.portal, &typed)
        .await
        .expect("store");
    assert_eq!(shown.expect("pending").client_name, "botocore-client-test");
    let decision = device_code::approve(&house.portal, &browser(), &session, &typed).await;
    assert_eq!(decision.expect("store"), Decision::Done(()));

    let granted = house.token(&registered, DEVICE, fields.clone()).await;
    assert_eq!(granted.status, 200, "{granted:?}");
    assert_eq!(granted.body["tokenType"], "Bearer");
    assert_eq!(granted.body["expiresIn"], 3600);
    assert!(!granted.text("refreshToken").is_empty());
    let accounts = house
        .get("/assignment/accounts", &granted.text("accessToken"))
        .await;
    assert_eq!(
        accounts.body["accountList"].as_array().map(Vec::len),
        Some(3)
    );

    let again = house.token(&registered, DEVICE, fields).await;
    again.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn a_decision_is_made_once() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("developer").await;
    let started = house.start_device(&registered).await;
    let code = started.text("userCode");
    let denied = device_code::deny(&house.portal, &browser(), &session, &code).await;
    assert_eq!(denied.expect("store"), Decision::Done(()));
    let approved = device_code::approve(&house.portal, &browser(), &session, &code).await;
    assert_eq!(approved.expect("store"), Decision::Gone);
    let fields = json!({ "deviceCode": started.text("deviceCode") });
    let answer = house.token(&registered, DEVICE, fields).await;
    answer.is_oidc_error(400, "AccessDeniedException", "access_denied");
}

#[tokio::test]
async fn a_code_expires_for_device_and_user() {
    let house = House::new().await;
    let registered = house.register().await;
    let started = house.start_device(&registered).await;
    house.pass(Duration::minutes(10));
    let fields = json!({ "deviceCode": started.text("deviceCode") });
    let answer = house.token(&registered, DEVICE, fields).await;
    answer.is_oidc_error(400, "ExpiredTokenException", "expired_token");
    let shown = device_code::find(&house.portal, &started.text("userCode")).await;
    assert_eq!(shown.expect("store"), None);
}

#[tokio::test]
async fn a_code_belongs_to_the_client_that_asked() {
    let house = House::new().await;
    let (one, other) = (house.register().await, house.register().await);
    let started = house.start_device(&one).await;
    let fields = json!({ "deviceCode": started.text("deviceCode") });
    let answer = house.token(&other, DEVICE, fields).await;
    answer.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_many_times_at_once_is_exchanged_once() {
    let house = House::new().await;
    let client = house.register().await;
    let session = house.sign_in("developer").await;
    let started = house.start_device(&client).await;
    let code = started.text("userCode");
    let approved = device_code::approve(&house.portal, &browser(), &session, &code).await;
    assert_eq!(approved.expect("store"), Decision::Done(()));
    let fields = json!({ "deviceCode": started.text("deviceCode") });
    let once = || house.token(&client, DEVICE, fields.clone());
    let answers = tokio::join!(once(), once(), once(), once());
    let granted = <[Answer; 4]>::from(answers).map(|answer| answer.status == 200);
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 1);
}

#[tokio::test]
async fn a_client_that_may_not_refresh_gets_nothing_to_refresh_with() {
    let house = House::new().await;
    let registered = house
        .register_as(json!({
            "clientName": "once",
            "clientType": "public",
            "scopes": ["sso:account:access"],
            "grantTypes": [DEVICE],
        }))
        .await;
    let session = house.sign_in("developer").await;
    let granted = house.device_sign_in(&registered, &session).await;
    assert_eq!(granted.body["expiresIn"], 3600);
    assert_eq!(granted.body["refreshToken"], Value::Null);
}

#[tokio::test]
async fn the_id_token_names_the_user_and_is_signed() {
    let house = House::new().await;
    let client = house.register().await;
    let session = house.sign_in("developer").await;
    let granted = house.device_sign_in(&client, &session).await;
    let token = granted.text("idToken");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let expected = house.portal.seal().sign("id token", signed);
    assert_eq!(signature, BASE64URL_NOPAD.encode(&expected));
    let parts: Vec<Value> = signed
        .split('.')
        .map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url"))
        .map(|part| serde_json::from_slice(&part).expect("JSON"))
        .collect();
    let now = house.portal.now().unix_timestamp();
    assert_eq!(
        parts,
        [
            json!({ "alg": "HS256", "typ": "JWT" }),
            json!({
                "iss": "http://localhost:8123/start",
                "sub": session.user_id,
                "aud": client.id,
                "preferred_username": "developer",
                "iat": now,
                "exp": now + 3600,
            })
        ]
    );
}

#[tokio::test]
async fn a_client_without_scopes_gets_eight_hours_and_no_refresh() {
    let house = House::with(|config| config.lifetimes.portal_session = Duration::days(7)).await;
    let legacy = json!({ "clientName": "legacy", "clientType": "public" });
    let registered = house.register_as(legacy).await;
    let session = house.sign_in("developer").await;
    let granted = house.device_sign_in(&registered, &session).await;
    assert_eq!(granted.body["expiresIn"], 8 * 3600);
    assert_eq!(granted.body["refreshToken"], Value::Null);
}

#[tokio::test]
async fn only_this_portal_can_be_started() {
    let house = House::new().await;
    let registered = house.register().await;
    house
        .perform(async |act| settings::customize_url(act, "acme").await)
        .await;
    for (start_url, status) in [
        ("http://localhost:8123/start", 200),
        ("http://localhost:8123/acme", 200),
        ("http://localhost:8123/acme/#/", 200),
        ("http://localhost:8123/start/#/", 200),
        ("https://d-1234567890.awsapps.com/start", 200),
        ("https://d-0000000000.awsapps.com/start", 400),
        ("http://localhost:8123/start/elsewhere", 400),
    ] {
        let body = json!({
            "clientId": registered.id, "clientSecret": registered.secret, "startUrl": start_url,
        });
        let answer = house.post("/device_authorization", body).await;
        assert_eq!(answer.status, status, "{start_url}: {answer:?}");
        if status == 400 {
            answer.is_oidc_error(400, "InvalidRequestException", "invalid_request");
        }
    }
}
