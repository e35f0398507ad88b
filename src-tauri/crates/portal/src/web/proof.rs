//! A sign-in on its way: what the user has proved so far, kept sealed in the browser.

use axum::{
    http::{StatusCode, header},
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;

use super::{
    Cookie, Refusal, Visit, cookies::RECOGNIZED, message, own_browser::own_browser_cookie,
    redirect, return_to::ReturnTo, sign_in::EVENT_SOURCE,
};
use crate::{
    Portal, audit, clock,
    directory::{self, User},
    mfa::{self, WithoutFactor},
    random, sessions, settings,
};

/// What it is sealed for.
const PURPOSE: &str = "sign-in";
/// How long a user may take from the password to the session.
const LIFE: Duration = Duration::minutes(15);

/// What a user has proved. It is worth no more than the password it began with: a second factor
/// that is asked for must have been given.
#[derive(Serialize, Deserialize)]
pub(super) struct Proof {
    user_id: String,
    /// When that password was set: another one takes its place, and this proof's worth.
    password_changed_at: Option<i64>,
    /// Whether a second factor was given.
    second_factor: bool,
    /// The authenticator secret on offer, while one is being enrolled.
    offered_secret: Option<String>,
    return_to: String,
    expires_at: i64,
}

/// What the user owes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Factor,
    NewPassword,
    Enrol,
    /// Nothing helps: who has no factor is not let in.
    Blocked,
    Done,
}

/// What the next step follows from.
#[derive(Debug, Clone, Copy)]
struct Standing {
    factor_asked_for: bool,
    factor_given: bool,
    has_factor: bool,
    without_factor: WithoutFactor,
    password_change_required: bool,
}

impl Standing {
    /// An old factor comes before a new password: the first password alone changes nothing that
    /// is already protected. A new factor comes last.
    fn next(self) -> Step {
        let owes_factor = self.factor_asked_for && !self.factor_given;
        match (owes_factor, self.has_factor, self.without_factor) {
            (true, true, _) => Step::Factor,
            (true, false, WithoutFactor::Block) => Step::Blocked,
            _ if self.password_change_required => Step::NewPassword,
            (true, false, WithoutFactor::Enrol) => Step::Enrol,
            (true, false, WithoutFactor::Allow) | (false, ..) => Step::Done,
        }
    }
}

impl Proof {
    /// The password was right.
    pub(super) fn of_password(portal: &Portal, user: &User, return_to: ReturnTo) -> Self {
        Self {
            user_id: user.id.clone(),
            password_changed_at: user.password_changed_at.map(clock::millis),
            second_factor: false,
            offered_secret: None,
            return_to: return_to.as_str().to_owned(),
            expires_at: clock::millis(portal.now() + LIFE),
        }
    }

    /// The browser's proof and its user, if they still count.
    pub(super) async fn read(visit: &Visit) -> Result<Option<(Self, User)>, Refusal> {
        let sealed = visit.cookie(Cookie::SignIn).unwrap_or_default();
        let Ok(proof) = visit.portal.seal().open::<Self>(PURPOSE, &sealed) else {
            return Ok(None);
        };
        let user = directory::user(visit.portal.pool(), &proof.user_id).await?;
        let in_time = clock::millis(visit.portal.now()) < proof.expires_at;
        let user = user.filter(|user| in_time && proof.holds_of(user));
        Ok(user.map(|user| (proof, user)))
    }

    /// Whether this user may still sign in, with the password that was proved.
    fn holds_of(&self, user: &User) -> bool {
        let changed_at = user.password_changed_at.map(clock::millis);
        user.enabled && changed_at == self.password_changed_at
    }

    /// A second factor was given as well.
    #[must_use]
    pub(super) fn with_second_factor(self) -> Self {
        Self {
            second_factor: true,
            offered_secret: None,
            ..self
        }
    }

    /// The password was replaced, by whoever holds this proof: `user` as of then.
    #[must_use]
    pub(super) fn with_password_of(self, user: &User) -> Self {
        Self {
            password_changed_at: user.password_changed_at.map(clock::millis),
            ..self
        }
    }

    /// The authenticator secret on offer; the same one until it is taken.
    pub(super) fn offered_secret(&mut self) -> Result<mfa::Secret, Refusal> {
        if let Some(secret) = &self.offered_secret {
            return Ok(mfa::Secret::from_base32(SecretString::from(
                secret.clone(),
            ))?);
        }
        let secret = mfa::Secret::generate();
        self.offered_secret = Some(secret.base32().expose_secret().to_owned());
        Ok(secret)
    }

    /// What the user owes next.
    pub(super) async fn next(&self, visit: &Visit, user: &User) -> Result<Step, Refusal> {
        let portal = &visit.portal;
        let policy = mfa::policy(portal.pool()).await?;
        let standing = Standing {
            factor_asked_for: policy.asks(self.known(visit).await?),
            factor_given: self.second_factor,
            has_factor: !mfa::factors(portal.pool(), &user.id).await?.is_empty(),
            without_factor: policy.without_factor,
            password_change_required: user.password_change_required,
        };
        Ok(standing.next())
    }

    /// Puts the proof into the browser.
    pub(super) fn keep(&self, visit: &Visit, mut response: Response) -> Result<Response, Refusal> {
        let sealed = visit.portal.seal().seal(PURPOSE, self)?;
        let cookie = Cookie::SignIn.set(&visit.portal, &sealed, Some(LIFE));
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    async fn known(&self, visit: &Visit) -> Result<bool, sqlx::Error> {
        let device = visit.cookie(Cookie::Device);
        let address = visit.client.address;
        mfa::is_known_place(&visit.portal, &self.user_id, device.as_deref(), address).await
    }
}

/// Sends the browser to the step the user owes next, or begins the session.
pub(super) async fn advance(visit: &Visit, proof: Proof) -> Result<Response, Refusal> {
    let user = directory::user(visit.portal.pool(), &proof.user_id).await?;
    let Some(user) = user.filter(|user| proof.holds_of(user)) else {
        return Ok(redirect("/signin"));
    };
    let step = match proof.next(visit, &user).await? {
        Step::Factor => "/signin/code",
        Step::NewPassword => "/signin/password",
        Step::Enrol => "/signin/enrol",
        Step::Blocked => return blocked(visit, &user).await,
        Step::Done => return begin_session(visit, &proof, &user).await,
    };
    proof.keep(visit, redirect(step))
}

async fn blocked(visit: &Visit, user: &User) -> Result<Response, Refusal> {
    let event = audit::Event::new(EVENT_SOURCE, "UserAuthentication")
        .user(&user.id, &user.user_name)
        .refused("AccessDenied", "no second factor");
    audit::record(&visit.portal, &visit.client, event).await?;
    let text = "This portal lets nobody in without a second factor, and you have none. Ask whoever \
                looks after it to let you add one.";
    message(
        visit,
        StatusCode::FORBIDDEN,
        "A second factor is missing",
        text,
    )
}

async fn begin_session(visit: &Visit, proof: &Proof, user: &User) -> Result<Response, Refusal> {
    let (portal, client) = (&visit.portal, &visit.client);
    let begun = sessions::create(portal, client, user, proof.second_factor).await?;
    let Some((_, session)) = begun else {
        return Ok(redirect("/signin"));
    };
    let life = settings::session_length(portal.pool(), portal.config()).await?;
    let mut cookies = vec![
        Cookie::Session.set(portal, &session, Some(life)),
        Cookie::SignIn.clear(portal),
        own_browser_cookie(visit, user)?,
    ];
    let known = proof.known(visit).await?;
    // A password alone makes no place known.
    if known || proof.second_factor {
        let device = visit.cookie(Cookie::Device).filter(|_| known);
        let device = device.unwrap_or_else(|| random::token().to_string());
        mfa::remember_place(portal, &user.id, &device, client).await?;
        cookies.push(Cookie::Device.set(portal, &device, Some(RECOGNIZED)));
    }
    let event = audit::Event::new(EVENT_SOURCE, "UserAuthentication")
        .user(&user.id, &user.user_name)
        .detail(json!({ "secondFactor": proof.second_factor, "knownPlace": known }));
    audit::record(portal, client, event).await?;
    let mut response = redirect(&proof.return_to);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [WithoutFactor; 3] = [
        WithoutFactor::Enrol,
        WithoutFactor::Block,
        WithoutFactor::Allow,
    ];

    fn next(asked: bool, given: bool, has: bool, change: bool, without: WithoutFactor) -> Step {
        let standing = Standing {
            factor_asked_for: asked,
            factor_given: given,
            has_factor: has,
            without_factor: without,
            password_change_required: change,
        };
        standing.next()
    }

    #[test]
    fn a_second_factor_that_is_owed_never_leads_to_a_session() {
        for without in ALL {
            for change in [false, true] {
                assert_eq!(next(true, false, true, change, without), Step::Factor);
            }
        }
        for change in [false, true] {
            let none = |without| next(true, false, false, change, without);
            assert_ne!(none(WithoutFactor::Enrol), Step::Done);
            assert_eq!(none(WithoutFactor::Block), Step::Blocked);
        }
    }

    #[test]
    fn the_old_factor_comes_before_the_new_password_and_a_new_factor_after_it() {
        for without in ALL {
            assert_eq!(next(true, false, true, true, without), Step::Factor);
            assert_eq!(next(true, true, true, true, without), Step::NewPassword);
            assert_eq!(next(false, false, true, false, without), Step::Done);
            assert_eq!(next(false, false, false, true, without), Step::NewPassword);
        }
        let enrol = |change| next(true, false, false, change, WithoutFactor::Enrol);
        assert_eq!(
            [enrol(true), enrol(false)],
            [Step::NewPassword, Step::Enrol]
        );
        let allow = |change| next(true, false, false, change, WithoutFactor::Allow);
        assert_eq!([allow(true), allow(false)], [Step::NewPassword, Step::Done]);
    }
}
