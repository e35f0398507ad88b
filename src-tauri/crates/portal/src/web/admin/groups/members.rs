use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{group::group, path};
use crate::{
    Portal,
    directory::{self, EVENT_SOURCE},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            listing::{Asked, PROBE, address},
            problem::Problem,
            view::{Card, Cell, Table},
        },
        redirect,
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/groups/{id}/members", get(choose).post(add_member))
        .route("/admin/groups/{id}/removal", post(remove_member))
}

/// Makes a user a member of a group; one who is already stays so.
pub(in crate::web::admin) async fn add(
    administrator: &Administrator,
    group_id: &str,
    user_id: &str,
) -> Result<Result<(), Problem>, Refusal> {
    let pool = administrator.portal.pool();
    if directory::membership_of(pool, group_id, user_id)
        .await?
        .is_some()
    {
        return Ok(Ok(()));
    }
    let parameters = json!({ "groupId": group_id, "memberId": { "userId": user_id } });
    let added = administrator
        .perform(
            EVENT_SOURCE,
            "CreateGroupMembership",
            parameters,
            async |act| directory::add_member(act, group_id, user_id).await,
        )
        .await?;
    Ok(added.map(|_| ()))
}

/// Takes a user out of a group.
pub(in crate::web::admin) async fn remove(
    administrator: &Administrator,
    group_id: &str,
    user_id: &str,
) -> Result<Result<(), Problem>, Refusal> {
    let pool = administrator.portal.pool();
    let Some(membership) = directory::membership_of(pool, group_id, user_id).await? else {
        return Ok(Ok(()));
    };
    let parameters = json!({ "membershipId": membership.id });
    let removed = administrator
        .perform(
            EVENT_SOURCE,
            "DeleteGroupMembership",
            parameters,
            async |act| directory::remove_member(act, &membership.id).await,
        )
        .await?;
    Ok(removed.map(|_| ()))
}

async fn choose(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let here = format!("{}/members", path(&id));
    let pool = administrator.portal.pool();
    let mut found = directory::find_users(pool, asked.search(), &asked.after, PROBE).await?;
    let more = asked.cut(&here, &mut found, |user| user.key.clone());
    let columns = ["User", "Email", ""];
    let mut table = Table::new(
        "Users",
        &columns,
        "No user's name or address begins like that.",
    );
    for user in &found {
        let add = Cell::press(
            &here,
            vec![
                ("user", user.id.clone()),
                ("search", asked.search().to_owned()),
            ],
            "Add",
            format!("Add {} to {}", user.user_name, group.display_name),
        );
        table.row([
            Cell::from(user.user_name.as_str()).quiet(&user.display_name),
            user.email.clone().unwrap_or_default().into(),
            add,
        ]);
    }
    let card = Card::new("users", "")
        .search(asked.form(&here, "User name or email address, or how it begins"))
        .table(table.more(more));
    let page = administrator
        .page(
            Section::Groups,
            format!("Add members to {}", group.display_name),
        )?
        .back(&group.display_name, path(&id))
        .done(asked.done())
        .card(card);
    administrator.show(&page)
}

async fn add_member(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    match add(&administrator, &id, sent.text("user")).await? {
        Ok(()) => {
            // Whoever was sought may have namesakes to be added next.
            let query = [
                ("search", sent.text("search")),
                ("done", Done::MemberAdded.name()),
            ];
            Ok(redirect(&address(
                &format!("{}/members", path(&id)),
                &query,
            )))
        }
        Err(_) => administrator.gone("user or group"),
    }
}

async fn remove_member(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    match remove(&administrator, &id, sent.text("user")).await? {
        Ok(()) => Ok(lead_to(&path(&id), Done::MemberRemoved)),
        Err(_) => administrator.gone("membership"),
    }
}
