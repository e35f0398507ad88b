//! What a caller of the administrative APIs, or a visitor of the administration pages, may do.

use std::collections::BTreeMap;

use sqlx::{Any, Executor, Row, any::AnyRow};

use crate::{Portal, access::Policy, act::Identity};

/// How much somebody may do to the portal, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authority {
    /// Nothing.
    None,
    /// See everything.
    Read,
    /// Do everything.
    Full,
}

impl Authority {
    /// What `identity` may do now: an administrator's key and the machine itself do everything,
    /// everyone else what their roles in the management account allow. A role counts only for as
    /// long as it is assigned to its user, who is enabled.
    pub async fn of(portal: &Portal, identity: &Identity) -> Result<Self, sqlx::Error> {
        match identity {
            Identity::Key { .. } | Identity::Machine => Ok(Self::Full),
            Identity::User { id, .. } => by_roles(portal.pool(), id, None).await,
            Identity::Role(session) => {
                let owner = portal.instance().owner_account_id(portal.pool()).await?;
                if session.account_id != owner {
                    return Ok(Self::None);
                }
                by_roles(
                    portal.pool(),
                    &session.user_id,
                    Some(&session.iam_role_name),
                )
                .await
            }
        }
    }

    /// Whether there is a user who may do everything now.
    pub async fn has_holder(db: impl Executor<'_, Database = Any>) -> Result<bool, sqlx::Error> {
        let policies: Vec<(String, Policy)> = sqlx::query(
            "SELECT r.role_name, p.kind, p.name, p.document FROM provisioned_roles r \
             JOIN permission_set_revision_policies p \
               ON p.permission_set_id = r.permission_set_id AND p.revision = r.revision \
               AND p.kind IN ('managed', 'boundary_managed', 'boundary_customer') \
             JOIN accounts m ON m.id = r.account_id AND m.is_management = 1 AND m.status = 'ACTIVE' \
             WHERE EXISTS (SELECT 1 FROM assignments a \
               WHERE a.account_id = r.account_id AND a.permission_set_id = r.permission_set_id \
               AND (a.principal_kind = 'USER' AND EXISTS \
                   (SELECT 1 FROM users u WHERE u.id = a.principal_id AND u.enabled = 1) \
                 OR a.principal_kind = 'GROUP' AND EXISTS \
                   (SELECT 1 FROM memberships g JOIN users u ON u.id = g.user_id AND u.enabled = 1 \
                   WHERE g.group_id = a.principal_id)))",
        )
        .try_map(role_policy)
        .fetch_all(db)
        .await?;
        Ok(most(&policies) == Self::Full)
    }
}

fn role_policy(row: AnyRow) -> Result<(String, Policy), sqlx::Error> {
    Ok((row.try_get("role_name")?, Policy::of(row)?))
}

/// What the most powerful of these roles allows.
fn most(policies: &[(String, Policy)]) -> Authority {
    let mut roles: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    for (role, policy) in policies {
        roles.entry(role).or_default().push(policy);
    }
    let most = roles.values().map(|policies| of_role(policies)).max();
    most.unwrap_or(Authority::None)
}

/// What the user's roles in the management account allow, or this one of them: as much as its
/// policies do, within its permissions boundary.
async fn by_roles(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    role_name: Option<&str>,
) -> Result<Authority, sqlx::Error> {
    let policies: Vec<(String, Policy)> = sqlx::query(
        // Every page of administration asks this: it must not go through all that its reader has.
        "SELECT r.role_name, p.kind, p.name, p.document FROM provisioned_roles r \
         JOIN permission_set_revision_policies p \
           ON p.permission_set_id = r.permission_set_id AND p.revision = r.revision \
           AND p.kind IN ('managed', 'boundary_managed', 'boundary_customer') \
         WHERE r.account_id = (SELECT id FROM accounts \
           WHERE is_management = 1 AND status = 'ACTIVE') \
         AND ($2 = '' OR r.role_name = $2) \
         AND EXISTS (SELECT 1 FROM users WHERE id = $1 AND enabled = 1) \
         AND r.permission_set_id IN (\
           SELECT permission_set_id FROM assignments \
           WHERE principal_kind = 'USER' AND principal_id = $1 AND account_id = \
             (SELECT id FROM accounts WHERE is_management = 1) \
           UNION ALL SELECT permission_set_id FROM assignments \
           WHERE principal_kind = 'GROUP' AND principal_id IN \
             (SELECT group_id FROM memberships WHERE user_id = $1) AND account_id = \
             (SELECT id FROM accounts WHERE is_management = 1))",
    )
    .bind(user_id)
    .bind(role_name.unwrap_or_default())
    .try_map(role_policy)
    .fetch_all(db)
    .await?;
    Ok(most(&policies))
}

/// What a role with these policies allows. A boundary that is a customer's own is not evaluated, and
/// so allows nothing.
fn of_role(policies: &[&Policy]) -> Authority {
    let (mut granted, mut boundary) = (Authority::None, Authority::Full);
    for policy in policies {
        match policy {
            Policy::Managed(arn) => granted = granted.max(by_policy(arn)),
            Policy::ManagedBoundary(arn) => boundary = by_policy(arn),
            Policy::CustomerBoundary(_) => boundary = Authority::None,
            Policy::Customer(_) | Policy::Inline(_) => {}
        }
    }
    granted.min(boundary)
}

/// What an AWS managed policy, named by its ARN, allows.
fn by_policy(arn: &str) -> Authority {
    match arn.split_once(":iam::aws:policy/").map(|(_, name)| name) {
        Some("AdministratorAccess") => Authority::Full,
        Some("ReadOnlyAccess" | "job-function/ViewOnlyAccess") => Authority::Read,
        _ => Authority::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::CustomerPolicy;

    #[test]
    fn only_policies_of_aws_with_these_names_allow_anything() {
        let cases = [
            (
                "arn:aws:iam::aws:policy/AdministratorAccess",
                Authority::Full,
            ),
            (
                "arn:aws-cn:iam::aws:policy/AdministratorAccess",
                Authority::Full,
            ),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", Authority::Read),
            (
                "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
                Authority::Read,
            ),
            (
                "arn:aws:iam::aws:policy/AdministratorAccess-Amplify",
                Authority::None,
            ),
            (
                "arn:aws:iam::111122223333:policy/AdministratorAccess",
                Authority::None,
            ),
        ];
        for (arn, authority) in cases {
            assert_eq!(by_policy(arn), authority, "{arn}");
        }
    }

    #[test]
    fn a_boundary_takes_away_and_never_gives() {
        let managed = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
        let full = Policy::Managed(managed("AdministratorAccess"));
        let read = Policy::Managed(managed("ReadOnlyAccess"));
        let within = |name: &str| Policy::ManagedBoundary(managed(name));
        let own = Policy::CustomerBoundary(CustomerPolicy::parse("Boundary"));
        for (policies, authority) in [
            (vec![&full, &read], Authority::Full),
            (vec![&full, &within("AdministratorAccess")], Authority::Full),
            (vec![&full, &within("ReadOnlyAccess")], Authority::Read),
            (vec![&read, &within("AdministratorAccess")], Authority::Read),
            (vec![&full, &within("AmazonS3FullAccess")], Authority::None),
            (vec![&full, &own], Authority::None),
            (vec![&within("AdministratorAccess")], Authority::None),
        ] {
            assert_eq!(of_role(&policies), authority, "{policies:?}");
        }
    }
}
