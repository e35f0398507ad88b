use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{
    PATH,
    create::{URL, guide, sign_in, unfilled, with_fields},
    path, status,
};
use crate::{
    Portal,
    access::{EVENT_SOURCE, Principal},
    applications::{self, Application, ApplicationAssignment, ApplicationChange},
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            confirmation::Confirmation,
            fields::Fields,
            groups,
            listing::{Asked, PROBE},
            moment,
            problem::Problem,
            users,
            view::{Card, Cell, Field, Form, Input, Link, Page, Table, Tone},
        },
    },
};

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/applications/{id}", get(show))
        .route(
            "/admin/applications/{id}/change",
            get(ask_change).post(change),
        )
        .route(
            "/admin/applications/{id}/delete",
            get(ask_delete).post(delete),
        )
        .route("/admin/applications/{id}/removal", post(unassign))
}

/// The application with this id.
pub(super) async fn application(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<Application>, Refusal> {
    Ok(applications::application(administrator.portal.pool(), id).await?)
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let pool = administrator.portal.pool();
    let mut found = applications::assignees(pool, &id, &asked.after, PROBE).await?;
    let more = asked.cut(&path(&id), &mut found, |assignee| {
        assignee.principal.to_string()
    });
    let columns = ["User or group", ""];
    let mut table = Table::new(
        "Whom it is assigned to",
        &columns,
        "It is assigned to nobody yet.",
    );
    for assignee in &found {
        let (kind, principal) = assignee.principal.parts();
        let remove = Cell::press(
            format!("{}/removal", path(&id)),
            vec![
                ("kind", kind.to_owned()),
                ("principal", principal.to_owned()),
            ],
            "Remove",
            format!("Take {} from {}", application.name, assignee.name),
        );
        let who = match &assignee.principal {
            Principal::User(id) => Cell::link(&assignee.name, users::path(id)).quiet("User"),
            Principal::Group(id) => Cell::link(&assignee.name, groups::path(id)).quiet("Group"),
        };
        table.row([who, remove]);
    }
    let assigned = Card::new("access", "Who has it")
        .table(table.more(more))
        .link(Link::to("Assign it", format!("{}/assign", path(&id))));
    let mappings = applications::attribute_mappings(pool, &id).await?;
    let rows = mappings.iter().map(|mapping| {
        let source = mapping.source.as_str();
        vec![
            mapping.name.as_str().into(),
            source.into(),
            mapping.format.as_str().into(),
        ]
    });
    let columns = ["Attribute", "Value", "Format"];
    let table = Table::new("Attribute mappings", &columns, "It is told nothing yet.").rows(rows);
    let mappings = Card::new("mappings", "What it is told about users")
        .table(table)
        .link(Link::to(
            "Change the mappings",
            format!("{}/mappings", path(&id)),
        ));
    let mut page = administrator
        .page(Section::Applications, &application.name)?
        .back("All applications", PATH)
        .done(asked.done())
        .link(Link::to("Change", format!("{}/change", path(&id))))
        .link(Link::to("Delete", format!("{}/delete", path(&id))).danger())
        .card(facts(&application))
        .card(assigned)
        .card(mappings);
    if let Some(guide) = guide(application.provider) {
        page = page.card(guide);
    }
    administrator.show(&page)
}

fn facts(application: &Application) -> Card {
    Card::new("about", "About")
        .fact("Kind", application.provider.display_name())
        .fact("Status", status(application))
        .fact(
            "Description",
            application.description.clone().unwrap_or_default(),
        )
        .fact(
            "Start URL",
            application
                .start_url()
                .unwrap_or("None yet: it cannot be opened."),
        )
        .fact("Created", moment(application.created_at))
        .fact("Id", application.id.as_str())
}

fn change_page(
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

async fn ask_change(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let present = [
        ("name", application.name.as_str()),
        (
            "description",
            application.description.as_deref().unwrap_or_default(),
        ),
        (URL, application.start_url().unwrap_or_default()),
        ("enabled", if application.enabled { "yes" } else { "" }),
    ];
    let present = present.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let present = Fields::from(present.to_vec());
    administrator.show(&change_page(&administrator, &application, &present, None)?)
}

async fn change(
    Path(id): Path<String>,
    Sent(administrator, typed): Sent,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let change = ApplicationChange {
        name: Some(typed.text("name")),
        description: typed.optional("description"),
        enabled: Some(typed.is_ticked("enabled")),
        sign_in: sign_in(&typed),
    };
    let about = json!({ "applicationId": id, "name": change.name });
    let changed = match unfilled(&typed) {
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
            let page = change_page(&administrator, &application, &typed, Some(&problem))?;
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

async fn unassign(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let Ok(principal) = Principal::parse(sent.text("kind"), sent.text("principal")) else {
        return administrator.gone("assignment");
    };
    let about = json!({ "applicationId": id, "principalId": sent.text("principal") });
    let unwanted = ApplicationAssignment {
        application_id: id,
        principal,
    };
    let removed = administrator
        .perform(
            EVENT_SOURCE,
            "DeleteApplicationAssignment",
            about,
            async |act| applications::delete_application_assignment(act, &unwanted).await,
        )
        .await?;
    match removed {
        Ok(()) => Ok(lead_to(&path(&unwanted.application_id), Done::Unassigned)),
        Err(_) => administrator.gone("assignment"),
    }
}
