use std::collections::HashMap;
use std::sync::mpsc;

use secrecy::ExposeSecret;

use super::*;

/// A keyring in memory whose door stays shut until it is told to open.
struct Locked {
    unlocked: mpsc::Receiver<()>,
    entries: HashMap<String, SecretString>,
}

impl SecretStore for Locked {
    fn read(&mut self, service: &str, entry: &str) -> Result<Option<SecretString>, Error> {
        self.unlocked
            .recv()
            .map_err(|_| Error::Refused("dismissed".to_owned()))?;
        Ok(self.entries.get(&format!("{service}/{entry}")).cloned())
    }

    fn write(&mut self, service: &str, entry: &str, secret: &SecretString) -> Result<(), Error> {
        self.entries
            .insert(format!("{service}/{entry}"), secret.clone());
        Ok(())
    }

    fn delete(&mut self, service: &str, entry: &str) -> Result<(), Error> {
        self.entries.remove(&format!("{service}/{entry}"));
        Ok(())
    }
}

fn locked() -> (Keyring, mpsc::Sender<()>) {
    let (unlock, unlocked) = mpsc::channel();
    let store = Locked {
        unlocked,
        entries: HashMap::new(),
    };
    (
        Keyring::start("vestibule".to_owned(), Box::new(store)),
        unlock,
    )
}

#[tokio::test]
async fn a_locked_keyring_is_given_up_on_and_answers_at_last() {
    let (keyring, unlock) = locked();
    keyring.write("acme", "one".into()).at_last().await.unwrap();
    let mut job = keyring.read("acme");
    assert_eq!(
        job.in_time(Duration::from_millis(20)).await.unwrap_err(),
        Error::Silent
    );
    unlock.send(()).unwrap();
    let secret = job.at_last().await.unwrap().unwrap();
    assert_eq!(secret.expose_secret(), "one");
}

#[tokio::test]
async fn what_was_deleted_is_gone_and_a_dismissed_prompt_is_a_refusal() {
    let (keyring, unlock) = locked();
    keyring.write("acme", "one".into()).at_last().await.unwrap();
    keyring.delete("acme").at_last().await.unwrap();
    unlock.send(()).unwrap();
    assert!(keyring.read("acme").at_last().await.unwrap().is_none());
    drop(unlock);
    let refused = keyring.read("acme").at_last().await.unwrap_err();
    assert_eq!(refused, Error::Refused("dismissed".to_owned()));
}
