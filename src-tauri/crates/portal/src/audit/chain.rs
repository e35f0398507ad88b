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
/// So many rows go into one statement, as far as there are so many.
const ROWS: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

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
    let mut rest = entries;
    while !rest.is_empty() {
        let rows = ROWS.into_iter().find(|rows| *rows <= rest.len());
        let (now, later) = rest.split_at(rows.unwrap_or(1));
        rest = later;
        let mut insert = sqlx::query(insert_of(now.len()));
        for entry in now {
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

/// The statement that inserts so many rows; one of a few, so that each is prepared once.
fn insert_of(rows: usize) -> &'static str {
    static STATEMENTS: LazyLock<[String; ROWS.len()]> = LazyLock::new(|| ROWS.map(statement));
    let known = ROWS.iter().position(|count| *count == rows);
    &STATEMENTS[known.unwrap_or(ROWS.len() - 1)]
}

fn statement(rows: usize) -> String {
    let row = |row: usize| {
        let places = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let values = (0..rows).map(row).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO audit_records (sequence, event_time, event_name, user_name, account_id, \
         error_code, record, hash) VALUES {values}"
    )
}
