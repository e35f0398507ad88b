//! A real socket in a folder of its own, a real controller behind it, real clients before it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use ipc::client;
use ipc::message::{Flow, RoleQuery, SessionState};
use tempfile::TempDir;

use super::*;
use crate::controller::{Controller, Environment};
use crate::testing::{NoKeyring, Silent, environment};

struct Agent {
    environment: Environment,
    lock: Lock,
    server: Server,
    left: mpsc::Receiver<()>,
    handle: Handle,
}

impl Agent {
    fn start(home: &TempDir, leaves: bool) -> Self {
        let environment = environment(home);
        let lock = Lock::take(&environment.paths).unwrap();
        let (handle, _) =
            Controller::start(environment.clone(), Box::new(NoKeyring), Silent).unwrap();
        let (leave, left) = mpsc::channel(1);
        let server = lock.serve(handle.clone(), leaves.then_some(leave)).unwrap();
        Self {
            environment,
            lock,
            server,
            left,
            handle,
        }
    }

    /// Asks as the command line does, on a connection of its own.
    async fn ask(&self, request: Request) -> Response {
        let socket = self.environment.paths.socket.clone();
        let ask = move || {
            let mut connection = Connection::connect(&socket, "test 1").unwrap();
            connection.request(&request, |_| {}).unwrap()
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    }

    async fn add(&self, start_url: &str, name: Option<&str>) -> Response {
        self.ask(Request::AddPortal {
            start_url: start_url.parse().unwrap(),
            region: "eu-central-1".to_owned(),
            name: name.map(str::to_owned),
            endpoints: ipc::message::EndpointOverrides::default(),
        })
        .await
    }
}

fn code(response: &Response) -> Option<Code> {
    match response {
        Response::Error(failure) => Some(failure.code),
        _ => None,
    }
}

fn role(account: &str) -> RoleQuery {
    RoleQuery {
        account: account.to_owned(),
        role: "Admin".to_owned(),
        session: None,
    }
}

#[tokio::test]
async fn portals_are_added_remembered_and_removed() {
    let home = TempDir::new().unwrap();
    let agent = Agent::start(&home, true);
    assert_eq!(
        code(&agent.ask(Request::Accounts { session: None }).await),
        Some(Code::NoPortal)
    );
    for (url, name, expected) in [
        ("https://acme.awsapps.com/start", None, "acme"),
        ("https://acme.awsapps.com/start/#/", None, "acme"),
        ("https://acme.awsapps.com/start", Some("second"), "second"),
        ("http://127.0.0.1:9/start", None, "portal"),
    ] {
        let Response::PortalAdded { name } = agent.add(url, name).await else {
            panic!("{url}")
        };
        assert_eq!(name, expected);
    }
    assert_eq!(
        code(&agent.add("http://plain.example/start", None).await),
        Some(Code::BadRequest)
    );
    assert_eq!(
        code(&agent.add("https://b.awsapps.com/start", Some("acme")).await),
        Some(Code::BadRequest)
    );
    assert_eq!(
        code(&agent.add("https://b.awsapps.com/start", Some("../x")).await),
        Some(Code::BadRequest)
    );
    assert!(matches!(
        agent
            .ask(Request::RemovePortal {
                name: "second".to_owned()
            })
            .await,
        Response::Done
    ));
    let text = std::fs::read_to_string(&agent.environment.paths.settings).unwrap();
    assert!(text.contains("acme") && !text.contains("second"), "{text}");
    let Response::Status { sessions, .. } = agent.ask(Request::Status).await else {
        panic!()
    };
    let states: Vec<_> = sessions
        .iter()
        .map(|one| (one.name.as_str(), one.state))
        .collect();
    assert_eq!(
        states,
        [
            ("acme", SessionState::SignedOut),
            ("portal", SessionState::SignedOut)
        ]
    );
}

#[tokio::test]
async fn a_portal_that_is_down_is_told_and_opens_no_browser() {
    let home = TempDir::new().unwrap();
    let agent = Agent::start(&home, true);
    agent.add("http://127.0.0.1:1/start", Some("down")).await;
    let login = Request::Login {
        session: None,
        flow: Flow::Pkce,
        open: true,
    };
    for request in [
        login,
        Request::Accounts { session: None },
        Request::Credentials {
            role: role("111111111111"),
            interactive: false,
        },
        Request::Credentials {
            role: role("by-name"),
            interactive: false,
        },
    ] {
        let response = agent.ask(request.clone()).await;
        assert_eq!(
            code(&response),
            Some(Code::PortalUnreachable),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn broken_settings_are_told_and_stay_as_they_are() {
    let home = TempDir::new().unwrap();
    let path = environment(&home).paths.settings;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "version = 1\nbrouser = 1\n").unwrap();
    let agent = Agent::start(&home, true);
    let response = agent.add("https://acme.awsapps.com/start", None).await;
    let Response::Error(failure) = response else {
        panic!("the settings were overwritten")
    };
    assert_eq!(failure.code, Code::Settings);
    assert!(failure.message.contains("line 2"), "{failure:?}");
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "version = 1\nbrouser = 1\n"
    );
    assert_eq!(
        code(&agent.ask(Request::Status).await),
        Some(Code::Settings)
    );
    let mut snapshot = agent.handle.snapshot();
    let told = snapshot
        .wait_for(|now| now.settings_problem.is_some())
        .await
        .unwrap()
        .clone();
    assert_eq!(told.settings_problem.as_ref(), Some(&failure));
}

#[tokio::test]
async fn one_agent_for_a_user_and_a_dead_ones_socket_is_replaced() {
    let home = TempDir::new().unwrap();
    let paths = environment(&home).paths;
    ipc::socket::ensure_private_folder(&paths.runtime).unwrap();
    drop(UnixListener::bind(&paths.socket).unwrap());
    let agent = Agent::start(&home, true);
    assert!(matches!(Lock::take(&paths), Err(Error::AlreadyRunning)));
    assert!(matches!(
        agent.ask(Request::Status).await,
        Response::Status { .. }
    ));
    agent.server.stop().await;
    assert!(!paths.socket.exists());
    drop(agent.lock);
    Lock::take(&paths).unwrap();
}

#[tokio::test]
async fn a_socket_that_somebody_answers_on_is_left_alone() {
    let home = TempDir::new().unwrap();
    let paths = environment(&home).paths;
    let lock = Lock::take(&paths).unwrap();
    let _other = UnixListener::bind(&paths.socket).unwrap();
    let (handle, _) = Controller::start(environment(&home), Box::new(NoKeyring), Silent).unwrap();
    let refused = lock.serve(handle, None).unwrap_err();
    assert!(
        matches!(refused, Error::Bind(BindError::InUse(_))),
        "{refused}"
    );
}

#[tokio::test]
async fn a_folder_that_others_may_enter_is_refused_by_both_ends() {
    let home = TempDir::new().unwrap();
    let agent = Agent::start(&home, true);
    let paths = &agent.environment.paths;
    let open =
        |mode| std::fs::set_permissions(&paths.runtime, PermissionsExt::from_mode(mode)).unwrap();
    open(0o755);
    let refused = Connection::connect(&paths.socket, "test 1").unwrap_err();
    assert!(
        matches!(refused, client::Error::Folder(FolderError::NotPrivate(_))),
        "{refused}"
    );
    assert!(matches!(
        Lock::take(paths),
        Err(Error::Folder(FolderError::NotPrivate(_)))
    ));
    open(0o700);
    assert!(matches!(
        agent.ask(Request::Status).await,
        Response::Status { .. }
    ));
}

#[tokio::test]
async fn a_headless_agent_leaves_and_a_tray_stays() {
    let home = TempDir::new().unwrap();
    let paths = environment(&home).paths;
    let tray = Agent::start(&home, false);
    assert!(matches!(
        Lock::take_over(&paths).await,
        Err(Error::AlreadyRunning)
    ));
    tray.server.stop().await;
    drop(tray.lock);
    let mut headless = Agent::start(&home, true);
    let leaving = async {
        headless.left.recv().await.unwrap();
        headless.server.stop().await;
        drop(headless.lock);
    };
    let (taken, ()) = tokio::join!(Lock::take_over(&paths), leaving);
    taken.unwrap();
}

#[tokio::test]
async fn a_tray_takes_over_though_a_command_starts_another_agent_meanwhile() {
    let home = TempDir::new().unwrap();
    let paths = environment(&home).paths;
    let mut first = Agent::start(&home, true);
    let commands = async {
        first.left.recv().await.unwrap();
        first.server.stop().await;
        drop(first.lock);
        let mut second = Agent::start(&home, true);
        second.left.recv().await.unwrap();
        second.server.stop().await;
        drop(second.lock);
        std::future::pending().await
    };
    tokio::select! {
        taken = Lock::take_over(&paths) => drop(taken.unwrap()),
        () = commands => {}
    }
}

/// Sends raw bytes and reads that many lines, or fewer where the agent hangs up.
async fn raw(socket: &Path, bytes: Vec<u8>, lines: usize) -> Vec<String> {
    let socket = socket.to_owned();
    let talk = move || {
        let mut stream = UnixStream::connect(socket).unwrap();
        // The agent may hang up before it has read everything.
        let _ = stream.write_all(&bytes);
        BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .take(lines)
            .collect()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[tokio::test]
async fn nonsense_is_answered_or_hung_up_on_and_harms_nobody() {
    let home = TempDir::new().unwrap();
    let agent = Agent::start(&home, true);
    let socket = agent.environment.paths.socket.clone();
    let hello = "{\"version\":1,\"program\":\"test\"}\n";
    let requests = "{\"request\":\"dance\"}\n{\"request\":\"status\"}\n";
    let answers = raw(&socket, format!("{hello}{requests}").into(), 3).await;
    assert!(answers[1].contains("bad_request"), "{answers:?}");
    assert!(answers[2].contains("\"sessions\":[]"), "{answers:?}");
    let old = hello.replace('1', "0") + requests;
    assert_eq!(
        raw(&socket, old.into(), 3).await.len(),
        1,
        "another version is hung up on"
    );
    let mut endless = hello.as_bytes().to_vec();
    endless.resize(1024 * 1024, b'x');
    assert_eq!(
        raw(&socket, endless, 3).await.len(),
        1,
        "an endless line is hung up on"
    );
    assert!(matches!(
        agent.ask(Request::Status).await,
        Response::Status { .. }
    ));
}
