//! The user's settings: one TOML file with a version. A broken one is reported and set aside,
//! never overwritten.

mod edit;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sso::endpoints::{Overrides, Region, StartUrl};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::chain::ChainedRole;
use crate::files;

/// The version this release writes.
const VERSION: i64 = 2;

/// What the user chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Command that opens URLs, with `%s` for the URL; `None` for the system's own browser.
    pub browser: Option<String>,
    /// Name under which the keyring's entries stand; `None` for `vestibule`.
    pub keyring_service: Option<String>,
    /// File of certificates in PEM form to trust beside the system's; `None` for what
    /// `AWS_CA_BUNDLE` names.
    pub ca_bundle: Option<PathBuf>,
    /// The portals, in the order they were added.
    pub sessions: Vec<Portal>,
    /// Roles taken from other roles, in the order they were added.
    pub chained_roles: Vec<ChainedRole>,
}

/// A portal with its user: one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// Name of the session: letters, digits, `-`, `_` and `.`; unique.
    pub name: String,
    /// Where the portal is.
    pub start_url: StartUrl,
    /// Region of the Identity Center instance.
    pub region: Region,
    /// How consoles are opened.
    pub console: ConsoleLink,
    /// Whether AWS's own tools share the sign-in, by a token file that they read and write.
    pub share_sign_in: bool,
    /// Endpoints that stand above what start URL and region say.
    pub endpoints: Overrides,
}

/// How a session's consoles are opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleLink {
    /// By a federation URL, which works in any browser.
    #[default]
    Federation,
    /// By the portal's shortcut link, which holds no secret and needs a portal session in the browser.
    Shortcut,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] files::Error),
    /// It is not what it should be.
    #[error("{}, line {line}: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A later release wrote it.
    #[error("{} is of version {version}; this release knows version {VERSION}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
}

/// Reads the settings; a missing file is an empty one.
///
/// # Errors
/// The file cannot be read, is broken or of a later release.
pub fn load(path: &Path) -> Result<Settings, Error> {
    match files::read(path)? {
        Some(text) => parse(path, &text),
        None => Ok(Settings::default()),
    }
}

/// Writes the settings in the newest version, keeping the comments that stand in the file.
///
/// # Errors
/// The file cannot be read or written.
pub fn save(path: &Path, settings: &Settings) -> Result<(), Error> {
    let old = files::read(path)?.unwrap_or_default();
    files::write(path, &edit::apply(&old, settings))?;
    Ok(())
}

/// Copies a broken file beside itself as `settings.toml.broken-DATE`, once for each content, and
/// says where the copy is.
///
/// # Errors
/// The copy cannot be written.
pub fn set_aside(path: &Path, now: OffsetDateTime) -> Result<PathBuf, files::Error> {
    let failed = |source| files::Error {
        operation: "set aside",
        path: path.to_owned(),
        source,
    };
    let content = fs::read(path).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).map_err(failed)?.flatten() {
        let is_copy = entry
            .file_name()
            .to_string_lossy()
            .starts_with(&format!("{name}.broken-"));
        if is_copy && fs::read(entry.path()).is_ok_and(|copy| copy == content) {
            return Ok(entry.path());
        }
    }
    let stamp = format_description!("[year]-[month]-[day]-[hour][minute][second]");
    let stamp = now.format(&stamp).unwrap_or_default();
    let copy = folder.join(format!("{name}.broken-{stamp}"));
    fs::copy(path, &copy).map_err(failed)?;
    Ok(copy)
}

/// Whether this can be the name of a session: it also names files, profiles and keyring entries.
#[must_use]
pub fn is_session_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.chars().all(allowed)
}

fn parse(path: &Path, text: &str) -> Result<Settings, Error> {
    #[derive(Deserialize)]
    struct Versioned {
        version: Option<i64>,
    }
    let broken = |fault: Fault| Error::Broken {
        path: path.to_owned(),
        line: 1 + text[..fault.at.min(text.len())].matches('\n').count(),
        reason: fault.reason,
    };
    match toml::from_str(text).map_err(|error| broken(error.into()))? {
        // A file written by hand that names no version is of the first.
        Versioned {
            version: None | Some(1),
        } => v1::parse(text).map_err(broken),
        Versioned {
            version: Some(VERSION),
        } => v2::parse(text).map_err(broken),
        Versioned {
            version: Some(version),
        } => Err(Error::Newer {
            path: path.to_owned(),
            version,
        }),
    }
}

/// What is wrong, and at which byte.
struct Fault {
    at: usize,
    reason: String,
}

impl From<toml::de::Error> for Fault {
    fn from(error: toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        Self {
            at,
            reason: error.message().lines().collect::<Vec<_>>().join("; "),
        }
    }
}
