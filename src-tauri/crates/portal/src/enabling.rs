//! What makes of an empty portal one that somebody can administer.

use sqlx::{Any, Executor};
use thiserror::Error;

use crate::{
    access::{self, AccessError, AccountAssignment, NewPermissionSet, PREDEFINED, Principal},
    act::{Act, Refusal},
    directory::{self, DirectoryError, NewGroup, UserAttributes},
    invitations::{self, InvitationError, Link},
    organization::{self, OrganizationError},
};

/// The group of those who may do everything.
pub const ADMINISTRATORS: &str = "Administrators";
/// What they may take, in every account that it is assigned in.
const ADMINISTRATOR_ACCESS: &str = "AdministratorAccess";

/// Why a portal was not enabled; then nothing of it was done.
#[derive(Debug, Error)]
pub enum EnablingError {
    /// It was enabled before.
    #[error(
        "it was enabled before; `vestibule-portal invite` makes a new link for a user, and \
         `vestibule-portal admin users add` a new user"
    )]
    Enabled,
    /// The organization could not be founded.
    #[error(transparent)]
    Organization(OrganizationError),
    /// The user or the group is refused.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The permission set or its assignment is refused.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The user could not be invited.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

impl From<OrganizationError> for EnablingError {
    fn from(error: OrganizationError) -> Self {
        match error {
            OrganizationError::AlreadyInOrganization => Self::Enabled,
            error => Self::Organization(error),
        }
    }
}

impl Refusal for EnablingError {
    fn code(&self) -> &'static str {
        match self {
            Self::Enabled => OrganizationError::AlreadyInOrganization.code(),
            Self::Organization(error) => error.code(),
            Self::Directory(error) => error.code(),
            Self::Access(error) => error.code(),
            Self::Invitation(error) => error.code(),
            Self::Store(_) => "InternalServerException",
        }
    }
}

/// Founds the organization, whose management account owns the portal, makes the user the first of a
/// group of administrators with full access to it, and invites them.
pub async fn enable(act: &mut Act<'_>, first: &UserAttributes) -> Result<Link, EnablingError> {
    let organization = organization::create_organization(act, None).await?;
    let permission_set_id = administrator_access(act).await?;
    let group = NewGroup {
        display_name: ADMINISTRATORS,
        description: Some("Those who look after the portal and every account"),
    };
    let group = directory::create_group(act, &group).await?;
    let user = directory::create_user(act, first).await?;
    directory::add_member(act, &group.id, &user.id).await?;
    let assignment = AccountAssignment {
        account_id: organization.management_account_id,
        permission_set_id,
        principal: Principal::Group(group.id),
    };
    access::create_account_assignment(act, &assignment).await?;
    Ok(invitations::invite(act, &user.id).await?)
}

/// Whether there is nobody yet who could sign in.
pub async fn is_empty(db: impl Executor<'_, Database = Any>) -> Result<bool, sqlx::Error> {
    let user: Option<String> = sqlx::query_scalar("SELECT id FROM users LIMIT 1")
        .fetch_optional(db)
        .await?;
    Ok(user.is_none())
}

/// A new permission set with the policy of its name; its id.
async fn administrator_access(act: &mut Act<'_>) -> Result<String, AccessError> {
    let predefined = PREDEFINED
        .iter()
        .find(|set| set.name == ADMINISTRATOR_ACCESS);
    let new = NewPermissionSet {
        name: ADMINISTRATOR_ACCESS,
        description: predefined.map(|set| set.description),
        session: access::DEFAULT_SESSION,
        relay_state: None,
    };
    let set = access::create_permission_set(act, &new, &[]).await?;
    if let Some(predefined) = predefined {
        let policy = predefined.policy_arn(&act.portal().config().partition);
        access::attach_managed_policy(act, &set.id, &policy).await?;
    }
    Ok(set.id)
}
