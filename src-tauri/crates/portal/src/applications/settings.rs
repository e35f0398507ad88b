use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::application::need;
use crate::{
    access::{AccessError, EVENT_SOURCE, is_policy_document},
    act::Act,
    audit::Event,
    check::{self, Constraint, Invalid, Pattern},
};

static SCOPE: Pattern =
    Pattern::new("([A-Za-z0-9_]{1,50})(:[A-Za-z0-9_]{1,50}){0,1}(:[A-Za-z0-9_]{1,50}){0,1}");
static TARGET: Pattern = Pattern::new(
    r"arn:aws(-[a-z]{1,5}){0,3}:sso::(\d{12}:application/(sso)?ins-[a-zA-Z0-9-.]{16}/apl-[a-zA-Z0-9]{16}|:instance/(sso)?ins-[a-zA-Z0-9-.]{16})",
);

/// What an application may ask of others on behalf of its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessScope {
    /// As in `sso:account:access`.
    pub scope: String,
    /// Of whom: ARNs of applications or of the instance.
    pub authorized_targets: Vec<String>,
}

/// PutApplicationAssignmentConfiguration: whether only those may open it to whom it is assigned.
pub async fn put_assignment_required(
    act: &mut Act<'_>,
    id: &str,
    required: bool,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let statement = "UPDATE applications SET assignment_required = $2 WHERE id = $1";
    set_flag(act.db(), statement, id, required).await?;
    let parameters = json!({ "applicationId": id, "assignmentRequired": required });
    let name = "PutApplicationAssignmentConfiguration";
    act.record(Event::new(EVENT_SOURCE, name).parameters(parameters));
    Ok(())
}

/// GetApplicationAssignmentConfiguration.
pub async fn assignment_required(db: &mut AnyConnection, id: &str) -> Result<bool, AccessError> {
    flag(db, id, "assignment_required").await
}

/// PutApplicationSessionConfiguration: whether its sessions go on in the background when their user
/// has signed out.
pub async fn put_background_sessions(
    act: &mut Act<'_>,
    id: &str,
    enabled: bool,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let statement = "UPDATE applications SET background_sessions = $2 WHERE id = $1";
    set_flag(act.db(), statement, id, enabled).await?;
    let parameters = json!({ "applicationId": id, "userBackgroundSessions": enabled });
    let name = "PutApplicationSessionConfiguration";
    act.record(Event::new(EVENT_SOURCE, name).parameters(parameters));
    Ok(())
}

/// GetApplicationSessionConfiguration.
pub async fn background_sessions(db: &mut AnyConnection, id: &str) -> Result<bool, AccessError> {
    flag(db, id, "background_sessions").await
}

/// PutApplicationAccessScope: the scope has these targets and no others.
pub async fn put_access_scope(
    act: &mut Act<'_>,
    id: &str,
    wanted: &AccessScope,
) -> Result<(), AccessError> {
    SCOPE.check("scope", &wanted.scope)?;
    let targets = &wanted.authorized_targets;
    check::count(
        "authorizedTargets",
        &targets.join(", "),
        targets.len(),
        0..=10,
    )?;
    for target in targets {
        check::length("authorizedTargets", target, 1..=100)?;
        TARGET.check("authorizedTargets", target)?;
    }
    need(act.db(), id).await?;
    sqlx::query(
        "INSERT INTO application_access_scopes (application_id, scope, authorized_targets) \
         VALUES ($1, $2, $3) ON CONFLICT (application_id, scope) DO UPDATE SET \
         authorized_targets = excluded.authorized_targets",
    )
    .bind(id)
    .bind(&wanted.scope)
    .bind(json!(targets).to_string())
    .execute(act.db())
    .await?;
    let parameters =
        json!({ "applicationId": id, "scope": wanted.scope, "authorizedTargets": targets });
    act.record(Event::new(EVENT_SOURCE, "PutApplicationAccessScope").parameters(parameters));
    Ok(())
}

/// DeleteApplicationAccessScope.
pub async fn delete_access_scope(
    act: &mut Act<'_>,
    id: &str,
    scope: &str,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let removed = sqlx::query(
        "DELETE FROM application_access_scopes WHERE application_id = $1 AND scope = $2",
    )
    .bind(id)
    .bind(scope)
    .execute(act.db())
    .await?;
    if removed.rows_affected() == 0 {
        return Err(AccessError::no("Scope", scope));
    }
    let parameters = json!({ "applicationId": id, "scope": scope });
    act.record(Event::new(EVENT_SOURCE, "DeleteApplicationAccessScope").parameters(parameters));
    Ok(())
}

/// The access scopes of an application, by name: those after the name `after` (all: `""`), at most
/// `limit`.
pub async fn access_scopes(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<AccessScope>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM application_access_scopes WHERE application_id = $1 AND scope > $2 \
         ORDER BY scope LIMIT $3",
    )
    .bind(id)
    .bind(after)
    .bind(limit)
    .try_map(|row: AnyRow| {
        let targets: String = row.try_get("authorized_targets")?;
        Ok(AccessScope {
            scope: row.try_get("scope")?,
            authorized_targets: serde_json::from_str(&targets).unwrap_or_default(),
        })
    })
    .fetch_all(db)
    .await
}

/// PutApplicationAuthenticationMethod: who may act for the application through IAM.
pub async fn put_actor_policy(
    act: &mut Act<'_>,
    id: &str,
    policy: &Value,
) -> Result<(), AccessError> {
    if !is_policy_document(policy) {
        let problem = "Member must be a policy document: a JSON object with a Statement";
        let constraint = Constraint::Other(problem.to_owned());
        let field = "authenticationMethod.iam.actorPolicy";
        return Err(Invalid::new(field, policy.to_string(), constraint).into());
    }
    need(act.db(), id).await?;
    set_actor_policy(act.db(), id, Some(policy.to_string())).await?;
    let parameters = json!({ "applicationId": id, "actorPolicy": policy });
    let name = "PutApplicationAuthenticationMethod";
    act.record(Event::new(EVENT_SOURCE, name).parameters(parameters));
    Ok(())
}

/// DeleteApplicationAuthenticationMethod.
pub async fn delete_actor_policy(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    if actor_policy(act.db(), id).await?.is_none() {
        return Err(no_actor_policy(id));
    }
    set_actor_policy(act.db(), id, None).await?;
    let parameters = json!({ "applicationId": id });
    let name = "DeleteApplicationAuthenticationMethod";
    act.record(Event::new(EVENT_SOURCE, name).parameters(parameters));
    Ok(())
}

/// Who may act for the application through IAM, if anybody.
pub async fn actor_policy(db: &mut AnyConnection, id: &str) -> Result<Option<Value>, AccessError> {
    need(&mut *db, id).await?;
    let policy: Option<String> =
        sqlx::query_scalar("SELECT actor_policy FROM applications WHERE id = $1")
            .bind(id)
            .fetch_one(db)
            .await?;
    Ok(policy.and_then(|policy| serde_json::from_str(&policy).ok()))
}

/// The refusal that an application has no authentication method.
pub(crate) fn no_actor_policy(id: &str) -> AccessError {
    AccessError::NotFound(format!("Could not find AuthenticationMethod IAM of {id}"))
}

async fn set_actor_policy(
    db: &mut AnyConnection,
    id: &str,
    policy: Option<String>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE applications SET actor_policy = $2 WHERE id = $1")
        .bind(id)
        .bind(policy)
        .execute(db)
        .await?;
    Ok(())
}

async fn flag(db: &mut AnyConnection, id: &str, column: &'static str) -> Result<bool, AccessError> {
    let row = sqlx::query("SELECT * FROM applications WHERE id = $1")
        .bind(id)
        .fetch_optional(db)
        .await?;
    let row = row.ok_or_else(|| AccessError::no("Application", id))?;
    Ok(row.try_get::<i64, _>(column)? != 0)
}

async fn set_flag(
    db: &mut AnyConnection,
    statement: &'static str,
    id: &str,
    value: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement)
        .bind(id)
        .bind(i64::from(value))
        .execute(db)
        .await?;
    Ok(())
}
