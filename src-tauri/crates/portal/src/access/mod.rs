//! Who may take which role: permission sets, assignments, the roles provisioned from them, and the
//! credentials that speak for them.

mod assignments;
mod credentials;
mod permission_sets;

pub use assignments::{
    AssignedAccount, AssignedRole, Principal, account_roles, accounts, assign, assigned_role,
    assignments_in, unassign,
};
pub use credentials::{
    CredentialsError, IssuedCredentials, RoleSession, issue, issue_for, open_session_token,
};
pub use permission_sets::{PermissionSet, Policy, permission_set, put_permission_set};
