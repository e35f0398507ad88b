use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Account, OrganizationError, accounts::account, event, organization,
    trusted_services::check_service,
};
use crate::{act::Act, clock};

/// RegisterDelegatedAdministrator: a member account that looks after a service for all.
pub async fn register_administrator(
    act: &mut Act<'_>,
    account_id: &str,
    service: &str,
) -> Result<(), OrganizationError> {
    let account = member(act, account_id, service).await?;
    if account.is_suspended {
        return Err(OrganizationError::constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            format!("Account {account_id} is closed."),
        ));
    }
    let enabled: Option<String> = sqlx::query_scalar(
        "SELECT service_principal FROM trusted_services WHERE service_principal = $1",
    )
    .bind(service)
    .fetch_optional(act.db())
    .await?;
    if enabled.is_none() {
        let problem = format!("{service} has no access. Call EnableAWSServiceAccess first.");
        return Err(OrganizationError::constraint(
            "SERVICE_ACCESS_NOT_ENABLED",
            problem,
        ));
    }
    let now = clock::millis(act.now());
    let added = sqlx::query(
        "INSERT INTO delegated_administrators (account_id, service_principal, enabled_at) \
         VALUES ($1, $2, $3) ON CONFLICT (account_id, service_principal) DO NOTHING",
    )
    .bind(account_id)
    .bind(service)
    .bind(now)
    .execute(act.db())
    .await?;
    if added.rows_affected() == 0 {
        let problem = format!("Account {account_id} is delegated administrator of {service}.");
        return Err(OrganizationError::state(
            "AccountAlreadyRegisteredException",
            problem,
        ));
    }
    let parameters = json!({ "accountId": account_id, "servicePrincipal": service });
    act.record(event("RegisterDelegatedAdministrator").parameters(parameters));
    Ok(())
}

/// DeregisterDelegatedAdministrator.
pub async fn deregister_administrator(
    act: &mut Act<'_>,
    account_id: &str,
    service: &str,
) -> Result<(), OrganizationError> {
    member(act, account_id, service).await?;
    let removed = sqlx::query(
        "DELETE FROM delegated_administrators WHERE account_id = $1 AND service_principal = $2",
    )
    .bind(account_id)
    .bind(service)
    .execute(act.db())
    .await?;
    if removed.rows_affected() == 0 {
        return Err(not_registered(account_id));
    }
    let parameters = json!({ "accountId": account_id, "servicePrincipal": service });
    act.record(event("DeregisterDelegatedAdministrator").parameters(parameters));
    Ok(())
}

/// ListDelegatedAdministrators, of one service or of any, each with the moment of its first
/// registration, by account id: those after the id `after` (all: `""`), at most `limit`.
pub async fn administrators(
    db: &mut AnyConnection,
    service: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<(Account, OffsetDateTime)>, OrganizationError> {
    organization(&mut *db).await?;
    if let Some(service) = service {
        check_service(service)?;
    }
    let rows: Vec<(String, i64)> = sqlx::query(
        "SELECT account_id, MIN(enabled_at) AS enabled_at FROM delegated_administrators \
         WHERE account_id > $1 AND ($2 = '' OR service_principal = $2) \
         GROUP BY account_id ORDER BY account_id LIMIT $3",
    )
    .bind(after)
    .bind(service.unwrap_or_default())
    .bind(limit)
    .try_map(|row: AnyRow| Ok((row.try_get("account_id")?, row.try_get("enabled_at")?)))
    .fetch_all(&mut *db)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, enabled_at) in rows {
        found.push((account(db, &id).await?, clock::from_millis(enabled_at)));
    }
    Ok(found)
}

/// ListDelegatedServicesForAccount, by name: those after the name `after` (all: `""`), at most
/// `limit`.
pub async fn services_of_administrator(
    db: &mut AnyConnection,
    account_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, OffsetDateTime)>, OrganizationError> {
    organization(&mut *db).await?;
    account(&mut *db, account_id).await?;
    let any: Option<String> = sqlx::query_scalar(
        "SELECT account_id FROM delegated_administrators WHERE account_id = $1 LIMIT 1",
    )
    .bind(account_id)
    .fetch_optional(&mut *db)
    .await?;
    if any.is_none() {
        return Err(not_registered(account_id));
    }
    let found = sqlx::query(
        "SELECT service_principal, enabled_at FROM delegated_administrators \
         WHERE account_id = $1 AND service_principal > $2 ORDER BY service_principal LIMIT $3",
    )
    .bind(account_id)
    .bind(after)
    .bind(limit)
    .try_map(|row: AnyRow| {
        let enabled_at = clock::from_millis(row.try_get("enabled_at")?);
        Ok((row.try_get("service_principal")?, enabled_at))
    })
    .fetch_all(db)
    .await?;
    Ok(found)
}

async fn member(
    act: &mut Act<'_>,
    account_id: &str,
    service: &str,
) -> Result<Account, OrganizationError> {
    organization(act.db()).await?;
    let account = account(act.db(), account_id).await?;
    if account.is_management {
        return Err(OrganizationError::constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "The management account delegates to others, never to itself.",
        ));
    }
    check_service(service)?;
    Ok(account)
}

fn not_registered(account_id: &str) -> OrganizationError {
    let problem = format!("Account {account_id} is no delegated administrator.");
    OrganizationError::state("AccountNotRegisteredException", problem)
}
