//! Named pipes. Their default access list lets only the creator, the system and administrators in.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use tokio::net::windows::named_pipe::{NamedPipeServer, PipeMode, ServerOptions};

/// The blocking client's end.
pub(crate) type Stream = File;

/// The server's end of one connection.
pub(crate) type ServerStream = NamedPipeServer;

/// Pipes have one name space for all users: the name carries the user's own runtime folder.
pub(crate) fn address(runtime: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    runtime.hash(&mut hasher);
    PathBuf::from(format!(r"\\.\pipe\vestibule-{:016x}", hasher.finish()))
}

pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The profile folder, in which it lies, is the user's alone by its inherited access list.
pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|folder| folder.is_dir())
}

pub(crate) fn connect(path: &Path) -> io::Result<Stream> {
    OpenOptions::new().read(true).write(true).open(path)
}

pub(crate) fn split(stream: Stream) -> io::Result<(Stream, Stream)> {
    Ok((stream.try_clone()?, stream))
}

/// Process id of the other end: the system tells it only to code that is not safe.
pub(crate) fn peer(_: &ServerStream) -> Option<u32> {
    None
}

/// The pipe and the instance that waits for the next client.
pub(crate) struct Listener {
    path: PathBuf,
    waiting: NamedPipeServer,
}

impl Listener {
    /// Fails where another process has the pipe, so that none can pose as the agent.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        let waiting = options().first_pipe_instance(true).create(path)?;
        Ok(Self {
            path: path.to_owned(),
            waiting,
        })
    }

    /// The next connection.
    pub(crate) async fn accept(&mut self) -> io::Result<ServerStream> {
        self.waiting.connect().await?;
        let next = options().create(&self.path)?;
        Ok(std::mem::replace(&mut self.waiting, next))
    }
}

fn options() -> ServerOptions {
    let mut options = ServerOptions::new();
    options
        .reject_remote_clients(true)
        .pipe_mode(PipeMode::Byte);
    options
}
