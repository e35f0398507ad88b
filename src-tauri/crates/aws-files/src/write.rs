//! Changing a file that others change too.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::document::Document;
use crate::refusal::Refusal;
use crate::{backup, platform};

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
/// file, left in place, keeps Vestibule's own programs apart. Other programs take no lock: where
/// one changed the file since it was read, its change stays and `change` runs again on it. Blocks:
/// not for an async task.
///
/// # Errors
/// Whatever `change` refuses, and every failure of the file system.
pub fn edit(
    path: &Path,
    change: impl FnMut(&Document) -> Result<Document, Refusal>,
) -> Result<bool, Error> {
    edit_after(path, change, |_, _| Ok(()))
}

/// Like [`edit`], but leaves the file as it was beside it first, named after the time, and of such
/// files the last five. Returns the one it left.
///
/// # Errors
/// See [`edit`].
pub fn edit_with_backup(
    path: &Path,
    now: OffsetDateTime,
    change: impl FnMut(&Document) -> Result<Document, Refusal>,
) -> Result<Option<PathBuf>, Error> {
    let mut kept = None;
    edit_after(path, change, |file, before| {
        kept = backup::keep(file, before.as_bytes(), now)
            .map_err(failed("write a backup of", file))?;
        Ok(())
    })?;
    Ok(kept)
}

fn edit_after(
    path: &Path,
    mut change: impl FnMut(&Document) -> Result<Document, Refusal>,
    mut first: impl FnMut(&Path, &Document) -> Result<(), Error>,
) -> Result<bool, Error> {
    let path = &follow_links(path)?;
    let folder = folder_of(path);
    create_folder(folder)?;
    let _lock = lock(path)?;
    sweep(folder, &beside(path)).map_err(failed("clean up", folder))?;
    for _ in 0..ATTEMPTS {
        let before = read_whole(path)?;
        let after = change(&before).map_err(|source| Error::Refused {
            path: path.clone(),
            source,
        })?;
        if after == before {
            return Ok(false);
        }
        first(path, &before)?;
        let original = metadata(path)?;
        let new = write_beside(path, original.as_ref(), after.as_bytes())
            .map_err(failed("write", path))?;
        let replaced = match original {
            Some(_) => platform::replace(new, path, before.as_bytes(), after.as_bytes()),
            None => put(new, path, before.as_bytes()),
        };
        if replaced.map_err(failed("replace", path))? {
            platform::sync_folder(folder).map_err(failed("write", folder))?;
            return Ok(true);
        }
    }
    Err(Error::Busy { path: path.clone() })
}

const ATTEMPTS: usize = 10;
const LOCK_LIMIT: Duration = Duration::from_secs(10);
const LOCK_POLL: Duration = Duration::from_millis(20);
/// How long a program takes at most from truncating a file to writing it anew.
const SETTLING: Duration = Duration::from_millis(300);
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

pub(crate) fn folder_of(path: &Path) -> &Path {
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

/// Reads a document that nobody is in the middle of writing. `aws configure` and many editors
/// truncate a file before they write it: an empty one, or one that ends within a line, may have
/// more to come.
fn read_whole(path: &Path) -> Result<Document, Error> {
    let mut document = read(path)?;
    for _ in 0..ATTEMPTS {
        if document.as_bytes().ends_with(b"\n") || !path.exists() {
            break;
        }
        std::thread::sleep(SETTLING);
        let later = read(path)?;
        if later == document {
            break;
        }
        document = later;
    }
    Ok(document)
}

fn metadata(path: &Path) -> Result<Option<Metadata>, Error> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().readonly() => Err(Error::ReadOnly {
            path: path.to_owned(),
        }),
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// What the names of new versions of a file begin with.
pub(crate) fn beside(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".vestibule-new-");
    prefix
}

/// Removes what a program left that was killed while it wrote; the lock says that none writes now.
pub(crate) fn sweep(folder: &Path, prefix: &OsStr) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name
            .as_encoded_bytes()
            .starts_with(prefix.as_encoded_bytes())
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A complete new version, for the user alone unless the original is not.
pub(crate) fn write_beside(
    path: &Path,
    original: Option<&Metadata>,
    bytes: &[u8],
) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(&beside(path))
        .tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    if let Some(original) = original {
        platform::keep_owner(file.as_file(), original)?;
        file.as_file().set_permissions(original.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Puts a new version where there was no file, or one that is read once more; whether that
/// succeeded before anybody else wrote.
pub(crate) fn put(new: NamedTempFile, path: &Path, before: &[u8]) -> io::Result<bool> {
    let placed = match fs::read(path) {
        Ok(now) if now == before => new.persist(path),
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => new.persist_noclobber(path),
        Err(error) => return Err(error),
    };
    match placed {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

fn create_folder(folder: &Path) -> Result<(), Error> {
    platform::create_private(folder).map_err(failed("create", folder))
}

#[cfg(test)]
mod tests;
