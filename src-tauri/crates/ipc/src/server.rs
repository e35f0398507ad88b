//! The agent's end, on tokio.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf};
use zeroize::Zeroizing;

use crate::line;
use crate::message::{Hello, PROTOCOL_VERSION, Request, Response, Way};
use crate::platform::{self, ServerStream};
use crate::socket::{self, FolderError};

/// How long a new client may take to greet.
const GREETING_LIMIT: Duration = Duration::from_secs(5);

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The folder will not do.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another process answers there.
    #[error("another agent already listens at {}", .0.display())]
    InUse(PathBuf),
    /// The system refused.
    #[error("the socket {} cannot be opened: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a client was hung up on.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// It never greeted.
    #[error("the client did not greet in time")]
    Silent,
    /// It speaks another version.
    #[error("the client ({program}) speaks version {version} of the protocol")]
    Version {
        /// Program and release of the client.
        program: String,
        /// Its protocol version.
        version: u32,
    },
    /// It sent a line that is too long or was cut off.
    #[error("the client sent a line that is too long or has no end")]
    Cut,
    /// It sent a line that is no message.
    #[error("the client sent a line that makes no sense: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Reading or writing failed.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
}

/// The agent's socket. Its file goes when it is dropped.
pub struct Listener(platform::Listener);

impl Listener {
    /// Opens the socket in a folder of mode 0700; a socket that nobody answers on is replaced.
    ///
    /// # Errors
    /// [`BindError::InUse`] where an agent answers; [`BindError::Folder`] where others may enter.
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        if cfg!(unix)
            && let Some(folder) = path.parent()
        {
            socket::ensure_private_folder(folder)?;
        }
        platform::Listener::bind(path)
            .map(Self)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => BindError::InUse(path.to_owned()),
                _ => BindError::Io {
                    path: path.to_owned(),
                    source,
                },
            })
    }

    /// The next connection of the agent's own user; those of other users are dropped unanswered.
    ///
    /// # Errors
    /// The system cannot accept, for instance for want of file descriptors.
    pub async fn accept(&mut self) -> io::Result<Channel> {
        let stream = self.0.accept().await?;
        let pid = platform::peer(&stream);
        let (reader, writer) = tokio::io::split(stream);
        Ok(Channel {
            pid,
            reader: BufReader::new(reader),
            writer,
        })
    }
}

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Name and release, as it says itself.
    pub program: String,
    /// Its process id, where the system tells.
    pub pid: Option<u32>,
    /// How it hands on what it is given, as it says itself.
    pub way: Way,
}

/// One client.
pub struct Channel {
    pid: Option<u32>,
    reader: BufReader<ReadHalf<ServerStream>>,
    writer: WriteHalf<ServerStream>,
}

impl Channel {
    /// Exchanges greetings. `program` is name and release of this side. Answers who the client is.
    ///
    /// # Errors
    /// [`ChannelError::Silent`], [`ChannelError::Version`] and what reading a line can meet.
    pub async fn greet(&mut self, program: &str) -> Result<Peer, ChannelError> {
        let ours = Hello {
            version: PROTOCOL_VERSION,
            program: program.to_owned(),
            way: Way::default(),
        };
        self.write(&ours).await?;
        let line = tokio::time::timeout(GREETING_LIMIT, self.read())
            .await
            .map_err(|_| ChannelError::Silent)??
            .ok_or(ChannelError::Silent)?;
        let Hello {
            version,
            program,
            way,
        } = line::decode(&line)?;
        if version != PROTOCOL_VERSION {
            return Err(ChannelError::Version { program, version });
        }
        Ok(Peer {
            program,
            pid: self.pid,
            way,
        })
    }

    /// The next request; `None` where the client hung up.
    ///
    /// # Errors
    /// A line that is too long, cut off or no request.
    pub async fn next(&mut self) -> Result<Option<Request>, ChannelError> {
        match self.read().await? {
            Some(line) => Ok(Some(line::decode(&line)?)),
            None => Ok(None),
        }
    }

    /// Sends one answer.
    ///
    /// # Errors
    /// The client is gone.
    pub async fn send(&mut self, response: &Response) -> Result<(), ChannelError> {
        self.write(response).await
    }

    /// Returns when the client hangs up or sends something before it was answered.
    pub async fn hung_up(&mut self) {
        // What was read stays in the buffer; a client that talks on is still there.
        match self.reader.fill_buf().await {
            Ok([]) | Err(_) => {}
            Ok(_) => std::future::pending().await,
        }
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, ChannelError> {
        let mut line = Vec::new();
        let mut limited = (&mut self.reader).take(line::MAX_REQUEST);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        if !line::is_whole(&line) {
            return Err(ChannelError::Cut);
        }
        Ok(Some(line))
    }

    async fn write(&mut self, message: &impl serde::Serialize) -> Result<(), ChannelError> {
        let line: Zeroizing<Vec<u8>> = line::encode(message)?;
        self.writer.write_all(&line).await?;
        Ok(self.writer.flush().await?)
    }
}
