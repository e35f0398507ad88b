//! AWS Signature Version 4, from the server's side.
//!
//! A request is verified in two steps, for the secret key is only known once the access key id was
//! read: [`Claim::read`] says who claims to have signed, [`Claim::verify`] proves it.
//!
//! Source: AWS, *Signature Version 4 signing process* (header and query string forms).

use axum::http::{HeaderMap, Method, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use zeroize::Zeroizing;

use crate::seal::hmac;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

/// How far a request's time may lie from the portal's own, either way.
pub const MAX_SKEW: Duration = Duration::minutes(15);
/// The longest life of a signature in a query string.
const MAX_PRESIGNED: Duration = Duration::days(7);

/// RFC 3986 unreserved characters stay, everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const ENCODED_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// Headers which decide what a request means or who sent it: present, they must be signed.
const MUST_BE_SIGNED: [&str; 4] = [
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-content-sha256",
];

/// An HTTP request as it was received.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// Path and query, still encoded.
    pub uri: &'a Uri,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// Who claims to have signed a request, when and with what result. Nothing here is proved yet.
#[derive(Debug)]
pub struct Claim {
    /// The key id to look the secret key up by.
    pub access_key_id: String,
    /// The session token sent along, if any.
    pub session_token: Option<SecretString>,
    /// The service named in the credential scope, for example `sts`.
    pub service: String,
    /// The region named in the credential scope.
    pub region: String,
    scope_date: String,
    timestamp: String,
    time: OffsetDateTime,
    lifetime: Lifetime,
    signed_headers: Vec<String>,
    signature: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    /// Header form: the time must be near the portal's.
    Skew,
    /// Query form: valid this long from the time on.
    Presigned(Duration),
}

/// Why a signature was not accepted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignatureError {
    /// The request carries no signature at all.
    #[error("Request is missing Authentication Token")]
    Missing,
    /// The signature's parts do not read.
    #[error("{0}")]
    Incomplete(String),
    /// Signed too long ago, or in the future.
    #[error(
        "Signature not valid at this time: signed at {signed_at}, the portal's clock reads {now}"
    )]
    Skewed {
        /// The request's time, as sent.
        signed_at: String,
        /// The portal's time, RFC 3339.
        now: String,
    },
    /// The signature was made with another key or over another request.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl Claim {
    /// Reads the `Authorization` header, or the `X-Amz-…` parameters of a presigned URL.
    ///
    /// # Errors
    /// [`SignatureError::Missing`] without any, [`SignatureError::Incomplete`] if a part is missing
    /// or malformed.
    pub fn read(request: &SignedRequest<'_>) -> Result<Self, SignatureError> {
        let mut authorizations = request.headers.get_all(header::AUTHORIZATION).iter();
        match (authorizations.next(), authorizations.next()) {
            (Some(value), None) => {
                let value = value
                    .to_str()
                    .map_err(|_| incomplete("The Authorization header is not readable text"))?;
                Self::from_header(value, request)
            }
            (Some(_), Some(_)) => Err(incomplete("More than one Authorization header")),
            (None, _) => Self::from_query(request),
        }
    }

    /// Proves the claim: the request is the one signed, by the owner of `secret_key`, at about `now`.
    ///
    /// # Errors
    /// [`SignatureError::Skewed`] more than 15 minutes off (or after a presigned URL's end),
    /// [`SignatureError::Mismatch`] for a wrong key or an altered request.
    pub fn verify(
        &self,
        request: &SignedRequest<'_>,
        secret_key: &SecretString,
        now: OffsetDateTime,
    ) -> Result<(), SignatureError> {
        self.check_time(now)?;
        let payload_hash = self.payload_hash(request)?;
        let canonical = self.canonical_request(request, &payload_hash)?;
        let expected = self.sign(&canonical, secret_key);
        match bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes())) {
            true => Ok(()),
            false => Err(SignatureError::Mismatch),
        }
    }

    fn from_header(value: &str, request: &SignedRequest<'_>) -> Result<Self, SignatureError> {
        let fields = value
            .strip_prefix(ALGORITHM)
            .ok_or(SignatureError::Missing)?;
        let field = |name: &str| {
            fields
                .split(',')
                .filter_map(|field| field.trim().split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .ok_or_else(|| incomplete(&format!("Authorization header requires '{name}'")))
        };
        let timestamp = header_text(request.headers, "x-amz-date")
            .ok_or_else(|| incomplete("Authorization header requires an 'X-Amz-Date' header"))?;
        Self::assemble(
            field("Credential")?,
            field("SignedHeaders")?,
            field("Signature")?,
            timestamp,
            Lifetime::Skew,
            header_text(request.headers, "x-amz-security-token").map(SecretString::from),
        )
    }

    fn from_query(request: &SignedRequest<'_>) -> Result<Self, SignatureError> {
        let parameters = query_parameters(request.uri);
        let find = |name: &str| {
            parameters
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        if find("X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
            return Err(SignatureError::Missing);
        }
        let need = |name: &str| {
            find(name).ok_or_else(|| incomplete(&format!("Query signature requires '{name}'")))
        };
        let seconds: i64 = need("X-Amz-Expires")?
            .parse()
            .map_err(|_| incomplete("X-Amz-Expires must be a number of seconds"))?;
        let life = Duration::seconds(seconds);
        if life < Duration::ZERO || life > MAX_PRESIGNED {
            return Err(incomplete(
                "X-Amz-Expires must be between 0 and 604800 seconds",
            ));
        }
        Self::assemble(
            &need("X-Amz-Credential")?,
            &need("X-Amz-SignedHeaders")?,
            &need("X-Amz-Signature")?,
            need("X-Amz-Date")?,
            Lifetime::Presigned(life),
            find("X-Amz-Security-Token").map(SecretString::from),
        )
    }

    fn assemble(
        credential: &str,
        signed_headers: &str,
        signature: &str,
        timestamp: String,
        lifetime: Lifetime,
        session_token: Option<SecretString>,
    ) -> Result<Self, SignatureError> {
        // The key id may hold slashes elsewhere, the scope never does.
        let mut parts = credential.rsplitn(5, '/');
        let (Some(TERMINATOR), Some(service), Some(region), Some(scope_date), Some(key_id)) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(incomplete(
                "Credential must read KEY/DATE/REGION/SERVICE/aws4_request",
            ));
        };
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let time = PrimitiveDateTime::parse(&timestamp, format)
            .map_err(|_| incomplete("X-Amz-Date must read YYYYMMDD'T'HHMMSS'Z'"))?
            .assume_utc();
        if !timestamp.starts_with(scope_date) || scope_date.len() != 8 {
            return Err(incomplete(
                "Credential must be scoped to the day of X-Amz-Date",
            ));
        }
        let signed_headers: Vec<String> = signed_headers.split(';').map(str::to_owned).collect();
        if !signed_headers.iter().any(|name| name == "host") {
            return Err(incomplete("'host' must be a signed header"));
        }
        Ok(Self {
            access_key_id: key_id.to_owned(),
            session_token,
            service: service.to_owned(),
            region: region.to_owned(),
            scope_date: scope_date.to_owned(),
            timestamp,
            time,
            lifetime,
            signed_headers,
            signature: signature.to_owned(),
        })
    }

    fn check_time(&self, now: OffsetDateTime) -> Result<(), SignatureError> {
        let longest = match self.lifetime {
            Lifetime::Skew => MAX_SKEW,
            Lifetime::Presigned(life) => life,
        };
        // Differences: a sum may lie beyond the last moment there is.
        let age = now - self.time;
        if age > longest || age < -MAX_SKEW {
            let now = now
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap_or_else(|_| now.to_string());
            return Err(SignatureError::Skewed {
                signed_at: self.timestamp.clone(),
                now,
            });
        }
        Ok(())
    }

    /// A hash announced in a header must be the body's: it is what the signature covers.
    fn payload_hash(&self, request: &SignedRequest<'_>) -> Result<String, SignatureError> {
        let actual = hex(&Sha256::digest(request.body));
        match header_text(request.headers, "x-amz-content-sha256") {
            Some(announced) if announced != actual => Err(SignatureError::Mismatch),
            _ => Ok(actual),
        }
    }

    fn canonical_request(
        &self,
        request: &SignedRequest<'_>,
        payload_hash: &str,
    ) -> Result<String, SignatureError> {
        let unsigned = MUST_BE_SIGNED.iter().find(|name| {
            request.headers.contains_key(**name)
                && !self.signed_headers.iter().any(|signed| signed == *name)
        });
        if let Some(name) = unsigned {
            return Err(incomplete(&format!("'{name}' must be a signed header")));
        }
        let mut headers = String::new();
        for name in &self.signed_headers {
            let value = canonical_header(request, name).ok_or(SignatureError::Mismatch)?;
            headers.push_str(&format!("{name}:{value}\n"));
        }
        Ok(format!(
            "{method}\n{path}\n{query}\n{headers}\n{signed}\n{payload_hash}",
            method = request.method,
            // Every AWS service but S3 encodes the path, as sent, once more.
            path = utf8_percent_encode(request.uri.path(), ENCODED_PATH),
            query = canonical_query(request.uri),
            signed = self.signed_headers.join(";"),
        ))
    }

    fn sign(&self, canonical_request: &str, secret_key: &SecretString) -> String {
        let scope = format!(
            "{}/{}/{}/{TERMINATOR}",
            self.scope_date, self.region, self.service
        );
        let text = format!(
            "{ALGORITHM}\n{}\n{scope}\n{}",
            self.timestamp,
            hex(&Sha256::digest(canonical_request))
        );
        let start = Zeroizing::new(format!("AWS4{}", secret_key.expose_secret()));
        let day = hmac(start.as_bytes(), &self.scope_date);
        let region = hmac(&*day, &self.region);
        let service = hmac(&*region, &self.service);
        let key = hmac(&*service, TERMINATOR);
        hex(&*hmac(&*key, &text))
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// All values of a header, joined, with runs of white space made one space.
fn canonical_header(request: &SignedRequest<'_>, name: &str) -> Option<String> {
    let values: Vec<String> = request
        .headers
        .get_all(name)
        .iter()
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    match (values.is_empty(), name) {
        (false, _) => Some(values.join(",")),
        // HTTP/2 carries the host in the URI.
        (true, "host") => request.uri.authority().map(ToString::to_string),
        (true, _) => None,
    }
}

/// The query's pairs, decoded. A plus sign is a plus sign: signers never write a space so.
fn query_parameters(uri: &Uri) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn canonical_query(uri: &Uri) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let mut pairs: Vec<(String, String)> = query_parameters(uri)
        .iter()
        .filter(|(key, _)| key != "X-Amz-Signature")
        .map(|(key, value)| (encode(key), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("&")
}

fn incomplete(message: &str) -> SignatureError {
    SignatureError::Incomplete(message.to_owned())
}

#[cfg(test)]
mod tests;
