//! What happens by itself as time passes, clocks are set and portals fail.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ipc::message::{Code, Delivery, Request, Response, SessionState};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::portal::{Does, Portal};
use super::{Agent, PATIENCE, credentials, next, status};
use crate::clock::Clock;
use crate::controller::{Controller, Handle};
use crate::menu::{Action, RoleId};
use crate::remembered::{Kept, Remembered};
use crate::testing::{Noting, SetClock, Told, environment};

const START: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const CREDENTIALS: &str = "/federation/credentials";

/// A controller, its portal and their common clock.
struct Engine {
    clock: SetClock,
    portal: Portal,
    handle: Handle,
    told: mpsc::UnboundedReceiver<Told>,
    agent: Agent,
}

impl Engine {
    async fn start(remembered: &Remembered) -> Self {
        Self::with_clock(START, remembered).await
    }

    /// With a clock that shows this at the start.
    async fn with_clock(shows: OffsetDateTime, remembered: &Remembered) -> Self {
        let clock = SetClock::at(shows);
        let portal = Portal::start(START, &clock).await;
        let agent = Agent::of(portal.address);
        let mut remembered = remembered.clone();
        for kept in &mut remembered.kept {
            kept.config_file = agent.home.path().join(&kept.config_file);
        }
        agent.remember(&remembered);
        agent.sign_in();
        let (noted, told) = mpsc::unbounded_channel();
        let mut environment = environment(&agent.home);
        environment.clock = Arc::new(clock.clone());
        let keyring = Box::new(agent.keyring.clone());
        let (handle, _) = Controller::start(environment, keyring, Noting(noted)).unwrap();
        Self {
            clock,
            portal,
            handle,
            told,
            agent,
        }
    }

    /// Waits until the portal was asked so often.
    async fn asked(&self, path: &str, times: usize) {
        let asked = async {
            while self.portal.count(path) < times {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| panic!("{path} {times} times: {:?}", self.portal.asked()));
    }

    /// The key of the credentials that a caller is given.
    async fn key(&self) -> String {
        match self.handle.request(credentials("payments", "admin")).await {
            Response::Credentials(given) => given.access_key_id,
            other => panic!("{other:?}"),
        }
    }

    async fn told(&mut self, key: &str, title: &str) {
        let (key, title) = (key.to_owned(), title.to_owned());
        assert_eq!(next(&mut self.told).await, Told::Notified { key, title });
    }

    async fn withdrawn(&mut self, key: &str) {
        let key = key.to_owned();
        assert_eq!(next(&mut self.told).await, Told::Withdrawn { key });
    }
}

fn admin() -> RoleId {
    RoleId {
        session: "acme".to_owned(),
        account_id: "111111111111".to_owned(),
        role_name: "Admin".to_owned(),
    }
}

fn keeping() -> Remembered {
    Remembered {
        kept: vec![Kept {
            role: admin(),
            delivery: Delivery::Process,
            profile: "payments-admin".to_owned(),
            config_file: "config".into(),
        }],
        ..Remembered::default()
    }
}

/// A session that is known to last eight hours.
fn eight_hours() -> Remembered {
    let mut remembered = Remembered::default();
    remembered.learn_length("acme", 8 * 3600);
    remembered
}

#[tokio::test]
async fn a_clock_set_by_a_month_neither_renews_over_and_over_nor_never() {
    let engine = Engine::start(&keeping()).await;
    engine.asked(CREDENTIALS, 1).await;
    let first = engine.key().await;
    for (days, calls) in [(30, 2), (-30, 2), (-30, 2)] {
        let now = engine.clock.now() + time::Duration::days(days);
        engine.clock.set(now);
        engine.asked(CREDENTIALS, calls).await;
        // What is renewed anew would be asked for before this is answered.
        engine.key().await;
        status(&engine.handle).await;
        assert_eq!(engine.portal.count(CREDENTIALS), calls, "{days} days");
    }
    assert_ne!(engine.key().await, first);
    engine.clock.pass(time::Duration::minutes(46));
    engine.asked(CREDENTIALS, 3).await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_makes_nothing_live_shorter_or_longer() {
    for days in [-30, 30] {
        let shows = START + time::Duration::days(days);
        let engine = Engine::with_clock(shows, &keeping()).await;
        engine.asked(CREDENTIALS, 1).await;
        engine.key().await;
        for (minutes, calls) in [(30, 1), (16, 2)] {
            engine.clock.pass(time::Duration::minutes(minutes));
            engine.asked(CREDENTIALS, calls).await;
            engine.key().await;
            assert_eq!(engine.portal.count(CREDENTIALS), calls, "{days} days");
        }
    }
}

#[tokio::test]
async fn a_sleep_past_everything_is_caught_up_with_at_once() {
    let engine = Engine::start(&keeping()).await;
    engine.asked(CREDENTIALS, 1).await;
    let before = engine.key().await;
    engine.clock.pass(time::Duration::hours(3));
    engine.asked(CREDENTIALS, 2).await;
    assert_ne!(engine.key().await, before);
}

#[tokio::test]
async fn credentials_that_cannot_be_renewed_serve_to_their_end() {
    let engine = Engine::start(&Remembered::default()).await;
    let first = engine.key().await;
    engine
        .portal
        .set(CREDENTIALS, Does::Refuses(503, "InternalServerException"));
    engine.clock.pass(time::Duration::minutes(50));
    assert_eq!(engine.key().await, first);
    engine.clock.pass(time::Duration::minutes(10));
    let late = engine
        .handle
        .request(credentials("payments", "admin"))
        .await;
    assert!(
        matches!(&late, Response::Error(failure) if failure.code == Code::PortalUnreachable),
        "{late:?}"
    );
    engine.portal.set("", Does::Answers);
    assert_ne!(engine.key().await, first);
}

#[tokio::test]
async fn a_kept_role_that_was_taken_away_is_told_once_and_tried_again_later() {
    let mut engine = Engine::start(&keeping()).await;
    engine.asked(CREDENTIALS, 1).await;
    // They have come once they are handed out.
    engine.key().await;
    engine
        .portal
        .set(CREDENTIALS, Does::Refuses(403, "ForbiddenException"));
    engine.clock.pass(time::Duration::minutes(46));
    let key = "refused/acme/111111111111/Admin";
    engine.told(key, "Admin cannot be refreshed").await;
    status(&engine.handle).await;
    assert_eq!(engine.portal.count(CREDENTIALS), 2);
    engine.portal.set("", Does::Answers);
    engine.clock.pass(time::Duration::minutes(16));
    engine.withdrawn(key).await;
    assert_eq!(engine.portal.count(CREDENTIALS), 3);
}

#[tokio::test]
async fn the_end_is_announced_and_later_is_respected() {
    let mut engine = Engine::start(&eight_hours()).await;
    engine.clock.pass(time::Duration::minutes(466));
    engine
        .told("sign-in/acme", "The session acme ends soon")
        .await;
    let session = "acme".to_owned();
    engine.handle.act(Action::Later { session }).await;
    engine.withdrawn("sign-in/acme").await;
    engine
        .portal
        .set("/token", Does::Refuses(400, "InvalidGrantException"));
    engine.clock.pass(time::Duration::minutes(5));
    status(&engine.handle).await;
    // Nothing is told before the end has come.
    engine.clock.pass(time::Duration::minutes(10));
    engine
        .told("sign-in/acme", "The session acme has ended")
        .await;
    assert_eq!(status(&engine.handle).await.state, SessionState::Expired);
}

#[tokio::test]
async fn to_sign_in_again_ends_the_old_session_first() {
    let mut engine = Engine::start(&eight_hours()).await;
    let given = engine.key().await;
    engine.clock.pass(time::Duration::minutes(466));
    engine
        .told("sign-in/acme", "The session acme ends soon")
        .await;
    engine.portal.set("/logout", Does::Holds);
    let session = "acme".to_owned();
    engine.handle.act(Action::SignInAgain { session }).await;
    engine.asked("/logout", 1).await;
    assert_eq!(status(&engine.handle).await.state, SessionState::SigningIn);
    // The portal has not let the session go yet: nobody may sign in on top of it.
    let mut waiting = engine.handle.ask(super::login()).await;
    let early = tokio::time::timeout(Duration::from_millis(300), waiting.recv()).await;
    assert!(early.is_err(), "{early:?}");
    engine.portal.set("", Does::Answers);
    let step = tokio::time::timeout(PATIENCE, waiting.recv()).await;
    assert!(matches!(step, Ok(Some(Response::Progress(_)))), "{step:?}");
    assert_ne!(given, "");
}

#[tokio::test]
async fn what_the_disk_refuses_is_told_and_written_as_soon_as_it_can_be() {
    let mut engine = Engine::start(&Remembered::default()).await;
    status(&engine.handle).await;
    let state = environment(&engine.agent.home).paths.state;
    fs::remove_file(&state).unwrap();
    // Nothing can take the place of a folder that holds something.
    fs::create_dir_all(state.join("in the way")).unwrap();
    engine.handle.act(Action::ToggleFavourite(admin())).await;
    engine
        .told("unsaved", "Vestibule cannot write its files")
        .await;
    fs::remove_dir_all(&state).unwrap();
    engine.clock.pass(time::Duration::MINUTE);
    engine.withdrawn("unsaved").await;
    assert_eq!(Remembered::load(&state).favourites, [admin()]);
}

#[tokio::test]
async fn what_arrives_after_a_sign_out_is_not_kept() {
    let engine = Engine::start(&Remembered::default()).await;
    engine.portal.set(CREDENTIALS, Does::Holds);
    let mut caller = engine.handle.ask(credentials("payments", "admin")).await;
    engine.asked(CREDENTIALS, 1).await;
    let logout = Request::Logout { session: None };
    assert!(matches!(
        engine.handle.request(logout).await,
        Response::Done
    ));
    // The caller is let go, and the late answer is for nobody.
    engine.portal.set("", Does::Answers);
    let answer = caller.recv().await;
    assert!(
        !matches!(answer, Some(Response::Credentials(_))),
        "{answer:?}"
    );
    engine.asked("/logout", 1).await;
    let after = status(&engine.handle).await;
    assert_eq!(after.state, SessionState::SignedOut);
    let mut again = engine.handle.ask(credentials("payments", "admin")).await;
    let step = tokio::time::timeout(PATIENCE, again.recv()).await;
    assert!(matches!(step, Ok(Some(Response::Progress(_)))), "{step:?}");
}

#[tokio::test]
async fn a_caller_waits_five_minutes_for_a_sign_in_that_nobody_finishes() {
    let engine = Engine::start(&Remembered::default()).await;
    let logout = Request::Logout { session: None };
    assert!(matches!(
        engine.handle.request(logout).await,
        Response::Done
    ));
    let mut caller = engine.handle.ask(credentials("payments", "admin")).await;
    let step = caller.recv().await;
    assert!(matches!(step, Some(Response::Progress(_))), "{step:?}");
    tokio::time::pause();
    let start = Instant::now();
    let answer = caller.recv().await;
    let Some(Response::Error(failure)) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(failure.code, Code::SignInTimedOut);
    let waited = start.elapsed();
    assert!(
        waited > Duration::from_secs(290) && waited < Duration::from_secs(310),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_sign_in_that_nobody_finishes_takes_nothing_from_a_session_that_lasts() {
    let engine = Engine::start(&keeping()).await;
    engine.asked(CREDENTIALS, 1).await;
    engine.key().await;
    let mut login = engine.handle.ask(super::login()).await;
    let step = login.recv().await;
    assert!(matches!(step, Some(Response::Progress(_))), "{step:?}");
    tokio::time::pause();
    let answer = login.recv().await;
    tokio::time::resume();
    assert!(
        matches!(&answer, Some(Response::Error(failure)) if failure.code == Code::SignInTimedOut),
        "{answer:?}"
    );
    let answer = engine.handle.request(Request::Status).await;
    let Response::Status { sessions, kept } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(sessions[0].state, SessionState::SignedIn);
    assert_eq!((&sessions[0].problem, &kept[0].problem), (&None, &None));
    engine.clock.pass(time::Duration::minutes(46));
    engine.asked(CREDENTIALS, 2).await;
}
