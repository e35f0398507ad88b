//! Users: the list, a new one, and everything about one of them.

mod acts;
mod attributes;
mod create;
mod groups;
mod user;

use axum::{Router, extract::Query, response::Response, routing::get};

use super::{
    Section,
    administrator::Administrator,
    listing::{Asked, PROBE},
    view::{Card, Cell, Link, Table, Tone},
};
use crate::{
    Portal,
    directory::{self, UserEntry},
    web::Refusal,
};

const PATH: &str = "/admin/users";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(create::routes())
        .merge(user::routes())
        .merge(attributes::routes())
        .merge(groups::routes())
        .merge(acts::routes())
}

async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = directory::find_users(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, |user| user.key.clone());
    let table = Table::new(
        "Users",
        &["User name", "Email", "Status"],
        "No user's name or address begins like that.",
    )
    .rows(found.iter().map(row))
    .more(more);
    let card = Card::new("users", "")
        .search(asked.form(PATH, "User name or email address, or how it begins"))
        .table(table);
    let page = administrator
        .page(Section::Users, "Users")?
        .done(asked.done())
        .link(Link::to("Create a user", "/admin/users/new").primary())
        .card(card);
    administrator.show(&page)
}

fn row(user: &UserEntry) -> Vec<Cell> {
    vec![
        Cell::link(&user.user_name, path(&user.id)).quiet(&user.display_name),
        user.email.clone().unwrap_or_default().into(),
        status(user.enabled),
    ]
}

fn status(enabled: bool) -> Cell {
    match enabled {
        true => Cell::badge(Tone::Primary, "Enabled"),
        false => Cell::badge(Tone::Danger, "Disabled"),
    }
}

/// The page of the user with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}
