use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Kind, OrganizationError,
    accounts::{self, Joining, account_with_email, check_email},
    event,
    founding::check_enum,
    names::{check_length, check_pattern},
    organization,
    tags::{self, Tag},
};
use crate::{act::Act, clock, random};

/// What CreateAccount is asked for.
#[derive(Debug, Clone, Default)]
pub struct NewAccount<'a> {
    /// 1 to 50 printable ASCII characters.
    pub name: &'a str,
    /// The address of its root user, which no other account has.
    pub email: &'a str,
    /// The role that the management account would take there.
    pub role_name: Option<&'a str>,
    /// `ALLOW` or `DENY`.
    pub billing_access: Option<&'a str>,
    /// Its tags.
    pub tags: &'a [Tag],
    /// Whether it is paired with one in the partition `aws-us-gov`, as CreateGovCloudAccount does.
    pub gov_cloud: bool,
}

/// What became of a request to create an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCreation {
    /// `car-…`
    pub id: String,
    /// As it was asked for.
    pub account_name: String,
    /// The account, once there is one.
    pub account_id: Option<String>,
    /// The account that it is paired with in the partition `aws-us-gov`, which is not this
    /// portal's: nobody can be assigned there.
    pub gov_cloud_account_id: Option<String>,
    /// `SUCCEEDED` or `FAILED`; the answer to the request itself says `IN_PROGRESS`.
    pub state: String,
    /// As in `EMAIL_ALREADY_EXISTS`.
    pub failure_reason: Option<String>,
    /// When it was asked for.
    pub requested_at: OffsetDateTime,
    /// When it was done.
    pub completed_at: OffsetDateTime,
}

/// CreateAccount and CreateGovCloudAccount. As at AWS the caller is told a request, not the account:
/// whether there is one stands in [`account_creation`]. It is directly under the root.
pub async fn create_account(
    act: &mut Act<'_>,
    new: &NewAccount<'_>,
) -> Result<AccountCreation, OrganizationError> {
    organization(act.db()).await?;
    check(new)?;
    if new.gov_cloud && act.portal().config().partition != "aws" {
        return Err(OrganizationError::state(
            "UnsupportedAPIEndpointException",
            "Only an organization of the partition aws creates accounts of AWS GovCloud (US).",
        ));
    }
    let now = act.now();
    let taken = account_with_email(act.db(), new.email).await?.is_some();
    let account_id = match taken {
        true => None,
        false => Some(unused_account_id(act.db()).await?),
    };
    let gov_cloud_account_id = match new.gov_cloud && !taken {
        true => Some(unused_account_id(act.db()).await?),
        false => None,
    };
    let creation = AccountCreation {
        id: format!("car-{}", random::characters(b"0123456789abcdef", 32)),
        account_name: new.name.to_owned(),
        state: if taken { "FAILED" } else { "SUCCEEDED" }.to_owned(),
        failure_reason: taken.then(|| "EMAIL_ALREADY_EXISTS".to_owned()),
        account_id,
        gov_cloud_account_id,
        requested_at: now,
        completed_at: now,
    };
    if let Some(id) = &creation.account_id {
        let joining = Joining {
            id,
            name: new.name,
            email: new.email,
            is_management: false,
            unit_id: None,
            method: "CREATED",
        };
        accounts::join(act, &joining).await?;
        tags::put(act.db(), id, new.tags).await?;
    }
    store(act.db(), &creation).await?;
    let name = match new.gov_cloud {
        true => "CreateGovCloudAccount",
        false => "CreateAccount",
    };
    act.record(
        event(name)
            .parameters(json!({ "accountName": new.name, "email": new.email }))
            .response(json!({ "createAccountStatus": {
                "id": creation.id, "accountId": creation.account_id,
                "govCloudAccountId": creation.gov_cloud_account_id, "state": creation.state,
                "failureReason": creation.failure_reason,
            }})),
    );
    Ok(creation)
}

/// DescribeCreateAccountStatus.
pub async fn account_creation(
    db: &mut AnyConnection,
    id: &str,
) -> Result<AccountCreation, OrganizationError> {
    let plain = |part: &str| {
        (8..=32).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let holds = id.strip_prefix("car-").is_some_and(plain);
    check_pattern(
        "CreateAccountRequestId",
        holds,
        "car- and 8 to 32 letters or digits",
    )?;
    let found = sqlx::query("SELECT * FROM account_creations WHERE id = $1")
        .bind(id)
        .try_map(creation_of)
        .fetch_optional(db)
        .await?;
    found.ok_or_else(|| OrganizationError::missing(Kind::CreateAccountStatus, id))
}

/// ListCreateAccountStatus: those in one of `states` (all: none), after the id `after`, by id.
pub async fn account_creations(
    db: &mut AnyConnection,
    states: &[&str],
    after: &str,
    limit: i64,
) -> Result<Vec<AccountCreation>, OrganizationError> {
    organization(db).await?;
    for state in states {
        check_enum("States", state, &["IN_PROGRESS", "SUCCEEDED", "FAILED"])?;
    }
    let asked = |state: &str| i64::from(states.is_empty() || states.contains(&state));
    let found = sqlx::query(
        "SELECT * FROM account_creations WHERE id > $1 \
         AND ((state = 'SUCCEEDED' AND $2 = 1) OR (state = 'FAILED' AND $3 = 1)) \
         ORDER BY id LIMIT $4",
    )
    .bind(after)
    .bind(asked("SUCCEEDED"))
    .bind(asked("FAILED"))
    .bind(limit)
    .try_map(creation_of)
    .fetch_all(db)
    .await?;
    Ok(found)
}

fn check(new: &NewAccount<'_>) -> Result<(), OrganizationError> {
    check_length("AccountName", new.name, 1, 50)?;
    let printable = new.name.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    check_pattern("AccountName", printable, "printable ASCII")?;
    check_email(new.email)?;
    if let Some(role) = new.role_name {
        check_length("RoleName", role, 1, 64)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        check_pattern(
            "RoleName",
            role.chars().all(allowed),
            "letters, digits or _+=,.@-",
        )?;
    }
    if let Some(access) = new.billing_access {
        check_enum("IamUserAccessToBilling", access, &["ALLOW", "DENY"])?;
    }
    tags::check(new.tags)
}

async fn unused_account_id(db: &mut AnyConnection) -> Result<String, sqlx::Error> {
    loop {
        let first = random::characters(b"123456789", 1);
        let id = format!("{first}{}", random::characters(b"0123456789", 11));
        if accounts::account_name(&mut *db, &id).await?.is_none() {
            return Ok(id);
        }
    }
}

async fn store(db: &mut AnyConnection, creation: &AccountCreation) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO account_creations (id, account_name, account_id, gov_cloud_account_id, \
         state, failure_reason, requested_at, completed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&creation.id)
    .bind(&creation.account_name)
    .bind(&creation.account_id)
    .bind(&creation.gov_cloud_account_id)
    .bind(&creation.state)
    .bind(&creation.failure_reason)
    .bind(clock::millis(creation.requested_at))
    .bind(clock::millis(creation.completed_at))
    .execute(db)
    .await?;
    Ok(())
}

fn creation_of(row: AnyRow) -> Result<AccountCreation, sqlx::Error> {
    Ok(AccountCreation {
        id: row.try_get("id")?,
        account_name: row.try_get("account_name")?,
        account_id: row.try_get("account_id")?,
        gov_cloud_account_id: row.try_get("gov_cloud_account_id")?,
        state: row.try_get("state")?,
        failure_reason: row.try_get("failure_reason")?,
        requested_at: clock::from_millis(row.try_get("requested_at")?),
        completed_at: clock::from_millis(row.try_get("completed_at")?),
    })
}
