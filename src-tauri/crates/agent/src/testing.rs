//! A desktop, a keyring and a home folder for tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::{mpsc, watch};

use crate::clock::{Alarm, Clock, WallClock};
use crate::controller::Environment;
use crate::keyring::{self, SecretStore};
use crate::menu::{Menu, Window};
use crate::paths::Paths;
use crate::shell::{Notification, OpenError, Shell};

/// A desktop on which nothing may happen.
pub(crate) struct Silent;

impl Shell for Silent {
    fn draw(&mut self, _: &Menu) {}
    fn notify(&mut self, _: Notification) {}
    fn withdraw(&mut self, _: &str) {}
    fn open(&mut self, _: SecretString) -> Result<(), OpenError> {
        panic!("no browser may be opened")
    }
    fn show(&mut self, _: Window) {}
    fn reaches_user(&self) -> bool {
        false
    }
    fn copy(&mut self, _: SecretString) {}
    fn set_browser(&mut self, _: Option<&str>) {}
    fn try_demonstration(&mut self) {}
    fn quit(&mut self) {}
}

/// A machine without a keyring.
pub(crate) struct NoKeyring;

impl SecretStore for NoKeyring {
    fn read(&mut self, _: &str, _: &str) -> Result<Option<SecretString>, keyring::Error> {
        Err(keyring::Error::Refused("there is none".to_owned()))
    }
    fn write(&mut self, _: &str, _: &str, _: &SecretString) -> Result<(), keyring::Error> {
        Err(keyring::Error::Refused("there is none".to_owned()))
    }
    fn delete(&mut self, _: &str, _: &str) -> Result<(), keyring::Error> {
        Err(keyring::Error::Refused("there is none".to_owned()))
    }
}

/// A keyring in memory, which tests look into.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<BTreeMap<String, SecretString>>>);

impl Memory {
    pub(crate) fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

impl SecretStore for Memory {
    fn read(&mut self, _: &str, entry: &str) -> Result<Option<SecretString>, keyring::Error> {
        Ok(self.0.lock().unwrap().get(entry).cloned())
    }
    fn write(&mut self, _: &str, entry: &str, secret: &SecretString) -> Result<(), keyring::Error> {
        let mut entries = self.0.lock().unwrap();
        entries.insert(entry.to_owned(), secret.clone());
        Ok(())
    }
    fn delete(&mut self, _: &str, entry: &str) -> Result<(), keyring::Error> {
        self.0.lock().unwrap().remove(entry);
        Ok(())
    }
}

/// What a desktop was asked to tell, to take back or to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Notified { key: String, title: String },
    Withdrawn { key: String },
    Shown(Window),
}

/// A desktop that notes down what it is asked to tell.
pub(crate) struct Noting(pub(crate) mpsc::UnboundedSender<Told>);

impl Shell for Noting {
    fn draw(&mut self, _: &Menu) {}
    fn notify(&mut self, Notification { key, title, .. }: Notification) {
        // The test may have ended.
        let _ = self.0.send(Told::Notified { key, title });
    }
    fn withdraw(&mut self, key: &str) {
        let key = key.to_owned();
        let _ = self.0.send(Told::Withdrawn { key });
    }
    fn open(&mut self, _: SecretString) -> Result<(), OpenError> {
        Ok(())
    }
    fn show(&mut self, window: Window) {
        let _ = self.0.send(Told::Shown(window));
    }
    fn copy(&mut self, _: SecretString) {}
    fn set_browser(&mut self, _: Option<&str>) {}
    fn try_demonstration(&mut self) {}
    fn quit(&mut self) {}
}

/// A home folder of its own, and a browser that is never started.
pub(crate) fn environment(home: &TempDir) -> Environment {
    let home = home.path().to_owned();
    let env = move |name: &str| match name {
        "HOME" => Some(home.clone().into_os_string()),
        "BROWSER" => Some(OsString::from("firefox")),
        _ => None,
    };
    Environment {
        paths: Paths::from_env(&env).unwrap(),
        clock: Arc::new(WallClock),
        env: Arc::new(env),
        program: "/usr/bin/vestibule".into(),
    }
}

/// A clock that stands still until a test lets time pass or sets it.
#[derive(Clone)]
pub(crate) struct SetClock(Arc<watch::Sender<(OffsetDateTime, Duration)>>);

impl SetClock {
    pub(crate) fn at(wall: OffsetDateTime) -> Self {
        Self(Arc::new(watch::Sender::new((wall, Duration::ZERO))))
    }

    /// Time passes, as it also does while the machine sleeps.
    pub(crate) fn pass(&self, time: time::Duration) {
        self.0.send_modify(|(wall, uptime)| {
            *wall += time;
            *uptime += time.unsigned_abs();
        });
    }

    /// Somebody sets the clock on the wall.
    pub(crate) fn set(&self, to: OffsetDateTime) {
        self.0.send_modify(|(wall, _)| *wall = to);
    }
}

impl Clock for SetClock {
    fn now(&self) -> OffsetDateTime {
        self.0.borrow().0
    }

    fn uptime(&self) -> Duration {
        self.0.borrow().1
    }

    fn wake_at(&self, uptime: Duration) -> Alarm<'_> {
        let mut changes = self.0.subscribe();
        let before = *changes.borrow_and_update();
        let rings = move |now: &(OffsetDateTime, Duration)| {
            let set = now.0 - before.0 != now.1 - before.1;
            now.1 >= uptime || set
        };
        Box::pin(async move {
            // The sender lives as long as this clock.
            let _ = changes.wait_for(rings).await;
        })
    }

    fn local_offset(&self, _: OffsetDateTime) -> UtcOffset {
        UtcOffset::UTC
    }
}
