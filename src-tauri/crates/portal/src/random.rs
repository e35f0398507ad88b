//! Unguessable text, and how it is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::clock;

/// A new secret of 256 bits in base64url (43 characters).
pub fn token() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// A new identifier in the form of a UUID, version 4.
pub fn uuid() -> String {
    let mut bytes = rand::random::<[u8; 16]>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    as_uuid(&bytes)
}

/// A new identifier in the form of a UUID, version 7 (RFC 9562 section 5.7): those made later sort
/// later.
pub fn time_ordered_uuid(now: OffsetDateTime) -> String {
    let mut bytes = rand::random::<[u8; 16]>();
    bytes[..6].copy_from_slice(&clock::millis(now).to_be_bytes()[2..]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    as_uuid(&bytes)
}

fn as_uuid(bytes: &[u8; 16]) -> String {
    let hex = data_encoding::HEXLOWER.encode(bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// `length` characters drawn from `alphabet`, which is ASCII.
pub fn characters(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())]))
        .collect()
}

/// How a secret of full entropy is stored: SHA-256 in lower-case hexadecimal.
pub fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
