//! The agent without a desktop: started by the first command, gone after an idle hour.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::browser;
use crate::controller::{Controller, Environment, Handle, Lookup};
use crate::keyring::SystemStore;
use crate::menu::{Menu, Window};
use crate::server::{self, Lock, Server};
use crate::shell::{Notification, OpenError, Shell};

/// How long an agent that keeps nothing and has no clients stays without being asked.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// Why the agent did not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Lock or socket cannot be had.
    #[error(transparent)]
    Server(#[from] server::Error),
    /// TLS cannot be set up.
    #[error(transparent)]
    Http(#[from] sso::http::Error),
}

/// Runs until it is told to end (Ctrl-C or SIGTERM), until the tray takes over, or until nobody
/// asked anything for an hour while nothing is kept and no client stays connected.
///
/// # Errors
/// Another agent runs ([`server::Error::AlreadyRunning`]), or the socket cannot be opened.
pub async fn run(environment: Environment) -> Result<(), Error> {
    let lock = Lock::take(&environment.paths)?;
    let shell = Headless {
        env: environment.env.clone(),
        browser: None,
    };
    let (handle, controller) = Controller::start(environment, Box::new(SystemStore), shell)?;
    let (leave, mut left) = mpsc::channel(1);
    let server = lock.serve(handle.clone(), Some(leave))?;
    tokio::select! {
        () = told_to_end() => tracing::info!("asked to end"),
        _ = left.recv() => tracing::info!("the tray takes over"),
        () = idle(&handle, &server) => tracing::info!("idle"),
    }
    server.stop().await;
    handle.stop().await;
    // A controller that panicked has ended too.
    let _ = controller.await;
    drop(lock);
    Ok(())
}

async fn idle(handle: &Handle, server: &Server) {
    let snapshot = handle.snapshot();
    loop {
        let end = server.last_asked() + IDLE;
        let needed = snapshot.borrow().is_keeping() || server.has_clients();
        if !needed && Instant::now() >= end {
            return;
        }
        let next = if needed { Instant::now() + IDLE } else { end };
        tokio::time::sleep_until(next).await;
    }
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    // Where no signal can be had, the agent ends by being idle or taken over.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// A shell with a browser and a log.
struct Headless {
    env: Lookup,
    browser: Option<String>,
}

impl Shell for Headless {
    fn draw(&mut self, _: &Menu) {}

    fn notify(&mut self, notification: Notification) {
        let Notification { title, body, .. } = notification;
        tracing::info!(title, body, "notification");
    }

    fn withdraw(&mut self, _: &str) {}

    fn open(&mut self, url: SecretString) -> Result<(), OpenError> {
        let env = Arc::clone(&self.env);
        browser::open(self.browser.as_deref(), &*env, &url)
    }

    fn show(&mut self, _: Window) {}

    fn reaches_user(&self) -> bool {
        false
    }

    fn copy(&mut self, _: SecretString) {
        tracing::warn!("there is no clipboard to copy to");
    }

    fn set_browser(&mut self, command: Option<&str>) {
        self.browser = command.map(str::to_owned);
    }

    fn try_demonstration(&mut self) {}

    fn quit(&mut self) {}
}

#[cfg(test)]
mod tests {
    use ipc::client::Connection;
    use tempfile::TempDir;

    use super::*;
    use crate::testing::{NoKeyring, Silent, environment};

    const KEPT: &str = r#"{"kept":[{"role":{"session":"a","account_id":"1","role_name":"r"},
        "profile":"p","config_file":"/dev/null/config"}]}"#;

    /// How long an agent stays without being asked, in time that passes when all is quiet; perhaps
    /// with a client that stays connected.
    async fn stays(home: &TempDir, connected: bool, limit: Duration) -> Duration {
        let environment = environment(home);
        let socket = environment.paths.socket.clone();
        let lock = Lock::take(&environment.paths).unwrap();
        let (handle, _) = Controller::start(environment, Box::new(NoKeyring), Silent).unwrap();
        let server = lock.serve(handle.clone(), None).unwrap();
        // The first thing shown tells what is kept.
        let mut snapshot = handle.snapshot();
        snapshot.changed().await.unwrap();
        let connect = move || Connection::connect(&socket, "test 1").unwrap();
        let _client = match connected {
            true => Some(tokio::task::spawn_blocking(connect).await.unwrap()),
            false => None,
        };
        let start = Instant::now();
        let _ = tokio::time::timeout(limit, idle(&handle, &server)).await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn it_leaves_after_an_idle_hour_unless_something_is_kept_or_somebody_stays() {
        let home = TempDir::new().unwrap();
        let day = 24 * IDLE;
        let stayed = stays(&home, false, day).await;
        assert!(stayed >= IDLE && stayed < 2 * IDLE, "{stayed:?}");
        let home = TempDir::new().unwrap();
        assert!(stays(&home, true, day).await >= day);
        let home = TempDir::new().unwrap();
        let state = environment(&home).paths.state;
        std::fs::create_dir_all(state.parent().unwrap()).unwrap();
        std::fs::write(state, KEPT).unwrap();
        assert!(stays(&home, false, day).await >= day);
    }
}
