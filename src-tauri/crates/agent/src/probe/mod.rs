//! What `vestibule doctor` asks the world around the agent. It works where no agent does.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(not(target_os = "linux"))]
#[path = "no_bus.rs"]
mod bus;

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use ipc::message::Failure;
use sso::endpoints::Endpoints;
use sso::http::Client;
use time::OffsetDateTime;

pub use bus::bus;

use crate::clock::{Clock as _, WallClock};
use crate::controller::KEYRING_SERVICE;
use crate::failure;
use crate::keyring::{SecretStore as _, SystemStore};
use crate::outside;
use crate::settings::{Portal, Settings};

/// How long the keyring may take to answer.
const KEYRING_LIMIT: Duration = Duration::from_secs(5);

/// A portal that answers as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortalSeen {
    /// What time it is there, to the second, where it says so.
    pub date: Option<OffsetDateTime>,
    /// What time it was here when it said so.
    pub received: OffsetDateTime,
}

/// What stands on the session bus of the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bus {
    /// The Secret Service.
    pub secrets: Secrets,
    /// Whether something shows tray icons.
    pub tray: bool,
    /// Whether something shows notifications, or can be started for it.
    pub notifications: bool,
}

/// The Secret Service as it stands on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// There is none, and none can be started.
    Absent,
    /// There is one, but it has no default collection yet.
    Empty,
    /// Its default collection waits for the user's password.
    Locked,
    /// It can be used.
    Unlocked,
}

/// Asks each portal of the settings, all at once, whether it is there and speaks its protocol, as
/// the agent would. Nobody is signed in.
///
/// # Errors
/// One for each portal that is not reached, and the same for all where TLS cannot be set up or
/// certificates that should be trusted cannot be.
pub async fn portals(
    settings: &Settings,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Vec<Result<PortalSeen, Failure>> {
    let portals = &settings.sessions;
    let client = match outside::client(settings, env, Arc::new(|| WallClock.now())) {
        Ok((client, None)) => client,
        Ok((_, Some(untrusted))) => {
            return portals.iter().map(|_| Err(untrusted.clone())).collect();
        }
        Err(error) => {
            let failed =
                |portal: &Portal| Err(failure::of_portal(&portal.name, error.kind(), &error));
            return portals.iter().map(failed).collect();
        }
    };
    let ask = |one: &Portal| {
        let (client, one) = (client.clone(), one.clone());
        tokio::spawn(async move { portal(&client, &one).await })
    };
    let asked: Vec<_> = portals.iter().map(ask).collect();
    let mut seen = Vec::new();
    for (asked, portal) in asked.into_iter().zip(portals) {
        // A task ends early only with its runtime.
        let outcome = asked.await;
        seen.push(outcome.unwrap_or_else(|_| Err(failure::timed_out(&portal.name))));
    }
    seen
}

async fn portal(client: &Client, portal: &Portal) -> Result<PortalSeen, Failure> {
    let endpoints = Endpoints::resolve(&portal.start_url, &portal.region, &portal.endpoints);
    let (seen, oidc) = tokio::join!(
        sso::probe::portal(client, &endpoints),
        sso::probe::oidc(client, &endpoints)
    );
    let name = &portal.name;
    match (seen, oidc) {
        (Err(error), _) => Err(failure::of_portal(name, error.kind(), &error)),
        (_, Err(error)) => Err(failure::of_portal(name, error.kind(), &error)),
        (Ok(seen), Ok(())) => Ok(PortalSeen {
            date: seen.date,
            received: seen.received,
        }),
    }
}

/// Reads from the keyring as the agent does, an entry that nobody has. A locked keyring may ask the
/// user for its password: see first whether [`bus()`] says that it is.
///
/// # Errors
/// Why it cannot be used.
pub fn keyring(settings: &Settings) -> Result<(), crate::keyring::Error> {
    let service = settings
        .keyring_service
        .clone()
        .unwrap_or_else(|| KEYRING_SERVICE.to_owned());
    let (done, outcome) = mpsc::channel();
    // It may never answer: the thread is then left behind, and ends with this process.
    std::thread::spawn(move || {
        let read = SystemStore.read(&service, "doctor/nothing");
        let _ = done.send(read.map(drop));
    });
    outcome
        .recv_timeout(KEYRING_LIMIT)
        .unwrap_or(Err(crate::keyring::Error::Silent))
}
