use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{application::application, path};
use crate::{
    Portal,
    access::{EVENT_SOURCE, Principal},
    applications::{self, Application, ApplicationAssignment},
    directory,
    web::{
        Refusal,
        admin::{
            Done, Section,
            administrator::{Administrator, Sent, lead_to},
            listing::Asked,
            view::{Card, Cell, Table},
        },
    },
};

/// So many groups and users are found at once.
const FOUND: i64 = 20;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/applications/{id}/assign", get(choose).post(assign))
        .route("/admin/applications/{id}/removal", post(unassign))
}

async fn choose(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(application) = application(&administrator, &id).await? else {
        return administrator.gone("application");
    };
    let here = format!("{}/assign", path(&id));
    let pool = administrator.portal.pool();
    let groups = directory::find_groups(pool, asked.search(), "", FOUND).await?;
    let users = directory::find_users(pool, asked.search(), "", FOUND).await?;
    let groups = groups.iter().map(|group| {
        let about = group.description.clone().unwrap_or_default();
        row(&application, "GROUP", &group.id, &group.display_name, about)
    });
    let users = users.iter().map(|user| {
        let about = user.email.clone().unwrap_or_default();
        row(&application, "USER", &user.id, &user.user_name, about)
    });
    let empty = "No name begins like that.";
    let card = Card::new("groups", "Groups")
        .search(asked.form(&here, "How a name begins"))
        .table(Table::new("Groups", &["Group", ""], empty).rows(groups));
    let page = administrator
        .page(
            Section::Applications,
            format!("Assign {}", application.name),
        )?
        .back(&application.name, path(&id))
        .card(card)
        .card(
            Card::new("users", "Users")
                .table(Table::new("Users", &["User", ""], empty).rows(users)),
        );
    administrator.show(&page)
}

fn row(application: &Application, kind: &str, id: &str, name: &str, about: String) -> Vec<Cell> {
    let assign = Cell::press(
        format!("{}/assign", path(&application.id)),
        vec![("kind", kind.to_owned()), ("principal", id.to_owned())],
        "Assign",
        format!("Assign {} to {name}", application.name),
    );
    vec![Cell::from(name).quiet(about), assign]
}

async fn assign(
    Path(id): Path<String>,
    Sent(administrator, sent): Sent,
) -> Result<Response, Refusal> {
    let Ok(principal) = Principal::parse(sent.text("kind"), sent.text("principal")) else {
        return administrator.gone("user or group");
    };
    let about = json!({ "applicationId": id, "principalId": sent.text("principal") });
    let wanted = ApplicationAssignment {
        application_id: id,
        principal,
    };
    let assigned = administrator
        .perform(
            EVENT_SOURCE,
            "CreateApplicationAssignment",
            about,
            async |act| {
                let found = applications::need_application_assignment(act.db(), &wanted).await;
                match found {
                    // One that is there already is what was wanted.
                    Ok(()) => Ok(()),
                    Err(_) => applications::create_application_assignment(act, &wanted).await,
                }
            },
        )
        .await?;
    match assigned {
        Ok(()) => Ok(lead_to(
            &path(&wanted.application_id),
            Done::ApplicationAssigned,
        )),
        Err(_) => administrator.gone("application, user or group"),
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
