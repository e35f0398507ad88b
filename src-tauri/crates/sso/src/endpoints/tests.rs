use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::testing;

fn start_url(text: &str) -> StartUrl {
    text.parse().unwrap()
}

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

fn resolve(start: &str, home: &str) -> Endpoints {
    Endpoints::resolve(&start_url(start), &region(home), &Overrides::default())
}

#[test]
fn spellings_of_one_start_url_are_equal() {
    let spellings = [
        "https://acme.awsapps.com/start",
        "https://acme.awsapps.com/start/",
        "https://acme.awsapps.com/start#/",
        "https://acme.awsapps.com/start/#/?tab=accounts",
        r"https://acme.awsapps.com/start/\#/",
        "https://ACME.awsapps.com/start",
        "  acme.awsapps.com/start\n",
        "https://acme.awsapps.com",
    ];
    for spelling in spellings {
        assert_eq!(
            start_url(spelling).as_str(),
            "https://acme.awsapps.com/start",
            "{spelling}"
        );
    }
}

#[test]
fn every_form_of_aws_is_known_with_the_region_it_names() {
    let forms = [
        ("https://d-1234567890.awsapps.com/start", None),
        ("https://my-team-1.awsapps.com/start", None),
        (
            "https://start.us-gov-home.awsapps.com/directory/d-1234567890",
            None,
        ),
        (
            "https://start.us-gov-west-1.us-gov-home.awsapps.com/directory/acme",
            Some("us-gov-west-1"),
        ),
        ("https://start.home.awsapps.cn/directory/acme", None),
        (
            "https://start.cn-north-1.home.awsapps.cn/directory/acme",
            Some("cn-north-1"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.portal.eu-central-1.app.aws",
            Some("eu-central-1"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.us-east-2.portal.amazonaws.com",
            Some("us-east-2"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.portal.cn-northwest-1.app.amazonwebservices.com.cn",
            Some("cn-northwest-1"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.cn-north-1.portal.amazonaws.com.cn",
            Some("cn-north-1"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.portal.eusc-de-east-1.api.amazonwebservices.eu",
            Some("eusc-de-east-1"),
        ),
        (
            "https://ssoins-722314ef7d2e8a1b.eusc-de-east-1.portal.amazonaws.eu",
            Some("eusc-de-east-1"),
        ),
        (
            "https://identitycenter.amazonaws.com/ssoins-722314ef7d2e8a1b",
            None,
        ),
    ];
    for (form, home) in forms {
        let url = start_url(form);
        assert_eq!(url.as_str(), form);
        assert!(url.is_aws(), "{form}");
        assert_eq!(url.region(), home.map(region), "{form}");
    }
}

#[test]
fn a_host_that_only_looks_like_aws_is_not() {
    for text in [
        "https://awsapps.com.example.net/start",
        "https://evil-awsapps.com/start",
        "https://portal.eu-central-1.app.aws.example.net",
    ] {
        assert!(!start_url(text).is_aws(), "{text}");
        assert_eq!(start_url(text).region(), None);
    }
}

#[test]
fn plain_http_is_for_this_computer_only() {
    for text in [
        "http://localhost:8080/start",
        "http://127.0.0.1:8080/start",
        "http://[::1]:8080/start",
    ] {
        assert_eq!(start_url(text).as_str(), text);
    }
    let refused = "http://portal.example.com/start".parse::<StartUrl>();
    assert!(matches!(refused, Err(Error::NotSecure(_))));
}

#[test]
fn what_is_no_start_url_is_refused() {
    for text in ["", "acme", "ftp://acme.awsapps.com/start", "https://"] {
        assert!(
            matches!(text.parse::<StartUrl>(), Err(Error::NotAUrl(_))),
            "{text}"
        );
    }
    let with_password = "https://ada:secret@acme.awsapps.com/start".parse::<StartUrl>();
    assert_eq!(with_password, Err(Error::Credentials));
}

#[test]
fn regions_are_checked_by_shape() {
    for name in [
        "us-east-1",
        "ap-southeast-4",
        "us-gov-west-1",
        "cn-north-1",
        "eusc-de-east-1",
    ] {
        assert_eq!(region(name).as_str(), name);
    }
    assert_eq!(region(" EU-Central-1 ").as_str(), "eu-central-1");
    for name in [
        "",
        "frankfurt",
        "us-east1",
        "eu_central_1",
        "us-east-",
        "us.east-1",
        "u-east-1",
    ] {
        assert!(name.parse::<Region>().is_err(), "{name}");
    }
}

#[test]
fn each_partition_has_its_own_hosts() {
    let partitions = [
        (
            "eu-central-1",
            "aws",
            "amazonaws.com",
            "signin.aws.amazon.com",
            "console.aws.amazon.com",
        ),
        (
            "cn-north-1",
            "aws-cn",
            "amazonaws.com.cn",
            "signin.amazonaws.cn",
            "console.amazonaws.cn",
        ),
        (
            "us-gov-west-1",
            "aws-us-gov",
            "amazonaws.com",
            "signin.amazonaws-us-gov.com",
            "console.amazonaws-us-gov.com",
        ),
        (
            "eusc-de-east-1",
            "aws-eusc",
            "amazonaws.eu",
            "signin.amazonaws-eusc.eu",
            "console.amazonaws-eusc.eu",
        ),
    ];
    for (home, partition, suffix, signin, console) in partitions {
        assert_eq!(region(home).partition().as_str(), partition);
        let found = resolve("https://acme.awsapps.com/start", home);
        assert_eq!(
            found.oidc.as_str(),
            format!("https://oidc.{home}.{suffix}/")
        );
        assert_eq!(
            found.portal.as_str(),
            format!("https://portal.sso.{home}.{suffix}/")
        );
        assert_eq!(found.sts.as_str(), format!("https://sts.{home}.{suffix}/"));
        assert_eq!(found.signin.as_str(), format!("https://{signin}/"));
        assert_eq!(found.console.as_str(), format!("https://{console}/"));
    }
}

#[test]
fn a_portal_outside_aws_has_everything_under_its_origin() {
    let found = resolve("http://localhost:4545/start", "us-east-1");
    for url in [&found.oidc, &found.portal, &found.signin, &found.sts] {
        assert_eq!(url.as_str(), "http://localhost:4545/");
    }
    assert_eq!(found.console.as_str(), "http://localhost:4545/console");
}

#[test]
fn overrides_stand_above_what_follows_from_the_start_url() {
    let oidc: Url = "http://127.0.0.1:9/oidc".parse().unwrap();
    let overrides = Overrides {
        oidc: Some(oidc.clone()),
        ..Overrides::default()
    };
    let start = start_url("https://d-1234567890.awsapps.com/start");
    let found = Endpoints::resolve(&start, &region("us-east-1"), &overrides);
    assert_eq!(found.oidc, oidc);
    assert_eq!(
        found.portal.as_str(),
        "https://portal.sso.us-east-1.amazonaws.com/"
    );
    assert_eq!(
        under(&found.oidc, "/token").as_str(),
        "http://127.0.0.1:9/oidc/token"
    );
}

/// Where a portal that answers with a redirect to `location` turns out to be; none for itself.
async fn redirect_to(location: &str) -> Option<StartUrl> {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(302).insert_header("location", location);
    Mock::given(path("/start"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let asked = testing::start_url(&server);
    let found = follow_redirect(&testing::client(), &asked).await.unwrap();
    (found != asked).then_some(found)
}

#[tokio::test]
async fn a_companys_own_address_leads_to_its_portal_by_one_redirect() {
    let found = redirect_to("https://d-1234567890.awsapps.com/start/").await;
    assert_eq!(
        found,
        Some(start_url("https://d-1234567890.awsapps.com/start"))
    );
    let found = redirect_to("https://ssoins-722314ef7d2e8a1b.portal.eu-west-1.app.aws/").await;
    assert_eq!(found.unwrap().region(), Some(region("eu-west-1")));
}

#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed() {
    for elsewhere in [
        "https://login.example.com/",
        "/sign-in",
        "http://d-1234567890.awsapps.com/start",
    ] {
        assert_eq!(redirect_to(elsewhere).await, None, "{elsewhere}");
    }
}
