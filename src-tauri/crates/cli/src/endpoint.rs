//! An HTTP endpoint in this process, with credentials from the agent.
//!
//! It is here and not in the agent so that its clients keep port and token whatever becomes of the
//! agent: one that was killed is started again, and one that gave way to the tray is asked there.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use agent::endpoint::{Endpoint, Source};
use ipc::message::{Code, Credentials, Failure, Request, Response, Role, RoleQuery, Way};
use tokio::runtime::{Builder, Runtime};

use crate::agent_process;
use crate::ask::ask_as;
use crate::failure::{Error, Result};

/// A running endpoint. It serves in the background until it is closed.
pub(crate) struct Served {
    endpoint: Endpoint,
    runtime: Runtime,
}

impl Served {
    /// Serves `roles`, or any where there are none, on `port`, or on a free one where it is 0.
    ///
    /// # Errors
    /// The port is taken, or the system lacks what a server takes.
    pub(crate) fn open(port: u16, roles: Vec<Role>) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| cannot_serve(port, &error))?;
        let agent = Agent::default();
        agent.presence.ensure();
        let endpoint = runtime
            .block_on(Endpoint::open(port, roles, agent))
            .map_err(|error| cannot_serve(port, &error))?;
        Ok(Self { endpoint, runtime })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Runs a future to its end, for those who have nothing else to do.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Stops at once; questions to the agent that are under way are left alone.
    pub(crate) fn close(self) {
        drop(self.endpoint);
        self.runtime.shutdown_background();
    }
}

fn cannot_serve(port: u16, error: &io::Error) -> Error {
    let place = match port {
        0 => "a port of 127.0.0.1".to_owned(),
        port => format!("port {port} of 127.0.0.1"),
    };
    Error::new(
        Code::Internal,
        format!("cannot listen on {place}: {error}"),
        "Choose another port, or none.",
    )
}

/// Keeps an agent without a tray from leaving as one that nobody needs, which would cost the
/// sign-in where no keyring holds it. Agents are not started for it: the next question does that.
#[derive(Clone, Default)]
struct Presence(Arc<AtomicBool>);

impl Presence {
    /// Stays connected on a thread of its own, until the agent leaves.
    fn ensure(&self) {
        if self.0.swap(true, Ordering::SeqCst) {
            return;
        }
        let Self(present) = self.clone();
        std::thread::spawn(move || {
            if let Some(agent) = agent_process::connect_to_running(Way::Endpoint, &crate::env) {
                agent.stay();
            }
            present.store(false, Ordering::SeqCst);
        });
    }
}

/// The agent as a source of credentials. Of those who want the same role at once, one asks at a
/// time: an SDK that gives up and comes again during a sign-in leaves no thread behind.
#[derive(Default)]
struct Agent {
    presence: Presence,
    turns: Mutex<HashMap<RoleKey, Arc<tokio::sync::Mutex<()>>>>,
}

type RoleKey = (Option<String>, String, String);

impl Source for Agent {
    async fn credentials(&self, role: RoleQuery) -> std::result::Result<Credentials, Failure> {
        let turn = self.turn(&role).lock_owned().await;
        let presence = self.presence.clone();
        let asked = tokio::task::spawn_blocking(move || {
            // Held to the end of the question, though nobody may wait for its answer any more.
            let _turn = turn;
            // The terminal belongs to the command that runs.
            let request = Request::Credentials {
                role,
                interactive: false,
            };
            let answer = ask_as(Way::Endpoint, &crate::env, &request, |_| {});
            presence.ensure();
            answer
        });
        match asked.await {
            Ok(Ok(Response::Credentials(credentials))) => Ok(credentials),
            Ok(Err(error)) => Err(error.into_failure()),
            Ok(Ok(_)) | Err(_) => Err(Error::unexpected().into_failure()),
        }
    }
}

impl Agent {
    fn turn(&self, role: &RoleQuery) -> Arc<tokio::sync::Mutex<()>> {
        let key = (
            role.session.clone(),
            role.account.clone(),
            role.role.clone(),
        );
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(key).or_default())
    }
}
