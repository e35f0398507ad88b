//! Signature Version 4 as a client makes it, for requests to `POST /`.

use hmac::{Hmac, KeyInit, Mac};
use portal::access::IssuedCredentials;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, macros::format_description};

/// The headers of a request with this body, signed at this moment.
pub(crate) fn sign(
    credentials: &IssuedCredentials,
    service: &str,
    body: &str,
    now: OffsetDateTime,
) -> Vec<(&'static str, String)> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let timestamp = now.format(format).expect("formatted");
    let date = &timestamp[..8];
    let token = credentials.session_token.expose_secret();
    let signed = "host;x-amz-date;x-amz-security-token";
    let canonical = format!(
        "POST\n/\n\nhost:localhost:8123\nx-amz-date:{timestamp}\nx-amz-security-token:{token}\n\n\
         {signed}\n{}",
        hex(&Sha256::digest(body))
    );
    let scope = format!("{date}/us-east-1/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let secret = format!("AWS4{}", credentials.secret_access_key.expose_secret());
    let key = [date, "us-east-1", service, "aws4_request", &text]
        .iter()
        .fold(secret.into_bytes(), |key, part| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(part.as_bytes());
            mac.finalize().into_bytes().to_vec()
        });
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={}",
        credentials.access_key_id,
        hex(&key)
    );
    vec![
        ("host", "localhost:8123".to_owned()),
        ("x-amz-date", timestamp.clone()),
        ("x-amz-security-token", token.to_owned()),
        ("authorization", authorization),
    ]
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
