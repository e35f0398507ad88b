use serde_json::json;
use sqlx::{AnyConnection, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{OrganizationError, event, names::check_length, organization};
use crate::{act::Act, clock};

/// EnableAWSServiceAccess. Doing it twice is fine.
pub async fn enable_service(act: &mut Act<'_>, service: &str) -> Result<(), OrganizationError> {
    let organization = organization(act.db()).await?;
    check_service(service)?;
    if organization.feature_set != "ALL" {
        return Err(OrganizationError::constraint(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "Enable all features of the organization first.",
        ));
    }
    let now = clock::millis(act.now());
    sqlx::query(
        "INSERT INTO trusted_services (service_principal, enabled_at) VALUES ($1, $2) \
         ON CONFLICT (service_principal) DO NOTHING",
    )
    .bind(service)
    .bind(now)
    .execute(act.db())
    .await?;
    let parameters = json!({ "servicePrincipal": service });
    act.record(event("EnableAWSServiceAccess").parameters(parameters));
    Ok(())
}

/// DisableAWSServiceAccess. Doing it twice is fine.
pub async fn disable_service(act: &mut Act<'_>, service: &str) -> Result<(), OrganizationError> {
    organization(act.db()).await?;
    check_service(service)?;
    sqlx::query("DELETE FROM trusted_services WHERE service_principal = $1")
        .bind(service)
        .execute(act.db())
        .await?;
    let parameters = json!({ "servicePrincipal": service });
    act.record(event("DisableAWSServiceAccess").parameters(parameters));
    Ok(())
}

/// ListAWSServiceAccessForOrganization: each with the moment it got access, by name: those after
/// the name `after` (all: `""`), at most `limit`.
pub async fn services(
    db: &mut AnyConnection,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, OffsetDateTime)>, OrganizationError> {
    organization(&mut *db).await?;
    let found = sqlx::query(
        "SELECT service_principal, enabled_at FROM trusted_services \
         WHERE service_principal > $1 ORDER BY service_principal LIMIT $2",
    )
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

pub(super) fn check_service(service: &str) -> Result<(), OrganizationError> {
    check_length("ServicePrincipal", service, 1, 128)?;
    if RECOGNIZED.contains(&service) {
        return Ok(());
    }
    let problem = format!("{service:?} is no service that can be given access");
    let reason = "UNRECOGNIZED_SERVICE_PRINCIPAL";
    Err(OrganizationError::invalid(
        "ServicePrincipal",
        reason,
        problem,
    ))
}

/// The services that AWS's documentation lists as integrated with Organizations.
const RECOGNIZED: &[&str] = &[
    "access-analyzer.amazonaws.com",
    "account.amazonaws.com",
    "auditmanager.amazonaws.com",
    "aws-artifact-account-sync.amazonaws.com",
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "compute-optimizer.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
    "controltower.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "detective.amazonaws.com",
    "devops-guru.amazonaws.com",
    "ds.amazonaws.com",
    "fms.amazonaws.com",
    "guardduty.amazonaws.com",
    "health.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "license-management.marketplace.amazonaws.com",
    "license-manager-linux-subscriptions.amazonaws.com",
    "license-manager.amazonaws.com",
    "license-manager.member-account.amazonaws.com",
    "license-manager.member-account.amazonaws.com.",
    "macie.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "mgn.amazonaws.com",
    "networkmanager.amazonaws.com",
    "notifications.amazonaws.com",
    "observabilityadmin.amazonaws.com",
    "ram.amazonaws.com",
    "reachabilityanalyzer.networkinsights.amazonaws.com",
    "reporting.trustedadvisor.amazonaws.com",
    "resource-explorer-2.amazonaws.com",
    "security-ir.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "servicequotas.amazonaws.com",
    "ssm.amazonaws.com",
    "sso.amazonaws.com",
    "stacksets.cloudformation.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
    "tagpolicies.tag.amazonaws.com",
    "user-subscriptions.amazonaws.com",
    "vpc-ipam.amazonaws.com",
    "wellarchitected.amazonaws.com",
];
