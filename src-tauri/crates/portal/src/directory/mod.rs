//! The built-in directory: users, their addresses and passwords, groups and memberships.

mod groups;
mod password;
mod users;

pub use groups::{
    NewGroup, add_member, create_group, describe_group, group_by_name, group_name, members,
    remove_member,
};
pub use password::{MINIMUM_LENGTH, PasswordError, has_password, set_password, verify_password};
pub use users::{NewUser, User, create_user, set_enabled, update_user, user, user_by_name, users};

/// The form by which a name is found and kept unique.
pub(crate) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
