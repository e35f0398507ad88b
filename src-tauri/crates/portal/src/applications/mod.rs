//! Applications beside the accounts: a catalogue of well-known ones and one's own, whom they are
//! assigned to, and what they may do. Their SAML exchange comes later; until then an application
//! opens its start URL.

mod application;
mod assignments;
mod attributes;
mod catalogue;
mod grants;
mod provider;
mod search;
mod settings;
mod token_issuers;

pub(crate) use application::need as need_application;
pub use application::{
    Application, ApplicationChange, NewApplication, SignIn, SignInOrigin, application,
    applications, create_application, delete_application, update_application,
};
pub use assignments::{
    ApplicationAssignment, application_assignments, application_assignments_for_principal,
    assigned, create_application_assignment, delete_application_assignment,
    need_application_assignment,
};
pub use attributes::{attribute_mappings, put_attribute_mappings};
pub use catalogue::{AttributeMapping, CatalogueEntry, catalogue};
pub(crate) use grants::no_grant;
pub use grants::{AuthorizedIssuer, Grant, delete_grant, grants, put_grant};
pub use provider::Provider;
pub use search::{Assignee, assignees, find_applications};
pub(crate) use settings::no_actor_policy;
pub use settings::{
    AccessScope, access_scopes, actor_policy, assignment_required, background_sessions,
    delete_access_scope, delete_actor_policy, put_access_scope, put_actor_policy,
    put_assignment_required, put_background_sessions,
};
pub(crate) use token_issuers::need as need_token_issuer;
pub use token_issuers::{
    TokenIssuerChange, TrustedTokenIssuer, create_token_issuer, delete_token_issuer, token_issuers,
    update_token_issuer,
};
