use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    names,
    tree::{self, place},
};
use crate::{
    Portal,
    organization::{self, SOURCE, Unit},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            fields::Fields,
            problem::Problem,
            view::{Card, Field, Form, Page, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/accounts/units/new", get(ask_new).post(create))
        .route(
            "/admin/accounts/units/{id}/name",
            get(ask_name).post(rename),
        )
        .route(
            "/admin/accounts/units/{id}/delete",
            get(ask_delete).post(delete),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Within {
    /// The unit's id; empty: the root.
    unit: String,
}

/// Leads to a unit, or to the root, where something was done.
fn back_to(unit_id: &str, done: Done) -> Response {
    match unit_id {
        "" => lead_to(tree::TREE, done),
        _ => crate::web::redirect(&format!("{}&done={}", tree::path(unit_id), done.name())),
    }
}

fn new_page(
    administrator: &Administrator,
    place: &[Unit],
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let unit_id = place.last().map_or("", |unit| unit.id.as_str());
    let form = Form::new("create-unit", "/admin/accounts/units/new")
        .hidden("unit", unit_id)
        .field(Field::line("Name", "Name").required())
        .submit("Create the unit")
        .cancel("Cancel", tree::path(unit_id))
        .filled(typed, problem);
    Ok(administrator
        .page(Section::Accounts, "Create an organizational unit")?
        .back(names(place), tree::path(unit_id))
        .card(
            Card::new("new-unit", "")
                .text(format!("It will be in {}.", names(place)))
                .form(form),
        ))
}

async fn ask_new(
    administrator: Administrator,
    Query(within): Query<Within>,
) -> Result<Response, Refusal> {
    match place(&administrator, &within.unit).await? {
        Some(place) => {
            administrator.show(&new_page(&administrator, &place, &Fields::default(), None)?)
        }
        None => administrator.gone("organizational unit"),
    }
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let Some(place) = place(&administrator, typed.text("unit")).await? else {
        return administrator.gone("organizational unit");
    };
    let parent_id = match place.last() {
        Some(unit) => &unit.id,
        None => &administrator.portal.instance().root_id,
    };
    let name = typed.text("Name");
    let parameters = json!({ "parentId": parent_id, "name": name });
    let created = administrator
        .perform(
            SOURCE,
            "CreateOrganizationalUnit",
            parameters,
            async |act| organization::create_unit(act, parent_id, name, &[]).await,
        )
        .await?;
    match created {
        Ok(unit) => Ok(back_to(&unit.id, Done::UnitCreated)),
        Err(problem) => {
            let page = new_page(&administrator, &place, &typed, Some(&problem))?;
            administrator.show_again(&page)
        }
    }
}

fn name_page(
    administrator: &Administrator,
    unit: &Unit,
    name: &str,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new(
        "rename-unit",
        format!("/admin/accounts/units/{}/name", unit.id),
    )
    .field(Field::line("Name", "Name").required().value(name))
    .submit("Rename")
    .cancel("Cancel", tree::path(&unit.id))
    .troubled(problem);
    Ok(administrator
        .page(Section::Accounts, format!("Rename {}", unit.name))?
        .back(&unit.name, tree::path(&unit.id))
        .card(Card::new("name", "").form(form)))
}

async fn ask_name(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match place(&administrator, &id)
        .await?
        .and_then(|mut place| place.pop())
    {
        Some(unit) => administrator.show(&name_page(&administrator, &unit, &unit.name, None)?),
        None => administrator.gone("organizational unit"),
    }
}

async fn rename(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(unit) = place(&administrator, &id)
        .await?
        .and_then(|mut place| place.pop())
    else {
        return administrator.gone("organizational unit");
    };
    let name = typed.text("Name");
    let parameters = json!({ "organizationalUnitId": id, "name": name });
    let renamed = administrator
        .perform(
            SOURCE,
            "UpdateOrganizationalUnit",
            parameters,
            async |act| organization::rename_unit(act, &id, Some(name)).await,
        )
        .await?;
    match renamed {
        Ok(_) => Ok(back_to(&id, Done::UnitChanged)),
        Err(problem) => {
            administrator.show_again(&name_page(&administrator, &unit, name, Some(&problem))?)
        }
    }
}

fn deletion(unit: &Unit) -> Confirmation {
    Confirmation {
        section: Section::Accounts,
        title: format!("Delete {}?", unit.name),
        text: "Only an organizational unit with nothing in it can be deleted.".to_owned(),
        button: "Delete the unit",
        tone: Tone::Danger,
        action: format!("/admin/accounts/units/{}/delete", unit.id),
        hidden: Vec::new(),
        back: tree::path(&unit.id),
    }
}

async fn ask_delete(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match place(&administrator, &id)
        .await?
        .and_then(|mut place| place.pop())
    {
        Some(unit) => deletion(&unit).show(&administrator, None),
        None => administrator.gone("organizational unit"),
    }
}

async fn delete(Path(id): Path<String>, Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let Some(unit) = place(&administrator, &id)
        .await?
        .and_then(|mut place| place.pop())
    else {
        return administrator.gone("organizational unit");
    };
    let parameters = json!({ "organizationalUnitId": id });
    let deleted = administrator
        .perform(
            SOURCE,
            "DeleteOrganizationalUnit",
            parameters,
            async |act| organization::delete_unit(act, &id).await,
        )
        .await?;
    match deleted {
        Ok(()) => Ok(back_to(
            unit.parent_id.as_deref().unwrap_or_default(),
            Done::UnitDeleted,
        )),
        Err(problem) => deletion(&unit).show(&administrator, Some(&problem)),
    }
}
