//! The store and the files beside it.
//!
//! One SQL text serves SQLite and PostgreSQL: `$1` placeholders, text ids, integer times, truth as
//! 0 and 1. Only how transactions begin differs: to write in `store/writing.rs`, to read one state
//! in [`Store::snapshot`].

mod files;
mod writing;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor, Row,
    Transaction,
    any::{AnyConnectOptions, AnyPoolOptions, AnyRow},
};
use thiserror::Error;
use tokio::sync::watch;

use files::alone;
pub(crate) use files::{beside, create_private};
pub use files::{create_private_dir, lock_file, write_private};
use writing::Writer;
pub use writing::{Turn, Write};

/// The most connections of one process that read SQLite. Each keeps pages of its own, which count for
/// nothing after every change: measured with two processors, twice as many answer an eighth less.
const SQLITE_READERS: u32 = 4;
/// The same of PostgreSQL, which works elsewhere.
const POSTGRESQL_READERS: u32 = 8;

/// What every connection is told first.
///
/// SQLite's `FULL`: an answered request outlives a power cut, not only the process.
/// Its write-ahead log is taken into the file by [`checkpoint_often`]; by a writer, while others
/// wait for it, only once it has become long (pages of 4 KiB). 8 MiB of pages are held by each
/// connection. What a large statement would have to take back is kept in memory: a group of audit
/// records would often make and delete a file for it.
const SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -8192; \
     PRAGMA temp_store = MEMORY;";
/// How long after a change the write-ahead log is taken into the file.
const CHECKPOINT_AFTER: Duration = Duration::from_millis(500);
/// A portal process that hangs in the midst of a change must not hold up the others for ever.
const POSTGRESQL: &str = "SET idle_in_transaction_session_timeout = '30s'; \
     SET client_min_messages = 'warning';";

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

/// An open store. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    writer: Writer,
    kind: Kind,
}

/// What the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file of this machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgresql,
}

impl Kind {
    fn readers(self) -> u32 {
        match self {
            Self::Sqlite => SQLITE_READERS,
            Self::Postgresql => POSTGRESQL_READERS,
        }
    }

    /// What every connection is told first.
    fn first(self) -> &'static str {
        match self {
            Self::Sqlite => SQLITE,
            Self::Postgresql => POSTGRESQL,
        }
    }
}

impl Store {
    /// Opens the SQLite store `portal.db` in `folder` (made with mode 700 if missing) and brings
    /// its tables up to date.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder {
            path: folder.to_owned(),
            source,
        };
        create_private_dir(folder).map_err(failed)?;
        let _alone = alone(folder).await.map_err(failed)?;
        let file = folder.join("portal.db");
        if !file.exists() {
            // Its write-ahead log inherits the mode.
            create_private(&file, b"").map_err(failed)?;
        }
        Self::connect(&sqlite_url(&file).into()).await
    }

    /// Opens the store at a `sqlite:` or `postgres:` URL and brings its tables up to date.
    pub async fn connect(url: &SecretString) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let url = url.expose_secret();
        let kind = if url.starts_with("sqlite:") {
            Kind::Sqlite
        } else {
            Kind::Postgresql
        };
        // A statement that waits for its turn to write is no fault to warn of.
        let options = AnyConnectOptions::from_str(url)?.disable_statement_logging();
        if kind == Kind::Sqlite {
            // Of a file that is no store a pool would hope for half a minute that it becomes one.
            let mut first = options.connect().await?;
            first.execute(kind.first()).await?;
            first.close().await?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(kind.readers())
            // A file does not hang up; asking it first would double the way of every statement.
            .test_before_acquire(kind == Kind::Postgresql)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(kind.first()).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        sqlx::migrate!().run(&pool).await?;
        let (changed, changes) = watch::channel(());
        if kind == Kind::Sqlite {
            tokio::spawn(checkpoint_often(pool.clone(), changes));
        }
        Ok(Self {
            writer: Writer::new(kind, pool.clone(), changed),
            pool,
            kind,
        })
    }

    /// Where it is read.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Hangs up, once what is under way has ended; nothing can be read or written any more.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writer.close().await;
    }

    /// Begins a transaction that reads one state, whatever others change meanwhile.
    pub async fn snapshot(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        match self.kind {
            Kind::Sqlite => self.pool.begin().await,
            Kind::Postgresql => {
                let statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                self.pool.begin_with(statement).await
            }
        }
    }

    /// Begins a transaction that will write, once every other has ended: within the process they
    /// queue, between processes the store itself lets in one at a time. So none has to be tried
    /// twice because of another.
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        self.writer.begin().await
    }

    /// The turn to write single statements, which need no transaction around them.
    pub async fn turn(&self) -> Result<Turn, sqlx::Error> {
        self.writer.turn().await
    }
}

/// Takes what was written into the file, for as long as somebody holds the store: a writer that has
/// to do it keeps everybody behind it waiting.
async fn checkpoint_often(pool: AnyPool, mut changes: watch::Receiver<()>) {
    while changes.changed().await.is_ok() && !pool.is_closed() {
        tokio::time::sleep(CHECKPOINT_AFTER).await;
        match pool.execute("PRAGMA wal_checkpoint(PASSIVE)").await {
            Ok(_) | Err(sqlx::Error::PoolClosed) => {}
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log was not taken into the store's file");
            }
        }
    }
}

/// The names that `select`, a statement up to its condition, has for these ids: one question
/// however many they are.
pub(crate) async fn names(
    db: impl Executor<'_, Database = Any>,
    select: &'static str,
    ids: &[String],
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let statement = format!("{select} WHERE id IN ({})", places.join(", "));
    // Made of fixed text and numbers.
    let query = sqlx::query(AssertSqlSafe(statement));
    let found: Vec<(String, String)> = ids
        .iter()
        .fold(query, |query, id| query.bind(id.clone()))
        .try_map(|row: AnyRow| Ok((row.try_get("id")?, row.try_get("name")?)))
        .fetch_all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// A pattern of `LIKE` for whatever holds `text`, with `\` as its escape.
pub(crate) fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.trim().to_lowercase().chars() {
        if ['%', '_', '\\'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// What is kept of the instance under this name, if anything.
pub(crate) async fn setting(
    db: impl Executor<'_, Database = Any>,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM instance_settings WHERE name = $1")
        .bind(name)
        .fetch_optional(db)
        .await
}

/// Keeps `value` of the instance under this name, in the place of what was there.
pub(crate) async fn put_setting(
    db: impl Executor<'_, Database = Any>,
    name: &str,
    value: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO instance_settings (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(db)
    .await?;
    Ok(())
}

/// What is kept of the instance under this name: `value`, if nothing was.
pub(crate) async fn first_setting(
    db: &mut AnyConnection,
    name: &str,
    value: &str,
) -> Result<String, sqlx::Error> {
    sqlx::query(
        "INSERT INTO instance_settings (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(value)
    .execute(&mut *db)
    .await?;
    let kept = setting(db, name).await?;
    kept.ok_or(sqlx::Error::RowNotFound)
}

/// Whether another transaction got in the way, so that the same may succeed when tried again.
pub fn is_conflict(error: &sqlx::Error) -> bool {
    // PostgreSQL: serialization failure, deadlock; SQLite: busy.
    const CODES: [&str; 4] = ["40001", "40P01", "5", "517"];
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| CODES.contains(&code.as_ref()))
}

/// The URL of the SQLite store in `file`.
pub(crate) fn sqlite_url(file: &Path) -> String {
    let path = file
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("sqlite://{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_stands_for_itself() {
        assert_eq!(holding(" 50%_Off\\ "), "%50\\%\\_off\\\\%");
        assert_eq!(holding(""), "%%");
    }
}
