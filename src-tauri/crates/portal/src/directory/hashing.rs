use std::{
    num::NonZero,
    sync::{LazyLock, Mutex, PoisonError},
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHasher, Version,
    password_hash::phc::{Output, PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::PasswordError;
use crate::random;

/// The argon2id hash of a password with a salt of its own, as a PHC string.
pub(super) async fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let password = password.clone();
    blocking(move || hashed(password.expose_secret())).await
}

/// Whether the password has this hash, a PHC string. `None` is the hash of a password that nobody
/// has, which costs as much.
pub(super) async fn verify(
    password: &SecretString,
    stored: Option<String>,
) -> Result<bool, PasswordError> {
    static NOBODY: LazyLock<Result<String, PasswordError>> =
        LazyLock::new(|| hashed(&random::token()));
    let password = password.clone();
    blocking(move || match (&stored, &*NOBODY) {
        (Some(stored), _) | (None, Ok(stored)) => matches(password.expose_secret(), stored),
        (None, Err(error)) => Err(failed(error)),
    })
    .await
}

fn hashed(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(failed)
}

fn matches(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Err(failed("it has no salt or no hash"));
    };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(failed)?;
    let version = stored
        .version
        .map_or(Ok(Version::default()), Version::try_from);
    let params = Params::try_from(&stored).map_err(failed)?;
    let argon2 = Argon2::new(algorithm, version.map_err(failed)?, params);
    let mut output = [0; Output::MAX_LENGTH];
    let output = output
        .get_mut(..expected.len())
        .ok_or_else(|| failed("its hash is too long"))?;
    let mut blocks = Blocks::taken(argon2.params().block_count());
    argon2
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut blocks.0)
        .map_err(failed)?;
    // Outputs are compared in constant time.
    Ok(Output::new(output).map_err(failed)? == *expected)
}

/// The 19 MiB that one password is hashed in. They are kept for the next one: to get them from the
/// system takes a good part of the time, and an allocator keeps more of them than there are in use.
struct Blocks(Vec<Block>);

static KEPT: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

impl Blocks {
    fn taken(count: usize) -> Self {
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut blocks = kept.unwrap_or_default();
        blocks.resize(count, Block::new());
        Self(blocks)
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        let blocks = std::mem::take(&mut self.0);
        KEPT.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(blocks);
    }
}

/// Hashing takes tens of milliseconds: never on a thread that serves others. It takes megabytes,
/// too: however many sign in at once, only as many are hashed at a time as there are processors.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    static AT_A_TIME: LazyLock<Semaphore> =
        LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, NonZero::get)));
    let permit = AT_A_TIME.acquire().await;
    let worked = move || {
        // Held until the work is done, even if nobody waits for it any more.
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(worked).await.map_err(failed)?
}

fn failed(error: impl ToString) -> PasswordError {
    PasswordError::Hash(error.to_string())
}
