use axum::{Router, extract::Path, response::Response, routing::get};
use serde_json::json;

use super::{
    path,
    set::find,
    settings::{Settings, hours, misread, with_fields},
};
use crate::{
    Portal,
    access::{EVENT_SOURCE, PermissionSet},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            problem::Problem,
            view::{Card, Form, Page},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/permission-sets/{id}/change", get(ask).post(change))
}

async fn ask(administrator: Administrator, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some((set, policies, tags)) = find(&administrator, &id).await? else {
        return administrator.gone("permission set");
    };
    let present = Settings::stored(&set, policies, tags).fields();
    administrator.show(&page(&administrator, &set, &present, None)?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some((set, policies, tags)) = find(&administrator, &id).await? else {
        return administrator.gone("permission set");
    };
    if let Some(problem) = misread(&administrator.portal, &typed) {
        return administrator.show_again(&page(&administrator, &set, &typed, Some(&problem))?);
    }
    let before = Settings::stored(&set, policies, tags);
    let wanted = Settings::typed(&typed);
    let about = json!({ "permissionSetId": id });
    let changed = administrator
        .perform(EVENT_SOURCE, "UpdatePermissionSet", about, async |act| {
            wanted.change(act, &id, &before).await
        })
        .await?;
    match changed {
        Ok(()) => Ok(lead_to(&path(&id), Done::SetChanged)),
        Err(problem) => {
            administrator.show_again(&page(&administrator, &set, &typed, Some(&problem))?)
        }
    }
}

fn page(
    administrator: &Administrator,
    set: &PermissionSet,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new("change-set", format!("{}/change", path(&set.id)));
    let form = with_fields(form, hours(Some(set.session)))
        .submit("Save")
        .cancel("Cancel", path(&set.id))
        .filled(typed, problem);
    let card = Card::new("change", "")
        .text("Roles stay as they are until the permission set is provisioned again.")
        .form(form);
    Ok(administrator
        .page(Section::PermissionSets, format!("Change {}", set.name))?
        .back(&set.name, path(&set.id))
        .card(card))
}
