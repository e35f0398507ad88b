//! Who may take which role: permission sets, assignments, the roles provisioned from them, and the
//! credentials that speak for them.

mod account_assignments;
mod assignments;
mod attribute_path;
mod attributes;
mod credentials;
mod error;
mod iam_roles;
mod instance;
mod listing;
mod overview;
mod permission_sets;
mod policies;
mod policy;
mod predefined;
mod principal;
mod provisioning;
mod requests;
mod session_duration;
pub(crate) mod tags;

pub use account_assignments::{
    AccountAssignment, account_assignments, account_assignments_for_principal,
    create_account_assignment, delete_account_assignment, forget_principal,
};
pub use assignments::{
    AssignedAccount, AssignedRole, account_roles, accounts, assign, assigned_role, assignments_of,
    unassign,
};
pub use attributes::{
    AccessControlAttribute, attributes, create_attributes, delete_attributes, update_attributes,
};
pub(crate) use attributes::{need as need_attributes, session_tags};
pub use credentials::{
    CredentialsError, IssuedCredentials, RoleSession, issue, open_session_token, role_credentials,
    session_length,
};
pub use error::AccessError;
pub use iam_roles::{IamRole, delete_iam_role, iam_role, iam_roles, put_iam_role};
pub use instance::{
    AddedRegion, add_region, added_regions, instance_name, remove_region, rename_instance,
};
pub(crate) use instance::{no_region, refuse_another};
pub use listing::{
    NamedAssignment, PermissionSetEntry, assignments_in_account, assignments_of_permission_set,
    assignments_of_principal, counts, find_permission_sets,
};
pub use overview::overview;
pub(crate) use permission_sets::need as need_permission_set;
pub use permission_sets::{
    DEFAULT_SESSION, NewPermissionSet, PermissionSet, PermissionSetChange, create_permission_set,
    delete_permission_set, permission_set, permission_set_by_name, permission_set_names,
    permission_sets, update_permission_set,
};
pub(crate) use policies::no_boundary;
pub use policies::{
    attach_customer_policy, attach_managed_policy, delete_inline_policy,
    delete_permissions_boundary, detach_customer_policy, detach_managed_policy, policies,
    put_inline_policy, put_permissions_boundary,
};
pub(crate) use policy::is_policy_document;
pub use policy::{CustomerPolicy, Policy};
pub use predefined::{PREDEFINED, Predefined};
pub use principal::Principal;
pub use provisioning::{
    ProvisionTarget, ProvisioningStatus, provision_permission_set, provisioned_accounts,
    provisioned_permission_sets, role_policies,
};
pub use requests::{AccessRequest, RequestKind, RequestStatus, request, requests};
pub use session_duration::{format_session_duration, parse_session_duration};
pub use tags::{Tag, tag_resource, tags, untag_resource};

/// What the audit trail calls this room.
pub const EVENT_SOURCE: &str = "sso.amazonaws.com";
