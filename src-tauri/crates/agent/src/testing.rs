//! A desktop, a keyring and a home folder for tests.

use std::ffi::OsString;
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;

use crate::clock::WallClock;
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
