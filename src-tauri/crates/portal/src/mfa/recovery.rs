//! Recovery codes: the way in for whoever has lost every other factor.

use secrecy::SecretString;
use serde_json::json;
use sqlx::{Any, AnyConnection, Executor};

use super::MfaError;
use crate::{
    Portal,
    act::Act,
    audit::{DIRECTORY, Event},
    clock, random,
};

/// As many as are made at a time.
const CODES: usize = 10;
/// What they are made of: no letter or digit that is taken for another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// 16 characters hold 79 bits: too many to find by trying, so that a plain hash keeps them.
const LENGTH: usize = 16;

/// Gives the user ten new codes, in groups of four, in place of those there were. They are told
/// this once: the store keeps hashes.
pub async fn create_recovery_codes(
    act: &mut Act<'_>,
    user_id: &str,
) -> Result<Vec<SecretString>, MfaError> {
    let now = clock::millis(act.now());
    remove_all(act.db(), user_id).await?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let code = random::characters(ALPHABET, LENGTH);
        sqlx::query(
            "INSERT INTO factors (id, user_id, kind, label, secret, created_at) \
             VALUES ($1, $2, 'recovery', '', $3, $4)",
        )
        .bind(random::uuid())
        .bind(user_id)
        .bind(random::hash(&code))
        .bind(now)
        .execute(act.db())
        .await?;
        codes.push(in_groups(&code).into());
    }
    act.record(
        Event::new(DIRECTORY, "CreateRecoveryCodesForUser")
            .parameters(json!({ "userId": user_id })),
    );
    Ok(codes)
}

/// How many codes the user has left.
pub async fn recovery_codes_left(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM factors WHERE user_id = $1 AND kind = 'recovery'")
        .bind(user_id)
        .fetch_one(db)
        .await
}

/// Whether `code` is one of the user's, however it was typed. Said once for each: it is gone then.
pub async fn verify_recovery_code(
    portal: &Portal,
    user_id: &str,
    code: &str,
) -> Result<bool, sqlx::Error> {
    let code: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let spent =
        sqlx::query("DELETE FROM factors WHERE user_id = $1 AND kind = 'recovery' AND secret = $2")
            .bind(user_id)
            .bind(random::hash(&code))
            .execute(&mut *portal.turn().await?)
            .await?;
    Ok(spent.rows_affected() == 1)
}

pub(super) async fn remove_all(db: &mut AnyConnection, user_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM factors WHERE user_id = $1 AND kind = 'recovery'")
        .bind(user_id)
        .execute(db)
        .await?;
    Ok(())
}

fn in_groups(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(String::from_iter).collect();
    groups.join("-")
}
