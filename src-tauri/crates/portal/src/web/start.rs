//! The portal itself: the accounts and roles of whoever is signed in.

use askama::Template;
use axum::{Router, extract::Query, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;
use serde_json::json;

use super::{
    Frame, Refusal, Visit, admin::may_administer, message, redirect, return_to::ReturnTo,
    sign_in::EVENT_SOURCE,
};
use crate::{
    Portal,
    access::{self, AssignedAccount, AssignedRole},
    applications::{self, Application},
    audit::{self, Event},
    console,
};

/// Accounts on one page.
const PER_PAGE: usize = 100;
/// Up to so many accounts are shown with their roles at once.
const OPEN_UP_TO: usize = 4;
/// From so many on there is something to search for.
const SEARCHABLE_FROM: usize = 8;

pub(super) fn routes() -> Router<Portal> {
    Router::new()
        .route("/start", get(portal))
        .route("/start/", get(portal))
        .route("/start/console", get(open_console))
        .route("/start/application", get(open_application))
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start<'a> {
    frame: Frame,
    accounts: &'a [Account],
    applications: &'a [Tile],
    search: &'a str,
    summary: String,
    searchable: bool,
    open: bool,
    next: Option<String>,
}

/// An application.
struct Tile {
    id: String,
    name: String,
    description: Option<String>,
    /// Where it opens; none: it was not told.
    open: Option<String>,
}

struct Account {
    id: String,
    name: String,
    email: String,
    roles: Vec<Role>,
}

struct Role {
    name: String,
    description: Option<String>,
    /// Where its console opens.
    console: String,
}

#[derive(Deserialize)]
#[serde(default)]
struct Search {
    search: String,
    page: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            search: String::new(),
            page: 1,
        }
    }
}

async fn portal(visit: Visit, Query(query): Query<Search>) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        return Ok(visit.sign_in_first(&ReturnTo::start()));
    };
    let assigned = access::overview(visit.portal.pool(), &session.user_id).await?;
    let total = assigned.len();
    let applications = applications::assigned(visit.portal.pool(), &session.user_id).await?;
    let searchable = total.max(applications.len()) >= SEARCHABLE_FROM;
    let search = query.search.trim();
    let mut found: Vec<Account> = assigned
        .into_iter()
        .filter(|(account, roles)| matches(search, account, roles))
        .map(|(account, roles)| Account::of(account, roles))
        .collect();
    let applications: Vec<Tile> = applications
        .into_iter()
        .map(Tile::of)
        .filter(|tile| tile.matches(search))
        .collect();
    let count = found.len();
    let page = query.page.max(1);
    let (shown, more) = cut(&mut found, page);
    let identity = visit.actor(session).identity;
    let administrator = may_administer(&visit.portal, &identity).await?;
    visit.page(
        StatusCode::OK,
        &Start {
            frame: Frame {
                administrator,
                ..visit.frame()?
            },
            summary: format!("{}{shown}", counted(count, total)),
            searchable,
            open: !search.is_empty() || count <= OPEN_UP_TO,
            next: more.then(|| {
                address(
                    "/start",
                    &[("search", search), ("page", &(page + 1).to_string())],
                )
            }),
            accounts: &found,
            applications: &applications,
            search,
        },
    )
}

/// Cuts what was found to one page. What to say if that is not all, and whether more comes after it.
fn cut(found: &mut Vec<Account>, page: usize) -> (String, bool) {
    let count = found.len();
    let before = PER_PAGE.saturating_mul(page - 1).min(count);
    found.drain(..before);
    let more = found.len() > PER_PAGE;
    found.truncate(PER_PAGE);
    let shown = match found.len() == count {
        true => String::new(),
        false => format!(", {} to {} shown", before + 1, before + found.len()),
    };
    (shown, more)
}

#[derive(Deserialize)]
struct Shortcut {
    account_id: String,
    role_name: String,
    #[serde(default)]
    destination: String,
}

/// Where shortcut links and the portal's own buttons lead: the console of a role.
async fn open_console(visit: Visit, Query(asked): Query<Shortcut>) -> Result<Response, Refusal> {
    let Shortcut {
        account_id,
        role_name,
        destination,
    } = asked;
    let Some(session) = &visit.session else {
        let back = address(
            "/start/console",
            &[
                ("account_id", &account_id),
                ("role_name", &role_name),
                ("destination", &destination),
            ],
        );
        return Ok(visit.sign_in_first(&ReturnTo::parse(&back)));
    };
    let destination = Some(destination).filter(|destination| !destination.is_empty());
    let target =
        console::sign_in_url(&visit, session, &account_id, &role_name, destination).await?;
    Ok(redirect(&target))
}

#[derive(Deserialize)]
struct ApplicationLink {
    id: String,
}

/// Where an application's button leads: on to its start URL, if it is the user's.
async fn open_application(
    visit: Visit,
    Query(ApplicationLink { id }): Query<ApplicationLink>,
) -> Result<Response, Refusal> {
    let Some(session) = &visit.session else {
        let back = application_address(&id);
        return Ok(visit.sign_in_first(&ReturnTo::parse(&back)));
    };
    let event = Event::new(EVENT_SOURCE, "Federate")
        .user(&session.user_id, &session.user_name)
        .detail(json!({ "applicationId": id }));
    let assigned = applications::assigned(visit.portal.pool(), &session.user_id).await?;
    let found = assigned.iter().find(|application| application.id == id);
    let Some(application) = found else {
        audit::record(&visit.portal, &visit.client, event.not_assigned()).await?;
        let text = "It is not assigned to you, or it is gone. The portal shows what you have.";
        let heading = "You cannot open this application";
        return message(&visit, StatusCode::FORBIDDEN, heading, text);
    };
    let Some(target) = application.start_url() else {
        let event = event.refused("ResourceNotFoundException", "No start URL");
        audit::record(&visit.portal, &visit.client, event).await?;
        let text = "It has no start URL yet. Ask whoever looks after this portal to set it.";
        let heading = "This application cannot be opened yet";
        return message(&visit, StatusCode::NOT_FOUND, heading, text);
    };
    audit::record(&visit.portal, &visit.client, event).await?;
    Ok(redirect(target))
}

impl Account {
    fn of(account: AssignedAccount, roles: Vec<AssignedRole>) -> Self {
        let roles = roles
            .into_iter()
            .map(|role| Role {
                console: address(
                    "/start/console",
                    &[("account_id", &account.id), ("role_name", &role.role_name)],
                ),
                name: role.role_name,
                description: role.description,
            })
            .collect();
        Self {
            id: account.id,
            name: account.name,
            email: account.email,
            roles,
        }
    }
}

impl Tile {
    fn of(application: Application) -> Self {
        let open = application_address(&application.id);
        Self {
            open: application.start_url().map(|_| open),
            id: application.id,
            name: application.name,
            description: application.description,
        }
    }

    fn matches(&self, search: &str) -> bool {
        self.name.to_lowercase().contains(&search.to_lowercase())
    }
}

fn matches(search: &str, account: &AssignedAccount, roles: &[AssignedRole]) -> bool {
    let search = search.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&search);
    has(&account.name)
        || has(&account.id)
        || has(&account.email)
        || roles.iter().any(|role| has(&role.role_name))
}

fn counted(count: usize, total: usize) -> String {
    match (count, total) {
        (1, 1) => "1 account is assigned to you".to_owned(),
        (count, total) if count == total => format!("{total} accounts are assigned to you"),
        (count, total) => format!("{count} of {total} accounts match"),
    }
}

fn application_address(id: &str) -> String {
    address("/start/application", &[("id", id)])
}

fn address(path: &str, query: &[(&str, &str)]) -> String {
    let given = query.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish();
    format!("{path}?{query}")
}
