use axum::{Router, extract::Path, response::Response, routing::get};
use serde_json::json;

use super::{
    PATH,
    application::application,
    create::{URL, misread, sign_in, with_fields},
    path,
};
use crate::{
    Portal,
    access::EVENT_SOURCE,
    applications::{self, Application, ApplicationChange},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            fields::{Fields, tick},
            problem::Problem,
            view::{Card, Field, Form, Input, Page, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/applications/{id}/change", get(ask).post(change))
        .route(
            "/admin/applications/{id}/delete",
            get(ask_delete).post(delete),
        )
}

fn page(
    administrator: &Administrator,
    application: &Application,
    typed: &Fields,
    problem: Option<&Problem>,
) -> Result<Page, Refusal> {
    let form = Form::new(
        "change-application",
        format!("{}/change", path(&application.id)),
    );
    let form = with_fields(form)
        .field(Field::new("enabled", "Users can open it", Input::Tick))
        .field(
            Field::new("visible", "Show it in the portal", Input::Tick)
                .hint("Hidden, users open it at its own address."),
        )
        .submit("Save")
        .cancel("Cancel", path(&application.id))
        .filled(typed, problem);
    Ok(administrator
        .page(
            Section::Applications,
            format!("Change {}", application.name),
        )?
        .back(&application.name, path(&application.id))
        .card(Card::new("change", "").form(form)))
}

async fn ask(administrator: Administrator, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let present = Fields::of([
        ("name", application.name.as_str()),
        (
            "description",
            application.description.as_deref().unwrap_or_default(),
        ),
        (URL, application.start_url().unwrap_or_default()),
        ("enabled", tick(application.enabled)),
        ("visible", tick(application.visible)),
    ]);
    administrator.show(&page(&administrator, &application, &present, None)?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let same_url = typed.text(URL) == application.start_url().unwrap_or_default();
    let change = ApplicationChange {
        name: Some(typed.text("name")),
        description: Some(typed.optional("description")),
        enabled: Some(typed.is_ticked("enabled")),
        visible: Some(typed.is_ticked("visible")),
        sign_in: (!same_url).then(|| sign_in(&typed)),
    };
    let about = json!({ "applicationId": id, "name": change.name });
    let changed = match misread(&typed) {
        Some(problem) => Err(problem),
        None => {
            administrator
                .perform(EVENT_SOURCE, "UpdateApplication", about, async |act| {
                    applications::update_application(act, &id, &change).await
                })
                .await?
        }
    };
    match changed {
        Ok(()) => Ok(lead_to(&path(&id), Done::ApplicationChanged)),
        Err(problem) => {
            let page = page(&administrator, &application, &typed, Some(&problem))?;
            administrator.show_again(&page)
        }
    }
}

fn deletion(application: &Application) -> Confirmation {
    Confirmation {
        section: Section::Applications,
        title: format!("Delete {}?", application.name),
        text: "Its assignments and attribute mappings go with it. This cannot be undone."
            .to_owned(),
        button: "Delete the application",
        tone: Tone::Danger,
        action: format!("{}/delete", path(&application.id)),
        hidden: Vec::new(),
        back: path(&application.id),
    }
}

async fn ask_delete(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match application(&administrator, &id).await? {
        Some(application) => deletion(&application).show(&administrator, None),
        None => administrator.gone("application"),
    }
}

async fn delete(Path(id): Path<String>, Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let about = json!({ "applicationId": id });
    let deleted = administrator
        .perform(EVENT_SOURCE, "DeleteApplication", about, async |act| {
            applications::delete_application(act, &id).await
        })
        .await?;
    match deleted {
        Ok(()) => Ok(lead_to(PATH, Done::ApplicationDeleted)),
        Err(problem) => deletion(&application).show(&administrator, Some(&problem)),
    }
}
