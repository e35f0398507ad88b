use std::collections::HashMap;

use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::endpoints::Overrides;
use crate::testing::{self, NOW, client, refusal};

fn endpoints(start_url: &str, region: &str) -> Endpoints {
    Endpoints::resolve(
        &start_url.parse().unwrap(),
        &region.parse().unwrap(),
        &Overrides::default(),
    )
}

fn of_aws(region: &str) -> Endpoints {
    endpoints("https://acme.awsapps.com/start", region)
}

fn land(endpoints: &Endpoints, region: &str, service: Option<&str>) -> String {
    destination(endpoints, &region.parse().unwrap(), service).into()
}

fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

#[test]
fn one_lands_in_the_console_of_the_partition() {
    let aws = of_aws("eu-central-1");
    assert_eq!(
        land(&aws, "us-east-2", Some("s3")),
        "https://us-east-2.console.aws.amazon.com/s3/home?region=us-east-2"
    );
    assert_eq!(
        land(&aws, "us-east-2", None),
        "https://us-east-2.console.aws.amazon.com/console/home?region=us-east-2"
    );
    let hosts = [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        (
            "us-gov-west-1",
            "us-gov-west-1.console.amazonaws-us-gov.com",
        ),
        ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ];
    for (region, host) in hosts {
        let url = land(&of_aws(region), region, Some("ec2"));
        assert_eq!(url, format!("https://{host}/ec2/home?region={region}"));
    }
}

#[test]
fn a_portal_outside_aws_has_its_own_console() {
    let own = endpoints("http://localhost:4545/start", "us-east-1");
    assert_eq!(
        land(&own, "eu-west-1", Some("s3")),
        "http://localhost:4545/console/s3/home?region=eu-west-1"
    );
    assert_eq!(
        land(&own, "eu-west-1", None),
        "http://localhost:4545/console/home?region=eu-west-1"
    );
}

#[test]
fn a_services_name_stays_within_its_place() {
    let url = land(&of_aws("us-east-1"), "us-east-1", Some("../?x=y#z"));
    let url = Url::parse(&url).unwrap();
    assert_eq!(url.host_str(), Some("us-east-1.console.aws.amazon.com"));
    assert_eq!(url.query(), Some("region=us-east-1"));
}

#[test]
fn the_login_link_is_secret_and_whole() {
    let start = "https://acme.awsapps.com/start".parse().unwrap();
    let to: Url = "https://us-east-1.console.aws.amazon.com/s3/home?region=us-east-1"
        .parse()
        .unwrap();
    let link = login_url(&of_aws("us-east-1"), &start, &to, &"the+token/=".into());
    assert!(!format!("{link:?}").contains("token/"));
    let link = link.expose_secret();
    assert!(
        link.starts_with("https://signin.aws.amazon.com/federation?"),
        "{link}"
    );
    let query = query(link);
    assert_eq!(query["Action"], "login");
    assert_eq!(query["Issuer"], "https://acme.awsapps.com/start");
    assert_eq!(query["Destination"], to.as_str());
    assert_eq!(query["SigninToken"], "the+token/=");
}

#[test]
fn the_shortcut_is_the_portals_own() {
    let start = "https://acme.awsapps.com/start/#/".parse().unwrap();
    let to: Url = "https://us-east-1.console.aws.amazon.com/s3/home?region=us-east-1"
        .parse()
        .unwrap();
    assert_eq!(
        shortcut_url(&start, "111122223333", "Power User", None).as_str(),
        "https://acme.awsapps.com/start/#/console?account_id=111122223333&role_name=Power+User"
    );
    let with_destination = shortcut_url(&start, "111122223333", "Admin", Some(&to));
    assert!(with_destination.as_str().ends_with(
        "&destination=https%3A%2F%2Fus-east-1.console.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Dus-east-1"
    ));
}

fn credentials() -> RoleCredentials {
    RoleCredentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "the-secret-key".into(),
        session_token: "the-session-token".into(),
        expiration: NOW,
        expires_at: NOW,
    }
}

#[tokio::test]
async fn credentials_go_to_the_sign_in_in_the_body_alone() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "SigninToken": "the-token" }));
    Mock::given(method("POST"))
        .and(path("/federation"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let endpoints = testing::endpoints(&server);
    let hour = Some(Duration::from_secs(3600));
    for duration in [None, hour] {
        let token = signin_token(&client(), &endpoints, &credentials(), duration)
            .await
            .unwrap();
        assert_eq!(token.expose_secret(), "the-token");
    }
    let requests = server.received_requests().await.unwrap();
    for (request, duration) in requests.iter().zip([None, Some("3600")]) {
        assert_eq!(request.url.query(), None);
        let form: HashMap<String, String> = url::form_urlencoded::parse(&request.body)
            .into_owned()
            .collect();
        assert_eq!(form["Action"], "getSigninToken");
        assert_eq!(form.get("SessionDuration").map(String::as_str), duration);
        let session: serde_json::Value = serde_json::from_str(&form["Session"]).unwrap();
        let whole = json!({
            "sessionId": "ASIAEXAMPLE",
            "sessionKey": "the-secret-key",
            "sessionToken": "the-session-token",
        });
        assert_eq!(session, whole);
    }
}

#[tokio::test]
async fn refused_credentials_are_told_from_a_portal_that_is_none() {
    let page = |status| ResponseTemplate::new(status).set_body_raw("<html>", "text/html");
    let answers = [
        (refusal(403, "AccessDenied"), Kind::Forbidden),
        (page(400), Kind::Forbidden),
        (page(404), Kind::Protocol),
        (page(200), Kind::Protocol),
    ];
    for (answer, kind) in answers {
        let server = MockServer::start().await;
        Mock::given(path("/federation"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let endpoints = testing::endpoints(&server);
        let refused = signin_token(&client(), &endpoints, &credentials(), None).await;
        assert_eq!(refused.unwrap_err().kind(), kind);
    }
}
