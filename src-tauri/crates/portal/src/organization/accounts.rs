use std::collections::BTreeMap;

use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Kind, OrganizationError, attachments, event,
    names::{check_length, check_pattern, is_account_id, is_email},
    organization, tags, tree,
};
use crate::{act::Act, audit::Event, clock, store};

/// An AWS account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Shown to users.
    pub name: String,
    /// The address of its root user.
    pub email: String,
    /// Whether it is the organization's management account.
    pub is_management: bool,
    /// Whether it is closed: users no longer see it.
    pub is_suspended: bool,
    /// The id of the organizational unit it is in; none: directly under the root.
    pub unit_id: Option<String>,
    /// The ids of the units from the root to it, with `/` between them; empty under the root.
    pub unit_path: String,
    /// `CREATED` or `INVITED`.
    pub joined_method: String,
    /// When it joined.
    pub joined_at: OffsetDateTime,
}

/// An account as it is at AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAccount<'a> {
    /// Twelve digits.
    pub id: &'a str,
    /// Shown to users.
    pub name: &'a str,
    /// The address of its root user.
    pub email: &'a str,
    /// Whether it becomes the management account, of which there is one.
    pub is_management: bool,
    /// The root or unit it is in.
    pub parent_id: &'a str,
}

/// An account that joins.
pub(super) struct Joining<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) is_management: bool,
    pub(super) unit_id: Option<&'a str>,
    pub(super) method: &'static str,
}

/// The statement for the accounts of which a condition holds, as [`account_of`] reads them.
macro_rules! accounts_where {
    ($condition:literal) => {
        concat!(
            "SELECT c.*, COALESCE(u.path, '') AS unit_path FROM accounts c \
             LEFT JOIN organizational_units u ON u.id = c.unit_id WHERE ",
            $condition
        )
    };
}

/// The account with this id.
pub async fn account(db: &mut AnyConnection, id: &str) -> Result<Account, OrganizationError> {
    check_account_id(id)?;
    let found = sqlx::query(accounts_where!("c.id = $1"))
        .bind(id)
        .try_map(account_of)
        .fetch_optional(db)
        .await?;
    found.ok_or_else(|| OrganizationError::missing(Kind::Account, id))
}

/// The name of the account with this id.
pub async fn account_name(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM accounts WHERE id = $1")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// The names of the accounts with these ids, by id.
pub async fn account_names(
    db: impl Executor<'_, Database = Any>,
    ids: &[String],
) -> Result<BTreeMap<String, String>, sqlx::Error> {
    store::names(db, "SELECT id, name FROM accounts", ids).await
}

/// ListAccounts: those after the id `after` (all: `""`), by id, at most `limit`.
pub async fn accounts(
    db: impl Executor<'_, Database = Any>,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>, sqlx::Error> {
    sqlx::query(accounts_where!("c.id > $1 ORDER BY c.id LIMIT $2"))
        .bind(after)
        .bind(limit)
        .try_map(account_of)
        .fetch_all(db)
        .await
}

/// ListAccountsForParent: those directly in the unit with this id, or directly under the root.
pub async fn accounts_in(
    db: &mut AnyConnection,
    parent: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>, sqlx::Error> {
    sqlx::query(accounts_where!(
        "COALESCE(c.unit_id, '') = $1 AND c.id > $2 ORDER BY c.id LIMIT $3"
    ))
    .bind(parent.unwrap_or_default())
    .bind(after)
    .bind(limit)
    .try_map(account_of)
    .fetch_all(db)
    .await
}

/// CloseAccount: its roles are gone from users' lists at once.
pub async fn close_account(act: &mut Act<'_>, id: &str) -> Result<(), OrganizationError> {
    organization(act.db()).await?;
    let account = account(act.db(), id).await?;
    if account.is_management {
        return Err(OrganizationError::constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "The management account cannot be closed.",
        ));
    }
    if account.is_suspended {
        return Err(OrganizationError::state(
            "AccountAlreadyClosedException",
            format!("Account {id} is closed already."),
        ));
    }
    sqlx::query("UPDATE accounts SET status = 'SUSPENDED' WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(event("CloseAccount").parameters(json!({ "accountId": id })));
    Ok(())
}

/// RemoveAccountFromOrganization: with its assignments, roles and tags.
pub async fn remove_account(act: &mut Act<'_>, id: &str) -> Result<(), OrganizationError> {
    organization(act.db()).await?;
    let account = account(act.db(), id).await?;
    if account.is_management {
        return Err(OrganizationError::state(
            "MasterCannotLeaveOrganizationException",
            "The management account cannot leave its organization.",
        ));
    }
    let delegated: Option<String> = sqlx::query_scalar(
        "SELECT service_principal FROM delegated_administrators WHERE account_id = $1 LIMIT 1",
    )
    .bind(id)
    .fetch_optional(act.db())
    .await?;
    if let Some(service) = delegated {
        return Err(OrganizationError::constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            format!("Account {id} is delegated administrator of {service}. Deregister it first."),
        ));
    }
    attachments::forget_target(act.db(), id).await?;
    tags::forget(act.db(), id).await?;
    sqlx::query("DELETE FROM accounts WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(event("RemoveAccountFromOrganization").parameters(json!({ "accountId": id })));
    Ok(())
}

/// MoveAccount, from the parent that it is in.
pub async fn move_account(
    act: &mut Act<'_>,
    id: &str,
    source: &str,
    destination: &str,
) -> Result<(), OrganizationError> {
    let account = account(act.db(), id).await?;
    let from = tree::parent(act.db(), source, Kind::SourceParent).await?;
    let to = tree::parent(act.db(), destination, Kind::DestinationParent).await?;
    if account.unit_id != from.unit_id {
        return Err(OrganizationError::missing(Kind::SourceParent, source));
    }
    if from == to {
        return Err(OrganizationError::Duplicate {
            kind: Kind::Account,
            name: format!("{id} in {destination}"),
        });
    }
    put_in_unit(act.db(), id, to.unit_id.as_deref()).await?;
    act.record(event("MoveAccount").parameters(json!({
        "accountId": id, "sourceParentId": source, "destinationParentId": destination,
    })));
    Ok(())
}

/// What [`put_account`] took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// Nothing: it was so.
    Same,
    /// A new account.
    Added,
    /// A change.
    Changed,
}

/// Sees to it that an account that exists at AWS, under the id it has there, is so and here.
pub async fn put_account(
    act: &mut Act<'_>,
    wanted: &KnownAccount<'_>,
) -> Result<Put, OrganizationError> {
    let parent = tree::parent(act.db(), wanted.parent_id, Kind::Parent).await?;
    let found = match account(act.db(), wanted.id).await {
        Err(OrganizationError::NotFound { .. }) => {
            let joining = Joining {
                id: wanted.id,
                name: wanted.name,
                email: wanted.email,
                is_management: false,
                unit_id: parent.unit_id.as_deref(),
                method: "INVITED",
            };
            join(act, &joining).await?;
            let target = json!({ "target": { "id": wanted.id, "type": "ACCOUNT" } });
            act.record(event("InviteAccountToOrganization").parameters(target));
            if wanted.is_management {
                make_management(act, wanted.id).await?;
            }
            return Ok(Put::Added);
        }
        found => found?,
    };
    let mut put = Put::Same;
    if (found.name.as_str(), found.email.as_str()) != (wanted.name, wanted.email) {
        rename_account(act, wanted.id, wanted.name, wanted.email).await?;
        put = Put::Changed;
    }
    if found.unit_id != parent.unit_id {
        let source = tree::parent_of(act.db(), wanted.id).await?.id;
        move_account(act, wanted.id, &source, wanted.parent_id).await?;
        put = Put::Changed;
    }
    if wanted.is_management && !found.is_management {
        make_management(act, wanted.id).await?;
        put = Put::Changed;
    }
    Ok(put)
}

/// Gives an account another name and address. AWS does it in its service for account management.
pub async fn rename_account(
    act: &mut Act<'_>,
    id: &str,
    name: &str,
    email: &str,
) -> Result<(), OrganizationError> {
    let account = account(act.db(), id).await?;
    check_length("AccountName", name, 1, 128)?;
    check_email(email)?;
    if account_with_email(act.db(), email)
        .await?
        .is_some_and(|other| other != id)
    {
        return Err(email_taken(email));
    }
    sqlx::query("UPDATE accounts SET name = $2, email = $3, email_key = $4 WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(email)
        .bind(email.to_lowercase())
        .execute(act.db())
        .await?;
    let source = "account.amazonaws.com";
    if account.name != name {
        let parameters = json!({ "accountId": id, "accountName": name });
        act.record(Event::new(source, "PutAccountName").parameters(parameters));
    }
    if account.email != email {
        let parameters = json!({ "accountId": id, "primaryEmail": email });
        act.record(Event::new(source, "AcceptPrimaryEmailUpdate").parameters(parameters));
    }
    Ok(())
}

/// The id of the account whose root user has this address, in any case.
pub(super) async fn account_with_email(
    db: &mut AnyConnection,
    email: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM accounts WHERE email_key = $1 LIMIT 1")
        .bind(email.to_lowercase())
        .fetch_optional(db)
        .await
}

/// Makes an account a member, active, with the policies that every account has.
pub(super) async fn join(act: &mut Act<'_>, new: &Joining<'_>) -> Result<(), OrganizationError> {
    check_account_id(new.id)?;
    check_length("AccountName", new.name, 1, 128)?;
    check_email(new.email)?;
    if account_with_email(act.db(), new.email).await?.is_some() {
        return Err(email_taken(new.email));
    }
    let now = act.now();
    sqlx::query(
        "INSERT INTO accounts (id, name, email, email_key, status, is_management, unit_id, \
         joined_method, joined_at) VALUES ($1, $2, $3, $4, 'ACTIVE', $5, $6, $7, $8)",
    )
    .bind(new.id)
    .bind(new.name)
    .bind(new.email)
    .bind(new.email.to_lowercase())
    .bind(i64::from(new.is_management))
    .bind(new.unit_id)
    .bind(new.method)
    .bind(clock::millis(now))
    .execute(act.db())
    .await?;
    attachments::attach_defaults(act.db(), now, new.id).await?;
    Ok(())
}

/// Makes it the one management account, which AWS never does.
async fn make_management(act: &mut Act<'_>, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE accounts SET is_management = CASE WHEN id = $1 THEN 1 ELSE 0 END")
        .bind(id)
        .execute(act.db())
        .await?;
    act.record(event("ChangeManagementAccount").parameters(json!({ "accountId": id })));
    Ok(())
}

async fn put_in_unit(
    db: &mut AnyConnection,
    id: &str,
    unit_id: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE accounts SET unit_id = $2 WHERE id = $1")
        .bind(id)
        .bind(unit_id)
        .execute(db)
        .await?;
    Ok(())
}

pub(super) fn check_account_id(id: &str) -> Result<(), OrganizationError> {
    check_pattern("AccountId", is_account_id(id), "twelve digits")
}

pub(super) fn check_email(email: &str) -> Result<(), OrganizationError> {
    check_length("Email", email, 6, 64)?;
    check_pattern("Email", is_email(email), "an email address")
}

fn email_taken(email: &str) -> OrganizationError {
    OrganizationError::Duplicate {
        kind: Kind::Account,
        name: format!("with the email address {email}"),
    }
}

pub(super) fn account_of(row: AnyRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        is_management: row.try_get::<i64, _>("is_management")? != 0,
        is_suspended: row.try_get::<String, _>("status")? == "SUSPENDED",
        unit_id: row.try_get("unit_id")?,
        unit_path: row.try_get("unit_path")?,
        joined_method: row.try_get("joined_method")?,
        joined_at: clock::from_millis(row.try_get("joined_at")?),
    })
}
