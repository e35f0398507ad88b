//! Copies of an SQLite store, and stores made of them. The master key is never in a copy: whoever
//! finds one has password hashes, and nothing else that could be used.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{AnyConnection, Connection};
use thiserror::Error;

use crate::{
    Config, Portal, audit,
    clock::SystemClock,
    portal::{MASTER_KEY, OpenError},
    seal::Seal,
    store::{self, Kind},
};

/// Why a copy could not be made or used.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The store is PostgreSQL.
    #[error("the store is in PostgreSQL: copy it with pg_dump, and keep a copy of master.key")]
    Postgresql,
    /// Something is there already.
    #[error("{0} exists; move it away first")]
    Exists(PathBuf),
    /// There is no master key.
    #[error(
        "{0} does not exist; put the master key the backup was made with there, or name it with \
         --key"
    )]
    NoKey(PathBuf),
    /// The file is none.
    #[error("{0} is no backup of a portal")]
    NoBackup(PathBuf),
    /// The copy does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy's audit trail is not whole.
    #[error("its audit trail is not as it was written: {0}")]
    Trail(audit::Flaw),
    /// A file.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The store failed.
    #[error("the store could not be copied")]
    Store(#[from] sqlx::Error),
}

/// Copies the store of `portal`, which may go on meanwhile, to `file`: whole or not at all, mode
/// 600.
pub async fn write(portal: &Portal, file: &Path) -> Result<(), BackupError> {
    if portal.store().kind() == Kind::Postgresql {
        return Err(BackupError::Postgresql);
    }
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    // Empty and private: SQLite fills it.
    let copy = store::beside(file, b"").map_err(failed(file))?;
    sqlx::query("VACUUM INTO $1")
        .bind(copy.path().to_string_lossy().into_owned())
        .execute(portal.pool())
        .await?;
    copy.as_file().sync_all().map_err(failed(file))?;
    copy.persist_noclobber(file)
        .map_err(|error| failed(file)(error.error))?;
    Ok(())
}

/// Makes the copy in `file` the store of `folder`, whose master key is there or in `key`, once it is
/// sure that they go together and nothing was tampered with. Returns how many audit records it has.
pub async fn restore(
    file: &Path,
    key: Option<&Path>,
    folder: &Path,
    config: Config,
) -> Result<i64, BackupError> {
    if config.database.is_some() {
        return Err(BackupError::Postgresql);
    }
    for name in ["portal.db", "portal.db-wal", "portal.db-shm"] {
        let path = folder.join(name);
        if path.exists() {
            return Err(BackupError::Exists(path));
        }
    }
    let kept_key = folder.join("master.key");
    let key = key.unwrap_or(&kept_key);
    if !key.exists() {
        return Err(BackupError::NoKey(key.to_owned()));
    }
    let seal = Seal::read(key).map_err(OpenError::from)?;
    // Beside its place, so that it can be moved there whole.
    let trial = tempfile::tempdir_in(folder).map_err(failed(folder))?;
    let copy = trial.path().join("portal.db");
    private_copy(file, &copy)?;
    match maker(&copy).await {
        Ok(Some(fingerprint)) if fingerprint == seal.fingerprint() => {}
        Ok(Some(_)) => return Err(OpenError::OtherKey(key.to_owned()).into()),
        Ok(None) | Err(_) => return Err(BackupError::NoBackup(file.to_owned())),
    }
    private_copy(key, &trial.path().join("master.key"))?;
    let records = check(trial.path(), config).await?;
    if key != kept_key {
        private_copy(key, &kept_key)?;
    }
    let store = folder.join("portal.db");
    fs::rename(&copy, &store).map_err(failed(&store))?;
    Ok(records)
}

/// The fingerprint of the master key that the store in `file` was made with; an open portal would
/// make a store of any other database.
async fn maker(file: &Path) -> Result<Option<String>, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let mut db = AnyConnection::connect(&store::sqlite_url(file)).await?;
    let fingerprint = store::setting(&mut db, MASTER_KEY).await?;
    db.close().await?;
    Ok(fingerprint)
}

/// Opens the portal in `folder` once and reads its whole trail.
async fn check(folder: &Path, config: Config) -> Result<i64, BackupError> {
    let portal = Portal::open(folder, config, Arc::new(SystemClock)).await?;
    let verified = audit::verify(&portal).await?;
    portal.store().close().await;
    match verified.flaws.into_iter().next() {
        Some(flaw) => Err(BackupError::Trail(flaw)),
        None => Ok(verified.records),
    }
}

fn private_copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    store::write_private(to, b"").map_err(failed(to))?;
    let mut source = fs::File::open(from).map_err(failed(from))?;
    let mut copy = fs::File::options()
        .write(true)
        .open(to)
        .map_err(failed(to))?;
    io::copy(&mut source, &mut copy).map_err(failed(from))?;
    copy.sync_all().map_err(failed(to))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    |source| BackupError::File { path, source }
}
