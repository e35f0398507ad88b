//! What differs between platforms: permissions, owners and folders as files.

pub(crate) use os::{keep_owner, private, private_folder, sync_folder};

#[cfg(unix)]
mod os {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    pub(crate) fn private(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    pub(crate) fn private_folder(builder: &mut DirBuilder) {
        builder.mode(0o700);
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

    pub(crate) fn private_folder(_builder: &mut DirBuilder) {}

    pub(crate) fn keep_owner(_file: &File, _original: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
        Ok(())
    }
}
