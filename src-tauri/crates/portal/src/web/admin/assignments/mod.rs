//! Assignments: who has which permission set in which account.

mod choices;
mod picks;
mod removal;
mod wizard;

use axum::{Router, extract::Query, response::Response, routing::get};

use super::{
    Section, accounts,
    administrator::Administrator,
    groups,
    listing::{Asked, PROBE},
    permission_sets, users,
    view::{Card, Cell, Link, Table},
};
use crate::{
    Portal,
    access::{NamedAssignment, Principal},
    organization::{self, AccountEntry},
    web::Refusal,
};

const PATH: &str = "/admin/assignments";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(wizard::routes())
        .merge(removal::routes())
}

pub(super) use removal::link as removal_link;

/// The account of an assignment.
pub(super) fn account(named: &NamedAssignment) -> Cell {
    let id = &named.assignment.account_id;
    Cell::link(&named.account_name, accounts::path(id)).quiet(id)
}

/// The permission set of an assignment.
pub(super) fn permission_set(named: &NamedAssignment) -> Cell {
    let path = permission_sets::path(&named.assignment.permission_set_id);
    Cell::link(&named.permission_set_name, path)
}

/// The user or group of an assignment.
pub(super) fn principal(named: &NamedAssignment) -> Cell {
    let name = &named.principal_name;
    match &named.assignment.principal {
        Principal::User(id) => Cell::link(name, users::path(id)).quiet("User"),
        Principal::Group(id) => Cell::link(name, groups::path(id)).quiet("Group"),
    }
}

/// Assignments are listed by account, on the account's page.
async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = organization::find_accounts(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, AccountEntry::key);
    let rows = found.iter().map(|entry| {
        let account = &entry.account;
        let access = format!("{}#access", accounts::path(&account.id));
        let assign = format!("/admin/assignments/new?account={}", account.id);
        let label = format!("Assign in {}", account.name);
        vec![
            Cell::link(&account.name, access).quiet(&account.id),
            Cell::link(label, assign),
        ]
    });
    let table = Table::new(
        "Accounts",
        &["Who has access to", ""],
        "No account's name, id or address holds that.",
    );
    let card = Card::new("accounts", "")
        .text("Choose an account to see and end its assignments, or assign in several at once.")
        .search(asked.form(PATH, "Part of an account's name, id or email address"))
        .table(table.rows(rows).more(more));
    let page = administrator
        .page(Section::Assignments, "Assignments")?
        .done(asked.done())
        .link(Link::to("Assign", "/admin/assignments/new").primary())
        .card(card);
    administrator.show(&page)
}
