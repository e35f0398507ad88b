//! The browser a user has signed in with. Its tries are counted by themselves, so that nobody's
//! guesses hold them up, not even from behind the same address (OWASP calls this a device cookie).
//! It proves no factor and makes no place known.

use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::{Cookie, Refusal, Visit, cookies::RECOGNIZED};
use crate::{
    clock,
    directory::{self, User},
    random,
};

/// What it is sealed for.
const PURPOSE: &str = "own browser";

/// What the browser keeps, sealed.
#[derive(Serialize, Deserialize)]
struct OwnBrowser {
    user_id: String,
    /// When the password was set that it signed in with: one that was stolen is worth no tries once
    /// another has taken its place.
    password_changed_at: Option<i64>,
    /// By which its failures are counted: new at each sign-in, which nobody does by guessing.
    id: String,
}

impl OwnBrowser {
    fn is_of(&self, user: &User) -> bool {
        self.user_id == user.id
            && self.password_changed_at == user.password_changed_at.map(clock::millis)
    }
}

/// The cookie that makes this browser the user's own.
pub(super) fn own_browser_cookie(visit: &Visit, user: &User) -> Result<HeaderValue, Refusal> {
    let own = OwnBrowser {
        user_id: user.id.clone(),
        password_changed_at: user.password_changed_at.map(clock::millis),
        id: random::token().to_string(),
    };
    let sealed = visit.portal.seal().seal(PURPOSE, &own)?;
    Ok(Cookie::OwnBrowser.set(&visit.portal, &sealed, Some(RECOGNIZED)))
}

/// By what the tries at this user's password are counted here, if the browser is their own.
pub(super) async fn own_browser(
    visit: &Visit,
    user_name: &str,
) -> Result<Option<String>, sqlx::Error> {
    let portal = &visit.portal;
    let sealed = visit.cookie(Cookie::OwnBrowser).unwrap_or_default();
    let Ok(own) = portal.seal().open::<OwnBrowser>(PURPOSE, &sealed) else {
        return Ok(None);
    };
    let user = directory::user_by_name(portal.pool(), user_name).await?;
    Ok(user.filter(|user| own.is_of(user)).map(|_| own.id))
}
