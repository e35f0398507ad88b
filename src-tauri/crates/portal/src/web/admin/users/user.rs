use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};

use super::{PATH, path, status};
use crate::{
    Portal,
    access::{self, NamedAssignment, Principal},
    applications,
    client::browser_name,
    directory::{self, Profile},
    mfa, sessions,
    web::{
        Refusal,
        admin::{
            Section,
            administrator::Administrator,
            assignments, groups,
            listing::{Asked, PROBE, address, cut},
            moment,
            view::{Card, Cell, Link, Page, Table},
        },
    },
};

/// So many of a user's sessions are shown.
const SESSIONS: u32 = 50;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/admin/users/{id}", get(show))
        .route("/admin/users/{id}/access", get(show_access))
        .route("/admin/users/{id}/memberships", get(show_groups))
}

async fn show(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let page = page(&administrator, &user)?
        .done(asked.done())
        .card(facts(&user, password(&administrator, &user).await?))
        .card(groups_card(&administrator, &user, "").await?)
        .card(access_card(&administrator, &user, "").await?)
        .card(applications_card(&administrator, &user).await?)
        .card(sessions_card(&administrator, &user).await?)
        .card(factors_card(&administrator, &user).await?);
    administrator.show(&page)
}

async fn show_access(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let card = access_card(&administrator, &user, &asked.after).await?;
    show_part(&administrator, &user, "Access", card)
}

async fn show_groups(
    administrator: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let Some(user) = profile(&administrator, &id).await? else {
        return administrator.gone("user");
    };
    let card = groups_card(&administrator, &user, &asked.after).await?;
    show_part(&administrator, &user, "Groups", card)
}

/// One list of what is said of a user, beyond its first page.
fn show_part(
    administrator: &Administrator,
    user: &Profile,
    what: &str,
    card: Card,
) -> Result<Response, Refusal> {
    let name = &user.attributes.user_name;
    let page = administrator
        .page(Section::Users, format!("{what} of {name}"))?
        .back(name, path(&user.id))
        .card(card);
    administrator.show(&page)
}

/// The user with this id.
pub(super) async fn profile(
    administrator: &Administrator,
    id: &str,
) -> Result<Option<Profile>, Refusal> {
    let mut db = administrator.portal.pool().acquire().await?;
    Ok(directory::profile(&mut db, id).await?)
}

fn page(administrator: &Administrator, user: &Profile) -> Result<Page, Refusal> {
    let to = |label: &str, act: &str| Link::to(label, format!("{}/{act}", path(&user.id)));
    let (disable, label) = match user.enabled {
        true => ("disable", "Disable"),
        false => ("enable", "Enable"),
    };
    Ok(administrator
        .page(Section::Users, &user.attributes.user_name)?
        .back("All users", PATH)
        .link(to("Change", "attributes"))
        .link(to("Reset the password", "password"))
        .link(to(label, disable))
        .link(to("Delete", "delete").danger()))
}

/// What there is to say of the user's password.
async fn password(administrator: &Administrator, user: &Profile) -> Result<String, Refusal> {
    let pool = administrator.portal.pool();
    let has_one = directory::has_password(pool, &user.id).await?;
    let user = directory::user(pool, &user.id).await?;
    let changed_at = user.as_ref().and_then(|user| user.password_changed_at);
    let one_time = user.is_some_and(|user| user.password_change_required);
    Ok(match changed_at.map(moment) {
        None => "None yet".to_owned(),
        Some(_) if has_one && one_time => "One-time: the next sign-in replaces it".to_owned(),
        Some(since) if has_one => format!("Set {since}"),
        Some(since) => format!("Taken away {since}"),
    })
}

fn facts(user: &Profile, password: String) -> Card {
    let attributes = &user.attributes;
    let mut card = Card::new("attributes", "Attributes")
        .fact("Status", status(user.enabled))
        .fact("Password", password)
        .fact("Display name", attributes.display_name.as_str());
    for email in attributes
        .emails
        .iter()
        .filter_map(|email| email.value.as_deref())
    {
        card = card.fact("Email", email);
    }
    let name = &attributes.name;
    let more = [
        ("Given name", &name.given_name),
        ("Family name", &name.family_name),
        ("Title", &attributes.title),
    ];
    for (label, value) in more {
        if let Some(value) = value {
            card = card.fact(label, value.as_str());
        }
    }
    for (label, path) in super::attributes::ENTERPRISE {
        if let Some(value) = super::attributes::enterprise(user, path) {
            card = card.fact(label, value);
        }
    }
    for external in &user.external_ids {
        card = card.fact(
            "External id",
            Cell::from(external.id.as_str()).quiet(&external.issuer),
        );
    }
    card.fact("Created", moment(user.created_at))
        .fact("Last changed", moment(user.updated_at))
        .fact("Id", user.id.as_str())
}

async fn groups_card(
    administrator: &Administrator,
    user: &Profile,
    after: &str,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let mut found = directory::groups_of_user(pool, &user.id, after, PROBE).await?;
    let more = cut(&mut found, |group| group.key.clone()).map(|after| {
        address(
            &format!("{}/memberships", path(&user.id)),
            &[("after", &after)],
        )
    });
    let name = &user.attributes.user_name;
    let mut table = Table::new("Groups of this user", &["Group", ""], "In no group yet.");
    for group in &found {
        let remove = Cell::press(
            format!("{}/leave", path(&user.id)),
            vec![("group", group.id.clone())],
            "Remove",
            format!("Remove {name} from {}", group.display_name),
        );
        let to_group = Cell::link(&group.display_name, groups::path(&group.id));
        table.row([
            to_group.quiet(group.description.clone().unwrap_or_default()),
            remove,
        ]);
    }
    let here = format!("{}/groups", path(&user.id));
    Ok(Card::new("groups", "Groups")
        .table(table.more(more))
        .link(Link::to("Add to a group", &here)))
}

async fn access_card(
    administrator: &Administrator,
    user: &Profile,
    after: &str,
) -> Result<Card, Refusal> {
    let pool = administrator.portal.pool();
    let principal = Principal::User(user.id.clone());
    let mut found = access::assignments_of_principal(pool, &principal, after, PROBE).await?;
    let more = cut(&mut found, |named| named.assignment.key())
        .map(|after| address(&format!("{}/access", path(&user.id)), &[("after", &after)]));
    let table = Table::new(
        "Access of this user",
        &["Account", "Permission set", "Through"],
        "No access to any account.",
    )
    .rows(found.iter().map(access_row))
    .more(more);
    let assign = format!("/admin/assignments/new?user={}", user.id);
    Ok(Card::new("access", "Access to accounts")
        .table(table)
        .link(Link::to("Assign accounts", assign)))
}

fn access_row(named: &NamedAssignment) -> Vec<Cell> {
    let through = match &named.assignment.principal {
        Principal::User(_) => Cell::from("Assigned directly"),
        Principal::Group(id) => Cell::link(&named.principal_name, groups::path(id)),
    };
    vec![
        assignments::account(named),
        assignments::permission_set(named),
        through,
    ]
}

async fn applications_card(administrator: &Administrator, user: &Profile) -> Result<Card, Refusal> {
    let found = applications::assigned(administrator.portal.pool(), &user.id).await?;
    let rows = found.iter().map(|application| {
        let path = crate::web::admin::applications::path(&application.id);
        vec![Cell::link(&application.name, path)]
    });
    let table = Table::new("Applications of this user", &["Application"], "None.").rows(rows);
    Ok(Card::new("applications", "Applications").table(table))
}

async fn sessions_card(administrator: &Administrator, user: &Profile) -> Result<Card, Refusal> {
    let found = sessions::of_user(&administrator.portal, &user.id, SESSIONS).await?;
    let columns = ["Browser", "From", "Since", ""];
    let mut table = Table::new("Sessions of this user", &columns, "Signed in nowhere.");
    for session in &found {
        let browser = browser_name(&session.user_agent);
        let end = Cell::press(
            format!("{}/end-session", path(&user.id)),
            vec![("session", session.id.clone())],
            "End",
            format!("End the session: {browser}, {}", session.source_address),
        );
        let since = moment(session.created_at);
        let address = session.source_address.as_str();
        table.row([browser.into(), address.into(), since.into(), end]);
    }
    let card = Card::new("sessions", "Sessions").table(table);
    if found.is_empty() {
        return Ok(card);
    }
    let end_all = format!("{}/end-sessions", path(&user.id));
    Ok(card.link(Link::to("End all sessions", end_all)))
}

async fn factors_card(administrator: &Administrator, user: &Profile) -> Result<Card, Refusal> {
    let found = mfa::factors(administrator.portal.pool(), &user.id).await?;
    let rows = found.iter().map(|factor| {
        let kind = match factor.kind {
            mfa::FactorKind::AuthenticatorApp => "Authenticator app",
            mfa::FactorKind::SecurityKey => "Security key or passkey",
        };
        let used = factor.last_used_at.map_or("never".to_owned(), moment);
        vec![
            Cell::from(factor.label.as_str()).quiet(kind),
            moment(factor.created_at).into(),
            used.into(),
        ]
    });
    let columns = ["Factor", "Added", "Last used"];
    let table = Table::new("Second factors of this user", &columns, "None yet.").rows(rows);
    let card = Card::new("factors", "Second factors").table(table);
    if found.is_empty() {
        return Ok(card);
    }
    let reset = format!("{}/factors", path(&user.id));
    Ok(card.link(Link::to("Reset the factors", reset).danger()))
}
