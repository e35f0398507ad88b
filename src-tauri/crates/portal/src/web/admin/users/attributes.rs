use axum::{Router, extract::Path, response::Response, routing::get};
use serde_json::{Value, json};

use super::{path, user::profile};
use crate::{
    Portal,
    directory::{self, AttributeOperation, EVENT_SOURCE, Profile},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            view::{Card, Field, Form, Input},
        },
    },
};

/// What an enterprise says of a user, as the pages and the directory call it.
pub(super) const ENTERPRISE: [(&str, &str); 4] = [
    ("Department", "department"),
    ("Division", "division"),
    ("Cost center", "costCenter"),
    ("Employee number", "employeeNumber"),
];
const EXTENSION: &str = "aws:identitystore:enterprise";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/users/{id}/attributes", get(ask).post(change))
}

/// An attribute of the enterprise's extension.
pub(super) fn enterprise<'a>(user: &'a Profile, attribute: &str) -> Option<&'a str> {
    let extension = user.attributes.extensions.get(EXTENSION)?;
    extension.get(attribute)?.as_str()
}

async fn ask(administrator: Administrator, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let page = administrator
        .page(
            Section::Users,
            format!("Change {}", user.attributes.user_name),
        )?
        .back(&user.attributes.user_name, path(&id))
        .card(Card::new("attributes", "").form(form(&user)));
    administrator.show(&page)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let operations = operations(&user, &typed);
    if operations.is_empty() {
        return Ok(lead_to(&path(&id), Done::UserChanged));
    }
    let paths: Vec<&str> = operations
        .iter()
        .map(|operation| operation.path.as_str())
        .collect();
    let parameters = json!({ "userId": id, "attributePaths": paths });
    let changed = administrator
        .perform(EVENT_SOURCE, "UpdateUser", parameters, async |act| {
            directory::update_user(act, &id, None, &operations).await
        })
        .await?;
    let Err(problem) = changed else {
        return Ok(lead_to(&path(&id), Done::UserChanged));
    };
    let page = administrator
        .page(
            Section::Users,
            format!("Change {}", user.attributes.user_name),
        )?
        .back(&user.attributes.user_name, path(&id))
        .card(Card::new("attributes", "").form(form(&user).filled(&typed, Some(&problem))));
    administrator.show_again(&page)
}

/// A field of the form, with what the user has there.
struct Attribute {
    path: &'static str,
    label: &'static str,
    present: String,
}

fn attributes(user: &Profile) -> Vec<Attribute> {
    let attributes = &user.attributes;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let plain = [
        ("userName", "User name", attributes.user_name.clone()),
        (
            "displayName",
            "Display name",
            attributes.display_name.clone(),
        ),
        (
            "name.givenName",
            "Given name",
            text(&attributes.name.given_name),
        ),
        (
            "name.familyName",
            "Family name",
            text(&attributes.name.family_name),
        ),
        ("title", "Title", text(&attributes.title)),
    ];
    let paths = [
        "aws:identitystore:enterprise.department",
        "aws:identitystore:enterprise.division",
        "aws:identitystore:enterprise.costCenter",
        "aws:identitystore:enterprise.employeeNumber",
    ];
    let enterprise = paths
        .into_iter()
        .zip(ENTERPRISE)
        .map(|(path, (label, name))| {
            let present = enterprise(user, name).unwrap_or_default().to_owned();
            Attribute {
                path,
                label,
                present,
            }
        });
    plain
        .into_iter()
        .map(|(path, label, present)| Attribute {
            path,
            label,
            present,
        })
        .chain(enterprise)
        .collect()
}

fn form(user: &Profile) -> Form {
    let email = user.attributes.email().unwrap_or_default();
    let mut form = Form::new("change-user", format!("{}/attributes", path(&user.id)));
    for attribute in attributes(user) {
        let field = Field::line(attribute.path, attribute.label).value(attribute.present);
        form = form.field(match attribute.path {
            "userName" | "displayName" => field.required(),
            _ => field,
        });
        if attribute.path == "displayName" {
            let field = Field::new("emails", "Email address", Input::Email);
            form = form.field(field.value(email).required());
        }
    }
    form.submit("Save").cancel("Cancel", path(&user.id))
}

/// What was typed that differs from what there is.
fn operations(user: &Profile, typed: &Fields) -> Vec<AttributeOperation> {
    let mut operations = Vec::new();
    for attribute in attributes(user) {
        let wanted = typed.text(attribute.path);
        if wanted != attribute.present {
            operations.push(AttributeOperation {
                path: attribute.path.to_owned(),
                value: Some(Value::from(wanted)).filter(|_| !wanted.is_empty()),
            });
        }
    }
    let address = typed.text("emails");
    if Some(address) != user.attributes.email() {
        operations.push(AttributeOperation::set_email(address));
    }
    operations
}
