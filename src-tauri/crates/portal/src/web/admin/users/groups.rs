use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};

use super::{path, user::profile};
use crate::{
    Portal, directory,
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            groups,
            listing::{Asked, PROBE},
            view::{Card, Cell, Table},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/users/{id}/groups", get(choose).post(join))
        .route("/admin/users/{id}/leave", post(leave))
}

async fn choose(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let name = &user.attributes.user_name;
    let here = format!("{}/groups", path(&id));
    let pool = administrator.portal.pool();
    let mut found = directory::find_groups(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(&here, &mut found, |group| group.key.clone());
    let mut table = Table::new(
        "Groups",
        &["Group", ""],
        "No group's name begins like that.",
    );
    for group in &found {
        let add = Cell::press(
            &here,
            vec![("group", group.id.clone())],
            "Add",
            format!("Add {name} to {}", group.display_name),
        );
        let named = Cell::from(group.display_name.as_str());
        table.row([
            named.quiet(group.description.clone().unwrap_or_default()),
            add,
        ]);
    }
    let card = Card::new("groups", "")
        .search(asked.form(&here, "Group, or how its name begins"))
        .table(table.more(more));
    let page = administrator
        .page(Section::Users, format!("Add {name} to a group"))?
        .back(name, path(&id))
        .card(card);
    administrator.show(&page)
}

async fn join(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    match groups::add(&administrator, sent.text("group"), &id).await? {
        Ok(()) => Ok(lead_to(&path(&id), Done::MemberAdded)),
        Err(_) => administrator.gone("user or group"),
    }
}

async fn leave(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    match groups::remove(&administrator, sent.text("group"), &id).await? {
        Ok(()) => Ok(lead_to(&path(&id), Done::MemberRemoved)),
        Err(_) => administrator.gone("membership"),
    }
}
