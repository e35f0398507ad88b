//! The keyring of this operating system: Secret Service, Keychain or Credential Manager.

use keyring_core::{Entry, Error as KeyringError};
use secrecy::{ExposeSecret, SecretString};

use super::{Error, SecretStore};

/// The real keyring.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemStore;

impl SecretStore for SystemStore {
    fn read(&mut self, service: &str, entry: &str) -> Result<Option<SecretString>, Error> {
        match with(service, entry, Entry::get_password) {
            Ok(secret) => Ok(Some(secret.into())),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn write(&mut self, service: &str, entry: &str, secret: &SecretString) -> Result<(), Error> {
        let write = |entry: &Entry| entry.set_password(secret.expose_secret());
        with(service, entry, write).map_err(|error| refused(&error))
    }

    fn delete(&mut self, service: &str, entry: &str) -> Result<(), Error> {
        match with(service, entry, Entry::delete_credential) {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

/// Does it, over a fresh connection where the one there was is dead: the bus, or the keyring on
/// it, may have been started anew.
fn with<T>(
    service: &str,
    name: &str,
    act: impl Fn(&Entry) -> keyring_core::Result<T>,
) -> keyring_core::Result<T> {
    let outcome = open(service, name).and_then(|entry| act(&entry));
    match outcome {
        Err(KeyringError::PlatformFailure(_)) if connect_anew().is_ok() => {
            act(&Entry::new(service, name)?)
        }
        outcome => outcome,
    }
}

fn open(service: &str, entry: &str) -> keyring_core::Result<Entry> {
    match keyring::Entry::new(service, entry) {
        Ok(entry) => Ok(entry.inner),
        // `keyring` remembers a failed first contact for good; the service may be there by now.
        Err(KeyringError::NoDefaultStore) => {
            if keyring_core::get_default_store().is_none() {
                connect_anew()?;
            }
            Entry::new(service, entry)
        }
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn connect_anew() -> keyring_core::Result<()> {
    keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn connect_anew() -> keyring_core::Result<()> {
    Err(KeyringError::NoDefaultStore)
}

fn refused(error: &KeyringError) -> Error {
    Error::Refused(error.to_string())
}
