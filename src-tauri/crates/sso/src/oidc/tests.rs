use secrecy::ExposeSecret;
use serde_json::{Value, json};
use time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{body_json, body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::endpoints::{Endpoints, Overrides, StartUrl};
use crate::testing::{NOW, client, endpoints, refusal, registration, start_url};

fn answer(body: Value) -> ResponseTemplate {
    let date = httpdate::fmt_http_date(NOW.into());
    ResponseTemplate::new(200)
        .insert_header("date", date)
        .set_body_json(body)
}

async fn server(at: &str, template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(at))
        .respond_with(template)
        .mount(&server)
        .await;
    server
}

fn tokens() -> Value {
    json!({
        "accessToken": "the-access-token",
        "tokenType": "Bearer",
        "expiresIn": 3600,
        "refreshToken": "the-next-refresh-token",
        "idToken": null,
    })
}

fn device_answer(expires_in: u32) -> ResponseTemplate {
    answer(json!({
        "deviceCode": "the-device-code",
        "userCode": "ABCD-EFGH",
        "verificationUri": "https://acme.awsapps.com/start/#/device",
        "verificationUriComplete": "https://acme.awsapps.com/start/#/device?user_code=ABCD-EFGH",
        "expiresIn": expires_in,
        "interval": 0,
    }))
}

#[tokio::test]
async fn each_grant_registers_as_the_portal_wants() {
    let server = MockServer::start().await;
    let registered = answer(json!({
        "clientId": "id", "clientSecret": "secret", "clientIdIssuedAt": 1, "clientSecretExpiresAt": 1_800_000_000,
        "authorizationEndpoint": null, "tokenEndpoint": null,
    }));
    let common = json!({ "clientName": "Vestibule", "clientType": "public", "scopes": ["sso:account:access"] });
    let mut in_browser = common.clone();
    in_browser["grantTypes"] = json!(["authorization_code", "refresh_token"]);
    in_browser["redirectUris"] = json!(["http://127.0.0.1/oauth/callback"]);
    in_browser["issuerUrl"] = json!(start_url(&server).as_str());
    for (grant, body) in [
        (Grant::DeviceCode, common),
        (Grant::AuthorizationCode, in_browser),
    ] {
        let post = Mock::given(path("/client/register"))
            .and(body_json(body))
            .respond_with(registered.clone());
        post.expect(1).mount(&server).await;
        let made = register(&client(), &endpoints(&server), &start_url(&server), grant)
            .await
            .unwrap();
        assert_eq!(
            (made.client_id.as_str(), made.client_secret.expose_secret()),
            ("id", "secret")
        );
        assert_eq!(
            (made.expires_at.unix_timestamp(), made.grant),
            (1_800_000_000, grant)
        );
    }
}

#[tokio::test]
async fn a_portal_that_does_not_know_the_start_url_is_told_apart() {
    let refused = refusal(400, "InvalidRequestException");
    let register_server = server("/client/register", refused.clone()).await;
    let start = start_url(&register_server);
    let grant = Grant::AuthorizationCode;
    let error = register(&client(), &endpoints(&register_server), &start, grant)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::UnknownPortal);

    let device_server = server("/device_authorization", refused).await;
    let start = start_url(&device_server);
    let registration = registration(Grant::DeviceCode);
    let error = device::start(&client(), &endpoints(&device_server), &registration, &start)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::UnknownPortal);
    assert!(error.to_string().contains("As the portal says."), "{error}");
}

#[tokio::test]
async fn a_device_code_is_polled_until_it_is_approved() {
    let server = server("/device_authorization", device_answer(600)).await;
    let registration = registration(Grant::DeviceCode);
    let (client, endpoints) = (client(), endpoints(&server));
    let device = device::start(&client, &endpoints, &registration, &start_url(&server))
        .await
        .unwrap();
    assert_eq!(device.user_code, "ABCD-EFGH");
    assert_eq!(
        device.verification_uri.as_str(),
        "https://acme.awsapps.com/start/#/device"
    );
    assert!(
        device
            .verification_uri_complete
            .as_ref()
            .unwrap()
            .as_str()
            .ends_with("user_code=ABCD-EFGH")
    );
    assert_eq!(device.expires_at, NOW + Duration::minutes(10));

    let asked = json!({
        "grantType": "urn:ietf:params:oauth:grant-type:device_code",
        "clientId": "the-client-id",
        "clientSecret": "the-client-secret",
        "deviceCode": "the-device-code",
    });
    let pending = refusal(400, "AuthorizationPendingException");
    let token = || Mock::given(path("/token")).and(body_json(&asked));
    token()
        .respond_with(pending)
        .up_to_n_times(2)
        .expect(2)
        .mount(&server)
        .await;
    token()
        .respond_with(refusal(503, "InternalServerException"))
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    token()
        .respond_with(answer(tokens()))
        .expect(1)
        .mount(&server)
        .await;
    let polling = async move { device::poll(&client, &endpoints, &registration, &device).await };
    let tokens = tokio::spawn(polling).await.unwrap().unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "the-access-token");
    assert_eq!(
        tokens.refresh_token.unwrap().expose_secret(),
        "the-next-refresh-token"
    );
    assert_eq!(tokens.expires_at, NOW + Duration::hours(1));
}

#[tokio::test]
async fn a_device_code_ends_with_what_the_portal_says() {
    let ends = [
        (refusal(400, "AccessDeniedException"), Kind::AccessDenied),
        (refusal(400, "ExpiredTokenException"), Kind::Expired),
        (refusal(401, "InvalidClientException"), Kind::InvalidClient),
        (
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            Kind::Protocol,
        ),
    ];
    for (end, kind) in ends {
        let server = server("/device_authorization", device_answer(600)).await;
        Mock::given(path("/token"))
            .respond_with(end)
            .expect(1)
            .mount(&server)
            .await;
        let registration = registration(Grant::DeviceCode);
        let (client, endpoints) = (client(), endpoints(&server));
        let device = device::start(&client, &endpoints, &registration, &start_url(&server))
            .await
            .unwrap();
        let error = device::poll(&client, &endpoints, &registration, &device)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
    }
}

async fn refreshed(template: ResponseTemplate) -> Result<Tokens, Error> {
    let server = MockServer::start().await;
    let asked = json!({ "grantType": "refresh_token", "refreshToken": "the-refresh-token" });
    let post = Mock::given(path("/token"))
        .and(body_partial_json(asked))
        .respond_with(template);
    post.expect(1).mount(&server).await;
    let registration = registration(Grant::AuthorizationCode);
    let (client, endpoints) = (client(), endpoints(&server));
    let renewal = async move {
        refresh(
            &client,
            &endpoints,
            &registration,
            &"the-refresh-token".into(),
        )
        .await
    };
    tokio::spawn(renewal).await.unwrap()
}

#[tokio::test]
async fn the_old_refresh_token_stays_where_no_new_one_comes() {
    let new = refreshed(answer(tokens())).await.unwrap();
    assert_eq!(
        new.refresh_token.unwrap().expose_secret(),
        "the-next-refresh-token"
    );
    for body in [
        json!({ "accessToken": "a", "tokenType": "Bearer", "expiresIn": 60 }),
        json!({ "accessToken": "a", "tokenType": "Bearer", "expiresIn": 60, "refreshToken": null }),
    ] {
        let kept = refreshed(answer(body)).await.unwrap();
        assert_eq!(
            kept.refresh_token.unwrap().expose_secret(),
            "the-refresh-token"
        );
    }
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_presents_the_same_token_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for lost in [true, false] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 8192];
            let length = stream.read(&mut request).await.unwrap();
            asked.push(String::from_utf8_lossy(&request[..length]).contains("the-refresh-token"));
            if !lost {
                let body = tokens().to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            }
        }
        asked
    });
    let start_url: StartUrl = format!("http://{address}/start").parse().unwrap();
    let region = "eu-central-1".parse().unwrap();
    let endpoints = Endpoints::resolve(&start_url, &region, &Overrides::default());
    let registration = registration(Grant::AuthorizationCode);
    let old = "the-refresh-token".into();
    refresh(&client(), &endpoints, &registration, &old)
        .await
        .unwrap();
    assert_eq!(served.await.unwrap(), [true, true]);
}

#[tokio::test]
async fn the_user_is_told_where_the_portal_does() {
    // {"preferred_username":"ana"}
    let jwt = "e30.eyJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbmEifQ.c2ln";
    for (id_token, user) in [(json!(jwt), Some("ana")), (json!(7), None)] {
        let mut body = tokens();
        body["idToken"] = id_token;
        let answered = refreshed(answer(body)).await.unwrap();
        assert_eq!(answered.user.as_deref(), user);
    }
}

#[tokio::test]
async fn a_renewal_that_fails_says_what_it_means() {
    let failures = [
        (refusal(400, "InvalidGrantException"), Kind::InvalidGrant),
        (refusal(401, "InvalidClientException"), Kind::InvalidClient),
        (refusal(500, "InternalServerException"), Kind::ServerFault),
        (
            refusal(429, "TooManyRequestsException"),
            Kind::Throttled { retry_after: None },
        ),
        (answer(json!({ "error": "none of this" })), Kind::Protocol),
        (
            ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_grant" })),
            Kind::InvalidGrant,
        ),
    ];
    for (template, kind) in failures {
        let error = refreshed(template).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
    }
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let half = json!({ "accessToken": "the-access-token", "expiresIn": "the-refresh-token" });
    let garbled = refreshed(answer(half)).await.unwrap_err();
    let tokens = refreshed(answer(tokens())).await.unwrap();
    let server = server("/device_authorization", device_answer(600)).await;
    let registration = registration(Grant::DeviceCode);
    let start = start_url(&server);
    let device = device::start(&client(), &endpoints(&server), &registration, &start)
        .await
        .unwrap();
    let shown = format!("{garbled} {garbled:?} {tokens:?} {registration:?} {device:?}");
    for secret in [
        "the-access-token",
        "refresh-token",
        "the-client-secret",
        "the-device-code",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
