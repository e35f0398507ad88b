//! The controller between a desktop that notes things down, a keyring in memory and portals that
//! do not answer. What a portal answers is tried with the real one, in the end-to-end tests.

mod chains;
mod engine;
mod portal;

use std::fs;
use std::time::Duration;

use ipc::message::{
    Code, Delivery, EndpointOverrides, Flow, Request, Response, RoleQuery, SessionState,
    SessionStatus,
};
use sso::oidc::{Grant, Registration};
use tempfile::TempDir;
use time::macros::datetime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Change, Controller, Handle};
use crate::catalog::{Account, Catalog};
use crate::keyring::{SecretStore, SignedIn, Stored};
use crate::menu::{Action, RoleId};
use crate::remembered::{Kept, Remembered};
use crate::testing::{Memory, Noting, Told, environment};

mod guest;
mod sharing;
mod windows;

/// How long a test waits for what should take a moment: plenty, for a loaded machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A session named `acme` with a catalog of one role, and its controller.
pub(super) struct Agent {
    pub(super) home: TempDir,
    keyring: Memory,
    portal: String,
}

impl Agent {
    pub(super) fn of(portal: impl std::fmt::Display) -> Self {
        let agent = Self {
            home: TempDir::new().unwrap(),
            keyring: Memory::default(),
            portal: format!("http://{portal}/start"),
        };
        let paths = environment(&agent.home).paths;
        let settings = format!(
            "version = 1\n[[sessions]]\nname = \"acme\"\nstart_url = \"{}\"\nregion = \"eu-west-1\"\n",
            agent.portal
        );
        fs::create_dir_all(paths.settings.parent().unwrap()).unwrap();
        fs::write(&paths.settings, settings).unwrap();
        let mut catalog = Catalog {
            complete: true,
            ..Catalog::default()
        };
        catalog.put(Account {
            id: "111111111111".to_owned(),
            name: "Payments".to_owned(),
            email: String::new(),
            roles: vec!["Admin".to_owned()],
        });
        catalog.save(&paths.catalogs, "acme").unwrap();
        agent
    }

    fn remember(&self, remembered: &Remembered) {
        remembered
            .save(&environment(&self.home).paths.state)
            .unwrap();
    }

    /// A role is kept under a profile of this config file.
    fn keep_in(&self, config_file: std::path::PathBuf) {
        let mut remembered = Remembered::default();
        remembered.kept.push(Kept {
            role: RoleId {
                session: "acme".to_owned(),
                account_id: "111111111111".to_owned(),
                role_name: "Admin".to_owned(),
            },
            delivery: Delivery::Process,
            profile: "payments-admin".to_owned(),
            config_file,
        });
        self.remember(&remembered);
    }

    pub(super) fn sign_in(&self) {
        let stored = Stored {
            registrations: vec![Registration {
                client_id: "client".to_owned(),
                client_secret: "confidential".into(),
                expires_at: datetime!(2100-01-01 00:00 UTC),
                grant: Grant::AuthorizationCode,
            }],
            signed_in: Some(SignedIn {
                grant: Grant::AuthorizationCode,
                client: None,
                refresh_token: "renewing".into(),
                since: datetime!(2026-11-22 10:00 UTC),
                alive: datetime!(2026-11-22 10:00 UTC),
            }),
        };
        let mut keyring = self.keyring.clone();
        keyring
            .write("vestibule", "acme", &stored.to_secret())
            .unwrap();
    }

    pub(super) fn start(&self) -> (Handle, mpsc::UnboundedReceiver<Told>) {
        let (noted, told) = mpsc::unbounded_channel();
        let keyring = Box::new(self.keyring.clone());
        let environment = environment(&self.home);
        let (handle, _) = Controller::start(environment, keyring, Noting(noted)).unwrap();
        (handle, told)
    }
}

/// An address at which nobody listens.
fn nobody() -> std::net::SocketAddr {
    ([127, 0, 0, 1], 1).into()
}

async fn status(handle: &Handle) -> SessionStatus {
    match handle.request(Request::Status).await {
        Response::Status { mut sessions, .. } => sessions.remove(0),
        other => panic!("{other:?}"),
    }
}

async fn next(told: &mut mpsc::UnboundedReceiver<Told>) -> Told {
    let next = tokio::time::timeout(PATIENCE, told.recv()).await;
    next.expect("something is told in time")
        .expect("the controller runs")
}

/// Waits until it is so, for what happens on threads and tasks of their own.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await;
    in_time.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

fn login() -> Request {
    Request::Login {
        session: None,
        flow: Flow::Pkce,
        open: false,
    }
}

pub(super) fn credentials(account: &str, role: &str) -> Request {
    let role = RoleQuery {
        account: account.to_owned(),
        role: role.to_owned(),
        session: None,
    };
    Request::Credentials {
        role,
        interactive: false,
    }
}

#[tokio::test]
async fn an_interrupted_login_ends_unless_somebody_else_waits() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let agent = Agent::of(silent.local_addr().unwrap());
    let (handle, _told) = agent.start();
    let first = handle.ask(login()).await;
    let second = handle.ask(login()).await;
    assert_eq!(status(&handle).await.state, SessionState::SigningIn);
    drop(first);
    handle.left().await;
    assert_eq!(status(&handle).await.state, SessionState::SigningIn);
    drop(second);
    handle.left().await;
    let after = status(&handle).await;
    assert_eq!(after.state, SessionState::SignedOut);
    assert_eq!(after.problem, None);
}

#[tokio::test]
async fn a_sign_in_begun_by_a_click_or_a_caller_outlives_those_who_join() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for by_click in [true, false] {
        let agent = Agent::of(silent.local_addr().unwrap());
        let (handle, _told) = agent.start();
        let mut waiting = Vec::new();
        if by_click {
            let session = "acme".to_owned();
            handle.act(Action::SignIn { session }).await;
        } else {
            waiting.push(handle.ask(credentials("payments", "admin")).await);
        }
        waiting.push(handle.ask(login()).await);
        assert_eq!(status(&handle).await.state, SessionState::SigningIn);
        drop(waiting);
        handle.left().await;
        assert_eq!(status(&handle).await.state, SessionState::SigningIn);
    }
}

#[tokio::test]
async fn what_an_old_catalog_lacks_is_asked_of_the_portal_first() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    for (account, role) in [
        ("payments", "billing"),
        ("sandbox", "admin"),
        ("222222222222", "Admin"),
    ] {
        let Response::Error(failure) = handle.request(credentials(account, role)).await else {
            panic!("{account} {role}")
        };
        assert_eq!(failure.code, Code::PortalUnreachable, "{failure:?}");
    }
}

#[tokio::test]
async fn signing_out_deletes_the_keyrings_entry_and_forgets_who_it_was() {
    let agent = Agent::of(nobody());
    let mut remembered = Remembered::default();
    remembered.set_user("acme", Some("ana".to_owned()));
    agent.remember(&remembered);
    for end in [
        Request::Logout { session: None },
        Request::RemovePortal {
            name: "acme".to_owned(),
        },
    ] {
        agent.sign_in();
        let (handle, _told) = agent.start();
        let before = status(&handle).await;
        assert_eq!(before.state, SessionState::SignedIn);
        assert_eq!(agent.keyring.entries(), ["acme"]);
        let removes = matches!(end, Request::RemovePortal { .. });
        if !removes {
            assert_eq!(before.user.as_deref(), Some("ana"));
        }
        assert!(matches!(handle.request(end).await, Response::Done));
        if !removes {
            assert_eq!(status(&handle).await.user, None);
        }
        // The keyring works on a thread of its own.
        let gone = async {
            while !agent.keyring.entries().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, gone)
            .await
            .expect("the entry is deleted");
    }
}

#[tokio::test]
async fn the_call_to_sign_in_goes_once_a_sign_in_begins() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let agent = Agent::of(silent.local_addr().unwrap());
    agent.keep_in(agent.home.path().join("config"));
    let (handle, mut told) = agent.start();
    let (key, title) = ("sign-in/acme".to_owned(), "Sign in to acme".to_owned());
    let call = Told::Notified {
        key: key.clone(),
        title,
    };
    assert_eq!(next(&mut told).await, call);
    let session = "acme".to_owned();
    handle.act(Action::SignIn { session }).await;
    assert_eq!(next(&mut told).await, Told::Withdrawn { key });
}

#[tokio::test]
async fn a_companys_own_address_is_followed_to_its_portal() {
    let vanity = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = vanity.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = vanity.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let redirect = "HTTP/1.1 302 Found\r\n\
            Location: https://ssoins-1234.portal.ap-south-1.app.aws/\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(redirect.as_bytes()).await.unwrap();
    });
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    let add = Request::AddPortal {
        start_url: format!("http://{address}/").parse().unwrap(),
        region: "eu-west-1".to_owned(),
        name: Some("vanity".to_owned()),
        endpoints: EndpointOverrides::default(),
    };
    let added = handle.request(add).await;
    assert!(matches!(added, Response::PortalAdded { .. }), "{added:?}");
    let Response::Status { sessions, .. } = handle.request(Request::Status).await else {
        panic!("no status")
    };
    assert_eq!(
        sessions[1].start_url.as_str(),
        "https://ssoins-1234.portal.ap-south-1.app.aws/"
    );
    assert_eq!(sessions[1].region, "ap-south-1");
}

#[tokio::test]
async fn a_single_word_is_no_portals_address() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    let Response::Error(failure) = handle.request(add_portal("https://notaurl/")).await else {
        panic!("it was added")
    };
    assert_eq!(failure.code, Code::BadRequest, "{failure:?}");
    for good in ["https://127.0.0.1:1/start", "http://localhost:1/start"] {
        let added = handle.request(add_portal(good)).await;
        assert!(matches!(added, Response::PortalAdded { .. }), "{added:?}");
    }
}

fn add_portal(start_url: &str) -> Request {
    Request::AddPortal {
        start_url: start_url.parse().unwrap(),
        region: "eu-west-1".to_owned(),
        name: None,
        endpoints: EndpointOverrides::default(),
    }
}

#[tokio::test]
async fn what_is_not_kept_cannot_be_removed() {
    let agent = Agent::of(nobody());
    let config = agent.home.path().join("config");
    agent.keep_in(config);
    let (handle, _told) = agent.start();
    let remove = |delivery| Request::Unkeep {
        role: RoleQuery {
            account: "payments".to_owned(),
            role: "admin".to_owned(),
            session: None,
        },
        delivery,
    };
    for (delivery, is_kept) in [
        (Some(Delivery::StaticKeys), false),
        (Some(Delivery::Process), true),
        (None, false),
    ] {
        match handle.request(remove(delivery)).await {
            Response::Done => assert!(is_kept, "{delivery:?}"),
            Response::Error(failure) => {
                assert_eq!((failure.code, is_kept), (Code::NoSuchRole, false));
            }
            other => panic!("{other:?}"),
        }
    }
}
