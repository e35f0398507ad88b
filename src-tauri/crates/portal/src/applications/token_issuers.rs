use serde_json::json;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};

use super::application::check_client_token;
use crate::{
    access::{AccessError, EVENT_SOURCE, Tag, tags},
    act::Act,
    audit::Event,
    check::{self, Invalid, Pattern},
    clock, random,
};

static NAME: Pattern = Pattern::new(r"[0-9A-Za-z_+=,.@-]+");
static URL: Pattern =
    Pattern::new(r"https?:\/\/[-a-zA-Z0-9+&@\/%=~_|!:,.;]*[-a-zA-Z0-9+&@\/%=~_|]");
static CLAIM: Pattern = Pattern::new(r"\p{L}+(?:(\.|\_)\p{L}+){0,2}");
static ATTRIBUTE: Pattern = Pattern::new(r"\p{L}+(?:\.\p{L}+){0,2}");

const CONFIGURATION: &str = "trustedTokenIssuerConfiguration.oidcJwtConfiguration";

/// Somebody else who issues tokens (OpenID Connect) that applications may bring for their users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedTokenIssuer {
    /// `tti-` and a UUID.
    pub id: String,
    /// Shown to administrators.
    pub name: String,
    /// Whose tokens.
    pub issuer_url: String,
    /// The claim that names the user.
    pub claim_attribute_path: String,
    /// The attribute of the user that it equals, as in `emails.value`.
    pub identity_store_attribute_path: String,
}

/// What to change of a trusted token issuer. None: stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenIssuerChange<'a> {
    /// Shown to administrators.
    pub name: Option<&'a str>,
    /// The claim that names the user.
    pub claim_attribute_path: Option<&'a str>,
    /// The attribute of the user that it equals.
    pub identity_store_attribute_path: Option<&'a str>,
}

/// CreateTrustedTokenIssuer: `wanted`'s id is ignored. Of one issuer there is one at most.
pub async fn create_token_issuer(
    act: &mut Act<'_>,
    wanted: &TrustedTokenIssuer,
    client_token: Option<&str>,
    tags: &[Tag],
) -> Result<TrustedTokenIssuer, AccessError> {
    check(wanted)?;
    tags::check(tags)?;
    if let Some(token) = client_token {
        check_client_token(token)?;
        if let Some(made) = by_client_token(act.db(), token).await? {
            return same(wanted, made);
        }
    }
    let taken: Option<String> =
        sqlx::query_scalar("SELECT id FROM trusted_token_issuers WHERE issuer_url = $1")
            .bind(&wanted.issuer_url)
            .fetch_optional(act.db())
            .await?;
    if taken.is_some() {
        let url = &wanted.issuer_url;
        let text = format!("There is a trusted token issuer with the issuer URL {url} already.");
        return Err(AccessError::Conflict(text));
    }
    let id = format!("tti-{}", random::uuid());
    let now = clock::millis(act.now());
    sqlx::query(
        "INSERT INTO trusted_token_issuers (id, name, issuer_url, claim_attribute_path, \
         identity_store_attribute_path, client_token, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&id)
    .bind(&wanted.name)
    .bind(&wanted.issuer_url)
    .bind(&wanted.claim_attribute_path)
    .bind(&wanted.identity_store_attribute_path)
    .bind(client_token)
    .bind(now)
    .execute(act.db())
    .await?;
    tags::put(act.db(), &id, tags).await?;
    let parameters = json!({
        "name": wanted.name,
        "issuerUrl": wanted.issuer_url,
        "claimAttributePath": wanted.claim_attribute_path,
        "identityStoreAttributePath": wanted.identity_store_attribute_path,
        "tags": tags::detail(tags),
    });
    let event = Event::new(EVENT_SOURCE, "CreateTrustedTokenIssuer").parameters(parameters);
    act.record(event.response(json!({ "trustedTokenIssuerId": id })));
    need(act.db(), &id).await
}

/// UpdateTrustedTokenIssuer.
pub async fn update_token_issuer(
    act: &mut Act<'_>,
    id: &str,
    change: &TokenIssuerChange<'_>,
) -> Result<(), AccessError> {
    let mut wanted = need(act.db(), id).await?;
    let set = |field: &mut String, value: Option<&str>| {
        if let Some(value) = value {
            value.clone_into(field);
        }
    };
    set(&mut wanted.name, change.name);
    set(
        &mut wanted.claim_attribute_path,
        change.claim_attribute_path,
    );
    set(
        &mut wanted.identity_store_attribute_path,
        change.identity_store_attribute_path,
    );
    check(&wanted)?;
    sqlx::query(
        "UPDATE trusted_token_issuers SET name = $2, claim_attribute_path = $3, \
         identity_store_attribute_path = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(&wanted.name)
    .bind(&wanted.claim_attribute_path)
    .bind(&wanted.identity_store_attribute_path)
    .execute(act.db())
    .await?;
    let parameters = json!({
        "trustedTokenIssuerId": id,
        "name": change.name,
        "claimAttributePath": change.claim_attribute_path,
        "identityStoreAttributePath": change.identity_store_attribute_path,
    });
    act.record(Event::new(EVENT_SOURCE, "UpdateTrustedTokenIssuer").parameters(parameters));
    Ok(())
}

/// DeleteTrustedTokenIssuer: its tokens are worth nothing from now on, whatever grants name it.
pub async fn delete_token_issuer(act: &mut Act<'_>, id: &str) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    tags::remove_all(act.db(), id).await?;
    sqlx::query("DELETE FROM trusted_token_issuers WHERE id = $1")
        .bind(id)
        .execute(act.db())
        .await?;
    let parameters = json!({ "trustedTokenIssuerId": id });
    act.record(Event::new(EVENT_SOURCE, "DeleteTrustedTokenIssuer").parameters(parameters));
    Ok(())
}

/// Trusted token issuers by id: those after the id `after` (all: `""`), at most `limit`.
pub async fn token_issuers(
    db: impl Executor<'_, Database = Any>,
    after: &str,
    limit: i64,
) -> Result<Vec<TrustedTokenIssuer>, sqlx::Error> {
    sqlx::query("SELECT * FROM trusted_token_issuers WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after)
        .bind(limit)
        .try_map(issuer_of)
        .fetch_all(db)
        .await
}

/// The trusted token issuer with this id, or the refusal that there is none.
pub(crate) async fn need(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<TrustedTokenIssuer, AccessError> {
    let found = sqlx::query("SELECT * FROM trusted_token_issuers WHERE id = $1")
        .bind(id)
        .try_map(issuer_of)
        .fetch_optional(db)
        .await?;
    found.ok_or_else(|| AccessError::no("TrustedTokenIssuer", id))
}

async fn by_client_token(
    db: &mut AnyConnection,
    token: &str,
) -> Result<Option<TrustedTokenIssuer>, sqlx::Error> {
    sqlx::query("SELECT * FROM trusted_token_issuers WHERE client_token = $1")
        .bind(token)
        .try_map(issuer_of)
        .fetch_optional(db)
        .await
}

fn same(
    wanted: &TrustedTokenIssuer,
    made: TrustedTokenIssuer,
) -> Result<TrustedTokenIssuer, AccessError> {
    if made.name == wanted.name && made.issuer_url == wanted.issuer_url {
        return Ok(made);
    }
    let text = "The ClientToken was used to create another trusted token issuer.";
    Err(AccessError::Conflict(text.to_owned()))
}

fn check(issuer: &TrustedTokenIssuer) -> Result<(), Invalid> {
    check::length("name", &issuer.name, 1..=255)?;
    NAME.check("name", &issuer.name)?;
    let url = format!("{CONFIGURATION}.issuerUrl");
    check::length(&url, &issuer.issuer_url, 1..=512)?;
    URL.check(&url, &issuer.issuer_url)?;
    let claim = format!("{CONFIGURATION}.claimAttributePath");
    check::length(&claim, &issuer.claim_attribute_path, 1..=255)?;
    CLAIM.check(&claim, &issuer.claim_attribute_path)?;
    let attribute = format!("{CONFIGURATION}.identityStoreAttributePath");
    check::length(&attribute, &issuer.identity_store_attribute_path, 1..=255)?;
    ATTRIBUTE.check(&attribute, &issuer.identity_store_attribute_path)
}

fn issuer_of(row: AnyRow) -> Result<TrustedTokenIssuer, sqlx::Error> {
    Ok(TrustedTokenIssuer {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        issuer_url: row.try_get("issuer_url")?,
        claim_attribute_path: row.try_get("claim_attribute_path")?,
        identity_store_attribute_path: row.try_get("identity_store_attribute_path")?,
    })
}
