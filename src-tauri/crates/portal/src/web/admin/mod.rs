//! The pages of administration, under `/admin`. They read and change the domain through the same
//! functions as the administrative APIs; here stands only what people see and type.

mod accounts;
mod administrator;
mod applications;
mod assignments;
mod attributes;
mod audit;
mod confirmation;
mod dashboard;
mod done;
mod fields;
mod groups;
mod listing;
mod mfa;
mod permission_sets;
mod problem;
mod settings;
mod users;
mod view;

pub(super) use administrator::may_administer;
use axum::Router;
use done::Done;

use super::moment;
use crate::Portal;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .merge(dashboard::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(accounts::routes())
        .merge(permission_sets::routes())
        .merge(assignments::routes())
        .merge(applications::routes())
        .merge(attributes::routes())
        .merge(mfa::routes())
        .merge(settings::routes())
        .merge(audit::routes())
}

/// What the menu leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Dashboard,
    Users,
    Groups,
    Accounts,
    PermissionSets,
    Assignments,
    Applications,
    Attributes,
    Mfa,
    Settings,
    Audit,
}

impl Section {
    const ALL: [Self; 11] = [
        Self::Dashboard,
        Self::Users,
        Self::Groups,
        Self::Accounts,
        Self::PermissionSets,
        Self::Assignments,
        Self::Applications,
        Self::Attributes,
        Self::Mfa,
        Self::Settings,
        Self::Audit,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "Overview",
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::Accounts => "Accounts",
            Self::PermissionSets => "Permission sets",
            Self::Assignments => "Assignments",
            Self::Applications => "Applications",
            Self::Attributes => "Attributes for access control",
            Self::Mfa => "Second factors",
            Self::Settings => "Settings",
            Self::Audit => "Audit trail",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/admin",
            Self::Users => "/admin/users",
            Self::Groups => "/admin/groups",
            Self::Accounts => "/admin/accounts",
            Self::PermissionSets => "/admin/permission-sets",
            Self::Assignments => "/admin/assignments",
            Self::Applications => "/admin/applications",
            Self::Attributes => "/admin/attributes",
            Self::Mfa => "/admin/mfa",
            Self::Settings => "/admin/settings",
            Self::Audit => "/admin/audit",
        }
    }
}
