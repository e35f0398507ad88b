use sqlx::{AnyPool, Row, any::AnyRow};

use super::{AssignedAccount, AssignedRole, assignments::role_of};

/// Every active account in which the user has a role, directly or through a group, with these
/// roles: accounts and roles by name.
pub async fn overview(
    pool: &AnyPool,
    user_id: &str,
) -> Result<Vec<(AssignedAccount, Vec<AssignedRole>)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT c.id AS account_id, c.name AS account_name, c.email, \
           p.id, p.name, p.description, v.session_seconds, v.relay_state, r.role_name, r.role_id, \
           (SELECT count(*) FROM access_control_attributes) AS attributes \
         FROM (SELECT DISTINCT account_id, permission_set_id FROM assignments \
           WHERE (principal_kind = 'USER' AND principal_id = $1) \
           OR (principal_kind = 'GROUP' AND principal_id IN \
             (SELECT group_id FROM memberships WHERE user_id = $1))) a \
         JOIN accounts c ON c.id = a.account_id AND c.status = 'ACTIVE' \
         JOIN permission_sets p ON p.id = a.permission_set_id \
         JOIN provisioned_roles r \
           ON r.account_id = a.account_id AND r.permission_set_id = a.permission_set_id \
         JOIN permission_set_revisions v \
           ON v.permission_set_id = r.permission_set_id AND v.revision = r.revision \
         ORDER BY c.name, c.id, p.name",
    )
    .bind(user_id)
    .try_map(|row: AnyRow| {
        let account = AssignedAccount {
            id: row.try_get("account_id")?,
            name: row.try_get("account_name")?,
            email: row.try_get("email")?,
        };
        Ok((account, role_of(row)?))
    })
    .fetch_all(pool)
    .await?;
    let mut accounts: Vec<(AssignedAccount, Vec<AssignedRole>)> = Vec::new();
    for (account, role) in rows {
        match accounts.last_mut() {
            Some((last, roles)) if last.id == account.id => roles.push(role),
            _ => accounts.push((account, vec![role])),
        }
    }
    Ok(accounts)
}
