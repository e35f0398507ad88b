use axum::{Router, extract::Path, response::Response, routing::get};
use serde_json::{Value, json};

use super::{create::no_address, path, user::profile};
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

/// What an enterprise says of a user: the label of the pages, the directory's path.
pub(super) const ENTERPRISE: [(&str, &str); 4] = [
    ("Department", "aws:identitystore:enterprise.department"),
    ("Division", "aws:identitystore:enterprise.division"),
    ("Cost center", "aws:identitystore:enterprise.costCenter"),
    (
        "Employee number",
        "aws:identitystore:enterprise.employeeNumber",
    ),
];

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/users/{id}/attributes", get(ask).post(change))
}

/// The attribute of an extension at this path.
pub(super) fn enterprise<'a>(user: &'a Profile, path: &str) -> Option<&'a str> {
    let (extension, attribute) = path.split_once('.')?;
    let extension = user.attributes.extensions.get(extension)?;
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
    // One that came another way stays until it is changed.
    let is_new = typed.optional("emails") != user.attributes.email();
    let changed = match no_address(&typed).filter(|_| is_new) {
        Some(problem) => Err(problem),
        None => {
            administrator
                .perform(EVENT_SOURCE, "UpdateUser", parameters, async |act| {
                    directory::update_user(act, &id, None, &operations).await
                })
                .await?
        }
    };
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
    let enterprise = ENTERPRISE.map(|(label, path)| {
        let present = enterprise(user, path).unwrap_or_default();
        (path, label, present.to_owned())
    });
    let all = plain.into_iter().chain(enterprise);
    all.map(|(path, label, present)| Attribute {
        path,
        label,
        present,
    })
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
