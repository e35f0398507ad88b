//! Signature Version 4 as a client makes it, for requests to `POST /`.

use hmac::{Hmac, KeyInit, Mac};
use portal::access::IssuedCredentials;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, macros::format_description};

/// What a request to `POST /` is signed with and for.
#[derive(Clone)]
pub(crate) struct Signer<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) secret_access_key: &'a str,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    /// The operation, where the API names it in a header.
    pub(crate) target: Option<&'a str>,
}

impl<'a> Signer<'a> {
    pub(crate) fn of(credentials: &'a IssuedCredentials, service: &'a str) -> Self {
        Self {
            access_key_id: &credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose_secret(),
            session_token: Some(credentials.session_token.expose_secret()),
            service,
            region: "us-east-1",
            target: None,
        }
    }

    /// The headers of a request with this body, signed at this moment.
    pub(crate) fn sign(&self, body: &str, now: OffsetDateTime) -> Vec<(&'static str, String)> {
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let timestamp = now.format(format).expect("formatted");
        let mut headers = vec![
            ("host", "localhost:8123".to_owned()),
            ("x-amz-date", timestamp.clone()),
        ];
        headers.extend(
            self.session_token
                .map(|token| ("x-amz-security-token", token.to_owned())),
        );
        headers.extend(
            self.target
                .map(|target| ("x-amz-target", target.to_owned())),
        );
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let signed = names.join(";");
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let hash = hex(&Sha256::digest(body));
        let canonical = format!("POST\n/\n\n{lines}\n{signed}\n{hash}");
        let date = &timestamp[..8];
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}",
            hex(&Sha256::digest(canonical))
        );
        let key = [date, self.region, self.service, "aws4_request", &text]
            .iter()
            .fold(
                format!("AWS4{}", self.secret_access_key).into_bytes(),
                |key, part| {
                    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
                    mac.update(part.as_bytes());
                    mac.finalize().into_bytes().to_vec()
                },
            );
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={}",
            self.access_key_id,
            hex(&key)
        );
        headers.push(("authorization", authorization));
        headers
    }
}

/// The headers of a request with this body, signed at this moment.
pub(crate) fn sign(
    credentials: &IssuedCredentials,
    service: &str,
    body: &str,
    now: OffsetDateTime,
) -> Vec<(&'static str, String)> {
    Signer::of(credentials, service).sign(body, now)
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
