//! The operating system's keyring, on a plain thread of its own: it may block for as long as the
//! user looks at a password prompt, and it cannot be used from within a runtime's task.

mod stored;
mod system;

use std::sync::mpsc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::oneshot;

pub(crate) use stored::{SignedIn, Stored};
pub use system::SystemStore;

/// How long an answer is waited for before going on without the keyring.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// The keyring could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none, it is locked, or it refused.
    #[error("the keyring cannot be used: {0}")]
    Refused(String),
    /// It waits, most likely for the user to unlock it.
    #[error("the keyring does not answer; it may be waiting to be unlocked")]
    Silent,
}

/// A place for secrets. The methods may block.
pub trait SecretStore: Send + 'static {
    /// The secret of an entry; `None` where there is none.
    ///
    /// # Errors
    /// The store cannot be used.
    fn read(&mut self, service: &str, entry: &str) -> Result<Option<SecretString>, Error>;

    /// Writes the secret of an entry.
    ///
    /// # Errors
    /// The store cannot be used.
    fn write(&mut self, service: &str, entry: &str, secret: &SecretString) -> Result<(), Error>;

    /// Deletes an entry; one that is not there is deleted already.
    ///
    /// # Errors
    /// The store cannot be used.
    fn delete(&mut self, service: &str, entry: &str) -> Result<(), Error>;
}

type Work = Box<dyn FnOnce(&mut dyn SecretStore) + Send>;

/// The store behind its thread. Jobs are done in the order they were given.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    service: String,
    work: mpsc::Sender<Work>,
}

/// A job under way.
#[derive(Debug)]
pub(crate) struct Job<T>(oneshot::Receiver<Result<T, Error>>);

impl Keyring {
    /// Starts the thread; it ends when the last clone is dropped.
    pub(crate) fn start(service: String, mut store: Box<dyn SecretStore>) -> Self {
        let (work, jobs) = mpsc::channel::<Work>();
        std::thread::spawn(move || {
            for job in jobs {
                job(&mut *store);
            }
        });
        Self { service, work }
    }

    pub(crate) fn read(&self, entry: &str) -> Job<Option<SecretString>> {
        let (service, entry) = (self.service.clone(), entry.to_owned());
        self.begin(move |store| store.read(&service, &entry))
    }

    pub(crate) fn write(&self, entry: &str, secret: SecretString) -> Job<()> {
        let (service, entry) = (self.service.clone(), entry.to_owned());
        self.begin(move |store| store.write(&service, &entry, &secret))
    }

    pub(crate) fn delete(&self, entry: &str) -> Job<()> {
        let (service, entry) = (self.service.clone(), entry.to_owned());
        self.begin(move |store| store.delete(&service, &entry))
    }

    /// A job that is done when all before it are.
    pub(crate) fn flush(&self) -> Job<()> {
        self.begin(|_| Ok(()))
    }

    fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn SecretStore) -> Result<T, Error> + Send + 'static,
    ) -> Job<T> {
        let (done, outcome) = oneshot::channel();
        let work: Work = Box::new(move |store| {
            // Whoever no longer waits has gone on without the answer.
            let _ = done.send(work(store));
        });
        // A thread that has died drops `done`, which the job takes for a refusal.
        let _ = self.work.send(work);
        Job(outcome)
    }
}

impl<T> Job<T> {
    /// The outcome, or [`Error::Silent`] after the limit; it may still come then, by waiting again.
    pub(crate) async fn in_time(&mut self, limit: Duration) -> Result<T, Error> {
        tokio::time::timeout(limit, self.at_last())
            .await
            .unwrap_or(Err(Error::Silent))
    }

    /// The outcome, however long it takes.
    pub(crate) async fn at_last(&mut self) -> Result<T, Error> {
        let died = || Error::Refused("its thread ended".to_owned());
        (&mut self.0).await.unwrap_or_else(|_| Err(died()))
    }
}

#[cfg(test)]
mod tests;
