//! The chain: what ties each record to all those before it.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::Entry;
use crate::seal::Seal;

/// What the end of the chain is signed for.
const PURPOSE: &str = "audit head";
/// Columns of a row.
const COLUMNS: usize = 8;
/// So many rows go into one statement, as far as there are so many.
const ROWS: [usize; 4] = [64, 16, 4, 1];

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

/// Appends `entries` to the chain of the organization with the management account `owner`, inside
/// the caller's transaction, which from here on holds the chain's one head.
pub(super) async fn append(
    db: &mut AnyConnection,
    seal: &Seal,
    owner: &str,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let head =
        sqlx::query("UPDATE audit_head SET sequence = sequence + $1 RETURNING sequence, hash")
            .bind(count)
            .fetch_one(&mut *db)
            .await?;
    let last: i64 = head.try_get("sequence")?;
    let mut before: String = head.try_get("hash")?;
    let mut sequence = last - count;
    let mut rest = entries;
    while !rest.is_empty() {
        let rows = ROWS.into_iter().find(|rows| *rows <= rest.len());
        let (now, later) = rest.split_at(rows.unwrap_or(1));
        rest = later;
        let mut insert = sqlx::query(insert_of(now.len()));
        for entry in now {
            sequence += 1;
            let text = entry.text(owner);
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
        insert.execute(&mut *db).await?;
    }
    sqlx::query("UPDATE audit_head SET hash = $1, signature = $2")
        .bind(&before)
        .bind(signature(seal, last, &before))
        .execute(db)
        .await?;
    Ok(())
}

fn signature(seal: &Seal, sequence: i64, hash: &str) -> String {
    data_encoding::HEXLOWER.encode(&seal.sign(PURPOSE, &format!("{sequence} {hash}")))
}

/// The statement that inserts so many rows; one of a few, so that each is prepared once.
fn insert_of(rows: usize) -> &'static str {
    static STATEMENTS: LazyLock<[String; 4]> = LazyLock::new(|| ROWS.map(statement));
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
