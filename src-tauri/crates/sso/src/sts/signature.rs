//! Signature Version 4 of one request: a POST whose body is at hand.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;
use url::Url;
use zeroize::Zeroizing;

use crate::portal::RoleCredentials;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const HEADERS: &str = "content-type;host;x-amz-date;x-amz-security-token";

/// The two headers that a signature is told in.
pub(super) struct Signed {
    /// `X-Amz-Date`.
    pub(super) date: String,
    /// `Authorization`.
    pub(super) authorization: String,
}

impl Signed {
    /// Signs a POST of `body` to `url`, which goes out with these headers and the session token.
    pub(super) fn post(
        url: &Url,
        content_type: &str,
        body: &str,
        credentials: &RoleCredentials,
        region: &str,
        now: OffsetDateTime,
    ) -> Self {
        let date = moment(now);
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let token = credentials.session_token.expose_secret();
        let canonical = Zeroizing::new(format!(
            "POST\n{}\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:{date}\n\
             x-amz-security-token:{token}\n\n{HEADERS}\n{}",
            // AWS encodes what is encoded in the address once more.
            url.path().replace('%', "%25"),
            hex(&Sha256::digest(body.as_bytes())),
        ));
        let scope = format!("{}/{region}/sts/aws4_request", &date[..8]);
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        let text = format!("{ALGORITHM}\n{date}\n{scope}\n{digest}");
        let signature = hex(&*hmac(&*key(credentials, &scope), &text));
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={HEADERS}, Signature={signature}",
            credentials.access_key_id
        );
        Self {
            date,
            authorization,
        }
    }
}

/// The key of one day, region and service.
fn key(credentials: &RoleCredentials, scope: &str) -> Zeroizing<[u8; 32]> {
    let secret = credentials.secret_access_key.expose_secret();
    let first = Zeroizing::new(format!("AWS4{secret}"));
    let mut parts = scope.split('/');
    let day = parts.next().unwrap_or_default();
    parts.fold(hmac(first.as_bytes(), day), |key, part| hmac(&*key, part))
}

fn hmac(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    #[expect(clippy::expect_used, reason = "RFC 2104 takes any key")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn moment(now: OffsetDateTime) -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    // A year of four digits can always be written.
    now.to_offset(time::UtcOffset::UTC)
        .format(format)
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
