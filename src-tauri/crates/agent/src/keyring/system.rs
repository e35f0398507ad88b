//! The keyring of this operating system: Secret Service, Keychain or Credential Manager.

use keyring_core::{Entry, Error as KeyringError};
use secrecy::{ExposeSecret, SecretString};

use super::{Error, SecretStore};

/// The real keyring.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemStore;

impl SecretStore for SystemStore {
    fn read(&mut self, service: &str, entry: &str) -> Result<Option<SecretString>, Error> {
        match open(service, entry).and_then(|entry| entry.get_password()) {
            Ok(secret) => Ok(Some(secret.into())),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn write(&mut self, service: &str, entry: &str, secret: &SecretString) -> Result<(), Error> {
        let entry = open(service, entry).map_err(|error| refused(&error))?;
        entry
            .set_password(secret.expose_secret())
            .map_err(|error| refused(&error))
    }

    fn delete(&mut self, service: &str, entry: &str) -> Result<(), Error> {
        match open(service, entry).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

fn open(service: &str, entry: &str) -> keyring_core::Result<Entry> {
    match keyring::Entry::new(service, entry) {
        Ok(entry) => Ok(entry.inner),
        // `keyring` remembers a failed first contact for good; the service may be there by now.
        Err(KeyringError::NoDefaultStore) => {
            connect_anew()?;
            Entry::new(service, entry)
        }
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn connect_anew() -> keyring_core::Result<()> {
    if keyring_core::get_default_store().is_none() {
        keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn connect_anew() -> keyring_core::Result<()> {
    Err(KeyringError::NoDefaultStore)
}

fn refused(error: &KeyringError) -> Error {
    Error::Refused(error.to_string())
}
