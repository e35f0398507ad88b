//! Everything at a glance.

use askama::Template;
use axum::{Router, extract::Query, http::StatusCode, response::Response, routing::get};
use serde::Deserialize;

use super::{moment, signed_in};
use crate::{
    Portal, client, directory,
    mfa::{self, Factor, FactorKind, Place, PlaceKind},
    sessions::{self, SessionPlace},
    web::{Frame, Refusal, Visit, admin::may_administer},
};

/// As many sessions, devices and networks as are listed.
const LISTED: u32 = 50;

pub(super) fn routes() -> Router<Portal> {
    Router::new().route("/security", get(show))
}

#[derive(Template)]
#[template(path = "security/overview.html")]
struct Overview {
    frame: Frame,
    done: Option<&'static str>,
    password_changed: String,
    /// Whether users look after their factors themselves.
    self_service: bool,
    apps: bool,
    keys: bool,
    factors: Vec<FactorRow>,
    recovery_codes: i64,
    sessions: Vec<SessionRow>,
    devices: Vec<PlaceRow>,
    networks: Vec<PlaceRow>,
}

struct FactorRow {
    id: String,
    label: String,
    kind: &'static str,
    added: String,
    used: Option<String>,
}

struct SessionRow {
    id: String,
    browser: String,
    address: String,
    since: String,
    is_this: bool,
}

struct PlaceRow {
    id: String,
    name: String,
    last_seen: String,
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    done: String,
}

/// What was done just now, in words of ours: never a text from the address.
fn told(done: &str) -> Option<&'static str> {
    Some(match done {
        "password" => "Your password is changed, and your other sessions have ended.",
        "factor-added" => "The factor is added.",
        "factor-renamed" => "The factor has its new name.",
        "factor-removed" => "The factor is removed.",
        "session-ended" => "The session has ended.",
        "sessions-ended" => "Your other sessions have ended.",
        "place-forgotten" => "It is forgotten.",
        "places-forgotten" => "All devices and networks are forgotten.",
        _ => return None,
    })
}

async fn show(visit: Visit, Query(after): Query<After>) -> Result<Response, Refusal> {
    let session = signed_in(&visit)?;
    let (portal, user_id) = (&visit.portal, session.user_id.as_str());
    let pool = portal.pool();
    let policy = mfa::policy(pool).await?;
    let identity = visit.actor(session).identity;
    let administrator = may_administer(portal, &identity).await?;
    let user = directory::user(pool, user_id).await?;
    let changed_at = user.and_then(|user| user.password_changed_at);
    let places = async |kind| mfa::places(pool, user_id, kind, LISTED).await;
    let held = sessions::of_user(portal, user_id, LISTED).await?;
    visit.page(
        StatusCode::OK,
        &Overview {
            frame: Frame {
                administrator,
                ..visit.frame()?
            },
            done: told(&after.done),
            password_changed: changed_at.map(moment).unwrap_or_default(),
            self_service: policy.self_service,
            apps: policy.authenticator_apps,
            keys: policy.security_keys && mfa::takes_security_keys(portal),
            factors: rows(mfa::factors(pool, user_id).await?),
            recovery_codes: mfa::recovery_codes_left(pool, user_id).await?,
            sessions: held
                .into_iter()
                .map(|place| SessionRow::of(place, &session.id))
                .collect(),
            devices: rows(places(PlaceKind::Device).await?),
            networks: rows(places(PlaceKind::Network).await?),
        },
    )
}

fn rows<T, R: From<T>>(items: Vec<T>) -> Vec<R> {
    items.into_iter().map(R::from).collect()
}

impl From<Factor> for FactorRow {
    fn from(factor: Factor) -> Self {
        Self {
            id: factor.id,
            label: factor.label,
            kind: match factor.kind {
                FactorKind::AuthenticatorApp => "Authenticator app",
                FactorKind::SecurityKey => "Security key or passkey",
            },
            added: moment(factor.created_at),
            used: factor.last_used_at.map(moment),
        }
    }
}

impl SessionRow {
    fn of(place: SessionPlace, this: &str) -> Self {
        Self {
            is_this: place.id == this,
            id: place.id,
            browser: client::browser_name(&place.user_agent),
            address: place.source_address,
            since: moment(place.created_at),
        }
    }
}

impl From<Place> for PlaceRow {
    fn from(place: Place) -> Self {
        let name = match place.kind {
            PlaceKind::Device => client::browser_name(&place.label),
            PlaceKind::Network if place.label.is_empty() => "A network".to_owned(),
            PlaceKind::Network => place.label,
        };
        Self {
            id: place.id,
            name,
            last_seen: moment(place.last_seen_at),
        }
    }
}
