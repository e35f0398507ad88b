//! Registrations and refresh tokens: what clients keep for hours and months.

use crate::house::{House, Registered};
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn a_registration_lasts_ninety_days_and_a_restart() {
    let house = House::new().await;
    let registered = house.register().await;
    house.pass(Duration::days(89));
    let house = house.reopened().await;
    assert_eq!(house.start_device(&registered).await.status, 200);
    house.pass(Duration::days(1));
    let answer = house.start_device(&registered).await;
    answer.is_oidc_error(401, "InvalidClientException", "invalid_client");
}

#[tokio::test]
async fn a_registration_names_the_endpoints() {
    let house = House::new().await;
    let answer = house
        .post(
            "/client/register",
            json!({ "clientName": "x", "clientType": "public" }),
        )
        .await;
    assert_eq!(
        answer.text("authorizationEndpoint"),
        "http://localhost:8123/authorize"
    );
    assert_eq!(answer.text("tokenEndpoint"), "http://localhost:8123/token");
    let issued = answer.body["clientIdIssuedAt"].as_i64().expect("seconds");
    let expires = answer.body["clientSecretExpiresAt"]
        .as_i64()
        .expect("seconds");
    assert_eq!(expires - issued, 90 * 24 * 3600);
}

#[tokio::test]
async fn registrations_that_make_no_sense_are_refused() {
    let house = House::new().await;
    for (field, value, kind, code) in [
        (
            "clientType",
            json!("confidential"),
            "InvalidClientMetadataException",
            "invalid_client_metadata",
        ),
        (
            "clientName",
            json!(""),
            "InvalidClientMetadataException",
            "invalid_client_metadata",
        ),
        (
            "scopes",
            json!(["admin"]),
            "InvalidScopeException",
            "invalid_scope",
        ),
        (
            "grantTypes",
            json!(["password"]),
            "UnsupportedGrantTypeException",
            "unsupported_grant_type",
        ),
        (
            "grantTypes",
            json!(["authorization_code"]),
            "InvalidClientMetadataException",
            "invalid_client_metadata",
        ),
        (
            "redirectUris",
            json!(["https://example.com"]),
            "InvalidRedirectUriException",
            "invalid_redirect_uri",
        ),
        (
            "issuerUrl",
            json!("https://d-0.awsapps.com/start"),
            "InvalidRequestException",
            "invalid_request",
        ),
        (
            "scopes",
            json!("not a list"),
            "InvalidRequestException",
            "invalid_request",
        ),
    ] {
        let mut body = json!({ "clientName": "x", "clientType": "public" });
        body[field] = value;
        let answer = house.post("/client/register", body).await;
        answer.is_oidc_error(400, kind, code);
    }
}

#[tokio::test]
async fn registrations_are_held_to_a_rate() {
    let house = House::new().await;
    for _ in 0..20 {
        house.register().await;
    }
    let body = json!({ "clientName": "one more", "clientType": "public" });
    let answer = house.post("/client/register", body).await;
    answer.is_oidc_error(429, "TooManyRequestsException", "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    house.pass(Duration::milliseconds(50));
    house.register().await;
}

#[tokio::test]
async fn create_token_names_what_is_wrong() {
    let house = House::new().await;
    let registered = house.register().await;
    let unsupported = house.token(&registered, "password", json!({})).await;
    unsupported.is_oidc_error(
        400,
        "UnsupportedGrantTypeException",
        "unsupported_grant_type",
    );
    let foreign = house
        .token(
            &registered,
            "authorization_code",
            json!({ "code": "c", "redirectUri": "r", "codeVerifier": "v" }),
        )
        .await;
    foreign.is_oidc_error(400, "UnauthorizedClientException", "unauthorized_client");
    let missing = house.token(&registered, "refresh_token", json!({})).await;
    missing.is_oidc_error(400, "InvalidRequestException", "invalid_request");
    let impostor = Registered {
        id: registered.id.clone(),
        secret: "guessed".to_owned(),
    };
    let refused = house.refresh(&impostor, "x").await;
    refused.is_oidc_error(401, "InvalidClientException", "invalid_client");
    let malformed = house.post("/token", Value::Null).await;
    malformed.is_oidc_error(400, "InvalidRequestException", "invalid_request");
}

#[tokio::test]
async fn parallel_refreshes_all_succeed_and_a_late_one_revokes() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("admin").await;
    let granted = house.device_sign_in(&registered, &session).await;
    let first = granted.text("refreshToken");

    let six = [0; 6].map(|_| house.refresh(&registered, &first));
    let [a, b, c, d, e, f] = six;
    let answers = tokio::join!(a, b, c, d, e, f);
    let answers = [
        answers.0, answers.1, answers.2, answers.3, answers.4, answers.5,
    ];
    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_ne!(answer.text("refreshToken"), first);
    }
    house.pass(Duration::seconds(61));
    let next = house
        .refresh(&registered, &answers[0].text("refreshToken"))
        .await;
    assert_eq!(next.status, 200);

    let late = house.refresh(&registered, &first).await;
    late.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    let revoked = house.refresh(&registered, &next.text("refreshToken")).await;
    revoked.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    let dead = house
        .get("/assignment/accounts", &next.text("accessToken"))
        .await;
    dead.is_error(401, "UnauthorizedException");
}

#[tokio::test]
async fn tokens_are_refreshed_until_the_portal_session_ends() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("admin").await;
    let mut granted = house.device_sign_in(&registered, &session).await;
    for _ in 0..7 {
        house.pass(Duration::HOUR);
        let dead = house
            .get("/assignment/accounts", &granted.text("accessToken"))
            .await;
        dead.is_error(401, "UnauthorizedException");
        granted = house
            .refresh(&registered, &granted.text("refreshToken"))
            .await;
        assert_eq!(granted.status, 200, "{granted:?}");
    }
    house.pass(Duration::minutes(30));
    granted = house
        .refresh(&registered, &granted.text("refreshToken"))
        .await;
    assert_eq!(
        granted.body["expiresIn"], 1800,
        "no longer than the session"
    );
    house.pass(Duration::minutes(30));
    let over = house
        .refresh(&registered, &granted.text("refreshToken"))
        .await;
    over.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn secrets_are_stored_hashed() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("admin").await;
    let granted = house.device_sign_in(&registered, &session).await;
    let secrets = [
        registered.secret.clone(),
        granted.text("accessToken"),
        granted.text("refreshToken"),
    ];
    let folder = house.folder.path().to_owned();
    house.portal.store().close().await;
    for entry in std::fs::read_dir(folder).expect("folder") {
        let content = std::fs::read(entry.expect("entry").path()).expect("file");
        for secret in &secrets {
            let found = content
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "a secret lies in the data folder");
        }
    }
}

#[tokio::test]
async fn a_broken_store_is_an_internal_error() {
    let house = House::new().await;
    let registered = house.register().await;
    house.portal.store().close().await;
    let started = house.start_device(&registered).await;
    started.is_oidc_error(500, "InternalServerException", "server_error");
    let accounts = house.get("/assignment/accounts", "any").await;
    accounts.is_error(500, "InternalServerException");
}

#[tokio::test]
async fn what_has_expired_is_removed_and_the_rest_stays() {
    let house = House::new().await;
    let registered = house.register().await;
    let session = house.sign_in("admin").await;
    let old = house.device_sign_in(&registered, &session).await;
    house.pass(Duration::hours(34));
    let session = house.sign_in("admin").await;
    let new = house.device_sign_in(&registered, &session).await;
    portal::expired::remove(&house.portal)
        .await
        .expect("removed");

    let counts = [
        "access_tokens",
        "refresh_tokens",
        "device_codes",
        "portal_sessions",
    ];
    for table in counts {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .fetch_one(house.portal.pool())
            .await
            .expect("a count");
        assert_eq!(count, 1, "{table}");
    }
    let refused = house.refresh(&registered, &old.text("refreshToken")).await;
    refused.is_oidc_error(400, "InvalidGrantException", "invalid_grant");
    let refreshed = house.refresh(&registered, &new.text("refreshToken")).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
}
