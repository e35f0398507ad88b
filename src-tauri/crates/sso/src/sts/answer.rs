//! The XML of STS, at its border.

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::http::{Error, Received, Refusal};
use crate::portal::RoleCredentials;

/// The credentials of an answer, or what STS says instead.
pub(super) fn read(received: &Received) -> Result<RoleCredentials, Error> {
    let host = || received.host.clone();
    if !(200..300).contains(&received.status) {
        return Err(refused(received));
    }
    let unexpected = |what: &str| Error::Unexpected {
        host: host(),
        what: what.to_owned(),
    };
    let told: AssumeRoleResponse =
        xml(&received.body).ok_or_else(|| unexpected("its answer is not that of AssumeRole"))?;
    let told = told.assume_role_result.credentials;
    let expiration = OffsetDateTime::parse(&told.expiration, &Rfc3339)
        .map_err(|_| unexpected("its expiration is no time"))?;
    Ok(RoleCredentials {
        access_key_id: told.access_key_id,
        secret_access_key: told.secret_access_key,
        session_token: told.session_token,
        expiration,
        expires_at: received.on_our_clock(expiration),
    })
}

fn refused(received: &Received) -> Error {
    let (host, status) = (received.host.clone(), received.status);
    let told = xml::<ErrorResponse>(&received.body).map(|response| response.error);
    let (code, message) = match told {
        Some(told) => (told.code, told.message.map(|text| text.trim().to_owned())),
        // A gateway in between answers these without AWS's manners.
        None if status == 429 || status >= 500 => (format!("HTTP {status}"), None),
        None => return Error::Unexplained { host, status },
    };
    Error::Refused(Box::new(Refusal {
        host,
        status,
        code,
        message,
        retry_after: None,
    }))
}

fn xml<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    quick_xml::de::from_str(std::str::from_utf8(body).ok()?).ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleResponse {
    assume_role_result: AssumeRoleResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleResult {
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    #[serde(deserialize_with = "secret")]
    secret_access_key: SecretString,
    #[serde(deserialize_with = "secret")]
    session_token: SecretString,
    expiration: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorResponse {
    error: ErrorTold,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorTold {
    code: String,
    message: Option<String>,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    Ok(text.trim().into())
}
