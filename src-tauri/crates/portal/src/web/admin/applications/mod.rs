//! Applications: the catalogue, one's own, and whom they are assigned to.

mod application;
mod assign;
mod change;
mod create;
mod mappings;

use axum::{Router, extract::Query, response::Response, routing::get};

use super::{
    Section,
    administrator::Administrator,
    listing::{Asked, PROBE},
    view::{Card, Cell, Link, Table, Tone},
};
use crate::{
    Portal,
    applications::{self, Application},
    web::Refusal,
};

const PATH: &str = "/admin/applications";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .merge(create::routes())
        .merge(application::routes())
        .merge(change::routes())
        .merge(mappings::routes())
        .merge(assign::routes())
}

/// The page of the application with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

async fn list(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let pool = administrator.portal.pool();
    let search = asked.search();
    let mut found = applications::find_applications(pool, search, &asked.after, PROBE).await?;
    let more = asked.cut(PATH, &mut found, |application| {
        format!("{}/{}", application.id, application.name)
    });
    let rows = found.iter().map(|application| {
        vec![
            Cell::link(&application.name, path(&application.id))
                .quiet(application.description.clone().unwrap_or_default()),
            application.provider.display_name().into(),
            status(application),
        ]
    });
    let empty = match search {
        "" => "There is no application yet.",
        _ => "No application's name holds that.",
    };
    let table = Table::new("Applications", &["Application", "Kind", "Status"], empty);
    let card = Card::new("applications", "")
        .search(asked.form(PATH, "Part of a name"))
        .table(table.rows(rows).more(more));
    let page = administrator
        .page(Section::Applications, "Applications")?
        .done(asked.done())
        .link(Link::to("Add an application", create::PATH).primary())
        .card(card);
    administrator.show(&page)
}

fn status(application: &Application) -> Cell {
    match (application.enabled, application.visible) {
        (false, _) => Cell::badge(Tone::Danger, "Disabled"),
        (true, false) => Cell::badge(Tone::Plain, "Hidden"),
        (true, true) => Cell::badge(Tone::Primary, "Enabled"),
    }
}
