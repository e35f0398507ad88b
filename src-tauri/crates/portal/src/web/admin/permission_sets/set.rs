use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{PATH, path, settings::pretty};
use crate::{
    Portal,
    access::{self, EVENT_SOURCE, PermissionSet, Policy, ProvisionTarget, ProvisioningStatus, Tag},
    organization,
    web::{
        Refusal,
        admin::{
            Done, Section, accounts,
            administrator::{Administrator, Sent, lead_to},
            assignments,
            confirmation::Confirmation,
            listing::{Asked, PROBE},
            moment,
            view::{Card, Cell, Form, Link, Table, Tone},
        },
    },
};

/// More tags than a permission set can have.
const ALL_TAGS: i64 = 100;
/// So many accounts that are out of date are named.
const NAMED: i64 = 20;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/permission-sets/{id}", get(show))
        .route("/admin/permission-sets/{id}/provision", post(provision))
        .route(
            "/admin/permission-sets/{id}/delete",
            get(ask_delete).post(delete),
        )
}

/// The permission set with this id, with its policies and tags.
pub(super) async fn find(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<(PermissionSet, Vec<Policy>, Vec<Tag>)>, Refusal> {
    let pool = administrator.portal.pool();
    let Some(set) = access::permission_set(pool, id).await? else {
        return Ok(None);
    };
    let policies = access::policies(pool, id).await?;
    let tags = access::tags(pool, id, "", ALL_TAGS).await?;
    Ok(Some((set, policies, tags)))
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some((set, policies, tags)) = find(&administrator, &id).await? else {
        return administrator.gone("permission set");
    };
    let mut page = administrator
        .page(Section::PermissionSets, &set.name)?
        .back("All permission sets", PATH)
        .done(asked.done())
        .link(Link::to("Change", format!("{}/change", path(&id))))
        .link(Link::to("Delete", format!("{}/delete", path(&id))).danger())
        .card(facts(&set, &tags))
        .card(policies_card(&policies));
    let inline = policies.iter().find_map(|policy| match policy {
        Policy::Inline(document) => Some(document),
        _ => None,
    });
    if let Some(document) = inline {
        page = page.card(Card::new("inline", "Inline policy").code(pretty(document)));
    }
    let page = page
        .card(provisioning_card(&administrator, &set).await?)
        .card(access_card(&administrator, &set, &asked).await?);
    administrator.show(&page)
}

fn facts(set: &PermissionSet, tags: &[Tag]) -> Card {
    let hours = set.session.whole_minutes();
    let session = match (hours / 60, hours % 60) {
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    let mut card = Card::new("about", "About")
        .fact("Description", set.description.clone().unwrap_or_default())
        .fact("Session length", session)
        .fact("Relay state", set.relay_state.clone().unwrap_or_default())
        .fact("Created", moment(set.created_at))
        .fact("Id", set.id.as_str());
    for tag in tags {
        card = card.fact("Tag", format!("{} = {}", tag.key, tag.value));
    }
    card
}

fn policies_card(policies: &[Policy]) -> Card {
    let rows = policies.iter().filter_map(|policy| {
        let (name, kind) = match policy {
            Policy::Managed(arn) => (arn.clone(), "AWS managed"),
            Policy::Customer(policy) => (policy.full_name(), "Customer managed"),
            Policy::ManagedBoundary(arn) => (arn.clone(), "Permissions boundary, AWS managed"),
            Policy::CustomerBoundary(policy) => {
                (policy.full_name(), "Permissions boundary, customer managed")
            }
            Policy::Inline(_) => return None,
        };
        Some(vec![Cell::from(name), kind.into()])
    });
    let table = Table::new("Policies", &["Policy", "Kind"], "It has no managed policy.");
    Card::new("policies", "Policies").table(table.rows(rows))
}

async fn provisioning_card(
    administrator: &Administrator,
    set: &PermissionSet,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let card = Card::new("provisioning", "Provisioning");
    let outdated = Some(ProvisioningStatus::OutOfDate);
    let outdated = access::provisioned_accounts(pool, &set.id, outdated, "", NAMED).await?;
    if outdated.is_empty() {
        let any = access::provisioned_accounts(pool, &set.id, None, "", 1).await?;
        return Ok(card.text(match any.is_empty() {
            true => "It is a role in no account yet: it becomes one where it is assigned.",
            false => "Its role is up to date in every account where it is assigned.",
        }));
    }
    let names = organization::account_names(pool, &outdated).await?;
    let rows = outdated.iter().map(|id| {
        let name = names.get(id).map_or("", String::as_str);
        vec![Cell::link(name, accounts::path(id)).quiet(id)]
    });
    let table = Table::new("Accounts out of date", &["Account"], "").rows(rows);
    let again =
        Form::new("provision", format!("{}/provision", path(&set.id))).submit("Provision again");
    Ok(card
        .notice(
            "It has changed since it was provisioned. In these accounts, and maybe more, its role \
             still is as it was.",
        )
        .table(table)
        .form(again))
}

async fn access_card(
    administrator: &Administrator,
    set: &PermissionSet,
    asked: &Asked,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let id = &set.id;
    let mut found = access::assignments_of_permission_set(pool, id, &asked.after, PROBE).await?;
    let more = asked.cut(&path(id), &mut found, |named| named.assignment.key());
    let rows = found.iter().map(|named| {
        vec![
            assignments::account(named),
            assignments::principal(named),
            assignments::removal_link(named, &path(id)),
        ]
    });
    let columns = ["Account", "User or group", ""];
    let table = Table::new(
        "Assignments of this permission set",
        &columns,
        "Nobody has it yet.",
    );
    Ok(Card::new("access", "Who has it")
        .table(table.rows(rows).more(more))
        .link(Link::to(
            "Assign it",
            format!("/admin/assignments/new?set={id}"),
        )))
}

async fn provision(
    Path(id): Path<String>,
    Sent(administrator, _): Sent,
) -> Result<Response, Refusal> {
    let about = json!({ "permissionSetId": id, "targetType": "ALL_PROVISIONED_ACCOUNTS" });
    let provisioned = administrator
        .perform(EVENT_SOURCE, "ProvisionPermissionSet", about, async |act| {
            let everywhere = ProvisionTarget::AllProvisionedAccounts;
            access::provision_permission_set(act, &id, &everywhere).await
        })
        .await?;
    match provisioned {
        Ok(_) => Ok(lead_to(&path(&id), Done::SetProvisioned)),
        Err(_) => administrator.gone("permission set"),
    }
}

fn deletion(set: &PermissionSet) -> Confirmation {
    Confirmation {
        section: Section::PermissionSets,
        title: format!("Delete {}?", set.name),
        text: "Only a permission set that is assigned to nobody can be deleted. This cannot be \
               undone."
            .to_owned(),
        button: "Delete the permission set",
        tone: Tone::Danger,
        action: format!("{}/delete", path(&set.id)),
        hidden: Vec::new(),
        back: path(&set.id),
    }
}

async fn ask_delete(
    administrator: Administrator,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match find(&administrator, &id).await? {
        Some((set, ..)) => deletion(&set).show(&administrator, None),
        None => administrator.gone("permission set"),
    }
}

async fn delete(Path(id): Path<String>, Sent(administrator, _): Sent) -> Result<Response, Refusal> {
    let Some((set, ..)) = find(&administrator, &id).await? else {
        return administrator.gone("permission set");
    };
    let about = json!({ "permissionSetId": id });
    let deleted = administrator
        .perform(EVENT_SOURCE, "DeletePermissionSet", about, async |act| {
            access::delete_permission_set(act, &id).await
        })
        .await?;
    match deleted {
        Ok(()) => Ok(lead_to(PATH, Done::SetDeleted)),
        Err(problem) => deletion(&set).show(&administrator, Some(&problem)),
    }
}
