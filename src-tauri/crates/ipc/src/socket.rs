//! Where the socket is, and the folder it may lie in.

use std::io;
use std::path::{Path, PathBuf};

use crate::dirs::{self, Env, NoHome};
use crate::platform;

/// The agent's address: `agent.sock` in [`dirs::runtime`]; on Windows a named pipe of the user.
///
/// # Errors
/// [`NoHome`].
pub fn path(env: Env<'_>) -> Result<PathBuf, NoHome> {
    Ok(platform::address(&dirs::runtime(env)?))
}

/// Why a folder cannot hold the socket.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It could not be made or looked at.
    #[error("the folder {} cannot be used: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Someone else owns it or may enter it.
    #[error("the folder {} must belong to you alone (mode 0700)", .0.display())]
    NotPrivate(PathBuf),
}

/// Makes the folder with mode 0700 if it is missing, and refuses one that others own or may enter.
///
/// # Errors
/// See [`FolderError`].
pub fn ensure_private_folder(path: &Path) -> Result<(), FolderError> {
    let io = |source| FolderError::Io {
        path: path.to_owned(),
        source,
    };
    platform::create_private(path).map_err(io)?;
    check_private_folder(path)
}

/// Refuses a folder that others own or may enter.
///
/// # Errors
/// See [`FolderError`].
pub fn check_private_folder(path: &Path) -> Result<(), FolderError> {
    match platform::is_private(path) {
        Ok(true) => Ok(()),
        Ok(false) => Err(FolderError::NotPrivate(path.to_owned())),
        Err(source) => Err(FolderError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}
