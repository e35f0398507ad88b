use axum::{Router, response::Response, routing::get};
use serde_json::json;

use super::{PATH, path};
use crate::{
    Portal,
    directory::{self, EVENT_SOURCE, NewGroup},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            problem::Problem,
            view::{Card, Field, Form, Page},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/groups/new", get(ask).post(create))
}

/// A form with the fields of every group.
pub(super) fn form(id: &'static str, action: &str) -> Form {
    Form::new(id, action)
        .field(Field::line("displayName", "Name").required())
        .field(Field::line("description", "Description").hint("What it is for."))
}

fn page(
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

async fn ask(administrator: Administrator) -> Result<Response, Refusal> {
    administrator.show(&page(&administrator, &Fields::default(), None)?)
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
        Err(problem) => administrator.show_again(&page(&administrator, &typed, Some(&problem))?),
    }
}
