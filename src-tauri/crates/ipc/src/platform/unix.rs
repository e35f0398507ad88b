//! Unix sockets, and folders that only their owner enters.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// The blocking client's end.
pub(crate) type Stream = UnixStream;

/// The server's end of one connection.
pub(crate) type ServerStream = tokio::net::UnixStream;

pub(crate) fn address(runtime: &Path) -> PathBuf {
    runtime.join("agent.sock")
}

pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    let folder = fs::symlink_metadata(path)?;
    let ours = folder.uid() == rustix::process::geteuid().as_raw();
    Ok(folder.is_dir() && ours && folder.mode() & 0o077 == 0)
}

pub(crate) fn connect(path: &Path) -> io::Result<Stream> {
    UnixStream::connect(path)
}

pub(crate) fn split(stream: Stream) -> io::Result<(Stream, Stream)> {
    Ok((stream.try_clone()?, stream))
}

/// Process id of the other end.
pub(crate) fn peer(stream: &ServerStream) -> Option<u32> {
    let pid = stream.peer_cred().ok()?.pid()?;
    u32::try_from(pid).ok()
}

/// A bound socket; its file goes when it is dropped.
pub(crate) struct Listener {
    socket: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Binds where nobody listens; a socket left behind by a dead agent is removed first.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        match UnixStream::connect(path) {
            Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(path)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let socket = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            socket,
            path: path.to_owned(),
        })
    }

    /// The next connection of this very user; others are turned away.
    pub(crate) async fn accept(&mut self) -> io::Result<ServerStream> {
        loop {
            let (stream, _) = self.socket.accept().await?;
            if stream.peer_cred()?.uid() == rustix::process::geteuid().as_raw() {
                return Ok(stream);
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A missing file is what is wanted; anything else the next agent finds by probing.
        let _ = fs::remove_file(&self.path);
    }
}
