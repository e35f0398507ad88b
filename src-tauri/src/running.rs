//! The agent of this process: lock, controller and socket.

use std::time::Duration;

use agent::controller::{Controller, Environment, Handle};
use agent::keyring::SystemStore;
use agent::server::{self, Lock, Server};
use anyhow::Context;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::desktop::Desktop;

/// How long running answers may take once the user quits; whoever waits asks the next agent.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How long the controller may take to write what is unwritten.
const LAST_WORDS: Duration = Duration::from_secs(6);

/// The agent, while it runs.
#[derive(Debug)]
pub(crate) struct Running {
    lock: Lock,
    server: Server,
    handle: Handle,
    controller: JoinHandle<()>,
}

impl Running {
    /// Starts the agent on this desktop. A headless one is asked to leave first.
    ///
    /// # Errors
    /// Another tray is running, or lock and socket cannot be had.
    pub(crate) async fn start(
        environment: Environment,
        desktop: Desktop,
    ) -> anyhow::Result<(Handle, Self)> {
        let lock = match Lock::take_over(&environment.paths).await {
            Err(server::Error::AlreadyRunning) => {
                anyhow::bail!("Vestibule is running already: look for its icon in the tray")
            }
            other => other?,
        };
        let (handle, controller) = Controller::start(environment, Box::new(SystemStore), desktop)
            .context("the agent could not start")?;
        // The tray stays: it is not told when another agent wants to take over.
        let server = lock.serve(handle.clone(), None)?;
        let running = Self {
            lock,
            server,
            handle: handle.clone(),
            controller,
        };
        Ok((handle, running))
    }

    /// Ends it; nothing of it runs on when this returns.
    pub(crate) async fn stop(self) {
        if timeout(LAST_ANSWERS, self.server.stop()).await.is_err() {
            tracing::info!("answers that were still awaited are left to the next agent");
        }
        self.handle.stop().await;
        if timeout(LAST_WORDS, self.controller).await.is_err() {
            tracing::error!("the agent did not end in time");
        }
        drop(self.lock);
    }
}
