//! The file in which a shared sign-in stands, which AWS's own tools read and write as well.

use std::path::{Path, PathBuf};

use aws_files::token_cache::{self, CachedToken};
use secrecy::{ExposeSecret, SecretString};
use sso::endpoints::{Region, StartUrl};
use time::OffsetDateTime;

/// Where a session's token file is, and whose tokens may stand in it.
#[derive(Debug, Clone)]
pub(crate) struct TokenFile {
    /// The file, named after the sso-session.
    pub(crate) path: PathBuf,
    /// Start URL of the portal.
    pub(crate) start_url: StartUrl,
    /// Its region.
    pub(crate) region: Region,
}

/// What stands in a token file.
#[derive(Debug)]
pub(crate) enum Found {
    /// There is no file.
    Nothing,
    /// What makes no sense, perhaps because another tool is just writing it.
    Unreadable,
    /// The token of another portal.
    Foreign,
    /// A token.
    Token {
        /// It.
        token: Box<CachedToken>,
        /// When the file was last written.
        modified: OffsetDateTime,
    },
}

/// What the agent itself has of the sign-in.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// The access token and its end, where it has one.
    pub(crate) access: Option<(SecretString, OffsetDateTime)>,
    /// The refresh token, where the sign-in gave one.
    pub(crate) refresh_token: Option<SecretString>,
    /// When the portal last took the refresh token.
    pub(crate) alive: OffsetDateTime,
    /// Whether the file held the sign-in before.
    pub(crate) written: bool,
    /// Whether the portal has refused the refresh token.
    pub(crate) refused: bool,
}

/// What is to be done about a token file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Leave,
    /// The file has the newer token: it is taken.
    Take,
    /// The agent has the newer token: it is written.
    Write,
    /// Another tool signed out.
    SignOut,
}

/// The newer token wins, and a file that is gone was deleted by `aws sso logout`.
pub(crate) fn judge(found: &Found, own: Option<&Own>, now: OffsetDateTime) -> Verdict {
    let (token, modified) = match (found, own) {
        (Found::Token { token, modified }, _) => (token, *modified),
        (Found::Nothing, Some(own)) if own.written => return Verdict::SignOut,
        (Found::Nothing, Some(_)) => return Verdict::Write,
        (Found::Nothing | Found::Unreadable | Found::Foreign, _) => return Verdict::Leave,
    };
    let is_good = token.expires_at > now;
    let can_be_renewed = token.refresh_token.is_some() && token.registration.is_some();
    let Some(own) = own else {
        return if is_good || can_be_renewed {
            Verdict::Take
        } else {
            Verdict::Leave
        };
    };
    let same_sign_in = is_same(token.refresh_token.as_ref(), own.refresh_token.as_ref());
    match &own.access {
        _ if own.refused => take_if(can_be_renewed && !same_sign_in),
        Some((access, _)) if access.expose_secret() == token.access_token.expose_secret() => {
            Verdict::Leave
        }
        Some((_, expires)) if token.expires_at > *expires => Verdict::Take,
        Some(_) => Verdict::Write,
        // After a start the keyring holds no access token: what tells is who wrote last.
        None if same_sign_in => take_if(is_good),
        None => take_if((is_good || can_be_renewed) && modified >= own.alive),
    }
}

impl TokenFile {
    /// What stands in it.
    pub(crate) fn find(&self) -> Found {
        let token = match token_cache::read(&self.path) {
            Ok(Some(token)) => token,
            Ok(None) => return Found::Nothing,
            Err(error) => {
                tracing::debug!(%error, "a token file cannot be read");
                return Found::Unreadable;
            }
        };
        let same_portal = token
            .start_url
            .parse()
            .is_ok_and(|url: StartUrl| url == self.start_url);
        if !same_portal || token.region != self.region.as_str() {
            return Found::Foreign;
        }
        Found::Token {
            token: Box::new(token),
            modified: modified(&self.path),
        }
    }

    /// Puts a token into it. A newer one that another tool put there meanwhile comes back instead,
    /// and the token of another portal stays.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn put(&self, own: &CachedToken) -> Result<Option<Found>, token_cache::Error> {
        match self.find() {
            Found::Token { token, modified } if token.expires_at > own.expires_at => {
                return Ok(Some(Found::Token { token, modified }));
            }
            Found::Foreign => {
                tracing::warn!(file = %self.path.display(), "it holds the token of another portal");
                return Ok(None);
            }
            Found::Token { .. } | Found::Nothing | Found::Unreadable => {}
        }
        token_cache::write(&self.path, own).map(|()| None)
    }

    /// Deletes it, unless it is another portal's.
    pub(crate) fn remove(&self) {
        if matches!(self.find(), Found::Nothing | Found::Foreign) {
            return;
        }
        if let Err(error) = token_cache::remove(&self.path) {
            tracing::warn!(%error, "a token stays in its file");
        }
    }
}

fn take_if(take: bool) -> Verdict {
    if take { Verdict::Take } else { Verdict::Leave }
}

fn is_same(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}

fn modified(path: &Path) -> OffsetDateTime {
    let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.map_or(OffsetDateTime::UNIX_EPOCH, OffsetDateTime::from)
}

#[cfg(test)]
mod tests;
