//! The store and the files beside it.
//!
//! One SQL text serves SQLite and PostgreSQL: `$1` placeholders, text ids, integer times, truth as
//! 0 and 1. Only the locking of a writing transaction differs, and that is decided in [`write()`].

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{
    Any, AnyPool, ConnectOptions, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
};
use thiserror::Error;

/// Why the store could not be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("the store refused a statement")]
    Sql(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the store's tables could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The data folder could not be prepared.
    #[error("the data folder {path} cannot be used")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Opens the SQLite store `portal.db` in `folder` (made with mode 700 if missing) and brings its
/// tables up to date.
pub async fn open(folder: &Path) -> Result<AnyPool, StoreError> {
    let failed = |source| StoreError::Folder {
        path: folder.to_owned(),
        source,
    };
    create_private_dir(folder).map_err(failed)?;
    let file = folder.join("portal.db");
    if !file.exists() {
        // Its write-ahead log inherits the mode.
        write_private(&file, b"").map_err(failed)?;
    }
    let path = file
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    connect(&format!("sqlite://{path}")).await
}

/// Opens the store at a `sqlite:` or `postgres:` URL and brings its tables up to date.
pub async fn connect(url: &str) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let sqlite = url.starts_with("sqlite:");
    let pool = AnyPoolOptions::new()
        .max_connections(8)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    // FULL: an answered request outlives a power cut, not only the process.
                    connection
                        .execute(
                            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                             PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                        )
                        .await?;
                }
                Ok(())
            })
        })
        // A statement that waits for the write lock is no fault to warn of.
        .connect_with(AnyConnectOptions::from_str(url)?.disable_statement_logging())
        .await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(pool)
}

/// Begins a transaction that will write. SQLite takes its one write lock at once: a transaction
/// that read first and then wanted to write would fail instead of waiting.
pub async fn write(pool: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    if pool.connect_options().database_url.scheme() == "sqlite" {
        pool.begin_with("BEGIN IMMEDIATE").await
    } else {
        pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await
    }
}

/// Writes a file that only its owner may read, complete or not at all.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // A temporary file is made with mode 600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn create_private_dir(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
