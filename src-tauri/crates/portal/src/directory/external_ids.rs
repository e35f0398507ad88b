use std::collections::HashMap;

use sqlx::{Any, Executor, Row, any::AnyRow};

use super::Kind;

/// What an identity provider outside calls a user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    /// The provider.
    pub issuer: String,
    /// Its id.
    pub id: String,
}

/// The external ids that a statement finds, by principal.
pub(super) async fn of(
    db: impl Executor<'_, Database = Any>,
    statement: &'static str,
    id: &str,
    limit: i64,
) -> Result<HashMap<String, Vec<ExternalId>>, sqlx::Error> {
    let found: Vec<(String, ExternalId)> = sqlx::query(statement)
        .bind(id)
        .bind(limit)
        .try_map(|row: AnyRow| {
            let issuer = row.try_get("issuer")?;
            let id = row.try_get("id")?;
            Ok((row.try_get("principal_id")?, ExternalId { issuer, id }))
        })
        .fetch_all(db)
        .await?;
    let mut by_principal: HashMap<String, Vec<ExternalId>> = HashMap::new();
    for (principal, external) in found {
        by_principal.entry(principal).or_default().push(external);
    }
    Ok(by_principal)
}

/// Whose external id this is.
pub(super) async fn principal(
    db: impl Executor<'_, Database = Any>,
    kind: Kind,
    issuer: &str,
    id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT principal_id FROM external_ids \
         WHERE principal_kind = $1 AND issuer = $2 AND id = $3",
    )
    .bind(kind.name())
    .bind(issuer)
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Forgets the external ids of a principal that is deleted.
pub(super) async fn forget(
    db: impl Executor<'_, Database = Any>,
    principal_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM external_ids WHERE principal_id = $1")
        .bind(principal_id)
        .execute(db)
        .await?;
    Ok(())
}
