use axum::{Router, response::Response, routing::get};
use serde_json::json;

use super::{
    PATH, path,
    settings::{Settings, hours, misread, with_fields},
};
use crate::{
    Portal,
    access::{EVENT_SOURCE, PREDEFINED},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            fields::Fields,
            problem::Problem,
            view::{Card, Field, Form, Input, Page},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/admin/permission-sets/new", get(ask).post(create))
}

async fn ask(administrator: Administrator) -> Result<Response, Refusal> {
    administrator.show(&page(&administrator, &Fields::default(), None)?)
}

async fn create(Sent(administrator, typed): Sent) -> Result<Response, Refusal> {
    let typed = match typed.optional("predefined") {
        Some(name) => predefined(&administrator, name, typed.text("sessionDuration")),
        None => typed,
    };
    if let Some(problem) = misread(&administrator.portal, &typed) {
        return administrator.show_again(&page(&administrator, &typed, Some(&problem))?);
    }
    let name = typed.text("name");
    let settings = Settings::typed(&typed);
    let created = administrator
        .perform(
            EVENT_SOURCE,
            "CreatePermissionSet",
            json!({ "name": name }),
            async |act| settings.create(act, name).await,
        )
        .await?;
    match created {
        Ok(set) => Ok(lead_to(&path(&set.id), Done::SetCreated)),
        Err(problem) => administrator.show_again(&page(&administrator, &typed, Some(&problem))?),
    }
}

/// What the form of a custom one would say.
fn predefined(administrator: &Administrator, name: &str, hours: &str) -> Fields {
    let partition = &administrator.portal.config().partition;
    let chosen = PREDEFINED.iter().find(|set| set.name == name);
    let fields = chosen.map(|set| {
        [
            ("predefined", set.name.to_owned()),
            ("name", set.name.to_owned()),
            ("description", set.description.to_owned()),
            ("managedPolicyArn", set.policy_arn(partition)),
            ("sessionDuration", hours.to_owned()),
        ]
    });
    Fields::of(fields.into_iter().flatten())
}

fn page(
    administrator: &Administrator,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let choices = PREDEFINED.iter().map(|set| {
        let label = format!("{}: {}", set.name, set.description);
        (set.name.to_owned(), label)
    });
    let choice = Field::new("predefined", "For", Input::Choice(choices.collect())).required();
    let predefined = Form::new("predefined-set", "/admin/permission-sets/new")
        .field(choice)
        .field(hours(None))
        .submit("Create it")
        .cancel("Cancel", PATH);
    let name = Field::line("name", "Name")
        .required()
        .hint("Users see it as the name of their role: letters, digits and +=,.@-_, 32 at most.");
    let custom = Form::new("custom-set", "/admin/permission-sets/new").field(name);
    let custom = with_fields(custom, hours(None))
        .submit("Create the permission set")
        .cancel("Cancel", PATH);
    let (predefined, custom) = match typed.optional("predefined") {
        // Its name is not typed: whatever is wrong with it is wrong with the choice.
        Some(_) => {
            let problem = problem.map(|problem| Problem::with("predefined", problem.text.clone()));
            (predefined.filled(typed, problem.as_ref()), custom)
        }
        None => (predefined, custom.filled(typed, problem)),
    };
    Ok(administrator
        .page(Section::PermissionSets, "Create a permission set")?
        .back("All permission sets", PATH)
        .card(
            Card::new("predefined", "Predefined")
                .text("One of AWS's policies for a kind of work.")
                .form(predefined),
        )
        .card(
            Card::new("custom", "Custom")
                .text("Policies of your choice.")
                .form(custom),
        ))
}
