use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};

use super::{PATH, path};
use crate::{
    Portal,
    access::{self, Principal},
    directory::{self, Group},
    web::{
        Refusal,
        admin::{
            Section,
            administrator::Administrator,
            assignments,
            listing::{Asked, PROBE, address, cut},
            moment, users,
            view::{Card, Cell, Link, Table, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/groups/{id}", get(show))
        .route("/admin/groups/{id}/access", get(show_access))
}

/// The group with this id.
pub(super) async fn group(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<Group>, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    Ok(directory::group(&mut db, id).await?)
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let facts = Card::new("about", "About")
        .fact("Description", group.description.clone().unwrap_or_default())
        .fact("Created", moment(group.created_at))
        .fact("Id", id.as_str());
    let page = administrator
        .page(Section::Groups, &group.display_name)?
        .back("All groups", PATH)
        .done(asked.done())
        .link(Link::to("Change", format!("{}/change", path(&id))))
        .link(Link::to("Delete", format!("{}/delete", path(&id))).danger())
        .card(facts)
        .card(members_card(&administrator, &group, &asked).await?)
        .card(access_card(&administrator, &id, "").await?);
    administrator.show(&page)
}

async fn show_access(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let card = access_card(&administrator, &id, &asked.after).await?;
    let name = &group.display_name;
    let page = administrator
        .page(Section::Groups, format!("Access of {name}"))?
        .back(name, path(&id))
        .card(card);
    administrator.show(&page)
}

async fn members_card(
    administrator: &Administrator,
    group: &Group,
    asked: &Asked,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let (here, search) = (path(&group.id), asked.search());
    let mut found = directory::users_in_group(pool, &group.id, search, &asked.after, PROBE).await?;
    let more = asked.cut(&here, &mut found, |user| user.key.clone());
    let fits_a_page = search.is_empty() && asked.after.is_empty() && more.is_none();
    let columns = ["User", "Email", ""];
    let empty = match search {
        "" => "Nobody is in this group yet.",
        _ => "No member's name begins like that.",
    };
    let mut table = Table::new("Members", &columns, empty);
    for user in &found {
        let remove = Cell::press(
            format!("{}/removal", path(&group.id)),
            vec![("user", user.id.clone())],
            "Remove",
            format!("Remove {} from {}", user.user_name, group.display_name),
        );
        let disabled = (!user.enabled).then_some((Tone::Danger, "Disabled"));
        table.row([
            Cell::link(&user.user_name, users::path(&user.id))
                .quiet(&user.display_name)
                .with_badge(disabled),
            user.email.clone().unwrap_or_default().into(),
            remove,
        ]);
    }
    let card = Card::new("members", "Members");
    let card = match fits_a_page {
        true => card,
        false => card.search(asked.form(&here, "How a member's user name begins")),
    };
    Ok(card.table(table.more(more)).link(Link::to(
        "Add members",
        format!("{}/members", path(&group.id)),
    )))
}

async fn access_card(
    administrator: &Administrator,
    id: &str,
    after: &str,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let principal = Principal::Group(id.to_owned());
    let mut found = access::assignments_of_principal(pool, &principal, after, PROBE).await?;
    let more = cut(&mut found, |named| named.assignment.key())
        .map(|after| address(&format!("{}/access", path(id)), &[("after", &after)]));
    let rows = found.iter().map(|named| {
        vec![
            assignments::account(named),
            assignments::permission_set(named),
        ]
    });
    let columns = ["Account", "Permission set"];
    let table = Table::new(
        "Access of this group",
        &columns,
        "No access to any account.",
    );
    Ok(Card::new("access", "Access to accounts")
        .table(table.rows(rows).more(more))
        .link(Link::to(
            "Assign accounts",
            format!("/admin/assignments/new?group={id}"),
        )))
}
