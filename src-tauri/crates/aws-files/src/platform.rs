//! What differs between platforms: permissions, owners, folders as files, and how a file is
//! replaced without overwriting what others wrote.

pub(crate) use os::{create_private, keep_owner, private, sync_folder};
pub(crate) use swap::replace;

#[cfg(unix)]
mod os {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    pub(crate) fn private(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    /// Creates a folder for the user alone, with the folders above it; one that exists stays.
    pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    /// Matters where root edits someone's file, or its group is not the user's first.
    pub(crate) fn keep_owner(file: &File, original: &Metadata) -> io::Result<()> {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) == (original.uid(), original.gid()) {
            return Ok(());
        }
        std::os::unix::fs::fchown(file, Some(original.uid()), Some(original.gid()))
    }

    /// Makes a rename in the folder survive a power cut.
    pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// Windows inherits permissions and owners from the folder and cannot open one to flush it.
#[cfg(not(unix))]
mod os {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(crate) fn private(_options: &mut OpenOptions) {}

    pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).create(folder)
    }

    pub(crate) fn keep_owner(_file: &File, _original: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Linux can exchange two files in one step. Only the file that comes out says what the new one
/// took the place of: where that is not what was read, it goes back.
#[cfg(target_os = "linux")]
mod swap {
    use std::fs;
    use std::io;
    use std::path::Path;

    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    use tempfile::NamedTempFile;

    use crate::write::{folder_of, put};

    /// Replaces a file that held these bytes when it was read; whether it still did.
    pub(crate) fn replace(
        new: NamedTempFile,
        path: &Path,
        before: &[u8],
        after: &[u8],
    ) -> io::Result<bool> {
        if fs::read(path)? != before {
            return Ok(false);
        }
        swap(new, path, before, after)
    }

    /// The last step of [`replace`]: others may have written since the file was compared.
    pub(super) fn swap(
        new: NamedTempFile,
        path: &Path,
        before: &[u8],
        after: &[u8],
    ) -> io::Result<bool> {
        match exchange(&new, path) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(false),
            // Network and FUSE file systems may not know how.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                return put(new, path, before);
            }
            Err(error) => return Err(error.into()),
        }
        let is_same = || fs::read(new.path()).is_ok_and(|replaced| replaced == before);
        // The second time for a program that had the old file open and has written to it since.
        if is_same() && super::sync_folder(folder_of(path)).is_ok() && is_same() {
            return Ok(true);
        }
        give_back(new, path, after)?;
        Ok(false)
    }

    /// Puts back what came out of an exchange. What somebody made of the new version within these
    /// microseconds would go with it, so that is kept beside the file.
    pub(super) fn give_back(new: NamedTempFile, path: &Path, after: &[u8]) -> io::Result<()> {
        exchange(&new, path)?;
        if fs::read(new.path())? == after {
            return Ok(());
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".vestibule-saved");
        let saved = path.with_file_name(name);
        new.persist(&saved)?;
        Err(io::Error::other(format!(
            "other programs wrote to it twice at once; what the second wrote is in {}",
            saved.display()
        )))
    }

    fn exchange(new: &NamedTempFile, path: &Path) -> rustix::io::Result<()> {
        renameat_with(CWD, new.path(), CWD, path, RenameFlags::EXCHANGE)
    }
}

#[cfg(not(target_os = "linux"))]
mod swap {
    use std::io;
    use std::path::Path;

    use tempfile::NamedTempFile;

    /// Replaces a file that held these bytes when it was read; whether it still did.
    pub(crate) fn replace(
        new: NamedTempFile,
        path: &Path,
        before: &[u8],
        _after: &[u8],
    ) -> io::Result<bool> {
        crate::write::put(new, path, before)
    }
}

#[cfg(test)]
mod tests;
