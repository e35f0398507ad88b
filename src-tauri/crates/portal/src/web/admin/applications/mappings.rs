use axum::{Router, extract::Path, response::Response, routing::get};
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
            problem::Problem,
            view::{Card, Field, Form, Input, Page},
        },
    },
};

/// The format of a mapping that names none.
const FORMAT: &str = "basic";

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/applications/{id}/mappings", get(ask).post(change))
}

/// `Subject = ${user:email} emailAddress`.
fn mapping(line: &str) -> Option<AttributeMapping> {
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let (source, format) = value
        .rsplit_once(char::is_whitespace)
        .unwrap_or((value, FORMAT));
    Some(AttributeMapping {
        name: name.trim().to_owned(),
        source: source.trim().to_owned(),
        format: format.to_owned(),
    })
}

fn line(mapping: &AttributeMapping) -> String {
    let AttributeMapping {
        name,
        source,
        format,
    } = mapping;
    format!("{name} = {source} {format}")
}

async fn ask(administrator: Administrator, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let pool = administrator.portal.pool();
    let mappings = applications::attribute_mappings(pool, &id).await?;
    let lines: Vec<String> = mappings.iter().map(line).collect();
    administrator.show(&page(
        &administrator,
        &application,
        &lines.join("\n"),
        None,
    )?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let mappings: Result<Vec<AttributeMapping>, &str> = typed
        .lines("mappings")
        .map(|line| mapping(line).ok_or(line))
        .collect();
    let changed = match mappings {
        Err(line) => Err(Problem::general(format!(
            "There is no = in the line {line:?}."
        ))),
        Ok(mappings) => {
            let about = json!({ "applicationId": id });
            let name = "UpdateApplicationAttributeMappings";
            administrator
                .perform(EVENT_SOURCE, name, about, async |act| {
                    applications::put_attribute_mappings(act, &id, &mappings).await
                })
                .await?
        }
    };
    match changed {
        Ok(()) => Ok(lead_to(&path(&id), Done::ApplicationChanged)),
        Err(problem) => {
            let problem = Problem::with("mappings", problem.text);
            let typed = typed.text("mappings");
            let page = page(&administrator, &application, typed, Some(&problem))?;
            administrator.show_again(&page)
        }
    }
}

fn page(
    administrator: &Administrator,
    application: &Application,
    typed: &str,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new(
        "mappings-form",
        format!("{}/mappings", path(&application.id)),
    )
    .field(
        Field::new("mappings", "Attribute mappings", Input::Area(8))
            .value(typed)
            .hint(
                "Each in a line of its own: the attribute, =, its value, its format. As in: \
                     Subject = ${user:email} emailAddress",
            ),
    )
    .submit("Save")
    .cancel("Cancel", path(&application.id))
    .troubled(problem);
    Ok(administrator
        .page(
            Section::Applications,
            format!("What {} is told", application.name),
        )?
        .back(&application.name, path(&application.id))
        .card(Card::new("change", "").form(form)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_reads_as_it_is_written() {
        let subject = mapping("Subject=${user:email}  emailAddress").expect("a mapping");
        assert_eq!(subject.source, "${user:email}");
        assert_eq!(line(&subject), "Subject = ${user:email} emailAddress");
        assert_eq!(mapping("a = b").expect("a mapping").format, "basic");
        assert_eq!(mapping("nothing"), None);
    }
}
