//! Vestibule's own files: written whole or not at all, and for the user alone.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file of Vestibule's could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be {operation}: {source}", path.display())]
pub struct Error {
    /// What was tried: `read` or `written`.
    pub operation: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// The text of a file; `None` where there is none.
///
/// # Errors
/// It is there and cannot be read.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error {
            operation: "read",
            path: path.to_owned(),
            source,
        }),
    }
}

/// Puts a new file in the place of the old one in a single step; missing folders are made.
///
/// # Errors
/// The folder or the file cannot be written; the old file then stands as it was.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    replace(path, text).map_err(|source| Error {
        operation: "written",
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private(folder)?;
    // A temporary file is made with mode 0600 on Unix, which is right for everything of ours.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Makes a folder that nobody else may enter, with those above it; one that is there stays as it
/// is.
///
/// # Errors
/// The system refuses.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
