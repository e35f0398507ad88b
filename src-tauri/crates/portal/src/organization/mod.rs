//! The organization: its accounts and organizational units, their tags, policies and services.
//!
//! What changes something is named after AWS's operation and checks what AWS checks; lists are read
//! a page at a time, by key.

mod accounts;
mod attachments;
mod creation;
mod delegation;
mod error;
mod founding;
mod names;
mod policies;
mod resource_policy;
mod search;
mod tags;
mod tree;
mod trusted_services;
mod units;

pub use accounts::{
    Account, KnownAccount, Put, account, account_name, account_names, accounts, accounts_in,
    close_account, move_account, put_account, remove_account, rename_account,
};
pub use attachments::{
    all_attachments, attach_policy, detach_policy, disable_policy_type, enable_policy_type,
    enabled_policy_types, policies_of_target, targets_of_policy,
};
pub use creation::{
    AccountCreation, NewAccount, account_creation, account_creations, create_account,
};
pub use delegation::{
    administrators, deregister_administrator, register_administrator, services_of_administrator,
};
pub use error::{Kind, OrganizationError};
pub(crate) use founding::settle;
pub use founding::{
    Handshake, Organization, create_organization, delete_organization, enable_all_features,
    ensure_organization, organization,
};
pub use names::{Node, is_account_id};
pub use policies::{
    POLICY_TYPES, Policy, PolicyChange, create_policy, delete_policy, policies, policy,
    update_policy,
};
pub use resource_policy::{
    ResourcePolicy, delete_resource_policy, put_resource_policy, resource_policy,
};
pub use search::{AccountEntry, count_accounts, find_accounts};
pub use tags::{Tag, all_tags, tag_resource, tags, untag_resource};
pub use tree::{Parent, children, parent, parent_of, target_name};
pub use trusted_services::{disable_service, enable_service, services};
pub use units::{
    Unit, all_units, create_unit, delete_unit, rename_unit, unit, unit_named, units_in,
};

use crate::audit::Event;

/// What the audit trail calls AWS Organizations.
pub const SOURCE: &str = "organizations.amazonaws.com";

fn event(name: &'static str) -> Event {
    Event::new(SOURCE, name)
}
