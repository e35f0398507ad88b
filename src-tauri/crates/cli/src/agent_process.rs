//! Finding the agent, and starting a headless one where none runs.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ipc::client::{self, Connection};
use ipc::dirs::{self, Env};
use ipc::message::{Code, Way};
use ipc::socket;

use crate::failure::{Error, Result};

/// Name and release, as either side of the socket greets.
const PROGRAM: &str = concat!("vestibule ", env!("CARGO_PKG_VERSION"));
/// From the first try to an agent that answers.
const START_LIMIT: Duration = Duration::from_secs(15);
/// For another agent to answer after the one started here ended.
const RIVAL_LIMIT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(10);
const LOG_LIMIT: u64 = 1024 * 1024;

/// Connects to the running agent, or starts one and waits for it.
///
/// Of many callers at once only one starts an agent; the others wait for its socket.
///
/// # Errors
/// Where the agent does not start, or is of another release.
pub(crate) fn connect(way: Way, env: Env<'_>) -> Result<Connection> {
    let path = socket::path(env)?;
    let mut deadline = Instant::now() + START_LIMIT;
    let mut started: Option<Started> = None;
    let mut started_again = false;
    loop {
        match Connection::connect_as(way, &path, PROGRAM) {
            Err(client::Error::NoAgent { .. } | client::Error::Closed) => {}
            other => return Ok(other?),
        }
        match &mut started {
            None => started = Started::unless_another_does(way, env)?,
            Some(started) => {
                if started.has_just_ended() {
                    deadline = deadline.min(Instant::now() + RIVAL_LIMIT);
                }
            }
        }
        if Instant::now() >= deadline {
            if started_again || started.is_none() {
                return Err(did_not_start(env)?);
            }
            // The one started here may have met the lock of an agent that was just dying.
            started = None;
            started_again = true;
            deadline = Instant::now() + START_LIMIT;
        }
        thread::sleep(POLL);
    }
}

/// Connects to the running agent, where there is one.
pub(crate) fn connect_to_running(way: Way, env: Env<'_>) -> Option<Connection> {
    Connection::connect_as(way, &socket::path(env).ok()?, PROGRAM).ok()
}

/// An agent started here.
struct Started {
    agent: Child,
    ended: bool,
    /// Keeps other callers from starting one too.
    _lock: File,
}

impl Started {
    fn unless_another_does(way: Way, env: Env<'_>) -> Result<Option<Self>> {
        let folder = dirs::runtime(env)?;
        socket::ensure_private_folder(&folder).map_err(client::Error::Folder)?;
        let path = folder.join("start.lock");
        let lock = File::create(&path).map_err(|error| unusable(&path, &error))?;
        if lock.try_lock().is_err() {
            return Ok(None);
        }
        // Whoever held the lock lets go once its agent answers: perhaps only since this caller
        // looked.
        if connect_to_running(way, env).is_some() {
            return Ok(None);
        }
        let agent = start(env)?;
        Ok(Some(Self {
            agent,
            ended: false,
            _lock: lock,
        }))
    }

    /// True once, when the agent is first seen to have ended.
    fn has_just_ended(&mut self) -> bool {
        let before = self.ended;
        self.ended = before || !matches!(self.agent.try_wait(), Ok(None));
        self.ended && !before
    }
}

fn start(env: Env<'_>) -> Result<Child> {
    let log_path = log_path(env)?;
    let log = open_log(&log_path).map_err(|error| unusable(&log_path, &error))?;
    let cannot_start = |error: io::Error| {
        let message = format!("the agent cannot be started: {error}");
        Error::new(
            Code::Internal,
            message,
            "Check the installation of Vestibule.",
        )
    };
    let program = std::env::current_exe().map_err(cannot_start)?;
    let mut command = Command::new(program);
    command
        .args(["agent", "--detached"])
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(cannot_start)?)
        .stderr(log);
    platform::detach(&mut command);
    command.spawn().map_err(cannot_start)
}

fn log_path(env: Env<'_>) -> Result<PathBuf> {
    Ok(dirs::data(env)?.join("agent.log"))
}

fn open_log(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    platform::private(&mut options);
    options.open(path)
}

fn did_not_start(env: Env<'_>) -> Result<Error> {
    let path = log_path(env)?;
    let log = fs::read(&path).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let message = match log.lines().rfind(|line| line.starts_with("error: ")) {
        Some(last) => format!(
            "the agent did not start: {}",
            last.trim_start_matches("error: ")
        ),
        None => "the agent did not start in time".to_owned(),
    };
    Ok(Error::new(
        Code::Internal,
        message,
        format!("Its log is {}.", path.display()),
    ))
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    let message = format!("cannot write {}: {error}", path.display());
    Error::new(
        Code::File,
        message,
        "Make it and its folder writable for you, then try again.",
    )
}

#[cfg(unix)]
mod platform {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::process::Command;

    /// The agent leaves the terminal's session by itself: `agent --detached`.
    pub(super) fn detach(command: &mut Command) {
        command.current_dir("/");
    }

    pub(super) fn private(options: &mut OpenOptions) {
        options.mode(0o600);
    }
}

#[cfg(windows)]
mod platform {
    use std::fs::OpenOptions;
    use std::os::windows::process::CommandExt as _;
    use std::process::Command;

    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;

    pub(super) fn detach(command: &mut Command) {
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    }

    pub(super) fn private(_options: &mut OpenOptions) {}
}
