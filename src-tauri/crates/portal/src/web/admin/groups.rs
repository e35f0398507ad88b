//! Groups and who is in them.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    Done, Section, accounts,
    administrator::{Administrator, Sent, lead_to},
    confirmation::Confirmation,
    fields::Fields,
    listing::{Asked, PROBE, cut},
    permission_sets,
    problem::Problem,
    users,
    view::{Card, Cell, Field, Form, Input, Link, Page, Table, Tone},
};
use crate::{
    Portal,
    access::{self, Principal},
    directory::{self, AttributeOperation, EVENT_SOURCE, Group, NewGroup},
    web::Refusal,
};

const PATH: &str = "/admin/groups";

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route(PATH, get(list))
        .route("/admin/groups/new", get(ask_new).post(create))
        .route("/admin/groups/{id}", get(show))
        .route("/admin/groups/{id}/change", get(ask_change).post(change))
        .route("/admin/groups/{id}/delete", get(ask_delete).post(delete))
        .route("/admin/groups/{id}/members", get(choose).post(add_member))
        .route("/admin/groups/{id}/removal", post(remove_member))
}

/// The page of the group with this id.
pub(super) fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

/// Makes a user a member of a group; one who is already stays so.
pub(super) async fn add(
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
pub(super) async fn remove(
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

fn form(id: &'static str, action: &str) -> Form {
    Form::new(id, action)
        .field(Field::line("displayName", "Name").required())
        .field(Field::new("description", "Description", Input::Line).hint("What it is for."))
}

fn new_page(
    administrator: &Administrator,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = form("create-group", "/admin/groups/new")
        .submit("Create the group")
        .cancel("Cancel", PATH)
        .filled(typed, problem);
    Ok(administrator
        .page(Section::Groups, "Create a group")?
        .back("All groups", PATH)
        .card(Card::new("new-group", "").form(form)))
}

async fn ask_new(administrator: Administrator) -> Result<Response, Refusal> {
    administrator.show(&new_page(&administrator, &Fields::default(), None)?)
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let new = NewGroup {
        display_name: typed.text("displayName"),
        description: typed.optional("description"),
    };
    let parameters = json!({ "displayName": new.display_name, "description": new.description });
    let created = administrator
        .perform(EVENT_SOURCE, "CreateGroup", parameters, async |act| {
            directory::create_group(act, &new).await
        })
        .await?;
    match created {
        Ok(group) => Ok(lead_to(&path(&group.id), Done::GroupCreated)),
        Err(problem) => {
            administrator.show_again(&new_page(&administrator, &typed, Some(&problem))?)
        }
    }
}

async fn group(administrator: &Administrator, id: &str) -> Result<Option<Group>, Refusal> {
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
        .fact("Created", super::moment(group.created_at))
        .fact("Id", id.as_str());
    let page = administrator
        .page(Section::Groups, &group.display_name)?
        .back("All groups", PATH)
        .done(asked.done())
        .link(Link::to("Change", format!("{}/change", path(&id))))
        .link(Link::to("Delete", format!("{}/delete", path(&id))).danger())
        .card(facts)
        .card(members_card(&administrator, &group, &asked).await?)
        .card(access_card(&administrator, &id).await?);
    administrator.show(&page)
}

async fn members_card(
    administrator: &Administrator,
    group: &Group,
    asked: &Asked,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = directory::users_in_group(pool, &group.id, &asked.after, PROBE).await?;
    let more = asked.cut(&path(&group.id), &mut found, |user| user.key.clone());
    let columns = ["User", "Email", ""];
    let mut table = Table::new("Members", &columns, "Nobody is in this group yet.");
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
    Ok(Card::new("members", "Members")
        .table(table.more(more))
        .link(Link::to(
            "Add members",
            format!("{}/members", path(&group.id)),
        )))
}

async fn access_card(administrator: &Administrator, id: &str) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let principal = Principal::Group(id.to_owned());
    let mut found = access::assignments_of_principal(pool, &principal, "", PROBE).await?;
    let more = cut(&mut found, |named| named.assignment.key());
    let rows = found.iter().map(|named| {
        let assignment = &named.assignment;
        let set = permission_sets::path(&assignment.permission_set_id);
        vec![
            Cell::link(&named.account_name, accounts::path(&assignment.account_id))
                .quiet(&assignment.account_id),
            Cell::link(&named.permission_set_name, set),
        ]
    });
    let columns = ["Account", "Permission set"];
    let table = Table::new(
        "Access of this group",
        &columns,
        "No access to any account.",
    );
    let card = Card::new("access", "Access to accounts")
        .table(table.rows(rows))
        .link(Link::to(
            "Assign accounts",
            format!("/admin/assignments/new?group={id}"),
        ));
    Ok(match more {
        Some(_) => card.text("These are the first; there are more."),
        None => card,
    })
}

fn change_page(administrator: &Administrator, group: &Group, form: Form) -> Result<Page, Refusal> {
    Ok(administrator
        .page(Section::Groups, format!("Change {}", group.display_name))?
        .back(&group.display_name, path(&group.id))
        .card(Card::new("change", "").form(form)))
}

fn change_form(group: &Group) -> Form {
    form("change-group", &format!("{}/change", path(&group.id)))
        .submit("Save")
        .cancel("Cancel", path(&group.id))
}

async fn ask_change(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let present = Fields::from(vec![
        ("displayName".to_owned(), group.display_name.clone()),
        (
            "description".to_owned(),
            group.description.clone().unwrap_or_default(),
        ),
    ]);
    let form = change_form(&group).filled(&present, None);
    administrator.show(&change_page(&administrator, &group, form)?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let set = |name: &str| AttributeOperation {
        path: name.to_owned(),
        value: typed.optional(name).map(Value::from),
    };
    let operations = [set("displayName"), set("description")];
    let parameters = json!({ "groupId": id, "displayName": typed.text("displayName") });
    let changed = administrator
        .perform(EVENT_SOURCE, "UpdateGroup", parameters, async |act| {
            directory::update_group(act, &id, None, &operations).await
        })
        .await?;
    match changed {
        Ok(_) => Ok(lead_to(&path(&id), Done::GroupChanged)),
        Err(problem) => {
            let form = change_form(&group).filled(&typed, Some(&problem));
            administrator.show_again(&change_page(&administrator, &group, form)?)
        }
    }
}

fn deletion(group: &Group) -> Confirmation {
    Confirmation {
        section: Section::Groups,
        title: format!("Delete {}?", group.display_name),
        text: "Its members lose the access that they have through it at once. They stay users. \
               This cannot be undone."
            .to_owned(),
        button: "Delete the group",
        tone: Tone::Danger,
        action: format!("{}/delete", path(&group.id)),
        hidden: Vec::new(),
        back: path(&group.id),
    }
}

async fn ask_delete(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match group(&administrator, &id).await? {
        Some(group) => deletion(&group).show(&administrator, None),
        None => administrator.gone("group"),
    }
}

async fn delete(Path(id): Path<String>, Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let deleted = administrator
        .perform(
            EVENT_SOURCE,
            "DeleteGroup",
            json!({ "groupId": id }),
            async |act| directory::delete_group(act, &id, None).await,
        )
        .await?;
    match deleted {
        Ok(_) => Ok(lead_to(PATH, Done::GroupDeleted)),
        Err(problem) => deletion(&group).show(&administrator, Some(&problem)),
    }
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
        Ok(()) => Ok(lead_to(
            &format!("{}/members", path(&id)),
            Done::MemberAdded,
        )),
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
