use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use super::{application::application, path};
use crate::{
    Portal,
    access::EVENT_SOURCE,
    applications::{self, Application, AttributeMapping},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            listing::address,
            problem::Problem,
            view::{Card, Cell, Field, Form, Input, Page, Suggestions, Table},
        },
    },
};

/// What AWS's pages suggest.
const SOURCES: Suggestions = &[
    ("${user:email}", "Email address"),
    ("${user:userName}", "User name"),
    ("${user:displayName}", "Display name"),
    ("${user:givenName}", "Given name"),
    ("${user:familyName}", "Family name"),
    ("${user:groups}", "Groups"),
];
/// The formats of SAML's attributes and names, the usual one first.
const FORMATS: Suggestions = &[
    ("basic", "A plain attribute"),
    ("uri", "An attribute with a URI for a name"),
    ("unspecified", "Whatever the application makes of it"),
    ("emailAddress", "A name: an email address"),
    ("persistent", "A name that stays"),
    ("transient", "A name for one session"),
];

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/applications/{id}/mappings", get(show).post(save))
        .route("/admin/applications/{id}/mappings/removal", post(remove))
}

/// The page of an application's mappings.
fn here(id: &str) -> String {
    format!("{}/mappings", path(id))
}

/// A mapping as a row says it.
pub(super) fn row(mapping: &AttributeMapping) -> Vec<Cell> {
    vec![
        mapping.name.as_str().into(),
        Cell::suggested(&mapping.source, SOURCES),
        mapping.format.as_str().into(),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The name of the mapping to change; empty: a new one.
    change: String,
    done: String,
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let mappings = applications::attribute_mappings(administrator.portal.pool(), &id).await?;
    let present = mappings
        .iter()
        .find(|mapping| mapping.name == asked.change)
        .map(|mapping| {
            [
                ("before", mapping.name.as_str()),
                ("name", &mapping.name),
                ("source", &mapping.source),
                ("format", &mapping.format),
            ]
        });
    let present = present.unwrap_or([
        ("before", ""),
        ("name", ""),
        ("source", ""),
        ("format", "basic"),
    ]);
    let present = Fields::of(present);
    let page = page(&administrator, &application, &mappings, &present, None)?;
    administrator.show(&page.done(Done::named(&asked.done)))
}

fn page(
    administrator: &Administrator,
    application: &Application,
    mappings: &[AttributeMapping],
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let here = here(&application.id);
    let rows = mappings.iter().map(|mapping| {
        let name = &mapping.name;
        let mut cells = row(mapping);
        let change = address(&here, &[("change", name)]);
        cells.push(Cell::link(format!("Change {name}"), change));
        cells.push(Cell::press(
            format!("{here}/removal"),
            vec![("name", name.clone())],
            "Remove",
            format!("Remove {name}"),
        ));
        cells
    });
    let columns = ["Attribute", "Value", "Format", "", ""];
    let table = Table::new("Attribute mappings", &columns, "It is told nothing yet.").rows(rows);
    let title = match typed.text("before") {
        "" => "Add a mapping".to_owned(),
        before => format!("Change {before}"),
    };
    Ok(administrator
        .page(
            Section::Applications,
            format!("What {} is told", application.name),
        )?
        .back(&application.name, path(&application.id))
        .card(Card::new("mappings", "Attribute mappings").table(table))
        .card(Card::new("mapping", title).form(form(&here, typed, problem))))
}

fn form(here: &str, typed: &Fields, problem: Option<&Problem>) -> Form {
    let before = typed.text("before");
    let form = Form::new("mapping-form", here)
        .hidden("before", before)
        .field(
            Field::line("name", "Attribute")
                .required()
                .hint("As the application calls it. Subject is whom it takes the user for."),
        )
        .field(
            Field::new("source", "Value", Input::Suggested(SOURCES))
                .required()
                .hint("One of those suggested, or a text that is the same for everyone."),
        )
        .field(Field::new("format", "Format", Input::Suggested(FORMATS)).required());
    let form = match before {
        "" => form.submit("Add the mapping"),
        _ => form.submit("Save").cancel("Cancel", here),
    };
    form.filled(typed, problem)
}

async fn save(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let wanted = AttributeMapping {
        name: typed.text("name").to_owned(),
        source: typed.text("source").to_owned(),
        format: typed.text("format").to_owned(),
    };
    let saved = edit(&administrator, &id, |mappings| {
        mappings.retain(|mapping| mapping.name != typed.text("before"));
        mappings.push(wanted);
    });
    match saved.await? {
        Ok(()) => Ok(lead_to(&here(&id), Done::MappingSaved)),
        Err(problem) => {
            let pool = administrator.portal.pool();
            let mappings = applications::attribute_mappings(pool, &id).await?;
            let problem = Some(&problem);
            let page = page(&administrator, &application, &mappings, &typed, problem)?;
            administrator.show_again(&page)
        }
    }
}

async fn remove(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let removed = edit(&administrator, &id, |mappings| {
        mappings.retain(|mapping| mapping.name != sent.text("name"));
    });
    match removed.await? {
        Ok(()) => Ok(lead_to(&here(&id), Done::MappingRemoved)),
        Err(_) => administrator.gone("application"),
    }
}

/// Makes something else of an application's mappings as they are now.
async fn edit(
    administrator: &Administrator,
    id: &str,
    change: impl FnOnce(&mut Vec<AttributeMapping>),
) -> Result<Result<(), Problem>, Refusal> {
    let about = json!({ "applicationId": id });
    let name = "UpdateApplicationAttributeMappings";
    administrator
        .perform(EVENT_SOURCE, name, about, async |act| {
            let mut mappings = applications::attribute_mappings(act.db(), id).await?;
            change(&mut mappings);
            applications::put_attribute_mappings(act, id, &mappings).await
        })
        .await
}
