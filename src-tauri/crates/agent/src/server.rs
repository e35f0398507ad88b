//! The socket, and the lock that makes sure there is one agent for a user.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipc::client::Connection;
use ipc::message::{Code, Request, Response};
use ipc::server::{BindError, Channel, ChannelError, Listener};
use ipc::socket::FolderError;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::controller::Handle;
use crate::failure::failure;
use crate::journal::Caller;
use crate::paths::Paths;

/// Name and release, for the other side's log.
const PROGRAM: &str = concat!("vestibule ", env!("CARGO_PKG_VERSION"));

/// How many clients are served at once; more wait in the socket's queue.
const CLIENTS: usize = 512;

/// How long running answers may take once the agent is to leave.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// How long the other agent may take to leave.
const HAND_OVER: Duration = Duration::from_secs(30);

/// Why this program cannot be the user's agent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another is.
    #[error("another agent is running")]
    AlreadyRunning,
    /// The other would not leave.
    #[error("the running agent did not leave in time")]
    DidNotLeave,
    /// The folder will not do.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The lock cannot be had.
    #[error("the lock {} cannot be taken: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The socket cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
}

/// The right to be the user's agent, for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    // Dropping the file releases the lock.
    _file: File,
    socket: PathBuf,
}

/// The socket being served.
#[derive(Debug)]
pub struct Server {
    places: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    activity: watch::Receiver<Instant>,
    task: JoinHandle<()>,
}

impl Lock {
    /// Takes the lock where no agent holds it.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`], or the runtime folder will not do.
    pub fn take(paths: &Paths) -> Result<Self, Error> {
        ipc::socket::ensure_private_folder(&paths.runtime)?;
        let path = paths.runtime.join("agent.lock");
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = opened.map_err(|source| Error::Lock {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                _file: file,
                socket: paths.socket.clone(),
            }),
            Err(TryLockError::WouldBlock) => Err(Error::AlreadyRunning),
            Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
        }
    }

    /// Takes the lock; an agent that holds it is asked to finish its answers and leave.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] where it refuses, as a tray does, and [`Error::DidNotLeave`].
    pub async fn take_over(paths: &Paths) -> Result<Self, Error> {
        let deadline = Instant::now() + HAND_OVER;
        loop {
            match Self::take(paths) {
                Err(Error::AlreadyRunning) if Instant::now() >= deadline => {
                    return Err(Error::DidNotLeave);
                }
                Err(Error::AlreadyRunning) => {}
                other => return other,
            }
            // Again and again: a command whose agent left may have started another.
            ask_to_leave(paths).await?;
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens the socket and answers on it. `leave` is told when another agent takes over; an
    /// agent that passes `None` stays.
    ///
    /// # Errors
    /// The socket cannot be opened.
    pub fn serve(&self, handle: Handle, leave: Option<mpsc::Sender<()>>) -> Result<Server, Error> {
        let listener = Listener::bind(&self.socket)?;
        let (stop, stopped) = watch::channel(false);
        let (active, activity) = watch::channel(Instant::now());
        let client = Client {
            handle,
            leave,
            active,
            stopped,
        };
        let places = Arc::new(Semaphore::new(CLIENTS));
        Ok(Server {
            stop,
            activity,
            task: tokio::spawn(accept(listener, client, places.clone())),
            places,
        })
    }
}

impl Server {
    /// Whether a client is connected, such as an endpoint that waits for its own.
    #[must_use]
    pub fn has_clients(&self) -> bool {
        // One place is held for the next client.
        self.places.available_permits() + 1 < CLIENTS
    }

    /// When a client last asked something.
    #[must_use]
    pub fn last_asked(&self) -> Instant {
        *self.activity.borrow()
    }

    /// Takes no more clients, lets running answers finish for a while, and closes the socket.
    pub async fn stop(self) {
        // The task may have ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Asks the agent that holds the lock, where it can be reached: one that is just starting or ending
/// cannot.
async fn ask_to_leave(paths: &Paths) -> Result<(), Error> {
    let socket = paths.socket.clone();
    let asked = tokio::task::spawn_blocking(move || {
        Connection::connect(&socket, PROGRAM)?.request(&Request::TakeOver, |_| {})
    });
    match asked.await {
        Ok(Ok(Response::Error(_))) => Err(Error::AlreadyRunning),
        _ => Ok(()),
    }
}

#[derive(Clone)]
struct Client {
    handle: Handle,
    leave: Option<mpsc::Sender<()>>,
    active: watch::Sender<Instant>,
    stopped: watch::Receiver<bool>,
}

async fn accept(mut listener: Listener, client: Client, places: Arc<Semaphore>) {
    let mut clients = JoinSet::new();
    let mut stopped = client.stopped.clone();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            break;
        };
        let channel = tokio::select! {
            channel = listener.accept() => channel,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match channel {
            Ok(channel) => {
                let client = client.clone();
                clients.spawn(async move {
                    let _place = place;
                    if let Err(error) = client.serve(channel).await {
                        tracing::debug!(%error, "a client was hung up on");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a client could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
        while clients.try_join_next().is_some() {}
    }
    drop(listener);
    let finish = async { while clients.join_next().await.is_some() {} };
    // Clients that still wait connect again, to the agent that comes after.
    let _ = timeout(LAST_ANSWERS, finish).await;
}

impl Client {
    async fn serve(mut self, mut channel: Channel) -> Result<(), ChannelError> {
        let caller = Caller::of(&channel.greet(PROGRAM).await?);
        loop {
            let request = tokio::select! {
                request = channel.next() => request,
                _ = self.stopped.wait_for(|stopped| *stopped) => return Ok(()),
            };
            let request = match request {
                Ok(Some(request)) => request,
                Ok(None) => return Ok(()),
                Err(ChannelError::Malformed(error)) => {
                    let message = format!("The request makes no sense: {error}.");
                    let next = "Use the command line of the same release as the agent.";
                    channel
                        .send(&Response::Error(failure(Code::BadRequest, message, next)))
                        .await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.active.send_replace(Instant::now());
            if request == Request::TakeOver {
                self.hand_over(&mut channel).await?;
            } else if !self.answer(&mut channel, &caller, request).await? {
                return Ok(());
            }
            self.active.send_replace(Instant::now());
        }
    }

    /// Passes the answers on; `false` where the client hung up before the last of them.
    async fn answer(
        &self,
        channel: &mut Channel,
        caller: &Caller,
        request: Request,
    ) -> Result<bool, ChannelError> {
        let mut answers = self.handle.ask_as(caller.clone(), request).await;
        loop {
            let answer = tokio::select! {
                answer = answers.recv() => answer,
                () = channel.hung_up() => {
                    drop(answers);
                    self.handle.left().await;
                    return Ok(false);
                }
            };
            // A stopping controller answers nothing; the client then asks the next agent.
            let Some(answer) = answer else {
                return Ok(false);
            };
            channel.send(&answer).await?;
            if !matches!(answer, Response::Progress(_)) {
                return Ok(true);
            }
        }
    }

    async fn hand_over(&self, channel: &mut Channel) -> Result<(), ChannelError> {
        let Some(leave) = &self.leave else {
            let message = "The tray application is running and stays.";
            let next = "Quit it first.";
            return channel
                .send(&Response::Error(failure(Code::BadRequest, message, next)))
                .await;
        };
        channel.send(&Response::Done).await?;
        // Leaving twice is as good.
        let _ = leave.try_send(());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
