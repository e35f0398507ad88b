use serde_json::json;
use tokio::sync::{mpsc, watch};
use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::*;
use crate::testing::{NOW, client, endpoints, refusal};

fn portal(server: &MockServer) -> Portal {
    Portal::new(&client(), &endpoints(server))
}

fn token() -> SecretString {
    "the-access-token".into()
}

fn get(at: &str) -> MockBuilder {
    Mock::given(method("GET"))
        .and(path(at))
        .and(header(BEARER, "the-access-token"))
}

fn answer(body: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn account(id: &str) -> serde_json::Value {
    json!({ "accountId": id, "accountName": format!("Account {id}"), "emailAddress": "a@example.com" })
}

fn roles(names: &[&str]) -> ResponseTemplate {
    let roles: Vec<_> = names
        .iter()
        .map(|name| json!({ "roleName": name, "accountId": "1" }))
        .collect();
    answer(json!({ "roleList": roles, "nextToken": null }))
}

/// Two pages of accounts: 111 and 222, then 333.
async fn with_accounts() -> MockServer {
    let server = MockServer::start().await;
    let accounts = || get("/assignment/accounts").and(query_param("max_result", "100"));
    let first = json!({ "accountList": [account("111"), account("222")], "nextToken": "page/2" });
    let second = json!({ "accountList": [account("333")] });
    accounts()
        .and(query_param_is_missing("next_token"))
        .respond_with(answer(first))
        .mount(&server)
        .await;
    accounts()
        .and(query_param("next_token", "page/2"))
        .respond_with(answer(second))
        .mount(&server)
        .await;
    server
}

fn roles_of(id: &str) -> MockBuilder {
    get("/assignment/roles")
        .and(query_param("account_id", id))
        .and(query_param("max_result", "100"))
}

async fn list(server: &MockServer) -> (Result<(), Error>, Vec<(String, Vec<String>)>) {
    let (sender, mut receiver) = mpsc::channel(8);
    let (_renewed, token) = watch::channel(token());
    let result = portal(server).list_all(&token, sender).await;
    let mut found = Vec::new();
    while let Some(next) = receiver.recv().await {
        found.push((next.account.id, next.roles));
    }
    found.sort();
    (result, found)
}

#[tokio::test]
async fn every_page_of_accounts_and_roles_is_listed() {
    let server = with_accounts().await;
    roles_of("111")
        .respond_with(roles(&["Admin", "Billing"]))
        .mount(&server)
        .await;
    roles_of("222")
        .respond_with(roles(&[]))
        .mount(&server)
        .await;
    let first =
        json!({ "roleList": [{ "roleName": "A", "accountId": "333" }], "nextToken": "more" });
    roles_of("333")
        .and(query_param_is_missing("next_token"))
        .respond_with(answer(first))
        .mount(&server)
        .await;
    roles_of("333")
        .and(query_param("next_token", "more"))
        .respond_with(roles(&["B"]))
        .mount(&server)
        .await;

    let (result, found) = list(&server).await;
    result.unwrap();
    let of = |id: &str, names: &[&str]| {
        (
            id.to_owned(),
            names.iter().map(|&name| name.to_owned()).collect(),
        )
    };
    assert_eq!(
        found,
        [
            of("111", &["Admin", "Billing"]),
            of("222", &[]),
            of("333", &["A", "B"])
        ]
    );
}

#[tokio::test]
async fn throttling_and_passing_failures_are_survived() {
    let server = with_accounts().await;
    let throttled = refusal(429, "TooManyRequestsException").insert_header("retry-after", "0");
    roles_of("111")
        .respond_with(throttled)
        .up_to_n_times(2)
        .expect(2)
        .mount(&server)
        .await;
    let failed = refusal(503, "InternalServerException");
    roles_of("222")
        .respond_with(failed)
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    get("/assignment/roles")
        .respond_with(roles(&["Admin"]))
        .mount(&server)
        .await;

    let (result, found) = list(&server).await;
    result.unwrap();
    assert_eq!(found.len(), 3);
}

#[tokio::test]
async fn one_account_that_cannot_be_read_does_not_hide_the_others() {
    let server = with_accounts().await;
    roles_of("111")
        .respond_with(refusal(403, "ForbiddenException"))
        .mount(&server)
        .await;
    get("/assignment/roles")
        .respond_with(roles(&["Admin"]))
        .mount(&server)
        .await;

    let (result, found) = list(&server).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    assert!(error.to_string().contains("111"), "{error}");
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn a_dead_token_ends_the_listing() {
    let server = with_accounts().await;
    let dead = refusal(401, "UnauthorizedException");
    get("/assignment/roles")
        .respond_with(dead)
        .mount(&server)
        .await;
    assert_eq!(
        list(&server).await.0.unwrap_err().kind(),
        Kind::Unauthorized
    );
}

#[tokio::test]
async fn a_listing_goes_on_with_the_token_that_replaced_its_own() {
    let server = with_accounts().await;
    let (renewed, token) = watch::channel(token());
    let replace = move |_: &wiremock::Request| {
        renewed.send_replace("the-next-token".into());
        refusal(401, "UnauthorizedException")
    };
    get("/assignment/roles")
        .respond_with(replace)
        .mount(&server)
        .await;
    Mock::given(path("/assignment/roles"))
        .and(header(BEARER, "the-next-token"))
        .respond_with(roles(&["Admin"]))
        .mount(&server)
        .await;
    Mock::given(path("/assignment/accounts"))
        .and(header(BEARER, "the-next-token"))
        .respond_with(answer(json!({ "accountList": [account("333")] })))
        .mount(&server)
        .await;
    let (sender, mut receiver) = mpsc::channel(8);
    portal(&server).list_all(&token, sender).await.unwrap();
    let mut found = Vec::new();
    assert_eq!(receiver.recv_many(&mut found, 8).await, 3);
}

async fn credentials(template: ResponseTemplate) -> Result<RoleCredentials, Error> {
    let server = MockServer::start().await;
    let asked = get("/federation/credentials")
        .and(query_param("account_id", "111122223333"))
        .and(query_param("role_name", "Admin & more"));
    asked.respond_with(template).mount(&server).await;
    portal(&server)
        .get_role_credentials(&token(), "111122223333", "Admin & more")
        .await
}

fn good_credentials(server_time: OffsetDateTime) -> ResponseTemplate {
    let expiration = (NOW.unix_timestamp() + 3600) * 1000 + 250;
    let date = httpdate::fmt_http_date(server_time.into());
    let answer = answer(json!({ "roleCredentials": {
        "accessKeyId": "ASIAEXAMPLE",
        "secretAccessKey": "the-secret-key",
        "sessionToken": "the-session-token",
        "expiration": expiration,
    }}));
    answer.insert_header("date", date)
}

#[tokio::test]
async fn credentials_come_with_their_end() {
    let taken = credentials(good_credentials(NOW)).await.unwrap();
    assert_eq!(taken.access_key_id, "ASIAEXAMPLE");
    assert_eq!(taken.secret_access_key.expose_secret(), "the-secret-key");
    assert_eq!(taken.session_token.expose_secret(), "the-session-token");
    assert_eq!(
        taken.expiration,
        NOW + time::Duration::hours(1) + time::Duration::milliseconds(250)
    );
    assert_eq!(taken.expires_at, taken.expiration);
    let shown = format!("{taken:?}");
    assert!(
        shown.contains("ASIAEXAMPLE") && !shown.contains("the-s"),
        "{shown}"
    );
}

#[tokio::test]
async fn credentials_live_as_long_as_they_do_by_the_portals_own_clock() {
    let behind = time::Duration::minutes(20);
    let taken = credentials(good_credentials(NOW - behind)).await.unwrap();
    assert_eq!(taken.expires_at - taken.expiration, behind);
}

#[tokio::test]
async fn refused_credentials_name_the_role_and_the_reason() {
    let failures = [
        (refusal(403, "ForbiddenException"), Kind::Forbidden),
        (refusal(401, "UnauthorizedException"), Kind::Unauthorized),
        (
            answer(json!({ "roleCredentials": { "accessKeyId": "the-secret-key" } })),
            Kind::Protocol,
        ),
        (
            refusal(429, "TooManyRequestsException").insert_header("retry-after", "60"),
            Kind::Throttled {
                retry_after: Some(Duration::from_secs(60)),
            },
        ),
    ];
    for (template, kind) in failures {
        let error = credentials(template).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains("Admin & more"), "{error}");
        assert!(!format!("{error:?}").contains("the-secret-key"));
    }
}

#[tokio::test]
async fn a_session_that_has_already_ended_is_signed_out() {
    for (template, good) in [
        (ResponseTemplate::new(200), true),
        (refusal(401, "UnauthorizedException"), true),
        (refusal(400, "InvalidRequestException"), false),
    ] {
        let server = MockServer::start().await;
        let post = Mock::given(method("POST"))
            .and(path("/logout"))
            .and(header(BEARER, "the-access-token"));
        post.respond_with(template).expect(1).mount(&server).await;
        assert_eq!(portal(&server).logout(&token()).await.is_ok(), good);
    }
}

#[tokio::test]
async fn applications_open_at_the_portal_and_nowhere_else() {
    let server = MockServer::start().await;
    let told = json!({ "result": [
        { "id": "apl-1", "name": "Grafana", "startUrl": format!("{}/start/application?id=apl-1", server.uri()) },
        { "id": "apl-2", "name": "Elsewhere", "startUrl": "https://example.com/" },
        { "id": "ins-3", "name": "AWS Account", "applicationId": "app-1" },
    ], "paginationToken": null });
    get("/instance/appinstances")
        .respond_with(answer(told))
        .mount(&server)
        .await;
    let (_renewed, token) = watch::channel(token());
    let applications = portal(&server).list_applications(&token).await.unwrap();
    let names: Vec<_> = applications.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Grafana"]);
}
