//! The files beside the store, for their owner's eyes alone.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

/// Writes a file that only its owner may read, complete or not at all.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = beside(path, content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// As [`write_private`], unless the file is there: then it stays as it is, even if another process
/// is making it at this very moment.
pub(crate) fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    match beside(path, content)?.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// A temporary file with this content in the folder of `path`.
pub(crate) fn beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::metadata(folder)?;
    // A temporary file is made with mode 600. Why it was not, its made-up name does not explain.
    let mut file = NamedTempFile::new_in(folder).map_err(|error| error.kind())?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Opens a file that is there to be locked, for its owner alone.
pub fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Waits until nobody else brings the tables of the store in `folder` up to date, and keeps it so:
/// SQLite has no lock for that.
pub(super) async fn alone(folder: &Path) -> io::Result<File> {
    let file = lock_file(&folder.join("tables.lock"))?;
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    locked.await.map_err(io::Error::other)?
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn create_private_dir(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
