//! The built-in directory: users, their addresses and passwords, groups and memberships.

mod attributes;
mod bulk;
mod error;
mod external_ids;
mod groups;
mod hashing;
mod memberships;
mod password;
mod password_policy;
mod profiles;
mod search;
mod users;

pub use attributes::{Address, AttributeOperation, Contact, Name, Photo, UserAttributes};
pub(crate) use attributes::{small_names, with_small_letter};
pub use bulk::add_members;
pub use error::{DirectoryError, Kind};
pub use external_ids::ExternalId;
pub use groups::{
    Group, GroupKey, NewGroup, create_group, delete_group, group, group_id, groups, update_group,
};
pub use memberships::{
    Membership, add_member, members, membership, membership_of, memberships_in, memberships_of,
    remove_member,
};
pub(crate) use password::remove_password;
pub use password::{
    NewPassword, PasswordError, has_password, replace_password, set_password, verify_password,
};
pub use password_policy::MINIMUM_LENGTH;
pub use profiles::{
    Profile, UserKey, create_user, delete_user, profile, profiles, set_enabled, update_user,
    user_id,
};
pub use search::{
    GroupEntry, UserEntry, counts, find_groups, find_users, group_names, groups_of_user,
    user_names, users_in_group,
};
pub(crate) use users::user_of;
pub use users::{User, user, user_by_name, user_by_name_or_email};

use attributes::{TEXT, not_reserved};

/// What the audit trail calls the directory.
pub const EVENT_SOURCE: &str = "identitystore.amazonaws.com";

/// The form by which a name is found and kept unique.
pub(crate) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Refuses a change of another revision than the present one.
fn check_revision(present: i64, expected: Option<&str>) -> Result<(), DirectoryError> {
    match expected {
        Some(expected) if expected != present.to_string() => {
            Err(DirectoryError::Changed(expected.to_owned()))
        }
        _ => Ok(()),
    }
}
