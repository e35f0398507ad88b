use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};

use super::{PATH, create::guide, mappings, path, status};
use crate::{
    Portal,
    access::Principal,
    applications::{self, Application},
    web::{
        Refusal,
        admin::{
            Section,
            administrator::Administrator,
            groups,
            listing::{Asked, PROBE},
            moment, users,
            view::{Card, Cell, Link, Table},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/applications/{id}", get(show))
}

/// The application with this id.
pub(super) async fn application(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<Application>, Refusal> {
    Ok(applications::application(administrator.portal.pool(), id).await?)
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let mut page = administrator
        .page(Section::Applications, &application.name)?
        .back("All applications", PATH)
        .done(asked.done())
        .link(Link::to("Change", format!("{}/change", path(&id))))
        .link(Link::to("Delete", format!("{}/delete", path(&id))).danger())
        .card(facts(&application))
        .card(access_card(&administrator, &application, &asked).await?)
        .card(mappings_card(&administrator, &id).await?);
    if let Some(guide) = guide(application.provider) {
        page = page.card(guide);
    }
    administrator.show(&page)
}

fn facts(application: &Application) -> Card {
    Card::new("about", "About")
        .fact("Kind", application.provider.display_name())
        .fact("Status", status(application))
        .fact(
            "Description",
            application.description.clone().unwrap_or_default(),
        )
        .fact(
            "Start URL",
            application
                .start_url()
                .unwrap_or("None yet: it cannot be opened."),
        )
        .fact("Created", moment(application.created_at))
        .fact("Id", application.id.as_str())
}

async fn access_card(
    administrator: &Administrator,
    application: &Application,
    asked: &Asked,
) -> Result<Card, Refusal> {
    let (pool, id) = (administrator.portal.pool(), &application.id);
    let mut found = applications::assignees(pool, id, &asked.after, PROBE).await?;
    let more = asked.cut(&path(id), &mut found, |assignee| {
        assignee.principal.to_string()
    });
    let columns = ["User or group", ""];
    let mut table = Table::new(
        "Whom it is assigned to",
        &columns,
        "It is assigned to nobody yet.",
    );
    for assignee in &found {
        let (kind, principal) = assignee.principal.parts();
        let remove = Cell::press(
            format!("{}/removal", path(id)),
            vec![
                ("kind", kind.to_owned()),
                ("principal", principal.to_owned()),
            ],
            "Remove",
            format!("Take {} from {}", application.name, assignee.name),
        );
        let who = match &assignee.principal {
            Principal::User(id) => Cell::link(&assignee.name, users::path(id)).quiet("User"),
            Principal::Group(id) => Cell::link(&assignee.name, groups::path(id)).quiet("Group"),
        };
        table.row([who, remove]);
    }
    Ok(Card::new("access", "Who has it")
        .table(table.more(more))
        .link(Link::to("Assign it", format!("{}/assign", path(id)))))
}

async fn mappings_card(administrator: &Administrator, id: &str) -> Result<Card, Refusal> {
    let found = applications::attribute_mappings(administrator.portal.pool(), id).await?;
    let columns = ["Attribute", "Value", "Format"];
    let table = Table::new("Attribute mappings", &columns, "It is told nothing yet.")
        .rows(found.iter().map(mappings::row));
    Ok(Card::new("mappings", "What it is told about users")
        .table(table)
        .link(Link::to(
            "Change the mappings",
            format!("{}/mappings", path(id)),
        )))
}
