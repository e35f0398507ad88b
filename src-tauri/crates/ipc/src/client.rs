//! The client's end, blocking and without a runtime: a warm `vestibule credentials` must start at once.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::line;
use crate::message::{Hello, PROTOCOL_VERSION, Progress, Request, Response, Way};
use crate::platform::{self, Stream};
use crate::socket::{self, FolderError};

/// Why the agent could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody listens: no agent runs.
    #[error("no agent listens at {}", path.display())]
    NoAgent {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The socket lies where others could have put it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The agent speaks another version.
    #[error("the running agent ({theirs}) is of another release than this program")]
    Version {
        /// Program and release of the agent.
        theirs: String,
    },
    /// The agent went away before it answered; the request may be sent again to the next one.
    #[error("the agent went away before it answered")]
    Closed,
    /// Reading or writing failed.
    #[error("talking to the agent failed: {0}")]
    Io(#[from] io::Error),
    /// A line was no message.
    #[error("the agent's answer makes no sense: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// A connection to the agent, greetings exchanged.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<Stream>,
    writer: Stream,
    agent: String,
}

impl Connection {
    /// Connects and greets. `program` is name and release of the caller, such as `vestibule 0.1.0`.
    ///
    /// # Errors
    /// [`Error::NoAgent`] where none runs; [`Error::Folder`] where the socket is not the user's own;
    /// [`Error::Version`] where the agent is of another release.
    pub fn connect(path: &Path, program: &str) -> Result<Self, Error> {
        Self::connect_as(Way::default(), path, program)
    }

    /// Connects and greets, and says how what will be asked for is handed on.
    ///
    /// # Errors
    /// See [`Connection::connect`].
    pub fn connect_as(way: Way, path: &Path, program: &str) -> Result<Self, Error> {
        let no_agent = |source| Error::NoAgent {
            path: path.to_owned(),
            source,
        };
        let stream = platform::connect(path).map_err(no_agent)?;
        if cfg!(unix)
            && let Some(folder) = path.parent()
        {
            socket::check_private_folder(folder)?;
        }
        let (read, writer) = platform::split(stream)?;
        let mut connection = Self {
            reader: BufReader::new(read),
            writer,
            agent: String::new(),
        };
        connection.send(&Hello {
            version: PROTOCOL_VERSION,
            program: program.to_owned(),
            way,
        })?;
        let theirs: Hello = connection.receive()?;
        if theirs.version != PROTOCOL_VERSION {
            return Err(Error::Version {
                theirs: theirs.program,
            });
        }
        connection.agent = theirs.program;
        Ok(connection)
    }

    /// Name and release of the agent.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.agent
    }

    /// Asks, tells each step to `on_progress` and returns the final answer, which may be
    /// [`Response::Error`].
    ///
    /// # Errors
    /// [`Error::Closed`] where the agent left meanwhile; [`Error::Io`] and [`Error::Malformed`].
    pub fn request(
        &mut self,
        request: &Request,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<Response, Error> {
        self.send(request)?;
        loop {
            match self.receive()? {
                Response::Progress(progress) => on_progress(progress),
                answer => return Ok(answer),
            }
        }
    }

    /// Stays until the agent leaves: one without a tray stays as long as somebody is connected.
    pub fn stay(mut self) {
        // Whatever ends the wait, there is nobody at the other end any more.
        let _ = io::copy(&mut self.reader, &mut io::sink());
    }

    fn send(&mut self, message: &impl serde::Serialize) -> Result<(), Error> {
        self.writer
            .write_all(&line::encode(message)?)
            .map_err(closed)
    }

    fn receive<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let mut line = Zeroizing::new(Vec::with_capacity(8 * 1024));
        let mut limited = (&mut self.reader).take(line::MAX_RESPONSE);
        limited.read_until(b'\n', &mut line).map_err(closed)?;
        if !line::is_whole(&line) {
            return Err(Error::Closed);
        }
        Ok(line::decode(&line)?)
    }
}

/// A peer that exits resets the connection or breaks the pipe: to the caller both mean "closed".
fn closed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Error::Closed,
        _ => Error::Io(error),
    }
}
