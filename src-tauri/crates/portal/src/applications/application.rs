use serde_json::{Value, json};
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::{Provider, attributes};
use crate::{
    access::{AccessError, EVENT_SOURCE, Tag, tags},
    act::Act,
    audit::Event,
    check::{self, Invalid, Pattern},
    clock, random,
};

static URL: Pattern =
    Pattern::new(r"http(s)?:\/\/[-a-zA-Z0-9+&@#\/%?=~_|!:,.;]*[-a-zA-Z0-9+&bb@#\/%?=~_|]");
static CLIENT_TOKEN: Pattern = Pattern::new("[!-~]+");

/// An application that people open from the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `apl-` and sixteen hexadecimal digits.
    pub id: String,
    /// Shown to users; need not be unique.
    pub name: String,
    /// What kind it is.
    pub provider: Provider,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it can be opened.
    pub enabled: bool,
    /// Whether the portal shows it.
    pub visible: bool,
    /// How a sign-in begins, where an administrator said so.
    pub sign_in: Option<SignIn>,
    /// When it was created.
    pub created_at: OffsetDateTime,
}

/// How a sign-in to an application begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Where.
    pub origin: SignInOrigin,
    /// The application's address.
    pub url: Option<String>,
}

/// Where a sign-in to an application begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOrigin {
    /// With the portal's own assertion.
    IdentityCenter,
    /// At the application's address.
    Application,
}

impl SignInOrigin {
    /// AWS's name, as in `IDENTITY_CENTER`.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityCenter => "IDENTITY_CENTER",
            Self::Application => "APPLICATION",
        }
    }

    /// Reads AWS's name.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let field = "portalOptions.signInOptions.origin";
        check::one_of(field, name, &["IDENTITY_CENTER", "APPLICATION"])?;
        Ok(match name {
            "APPLICATION" => Self::Application,
            _ => Self::IdentityCenter,
        })
    }
}

impl Application {
    /// Where it starts, if that is known.
    pub fn start_url(&self) -> Option<&str> {
        let own = self
            .sign_in
            .as_ref()
            .and_then(|sign_in| sign_in.url.as_deref());
        own.or(match self.provider {
            Provider::Catalogue(entry) => entry.common_url(),
            Provider::Custom | Provider::CustomSaml => None,
        })
    }
}

/// What an application is made of.
#[derive(Debug, Clone)]
pub struct NewApplication<'a> {
    /// 1 to 100 characters.
    pub name: &'a str,
    /// What kind it is.
    pub provider: Provider,
    /// What it is for, 128 characters at most.
    pub description: Option<&'a str>,
    /// Whether it can be opened.
    pub enabled: bool,
    /// Whether the portal shows it.
    pub visible: bool,
    /// How a sign-in begins.
    pub sign_in: Option<SignIn>,
    /// A second creation with the same token is the first one's.
    pub client_token: Option<&'a str>,
}

/// What to change of an application. None: stays.
#[derive(Debug, Clone, Default)]
pub struct ApplicationChange<'a> {
    /// Shown to users.
    pub name: Option<&'a str>,
    /// What it is for. Within: none, it says nothing any more.
    pub description: Option<Option<&'a str>>,
    /// Whether it can be opened.
    pub enabled: Option<bool>,
    /// Whether the portal shows it. AWS has no API for this, only a page.
    pub visible: Option<bool>,
    /// How a sign-in begins. Within: none, nobody says so any more.
    pub sign_in: Option<Option<SignIn>>,
}

/// CreateApplication, with its provider's attribute mappings. Nobody is assigned it yet.
pub async fn create_application(
    act: &mut Act<'_>,
    new: &NewApplication<'_>,
    tags: &[Tag],
) -> Result<Application, AccessError> {
    check(Some(new.name), new.description, new.sign_in.as_ref())?;
    tags::check(tags)?;
    if let Some(token) = new.client_token {
        check_client_token(token)?;
        if let Some(made) = by_client_token(act.db(), token).await? {
            return same(new, made);
        }
    }
    let id = format!("apl-{}", random::characters(b"0123456789abcdef", 16));
    let now = act.now();
    insert(act.db(), now, &id, new).await?;
    if let Provider::Catalogue(entry) = new.provider {
        attributes::put(act.db(), &id, &entry.attributes).await?;
    }
    tags::put(act.db(), &id, tags).await?;
    let parameters = json!({
        "name": new.name,
        "applicationProvider": new.provider.name(),
        "description": new.description,
        "status": status(new.enabled),
        "portalOptions": { "visibility": status(new.visible), "signInOptions": detail(&new.sign_in) },
        "tags": tags::detail(tags),
    });
    let event = Event::new(EVENT_SOURCE, "CreateApplication").parameters(parameters);
    act.record(event.response(json!({ "applicationId": id })));
    need(act.db(), &id).await
}

/// UpdateApplication, and what of an application only pages and the declaration change.
pub async fn update_application(
    act: &mut Act<'_>,
    id: &str,
    change: &ApplicationChange<'_>,
) -> Result<(), AccessError> {
    let wanted = change.sign_in.as_ref();
    check(
        change.name,
        change.description.flatten(),
        wanted.and_then(Option::as_ref),
    )?;
    let found = need(act.db(), id).await?;
    let sign_in = wanted.unwrap_or(&found.sign_in).as_ref();
    sqlx::query(
        "UPDATE applications SET name = $2, description = $3, enabled = $4, visible = $5, \
         sign_in_origin = $6, url = $7 WHERE id = $1",
    )
    .bind(id)
    .bind(change.name.unwrap_or(&found.name))
    .bind(change.description.unwrap_or(found.description.as_deref()))
    .bind(i64::from(change.enabled.unwrap_or(found.enabled)))
    .bind(i64::from(change.visible.unwrap_or(found.visible)))
    .bind(sign_in.map(|sign_in| sign_in.origin.name()))
    .bind(sign_in.and_then(|sign_in| sign_in.url.as_deref()))
    .execute(act.db())
    .await?;
    let parameters = json!({
        "applicationId": id,
        "name": change.name,
        "description": change.description,
        "status": change.enabled.map(status),
        "portalOptions": {
            "visibility": change.visible.map(status),
            "signInOptions": wanted.map(detail),
        },
    });
    act.record(Event::new(EVENT_SOURCE, "UpdateApplication").parameters(parameters));
    Ok(())
}

/// DeleteApplication, with its assignments and settings.
pub async fn delete_application(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    tags::remove_all(act.db(), id).await?;
    sqlx::query("DELETE FROM applications WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    let parameters = json!({ "applicationId": id });
    act.record(Event::new(EVENT_SOURCE, "DeleteApplication").parameters(parameters));
    Ok(())
}

/// The application with this id.
pub async fn application(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Option<Application>, sqlx::Error> {
    sqlx::query("SELECT * FROM applications WHERE id = $1")
        .bind(id)
        .try_map(application_of)
        .fetch_optional(db)
        .await
}

/// Applications by id, of one provider if `provider` is its name: those after the id `after` (all:
/// `""`), at most `limit`.
pub async fn applications(
    db: impl Executor<'_, Database = Any>,
    provider: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Application>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM applications WHERE id > $1 AND ($2 = '' OR provider = $2) \
         ORDER BY id LIMIT $3",
    )
    .bind(after)
    .bind(provider.unwrap_or_default())
    .bind(limit)
    .try_map(application_of)
    .fetch_all(db)
    .await
}

/// The application with this id, or the refusal that there is none.
pub(crate) async fn need(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Application, AccessError> {
    let found = application(db, id).await?;
    found.ok_or_else(|| AccessError::no("Application", id))
}

pub(super) fn application_of(row: AnyRow) -> Result<Application, sqlx::Error> {
    let provider: String = row.try_get("provider")?;
    let origin: Option<String> = row.try_get("sign_in_origin")?;
    let url = row.try_get("url")?;
    Ok(Application {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        // What a later catalogue has dropped is an application of one's own from then on.
        provider: Provider::parse(&provider).unwrap_or(Provider::CustomSaml),
        description: row.try_get("description")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        visible: row.try_get::<i64, _>("visible")? != 0,
        sign_in: origin
            .and_then(|origin| SignInOrigin::parse(&origin).ok())
            .map(|origin| SignIn { origin, url }),
        created_at: clock::from_millis(row.try_get("created_at")?),
    })
}

async fn by_client_token(
    db: &mut AnyConnection,
    token: &str,
) -> Result<Option<Application>, sqlx::Error> {
    sqlx::query("SELECT * FROM applications WHERE client_token = $1")
        .bind(token)
        .try_map(application_of)
        .fetch_optional(db)
        .await
}

fn same(new: &NewApplication<'_>, made: Application) -> Result<Application, AccessError> {
    if made.name == new.name && made.provider == new.provider {
        return Ok(made);
    }
    let text = "The ClientToken was used to create another application.";
    Err(AccessError::Conflict(text.to_owned()))
}

/// Checks what tells a creation that is tried again from another one.
pub(super) fn check_client_token(token: &str) -> Result<(), Invalid> {
    check::length("clientToken", token, 1..=64)?;
    CLIENT_TOKEN.check("clientToken", token)
}

async fn insert(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    id: &str,
    new: &NewApplication<'_>,
) -> Result<(), sqlx::Error> {
    let sign_in = new.sign_in.as_ref();
    sqlx::query(
        "INSERT INTO applications (id, name, provider, description, enabled, visible, \
         sign_in_origin, url, assignment_required, background_sessions, client_token, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 1, $9, $10)",
    )
    .bind(id)
    .bind(new.name)
    .bind(new.provider.name())
    .bind(new.description)
    .bind(i64::from(new.enabled))
    .bind(i64::from(new.visible))
    .bind(sign_in.map(|sign_in| sign_in.origin.name()))
    .bind(sign_in.and_then(|sign_in| sign_in.url.as_deref()))
    .bind(new.client_token)
    .bind(clock::millis(now))
    .execute(db)
    .await?;
    Ok(())
}

fn check(
    name: Option<&str>,
    description: Option<&str>,
    sign_in: Option<&SignIn>,
) -> Result<(), Invalid> {
    if let Some(name) = name {
        check::length("name", name, 1..=100)?;
    }
    if let Some(description) = description {
        check::length("description", description, 1..=128)?;
    }
    let Some(sign_in) = sign_in else {
        return Ok(());
    };
    let field = "portalOptions.signInOptions.applicationUrl";
    match &sign_in.url {
        Some(url) => {
            check::length(field, url, 1..=512)?;
            URL.check(field, url)
        }
        None if sign_in.origin == SignInOrigin::Application => Err(Invalid::missing(field)),
        None => Ok(()),
    }
}

fn status(enabled: bool) -> &'static str {
    if enabled { "ENABLED" } else { "DISABLED" }
}

fn detail(sign_in: &Option<SignIn>) -> Value {
    sign_in.as_ref().map_or(
        Value::Null,
        |sign_in| json!({ "origin": sign_in.origin.name(), "applicationUrl": sign_in.url }),
    )
}
