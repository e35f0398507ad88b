//! The chain: what ties each record to all those before it.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use sqlx::{Any, Executor, Row, any::AnyRow};

use super::Entry;
use crate::{instance::Instance, seal::Seal, store::Write};

/// What the end of the chain is signed for.
const PURPOSE: &str = "audit head";
/// Columns of a row.
const COLUMNS: usize = 8;
/// Places for rows in one statement: the least that holds what there is, so that a group takes one
/// statement and yet each is prepared once.
const PLACES: [usize; 4] = [1, 4, 16, 64];

/// The end of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Of the last record; 0 if there is none.
    pub(super) sequence: i64,
    /// Of the last record; empty if there is none.
    pub(super) hash: String,
    signature: String,
}

impl Head {
    pub(super) async fn read(db: impl Executor<'_, Database = Any>) -> Result<Self, sqlx::Error> {
        sqlx::query("SELECT sequence, hash, signature FROM audit_head")
            .try_map(|row: AnyRow| {
                Ok(Self {
                    sequence: row.try_get("sequence")?,
                    hash: row.try_get("hash")?,
                    signature: row.try_get("signature")?,
                })
            })
            .fetch_one(db)
            .await
    }

    /// Whether it was written by a portal with this master key.
    pub(super) fn is_signed(&self, seal: &Seal) -> bool {
        let expected = match self.sequence {
            0 => String::new(),
            _ => signature(seal, self.sequence, &self.hash),
        };
        self.signature == expected
    }
}

/// The hash of a record with this text after one with the hash `before` (empty for the first).
pub(super) fn hash(before: &str, text: &str) -> String {
    let digest = Sha256::new()
        .chain_update(before.as_bytes())
        .chain_update(text.as_bytes())
        .finalize();
    data_encoding::HEXLOWER.encode(&digest)
}

/// Appends `entries` to the chain of `instance`, inside the caller's transaction. The whole store
/// waits for it, so it asks as little as it can.
pub(super) async fn append(
    db: &mut Write,
    seal: &Seal,
    instance: &Instance,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    let head = sqlx::query(
        "SELECT sequence, hash, \
           (SELECT id FROM accounts WHERE is_management = 1 ORDER BY id LIMIT 1) AS management \
         FROM audit_head",
    )
    .fetch_one(&mut **db)
    .await?;
    let owner = instance.owner(head.try_get("management")?);
    let mut sequence: i64 = head.try_get("sequence")?;
    let mut before: String = head.try_get("hash")?;
    for group in entries.chunks(PLACES[PLACES.len() - 1]) {
        let (statement, places) = insert_of(group.len());
        let mut insert = sqlx::query(statement);
        for entry in group {
            sequence += 1;
            let text = entry.text(&owner);
            before = hash(&before, &text);
            insert = insert
                .bind(sequence)
                .bind(entry.time())
                .bind(entry.name())
                .bind(entry.user_name().map(str::to_owned))
                .bind(entry.account_id().map(str::to_owned))
                .bind(entry.error_code().map(str::to_owned))
                .bind(text)
                .bind(before.clone());
        }
        // PostgreSQL is told the type of each parameter, also of what is left empty.
        for _ in group.len()..places {
            insert = insert.bind(None::<i64>).bind(None::<i64>);
            for _ in 2..COLUMNS {
                insert = insert.bind(None::<String>);
            }
        }
        insert.execute(&mut **db).await?;
    }
    sqlx::query("UPDATE audit_head SET sequence = $1, hash = $2, signature = $3")
        .bind(sequence)
        .bind(&before)
        .bind(signature(seal, sequence, &before))
        .execute(&mut **db)
        .await?;
    Ok(())
}

fn signature(seal: &Seal, sequence: i64, hash: &str) -> String {
    data_encoding::HEXLOWER.encode(&seal.sign(PURPOSE, &format!("{sequence} {hash}")))
}

/// The statement that inserts so many rows, and its places; those without a sequence number are left
/// empty.
fn insert_of(rows: usize) -> (&'static str, usize) {
    static STATEMENTS: LazyLock<[String; PLACES.len()]> = LazyLock::new(|| PLACES.map(statement));
    let fitting = PLACES.iter().position(|places| *places >= rows);
    let fitting = fitting.unwrap_or(PLACES.len() - 1);
    (&STATEMENTS[fitting], PLACES[fitting])
}

fn statement(places: usize) -> String {
    let row = |row: usize| {
        let parameters = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
        format!("({})", parameters.collect::<Vec<_>>().join(", "))
    };
    let values = (0..places).map(row).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO audit_records (sequence, event_time, event_name, user_name, account_id, \
         error_code, record, hash) \
         SELECT * FROM (VALUES {values}) AS entries WHERE column1 IS NOT NULL"
    )
}
