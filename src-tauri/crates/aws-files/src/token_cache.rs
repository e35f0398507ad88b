//! The SSO token cache that the AWS CLI and every SDK share: `~/.aws/sso/cache`.
//!
//! One file a sign-in, in plain text: the reason why Vestibule writes it only where asked to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::write::{beside, folder_of, sweep, write_beside};
use crate::{platform, times};

/// A sign-in as AWS's tools keep it.
#[derive(Debug, Clone)]
pub struct CachedToken {
    /// Start URL of the portal.
    pub start_url: String,
    /// Region of the Identity Center instance.
    pub region: String,
    /// The bearer token of the portal API.
    pub access_token: SecretString,
    /// When the access token ends.
    pub expires_at: OffsetDateTime,
    /// The client it was given to; older tools keep that elsewhere.
    pub registration: Option<Registration>,
    /// What renews it, where the sign-in gave one.
    pub refresh_token: Option<SecretString>,
}

/// A registered client.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// When the secret ends.
    pub expires_at: OffsetDateTime,
}

/// Why a token could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system does not let the file be read, replaced or removed.
    #[error("cannot {operation} {path}: {source}", path = path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// There is something else in it; or another tool, which writes in place, is not done yet.
    #[error("{path} holds no token, line {line} column {column}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where reading ended, from 1.
        line: usize,
        /// Where reading ended, from 1.
        column: usize,
    },
}

/// The file of a sign-in: named after the sso-session, or after the start URL for a profile that
/// names none (botocore, `SSOTokenLoader`).
#[must_use]
pub fn path(token_cache: &Path, session_name_or_start_url: &str) -> PathBuf {
    let digest = Sha1::digest(session_name_or_start_url.as_bytes());
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    token_cache.join(name + ".json")
}

/// The token in a file; `None` where there is no file.
///
/// # Errors
/// It cannot be read, or holds no token.
pub fn read(path: &Path) -> Result<Option<CachedToken>, Error> {
    let text = match fs::read(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path)(error)),
    };
    let malformed = |line, column| Error::Malformed {
        path: path.to_owned(),
        line,
        column,
    };
    let file: TokenFile =
        serde_json::from_slice(&text).map_err(|error| malformed(error.line(), error.column()))?;
    file.token().map(Some).ok_or_else(|| malformed(1, 1))
}

/// Puts the token in the place of the one before, all or nothing and for the user alone; missing
/// folders are made.
///
/// # Errors
/// The folder or the file cannot be written; the old token then stands.
pub fn write(path: &Path, token: &CachedToken) -> Result<(), Error> {
    let text = serde_json::to_vec(&TokenFile::of(token)).map_err(io::Error::from);
    let text = Zeroizing::new(text.map_err(failed("write", path))?);
    let folder = folder_of(path);
    let replace = || {
        platform::create_private(folder)?;
        // One agent a user writes tokens: what lies there was left by one that was killed.
        sweep(folder, &beside(path))?;
        let file = write_beside(path, None, &text)?;
        file.persist(path).map_err(|error| error.error)?;
        platform::sync_folder(folder)
    };
    replace().map_err(failed("write", path))
}

/// Signs AWS's tools out: removes the file, if there is one.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        operation,
        path,
        source,
    }
}

/// The eight keys of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenFile {
    start_url: String,
    #[serde(default)]
    region: String,
    access_token: Zeroizing<String>,
    expires_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration_expires_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
}

impl TokenFile {
    fn of(token: &CachedToken) -> Self {
        let plain = |secret: &SecretString| Zeroizing::new(secret.expose_secret().to_owned());
        let registration = token.registration.as_ref();
        Self {
            start_url: token.start_url.clone(),
            region: token.region.clone(),
            access_token: plain(&token.access_token),
            expires_at: times::text(token.expires_at),
            client_id: registration.map(|client| client.client_id.clone()),
            client_secret: registration.map(|client| plain(&client.client_secret)),
            registration_expires_at: registration.map(|client| times::text(client.expires_at)),
            refresh_token: token.refresh_token.as_ref().map(plain),
        }
    }

    /// `None` where a time cannot be read.
    fn token(self) -> Option<CachedToken> {
        let secret = |plain: &Zeroizing<String>| SecretString::from(plain.as_str());
        let registration = match (&self.client_id, &self.client_secret) {
            (Some(id), Some(client_secret)) => Some(Registration {
                client_id: id.clone(),
                client_secret: secret(client_secret),
                expires_at: times::parse(self.registration_expires_at.as_deref()?)?,
            }),
            _ => None,
        };
        Some(CachedToken {
            access_token: secret(&self.access_token),
            expires_at: times::parse(&self.expires_at)?,
            registration,
            refresh_token: self.refresh_token.as_ref().map(secret),
            start_url: self.start_url,
            region: self.region,
        })
    }
}

#[cfg(test)]
mod tests;
