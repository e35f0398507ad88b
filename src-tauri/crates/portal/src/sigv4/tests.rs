//! `vectors.json`: AWS's published test suite (names as there) and two STS requests, each signed by
//! botocore with the suite's example key at the suite's moment.

use super::*;
use axum::http::HeaderValue;
use serde::Deserialize;
use time::macros::datetime;

const SIGNED_AT: OffsetDateTime = datetime!(2015-08-30 12:36:00 UTC);
const STS: &str = "sts-get-caller-identity";
const PRESIGNED: &str = "sts-presigned";

#[derive(Debug, Clone, Deserialize)]
struct Vector {
    name: String,
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Vector {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("vectors.json")).unwrap()
    }

    fn named(name: &str) -> Self {
        Self::all()
            .into_iter()
            .find(|vector| vector.name == name)
            .unwrap()
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .iter_mut()
            .find(|header| header.0 == name)
            .unwrap()
            .1 = value.to_owned();
        self
    }

    fn verify(&self, now: OffsetDateTime) -> Result<Claim, SignatureError> {
        self.verify_with("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", now)
    }

    fn verify_with(&self, key: &str, now: OffsetDateTime) -> Result<Claim, SignatureError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: header::HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let request = SignedRequest {
            method: &self.method.parse().unwrap(),
            uri: &self.uri.parse().unwrap(),
            headers: &headers,
            body: self.body.as_bytes(),
        };
        let claim = Claim::read(&request)?;
        claim.verify(&request, &SecretString::from(key), now)?;
        Ok(claim)
    }
}

#[test]
fn the_vectors_hold_the_signatures_aws_publishes() {
    let published = [
        (
            "get-vanilla",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "post-vanilla",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "post-x-www-form-urlencoded",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ];
    for (name, signature) in published {
        assert_eq!(
            Vector::named(name).verify(SIGNED_AT).unwrap().signature,
            signature
        );
    }
}

#[test]
fn requests_signed_by_botocore_are_accepted() {
    for vector in Vector::all() {
        let claim = vector.verify(SIGNED_AT);
        assert!(claim.is_ok(), "{}: {claim:?}", vector.name);
        assert_eq!(claim.unwrap().access_key_id, "AKIDEXAMPLE");
    }
}

#[test]
fn the_claim_tells_session_token_and_scope() {
    for name in [STS, PRESIGNED] {
        let claim = Vector::named(name).verify(SIGNED_AT).unwrap();
        assert_eq!(
            (claim.service.as_str(), claim.region.as_str()),
            ("sts", "us-east-1")
        );
        assert!(
            claim
                .session_token
                .unwrap()
                .expose_secret()
                .starts_with("AQoDYXdzEPT")
        );
    }
}

#[test]
fn an_altered_request_is_refused() {
    let sts = || Vector::named(STS);
    let token = "AQoDYXdzEPTother";
    let altered = [
        Vector {
            body: "Action=GetCallerIdentity&Version=2011-06-16".into(),
            ..sts()
        },
        Vector {
            method: "PUT".into(),
            ..sts()
        },
        Vector {
            uri: "/other".into(),
            ..sts()
        },
        Vector {
            uri: "/?Action=AssumeRole".into(),
            ..sts()
        },
        sts().header("host", "localhost:8643"),
        sts().header("x-amz-date", "20150830T123601Z"),
        sts().header("x-amz-security-token", token),
        Vector {
            uri: format!("{}&RoleArn=x", Vector::named(PRESIGNED).uri),
            ..Vector::named(PRESIGNED)
        },
    ];
    for vector in altered {
        let refused = vector.verify(SIGNED_AT);
        assert_eq!(refused.unwrap_err(), SignatureError::Mismatch, "{vector:?}");
    }
}

#[test]
fn an_altered_signature_or_another_key_is_refused() {
    let vector = Vector::named(STS);
    let authorization = vector
        .headers
        .iter()
        .find(|(name, _)| name == "authorization")
        .unwrap();
    let altered = match authorization.1.strip_suffix('2') {
        Some(start) => format!("{start}3"),
        None => format!("{}2", &authorization.1[..authorization.1.len() - 1]),
    };
    let altered = vector.clone().header("authorization", &altered);
    assert_eq!(
        altered.verify(SIGNED_AT).unwrap_err(),
        SignatureError::Mismatch
    );
    assert_eq!(
        vector.verify_with("other", SIGNED_AT).unwrap_err(),
        SignatureError::Mismatch
    );
}

#[test]
fn a_body_hash_that_is_announced_must_be_true() {
    let mut vector = Vector::named(STS);
    vector
        .headers
        .push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
    assert_eq!(
        vector.verify(SIGNED_AT).unwrap_err(),
        SignatureError::Mismatch
    );
}

#[test]
fn fifteen_minutes_of_skew_pass_and_sixteen_do_not() {
    let vector = Vector::named(STS);
    for minutes in [-15, 15] {
        assert!(
            vector
                .verify(SIGNED_AT + Duration::minutes(minutes))
                .is_ok()
        );
    }
    for minutes in [-16, 16] {
        let refused = vector
            .verify(SIGNED_AT + Duration::minutes(minutes))
            .unwrap_err();
        assert!(
            matches!(refused, SignatureError::Skewed { .. }),
            "{refused:?}"
        );
    }
}

#[test]
fn a_presigned_request_ends_when_it_says() {
    let vector = Vector::named(PRESIGNED);
    assert!(vector.verify(SIGNED_AT + Duration::seconds(60)).is_ok());
    let refused = vector
        .verify(SIGNED_AT + Duration::seconds(61))
        .unwrap_err();
    assert!(matches!(refused, SignatureError::Skewed { .. }));
}

#[test]
fn what_decides_the_meaning_must_be_signed() {
    for name in MUST_BE_SIGNED.iter().skip(2) {
        let mut vector = Vector::named("post-vanilla");
        vector
            .headers
            .push(((*name).to_owned(), hex(&Sha256::digest(""))));
        let refused = vector.verify(SIGNED_AT).unwrap_err();
        assert_eq!(
            refused,
            incomplete(&format!("'{name}' must be a signed header"))
        );
    }
    let vector = Vector::named("get-vanilla");
    let authorization = vector
        .headers
        .iter()
        .find(|(name, _)| name == "authorization")
        .unwrap();
    let without_host = authorization
        .1
        .replace("SignedHeaders=host;", "SignedHeaders=");
    let refused = vector
        .clone()
        .header("authorization", &without_host)
        .verify(SIGNED_AT);
    assert_eq!(
        refused.unwrap_err(),
        incomplete("'host' must be a signed header")
    );
}

#[test]
fn a_request_without_a_signature_is_told_so() {
    let mut vector = Vector::named(STS);
    vector.headers.retain(|(name, _)| name != "authorization");
    assert_eq!(
        vector.verify(SIGNED_AT).unwrap_err(),
        SignatureError::Missing
    );
    let bearer = Vector::named(STS).header("authorization", "Bearer abc");
    assert_eq!(
        bearer.verify(SIGNED_AT).unwrap_err(),
        SignatureError::Missing
    );
    let cut = Vector::named(STS).header("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE");
    assert!(matches!(
        cut.verify(SIGNED_AT).unwrap_err(),
        SignatureError::Incomplete(_)
    ));
}

#[test]
fn the_last_moment_there_is_is_only_too_late() {
    let vector = Vector::named(PRESIGNED);
    let refused = Vector {
        uri: vector
            .uri
            .replace("20150830", "99991231")
            .replace("T123600Z", "T235959Z"),
        ..vector
    }
    .verify(SIGNED_AT);
    let error = refused.unwrap_err();
    assert!(matches!(error, SignatureError::Skewed { .. }), "{error}");
}
