//! Changing a file that others change too.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::document::Document;
use crate::platform;
use crate::refusal::Refusal;

/// Why a file was left as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The change itself is refused.
    #[error("cannot change {path}: {source}", path = path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Refusal,
    },
    /// The system does not let the file be read or replaced.
    #[error("cannot {operation} {path}: {source}", path = path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// The file or folder it was done to.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The user protected the file.
    #[error("{path} is read-only", path = path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another program kept the lock or kept writing to the file.
    #[error("{path} is being changed by another program", path = path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Refused { source, .. } => source.next_step(),
            Self::ReadOnly { .. } => "Make it writable, or let AWS_CONFIG_FILE name another file.",
            Self::Busy { .. } => "Try again in a moment.",
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "Free some space, then try again."
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "Make the file and its folder writable for you, or let AWS_CONFIG_FILE name another file."
                }
                _ => "Check the file and its folder, then try again.",
            },
        }
    }
}

/// Reads a document; a file that does not exist reads as an empty one.
///
/// # Errors
/// [`Error::Io`] where it exists and cannot be read.
pub fn read(path: &Path) -> Result<Document, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Document::parse(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Document::parse(Vec::new())),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Replaces a file by what `change` makes of it, all or nothing: readers see the old file or the
/// new one, and any failure leaves the old one. Returns whether anything changed.
///
/// Symbolic links are followed; mode and owner stay. A lock file `NAME.vestibule-lock` beside the
/// file, left in place, keeps Vestibule's own programs apart; `change` runs again where another
/// program wrote in between. Blocks: not for an async task.
///
/// # Errors
/// Whatever `change` refuses, and every failure of the file system.
pub fn edit(
    path: &Path,
    mut change: impl FnMut(&Document) -> Result<Document, Refusal>,
) -> Result<bool, Error> {
    let path = &follow_links(path)?;
    let folder = folder_of(path);
    create_folder(folder)?;
    let _lock = lock(path)?;
    for _ in 0..ATTEMPTS {
        let before = read(path)?;
        let after = change(&before).map_err(|source| Error::Refused {
            path: path.clone(),
            source,
        })?;
        if after == before {
            return Ok(false);
        }
        let replacement = write_beside(path, folder, after.as_bytes())?;
        if read(path)? == before {
            replacement
                .persist(path)
                .map_err(|error| failed("replace", path)(error.error))?;
            platform::sync_folder(folder).map_err(failed("write", folder))?;
            return Ok(true);
        }
    }
    Err(Error::Busy { path: path.clone() })
}

const ATTEMPTS: usize = 10;
const LOCK_LIMIT: Duration = Duration::from_secs(10);
const LOCK_POLL: Duration = Duration::from_millis(20);
/// As many as Linux follows.
const LINKS: usize = 40;

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        operation,
        path,
        source,
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The file itself, existing or not, for a rename would replace the link.
fn follow_links(path: &Path) -> Result<PathBuf, Error> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    let source = io::Error::other("too many symbolic links");
    Err(failed("follow", path)(source))
}

/// Held until dropped.
fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".vestibule-lock");
    let lock_path = path.with_file_name(name);
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    platform::private(&mut options);
    let file = options
        .open(&lock_path)
        .map_err(failed("lock", &lock_path))?;
    let deadline = Instant::now() + LOCK_LIMIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_POLL)
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::Busy {
                    path: path.to_owned(),
                });
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed("lock", &lock_path)(error)),
        }
    }
}

fn write_beside(
    path: &Path,
    folder: &Path,
    bytes: &[u8],
) -> Result<tempfile::NamedTempFile, Error> {
    let original = match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(Error::ReadOnly {
                path: path.to_owned(),
            });
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed("read", path)(error)),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".vestibule-")
        .tempfile_in(folder)
        .map_err(failed("write to", folder))?;
    let mut write = || {
        file.as_file_mut().write_all(bytes)?;
        if let Some(original) = &original {
            platform::keep_owner(file.as_file(), original)?;
            file.as_file().set_permissions(original.permissions())?;
        }
        file.as_file().sync_all()
    };
    write().map_err(failed("write", path))?;
    Ok(file)
}

fn create_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    platform::private_folder(&mut builder);
    builder.create(folder).map_err(failed("create", folder))
}

#[cfg(test)]
mod tests;
