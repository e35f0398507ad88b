use axum::{Router, extract::Path, response::Response, routing::get};
use serde_json::{Value, json};

use super::{PATH, create, group::group, path};
use crate::{
    Portal,
    directory::{self, AttributeOperation, EVENT_SOURCE, Group},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            fields::Fields,
            view::{Card, Form, Page, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/groups/{id}/change", get(ask).post(change))
        .route("/admin/groups/{id}/delete", get(ask_delete).post(delete))
}

fn page(administrator: &Administrator, group: &Group, form: Form) -> Result<Page, Refusal> {
    Ok(administrator
        .page(Section::Groups, format!("Change {}", group.display_name))?
        .back(&group.display_name, path(&group.id))
        .card(Card::new("change", "").form(form)))
}

fn form(group: &Group) -> Form {
    create::form("change-group", &format!("{}/change", path(&group.id)))
        .submit("Save")
        .cancel("Cancel", path(&group.id))
}

async fn ask(administrator: Administrator, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(group) = group(&administrator, &id).await? else {
        return administrator.gone("group");
    };
    let present = Fields::of([
        ("displayName", group.display_name.as_str()),
        (
            "description",
            group.description.as_deref().unwrap_or_default(),
        ),
    ]);
    let form = form(&group).filled(&present, None);
    administrator.show(&page(&administrator, &group, form)?)
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
            let form = form(&group).filled(&typed, Some(&problem));
            administrator.show_again(&page(&administrator, &group, form)?)
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
