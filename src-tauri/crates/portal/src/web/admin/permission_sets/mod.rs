//! Permission sets: what users may do in the accounts they are assigned.

mod change;
mod create;
mod set;
mod settings;

use axum::{Router, extract::Query, response::Response, routing::get};

use super::{
    Section,
    administrator::Administrator,
    listing::{Asked, PROBE},
    view::{Card, Cell, Link, Table, Tone},
};
use crate::{
    Portal,
    access::{self, PermissionSetEntry},
    web::Refusal,
};

const PATH: &str = "/admin/permission-sets";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(create::routes())
        .merge(set::routes())
        .merge(change::routes())
}

/// The page of the permission set with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let search = asked.search();
    let mut found = access::find_permission_sets(pool, search, &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, |set| set.name.clone());
    let empty = match search {
        "" => "There is no permission set yet.",
        _ => "No permission set's name holds that.",
    };
    let columns = ["Permission set", "Accounts", "Provisioning"];
    let rows = found.iter().map(|set| {
        let description = set.description.clone().unwrap_or_default();
        vec![
            Cell::link(&set.name, path(&set.id)).quiet(description),
            set.accounts.to_string().into(),
            provisioning(set),
        ]
    });
    let table = Table::new("Permission sets", &columns, empty);
    let card = Card::new("permission-sets", "")
        .search(asked.form(PATH, "Part of a name"))
        .table(table.rows(rows).more(more));
    let page = administrator
        .page(Section::PermissionSets, "Permission sets")?
        .done(asked.done())
        .link(Link::to("Create a permission set", "/admin/permission-sets/new").primary())
        .card(card);
    administrator.show(&page)
}

fn provisioning(set: &PermissionSetEntry) -> Cell {
    match (set.accounts, set.outdated) {
        (0, _) => Cell::badge(Tone::Plain, "Nowhere"),
        (_, 0) => Cell::badge(Tone::Primary, "Up to date"),
        _ => Cell::badge(Tone::Danger, "Out of date"),
    }
}
