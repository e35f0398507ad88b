//! Access keys in the credentials file, for tools that know nothing else.
//!
//! ```ini
//! # >>> vestibule payments-admin-keys
//! [payments-admin-keys]
//! aws_access_key_id = ASIA…
//! aws_secret_access_key = …
//! aws_session_token = …
//! x_security_token_expires = 2026-11-22T18:44:40Z
//! region = eu-west-1
//! # Vestibule writes and renews these lines and removes them when the role is no longer kept.
//! # <<< vestibule
//! ```

use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;

use crate::block::{self, Entry, Subject};
use crate::document::Document;
use crate::refusal::Refusal;
use crate::times;

/// A role's keys under a profile name of the credentials file.
#[derive(Debug, Clone)]
pub struct StaticKeys {
    /// Name of the profile.
    pub profile: String,
    /// Access key id, starting `ASIA`.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: SecretString,
    /// Session token.
    pub session_token: SecretString,
    /// When they end.
    pub expiration: OffsetDateTime,
    /// Region a new profile starts with; one already in the profile stays.
    pub region: Option<String>,
}

/// A credentials file with the keys: written anew at the end, or renewed where Vestibule wrote
/// them before.
///
/// # Errors
/// Where the user has a section of that name, or something cannot be written down.
pub fn insert(document: &Document, keys: &StaticKeys) -> Result<Document, Refusal> {
    block::insert(
        document,
        Entry {
            subject: Subject::Keys(&keys.profile),
            settings: vec![
                ("aws_access_key_id", (&*keys.access_key_id).into()),
                (
                    "aws_secret_access_key",
                    keys.secret_access_key.expose_secret().into(),
                ),
                (
                    "aws_session_token",
                    keys.session_token.expose_secret().into(),
                ),
                // As saml2aws and others write it; botocore and the SDKs pass over it.
                (EXPIRES, times::text(keys.expiration).into()),
            ],
            region: keys.region.as_deref(),
            endpoints: Vec::new(),
            note: NOTE,
        },
    )
}

/// A credentials file without the keys; the same one where Vestibule wrote none of that name.
///
/// # Errors
/// [`Refusal::Stray`] where the user added sections to the profile's block.
pub fn remove(document: &Document, profile: &str) -> Result<Document, Refusal> {
    block::remove(document, Subject::Keys(profile))
}

/// When the keys that Vestibule wrote for a profile end; `None` where it wrote none.
#[must_use]
pub fn expiration(document: &Document, profile: &str) -> Option<OffsetDateTime> {
    let block = Subject::Keys(profile).block(document)?;
    document
        .sections()
        .filter(|section| section.header == profile && block.lines.contains(&section.line))
        .find_map(|section| {
            let mut settings = document.settings(&section);
            let (_, ends) = settings.find(|(key, _)| *key == EXPIRES)?;
            times::parse(&ends)
        })
}

/// Refuses keys for a profile of the config file that gets its credentials in another way: AWS's
/// tools would take the keys.
///
/// # Errors
/// [`Refusal::Taken`].
pub fn refuse_shadowing(profile: &str, config: &Document) -> Result<(), Refusal> {
    let other = config
        .sections()
        .filter(|section| section.profile().as_deref() == Some(profile))
        .find(|section| {
            config
                .settings(section)
                .any(|(key, _)| gives_credentials(key))
        });
    match other {
        Some(section) => Err(Refusal::Taken {
            line: section.line,
            header: section.header.to_owned(),
        }),
        None => Ok(()),
    }
}

const EXPIRES: &str = "x_security_token_expires";
const NOTE: &str =
    "# Vestibule writes and renews these lines and removes them when the role is no longer kept.";

/// Whether a profile with this setting has credentials of its own.
fn gives_credentials(key: &str) -> bool {
    let keys = [
        "credential_process",
        "credential_source",
        "role_arn",
        "aws_access_key_id",
        "web_identity_token_file",
        "login_session",
    ];
    keys.contains(&key) || key.starts_with("sso_")
}

#[cfg(test)]
mod tests;
