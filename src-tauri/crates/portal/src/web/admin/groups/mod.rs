//! Groups: the list, a new one, and everything about one of them.

mod change;
mod create;
mod group;
mod members;

use axum::{Router, extract::Query, response::Response, routing::get};

use super::{
    Section,
    administrator::Administrator,
    listing::{Asked, PROBE},
    view::{Card, Cell, Link, Table},
};
use crate::{Portal, directory, web::Refusal};

pub(super) use members::{add, remove};

const PATH: &str = "/admin/groups";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(create::routes())
        .merge(group::routes())
        .merge(change::routes())
        .merge(members::routes())
}

/// The page of the group with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = directory::find_groups(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, |group| group.key.clone());
    let empty = match asked.search() {
        "" => "There is no group yet.",
        _ => "No group's name begins like that.",
    };
    let rows = found.iter().map(|group| {
        let description = group.description.clone().unwrap_or_default();
        vec![
            Cell::link(&group.display_name, path(&group.id)),
            description.into(),
        ]
    });
    let table = Table::new("Groups", &["Group", "Description"], empty);
    let card = Card::new("groups", "")
        .search(asked.form(PATH, "Group, or how its name begins"))
        .table(table.rows(rows).more(more));
    let page = administrator
        .page(Section::Groups, "Groups")?
        .done(asked.done())
        .link(Link::to("Create a group", "/admin/groups/new").primary())
        .card(card);
    administrator.show(&page)
}
