use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{DirectoryError, EVENT_SOURCE, Kind, groups};
use crate::{act::Act, audit::Event, clock, random};

/// How many memberships are stored with one statement, and stand in one audit record.
const AT_ONCE: usize = 500;

/// Makes users members of a group, none of whom is one yet: all or, where one does not exist, none.
pub async fn add_members(
    act: &mut Act<'_>,
    group_id: &str,
    user_ids: &[String],
) -> Result<(), DirectoryError> {
    groups::need(act.db(), group_id).await?;
    for chunk in user_ids.chunks(AT_ONCE) {
        need_users(act.db(), chunk).await?;
        let (now, by) = (act.now(), act.by());
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| format!("(${}, $1, ${}, $2, $3)", 4 + 2 * row, 5 + 2 * row))
            .collect();
        let statement = format!(
            "INSERT INTO memberships (id, group_id, user_id, created_at, created_by) VALUES {}",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .bind(group_id)
            .bind(clock::millis(now))
            .bind(by);
        for user_id in chunk {
            query = query.bind(random::time_ordered_uuid(now)).bind(user_id);
        }
        query.execute(act.db()).await?;
        let parameters = json!({ "groupId": group_id, "memberIds": chunk });
        act.record(Event::new(EVENT_SOURCE, "CreateGroupMembership").parameters(parameters));
    }
    Ok(())
}

async fn need_users(db: &mut AnyConnection, ids: &[String]) -> Result<(), DirectoryError> {
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let statement = format!("SELECT id FROM users WHERE id IN ({})", places.join(", "));
    let mut query = sqlx::query_scalar(AssertSqlSafe(statement));
    for id in ids {
        query = query.bind(id);
    }
    let found: Vec<String> = query.fetch_all(db).await?;
    match ids.iter().find(|id| !found.contains(id)) {
        Some(missing) => Err(DirectoryError::no(Kind::User, missing)),
        None => Ok(()),
    }
}
