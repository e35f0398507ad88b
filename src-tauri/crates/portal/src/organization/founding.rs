use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{
    OrganizationError, accounts, event,
    names::{self, check_pattern},
    policies, units,
};
use crate::{Portal, act::Act, clock, instance::Instance};

/// The organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// `r-…`
    pub root_id: String,
    /// `ALL`, or `CONSOLIDATED_BILLING`, which has no policies.
    pub feature_set: String,
    /// Twelve digits.
    pub management_account_id: String,
    /// The address of its root user; empty while nobody has declared the management account.
    pub management_account_email: String,
}

/// The organization, or [`OrganizationError::NotInUse`].
pub async fn organization(db: &mut AnyConnection) -> Result<Organization, OrganizationError> {
    let found = sqlx::query(
        "SELECT o.id, o.root_id, o.feature_set, COALESCE(c.email, '') AS email, \
         COALESCE(c.id, (SELECT value FROM instance_settings WHERE name = 'owner_account_id'), '') \
           AS management_id \
         FROM organizations o LEFT JOIN accounts c ON c.is_management = 1 \
         ORDER BY c.id LIMIT 1",
    )
    .try_map(|row: AnyRow| {
        Ok(Organization {
            id: row.try_get("id")?,
            root_id: row.try_get("root_id")?,
            feature_set: row.try_get("feature_set")?,
            management_account_id: row.try_get("management_id")?,
            management_account_email: row.try_get("email")?,
        })
    })
    .fetch_optional(db)
    .await?;
    found.ok_or(OrganizationError::NotInUse)
}

/// CreateOrganization: the account that owns the instance becomes its management account.
pub async fn create_organization(
    act: &mut Act<'_>,
    feature_set: Option<&str>,
) -> Result<Organization, OrganizationError> {
    let feature_set = feature_set.unwrap_or("ALL");
    check_enum("FeatureSet", feature_set, &["ALL", "CONSOLIDATED_BILLING"])?;
    if is_founded(act.db()).await? {
        return Err(OrganizationError::AlreadyInOrganization);
    }
    let portal = act.portal();
    let owner = portal.instance().owner_account_id(act.db()).await?;
    found(act.db(), portal.instance(), portal.now(), feature_set).await?;
    let email = format!("management@{}", mail_domain(portal));
    let management = accounts::Joining {
        id: &owner,
        name: "Management",
        email: &email,
        is_management: true,
        unit_id: None,
        method: "INVITED",
    };
    accounts::join(act, &management).await?;
    let organization = organization(act.db()).await?;
    let response = json!({ "organization": { "id": organization.id } });
    act.record(
        event("CreateOrganization")
            .parameters(json!({ "featureSet": feature_set }))
            .response(response),
    );
    Ok(organization)
}

/// DeleteOrganization: all that is left of it may be its management account, units and policies,
/// which go with it.
pub async fn delete_organization(act: &mut Act<'_>) -> Result<(), OrganizationError> {
    organization(act.db()).await?;
    let members: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM accounts WHERE is_management = 0")
        .fetch_one(act.db())
        .await?;
    if members > 0 {
        let problem = format!("Remove the {members} member accounts first.");
        return Err(OrganizationError::state(
            "OrganizationNotEmptyException",
            problem,
        ));
    }
    for table in [
        "accounts",
        "account_creations",
        "policy_attachments",
        "organization_policies",
        "enabled_policy_types",
        "organization_tags",
        "trusted_services",
        "organization_resource_policies",
        "organizations",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(act.db())
            .await?;
    }
    units::delete_all(act.db()).await?;
    act.record(event("DeleteOrganization"));
    Ok(())
}

/// A handshake that is over: nobody else had to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// `h-…`
    pub id: String,
    /// When it was made, and over.
    pub requested_at: OffsetDateTime,
}

/// EnableAllFeatures. Accounts that the organization made need not agree, so it is done at once.
pub async fn enable_all_features(act: &mut Act<'_>) -> Result<Handshake, OrganizationError> {
    if organization(act.db()).await?.feature_set == "ALL" {
        return Err(OrganizationError::HandshakeConstraint {
            reason: "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            problem: "The organization has all features already.".to_owned(),
        });
    }
    sqlx::query("UPDATE organizations SET feature_set = 'ALL'")
        .execute(act.db())
        .await?;
    act.record(event("EnableAllFeatures"));
    Ok(Handshake {
        id: names::new_id("h-", 10),
        requested_at: act.now(),
    })
}

/// Makes sure that there is an organization: for whoever brings the first account.
pub async fn ensure_organization(act: &mut Act<'_>) -> Result<Organization, OrganizationError> {
    if !is_founded(act.db()).await? {
        let portal = act.portal();
        found(act.db(), portal.instance(), portal.now(), "ALL").await?;
        act.record(event("CreateOrganization").parameters(json!({ "featureSet": "ALL" })));
    }
    organization(act.db()).await
}

/// Brings a store from before there were organizations up to date: accounts belong to one, and the
/// ids of units name its root.
pub(crate) async fn settle(portal: &Portal) -> Result<(), sqlx::Error> {
    let unsettled: Option<String> = sqlx::query_scalar(
        "SELECT id FROM accounts WHERE NOT EXISTS (SELECT 1 FROM organizations) LIMIT 1",
    )
    .fetch_optional(portal.pool())
    .await?;
    if unsettled.is_none() {
        return Ok(());
    }
    let mut db = portal.write().await?;
    if is_founded(&mut db).await? {
        // By another process, meanwhile.
        return Ok(());
    }
    found(&mut db, portal.instance(), portal.now(), "ALL").await?;
    units::name_after_root(&mut db, &portal.instance().root_id).await?;
    db.commit().await
}

/// Refuses what is not one of `allowed`.
pub(super) fn check_enum(
    field: &'static str,
    value: &str,
    allowed: &[&str],
) -> Result<(), OrganizationError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let problem = format!("it must be one of {}", allowed.join(", "));
    Err(OrganizationError::invalid(field, "INVALID_ENUM", problem))
}

async fn is_founded(db: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM organizations")
        .fetch_optional(db)
        .await?;
    Ok(id.is_some())
}

async fn found(
    db: &mut AnyConnection,
    instance: &Instance,
    now: OffsetDateTime,
    feature_set: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO organizations (id, root_id, feature_set, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(&instance.organization_id)
    .bind(&instance.root_id)
    .bind(feature_set)
    .bind(clock::millis(now))
    .execute(&mut *db)
    .await?;
    policies::create_managed(db, now).await
}

/// Where an address can be that nobody has given: the portal's host, if mail could have it.
fn mail_domain(portal: &Portal) -> String {
    let host = portal.config().origin.host_str().unwrap_or_default();
    let is_name = check_pattern("Email", names::is_mail_domain(host), "a domain").is_ok();
    if is_name { host } else { "example.com" }.to_owned()
}
