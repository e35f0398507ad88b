//! Signatures are compared with botocore's, answers with the examples AWS documents.

use time::macros::datetime;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::testing::{NOW, client};

const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

/// The example key of AWS's documentation.
fn example() -> RoleCredentials {
    RoleCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: TOKEN.into(),
        expiration: NOW,
        expires_at: NOW,
    }
}

fn deploy() -> AssumeRole {
    AssumeRole::new("arn:aws:iam::111122223333:role/Deploy".parse().unwrap())
}

async fn answer_of(status: u16, body: &str) -> (Result<RoleCredentials, Error>, Vec<Request>) {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(status).set_body_raw(body, "text/xml");
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    let (client, region) = (client(), "eu-west-1".parse().unwrap());
    let url = server.uri().parse().unwrap();
    let code = SecretString::from("123456");
    let result = assume_role(&client, &url, &region, &example(), &deploy(), Some(&code)).await;
    (result, server.received_requests().await.unwrap())
}

fn error(code: &str, message: &str) -> String {
    format!(
        r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>
  <RequestId>6ae8c5f5-0f5b-4a5c-9f5e-example</RequestId>
</ErrorResponse>"#
    )
}

#[test]
fn requests_are_signed_as_botocore_signs_them() {
    let body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDeploy&RoleSessionName=ana%40example.com";
    for (url, signature) in [
        (
            "https://sts.eu-west-1.amazonaws.com/",
            "131f0d55448db2fb4c47db860846acec48bca7b0564a298ff31721b2bcc6b095",
        ),
        (
            "http://localhost:8081/under/a%20path",
            "404e106849533cc4ea87789b5e2a4196f34ee153a6a7866c31b47fa66e6fdd05",
        ),
    ] {
        let url = url.parse().unwrap();
        let signed = Signed::post(&url, FORM, body, &example(), "eu-west-1", NOW);
        assert_eq!(signed.date, "20261122T120000Z");
        assert_eq!(
            signed.authorization,
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/sts/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
                 Signature={signature}"
            )
        );
    }
}

#[test]
fn the_region_signed_for_is_that_of_the_address() {
    for (url, region) in [
        ("https://sts.amazonaws.com/", Some("us-east-1")),
        ("https://sts.ap-south-1.amazonaws.com/", Some("ap-south-1")),
        (
            "https://sts.cn-north-1.amazonaws.com.cn/",
            Some("cn-north-1"),
        ),
        (
            "https://sts-fips.us-west-2.amazonaws.com/",
            Some("us-west-2"),
        ),
        ("http://localhost:8081/", None),
        ("https://sts.example.com/", None),
    ] {
        assert_eq!(region_of(&url.parse().unwrap()), region, "{url}");
    }
}

#[tokio::test]
async fn the_documented_answer_is_read() {
    // The example of the API reference.
    let body = r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
  <SourceIdentity>DevUser123</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>
      <SessionToken>
       AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==
      </SessionToken>
      <Expiration>2019-11-09T13:34:41Z</Expiration>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>"#;
    let (result, _) = answer_of(200, body).await;
    let credentials = result.unwrap();
    assert_eq!(credentials.access_key_id, "ASIAIOSFODNN7EXAMPLE");
    assert_eq!(credentials.session_token.expose_secret(), TOKEN);
    assert_eq!(credentials.expiration, datetime!(2019-11-09 13:34:41 UTC));
}

#[tokio::test]
async fn refusals_are_told_apart_by_the_codes_of_aws() {
    let denied = "User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: \
                  sts:AssumeRole on resource: arn:aws:iam::444455556666:role/c";
    let wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    let needed = "MultiFactorAuthentication failed, must provide both MFA serial number and one \
                  time pass code.";
    let skewed = "Signature expired: 20261122T113000Z is now earlier than 20261122T114500Z";
    let mismatch = "The request signature we calculated does not match the signature you provided.";
    for (status, code, message, reason, kind) in [
        (403, "AccessDenied", denied, Reason::Denied, Kind::Forbidden),
        (
            403,
            "AccessDenied",
            wrong,
            Reason::WrongCode,
            Kind::Forbidden,
        ),
        (403, "AccessDenied", needed, Reason::Denied, Kind::Forbidden),
        (
            403,
            "ExpiredToken",
            "",
            Reason::DeadCredentials,
            Kind::Unauthorized,
        ),
        (
            403,
            "InvalidClientTokenId",
            "",
            Reason::DeadCredentials,
            Kind::Unauthorized,
        ),
        (400, "ValidationError", "", Reason::Invalid, Kind::Rejected),
        (
            403,
            "RegionDisabledException",
            "",
            Reason::RegionDisabled,
            Kind::Forbidden,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            skewed,
            Reason::WrongClock,
            Kind::Rejected,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            mismatch,
            Reason::Other,
            Kind::Forbidden,
        ),
        (
            400,
            "Throttling",
            "",
            Reason::Other,
            Kind::Throttled { retry_after: None },
        ),
        (500, "InternalFailure", "", Reason::Other, Kind::ServerFault),
    ] {
        let (result, requests) = answer_of(status, &error(code, message)).await;
        let error = result.unwrap_err();
        assert_eq!(error.reason(), reason, "{code}: {message}");
        assert_eq!(error.kind(), kind, "{code}: {message}");
        // A code works once, so it is sent once, unless nobody has looked at it.
        let times = if reason == Reason::WrongClock { 2 } else { 1 };
        assert_eq!(requests.len(), times, "{code}: {message}");
    }
    let (result, _) = answer_of(200, "<html>Sign in to the network</html>").await;
    assert_eq!(result.unwrap_err().kind(), Kind::Protocol);
    let (result, _) = answer_of(403, "<html>Sign in to the network</html>").await;
    assert_eq!(result.unwrap_err().kind(), Kind::Protocol);
}

#[tokio::test]
async fn passing_failures_are_tried_again_where_no_code_is_spent() {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(503);
    Mock::given(any())
        .respond_with(template)
        .expect(4)
        .mount(&server)
        .await;
    let (url, region) = (server.uri().parse().unwrap(), "eu-west-1".parse().unwrap());
    let result = assume_role(&client(), &url, &region, &example(), &deploy(), None).await;
    assert_eq!(result.unwrap_err().kind(), Kind::ServerFault);
}

#[test]
fn everything_that_is_asked_stands_in_the_form() {
    let mut request = deploy();
    let code = SecretString::from("123456");
    assert_eq!(
        *request.form(Some(&code)),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDeploy&RoleSessionName=vestibule",
        "a code without a device is not sent"
    );
    request.session_name = Some("ana".to_owned());
    request.duration_seconds = Some(900);
    request.external_id = Some("a:b/c".to_owned());
    request.source_identity = Some("ana@example.com".to_owned());
    request.serial_number = Some("arn:aws:iam::111122223333:mfa/ana".to_owned());
    request.tags = [("Project", "a b"), ("Cost", "1")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    let form = request.form(Some(&code));
    let fields: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(
        fields[3..],
        [
            ("RoleSessionName", "ana"),
            ("DurationSeconds", "900"),
            ("Tags.member.1.Key", "Cost"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "Project"),
            ("Tags.member.2.Value", "a b"),
            ("ExternalId", "a:b/c"),
            ("SourceIdentity", "ana@example.com"),
            ("SerialNumber", "arn:aws:iam::111122223333:mfa/ana"),
            ("TokenCode", "123456"),
        ]
    );
}

#[test]
fn what_aws_would_refuse_is_refused_when_it_is_written() {
    for arn in [
        "arn:aws:iam::111122223333:role/Deploy",
        "arn:aws-cn:iam::111122223333:role/service/team/Deploy",
    ] {
        let parsed: RoleArn = arn.parse().unwrap();
        assert_eq!(
            (parsed.account_id(), parsed.as_str()),
            ("111122223333", arn)
        );
    }
    for arn in [
        "Deploy",
        "arn:aws:iam::1111:role/Deploy",
        "arn:aws:iam::111122223333:user/ana",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:sts::111122223333:assumed-role/Deploy/ana",
    ] {
        assert_eq!(
            arn.parse::<RoleArn>(),
            Err(Invalid::RoleArn(arn.to_owned()))
        );
    }
    let said = |change: fn(&mut AssumeRole)| {
        let mut request = deploy();
        change(&mut request);
        request.check().map_err(|error| error.to_string())
    };
    assert_eq!(said(|_| {}), Ok(()));
    let tag = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
    assert_eq!(said(|one| one.duration_seconds = Some(3600)), Ok(()));
    for (change, words) in [
        (
            (|one| one.duration_seconds = Some(43_200)) as fn(&mut AssumeRole),
            "lasts an hour at most",
        ),
        (
            |one| one.duration_seconds = Some(60),
            "a quarter of an hour at least",
        ),
        (
            |one| one.session_name = Some("two words".to_owned()),
            "session name “two words”",
        ),
        (
            |one| one.external_id = Some("x".to_owned()),
            "external id “x”",
        ),
        (
            |one| one.source_identity = Some("ä ö".to_owned()),
            "source identity",
        ),
        (
            |one| one.serial_number = Some("short".to_owned()),
            "MFA device “short”",
        ),
        (
            |one| one.tags = [("aws:x".to_owned(), String::new())].into(),
            "session tag “aws:x=”",
        ),
    ] {
        let error = said(change).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    let mut request = deploy();
    request.tags = tag("Straße 1", "größer");
    assert_eq!(request.check(), Ok(()));
}

#[tokio::test]
async fn a_computer_whose_clock_is_wrong_signs_by_the_servers() {
    let server = MockServer::start().await;
    let skewed = "Signature expired: 20261122T120000Z is now earlier than 20261122T144500Z";
    let refused = ResponseTemplate::new(403)
        .insert_header("date", "Sun, 22 Nov 2026 15:00:00 GMT")
        .set_body_raw(error("SignatureDoesNotMatch", skewed), "text/xml");
    let mock = Mock::given(any()).respond_with(refused);
    mock.expect(2).mount(&server).await;
    let (url, region) = (server.uri().parse().unwrap(), "eu-west-1".parse().unwrap());
    let code = SecretString::from("123456");
    let result = assume_role(&client(), &url, &region, &example(), &deploy(), Some(&code)).await;
    assert_eq!(result.unwrap_err().reason(), Reason::WrongClock);
    let requests = server.received_requests().await.unwrap();
    let dates: Vec<_> = requests
        .iter()
        .map(|one| one.headers["x-amz-date"].to_str().unwrap())
        .collect();
    assert_eq!(dates, ["20261122T120000Z", "20261122T150000Z"]);
}
