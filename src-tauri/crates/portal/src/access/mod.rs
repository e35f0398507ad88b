//! Who may take which role: permission sets, assignments, the roles provisioned from them, and the
//! credentials that speak for them.

mod assignments;
mod credentials;
mod iam_roles;
mod overview;
mod permission_sets;

pub use assignments::{
    AssignedAccount, AssignedRole, Principal, account_roles, accounts, assign, assigned_role,
    assignments_of, unassign,
};
pub use credentials::{
    CredentialsError, IssuedCredentials, RoleSession, issue, open_session_token, role_credentials,
    session_length,
};
pub use iam_roles::{IamRole, iam_role, put_iam_role};
pub use overview::overview;
pub use permission_sets::{PermissionSet, Policy, permission_set, put_permission_set};
