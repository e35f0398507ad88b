//! Accounts and the organizational units they are in.

mod account;
mod create;
mod relocation;
mod tree;
mod units;

use axum::{Router, extract::Query, response::Response, routing::get};
use sqlx::AnyConnection;

use super::{
    Section,
    administrator::Administrator,
    listing::{Asked, PROBE},
    problem::Explained,
    view::{Card, Cell, Link, Table, Tone},
};
use crate::{
    Portal,
    organization::{self, Account, Kind, OrganizationError, Unit},
    web::Refusal,
};

const PATH: &str = "/admin/accounts";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(create::routes())
        .merge(tree::routes())
        .merge(units::routes())
        .merge(account::routes())
        .merge(relocation::routes())
}

/// The page of the account with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = organization::find_accounts(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, organization::AccountEntry::key);
    let rows = found.iter().map(|entry| {
        vec![
            named(&entry.account),
            entry.account.email.as_str().into(),
            entry.unit_name.as_deref().unwrap_or("Root").into(),
        ]
    });
    let columns = ["Account", "Email", "Organizational unit"];
    let table = Table::new(
        "Accounts",
        &columns,
        "No account's name, id or address holds that.",
    );
    let card = Card::new("accounts", "")
        .search(asked.form(PATH, "Part of a name, id or email address"))
        .table(table.rows(rows).more(more));
    let page = administrator
        .page(Section::Accounts, "Accounts")?
        .done(asked.done())
        .link(Link::to("Show as a tree", tree::path("")))
        .link(Link::to("Add an account", "/admin/accounts/new").primary())
        .card(card);
    administrator.show(&page)
}

/// An account in a list: its name and id, and what is special about it.
fn named(account: &Account) -> Cell {
    Cell::link(&account.name, path(&account.id))
        .quiet(&account.id)
        .with_badge(badge(account))
}

fn badge(account: &Account) -> Option<(Tone, &'static str)> {
    if account.is_suspended {
        Some((Tone::Danger, "Closed"))
    } else if account.is_management {
        Some((Tone::Primary, "Management account"))
    } else {
        None
    }
}

/// The units from the root down to the one at the end of this path of ids.
async fn units_along(db: &mut AnyConnection, path: &str) -> Result<Vec<Unit>, Refusal> {
    let mut units = Vec::new();
    for id in path.split('/').filter(|id| !id.is_empty()) {
        match organization::unit(db, id).await {
            Ok(unit) => units.push(unit),
            // It was deleted a moment ago.
            Err(error) if is_missing(&error) => {}
            Err(error) => error.explained().map(drop)?,
        }
    }
    Ok(units)
}

/// Their names with slashes between them; the root's for none.
fn names(units: &[Unit]) -> String {
    let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    match names.is_empty() {
        true => "Root".to_owned(),
        false => names.join(" / "),
    }
}

/// Whether an account, or whatever else of the organization, is not there.
fn is_missing(error: &OrganizationError) -> bool {
    matches!(
        error,
        OrganizationError::NotFound {
            kind: Kind::Account | Kind::OrganizationalUnit | Kind::Parent,
            ..
        } | OrganizationError::Invalid { .. }
            | OrganizationError::NotInUse
    )
}
