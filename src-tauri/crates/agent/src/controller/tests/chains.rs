//! Chained roles, with a portal and an STS that answer as little as it takes. The real ones are in
//! the end-to-end tests.

use std::sync::{Arc, Mutex};

use ipc::message::{Chain, MfaCode, Progress};
use sso::oidc::{Grant, Registration};
use time::OffsetDateTime;

use super::*;
use crate::menu::Window;
use crate::testing::Silent;

const SERIAL: &str = "arn:aws:iam::222222222222:mfa/ana";
const WRONG: &str = "000000";
const RIGHT: &str = "123456";

/// Portal and STS in one, and what they were asked.
struct Aws {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Aws {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let noted = noted.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 16 * 1024];
                    let length = stream.read(&mut request).await.unwrap();
                    let request = String::from_utf8_lossy(&request[..length]).into_owned();
                    let (status, body) = answer(&request);
                    noted.lock().unwrap().push(request);
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all((head + &body).as_bytes()).await;
                });
            }
        });
        Self { address, asked }
    }

    /// How often a request was asked that contains this.
    fn count(&self, part: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|request| request.contains(part))
            .count()
    }
}

fn answer(request: &str) -> (u16, String) {
    let end = OffsetDateTime::now_utc() + time::Duration::HOUR;
    if request.starts_with("POST /token") {
        let token =
            r#"{"accessToken":"a","tokenType":"Bearer","expiresIn":3600,"refreshToken":"r"}"#;
        (200, token.to_owned())
    } else if request.starts_with("GET /federation/credentials") {
        let end = end.unix_timestamp() * 1000;
        let keys = r#""accessKeyId":"ASIASOURCE","secretAccessKey":"s","sessionToken":"t""#;
        (
            200,
            format!(r#"{{"roleCredentials":{{{keys},"expiration":{end}}}}}"#),
        )
    } else if request.starts_with("GET /assignment/accounts") {
        let account = r#"{"accountId":"111111111111","accountName":"Payments"}"#;
        (200, format!(r#"{{"accountList":[{account}]}}"#))
    } else if request.starts_with("GET /assignment/roles") {
        let role = r#"{"accountId":"111111111111","roleName":"Admin"}"#;
        (200, format!(r#"{{"roleList":[{role}]}}"#))
    } else if request.contains(&format!("TokenCode={WRONG}")) || request.contains("Refused") {
        let failed = if request.contains("Refused") {
            "User: x is not authorized to perform: sts:AssumeRole"
        } else {
            "MultiFactorAuthentication failed with invalid MFA one time pass code."
        };
        let error = format!("<Error><Code>AccessDenied</Code><Message>{failed}</Message></Error>");
        (403, format!("<ErrorResponse>{error}</ErrorResponse>"))
    } else {
        let end = end
            .format(&time::format_description::well_known::Rfc3339)
            .unwrap();
        let keys = format!(
            "<AccessKeyId>ASIACHAINED</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>{end}</Expiration>"
        );
        let result =
            format!("<AssumeRoleResult><Credentials>{keys}</Credentials></AssumeRoleResult>");
        (
            200,
            format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>"),
        )
    }
}

/// An agent that is signed in there and has the chained role `deploy`, with MFA.
async fn agent(aws: &Aws) -> Agent {
    let agent = Agent::of(aws.address);
    let stored = Stored {
        registrations: vec![Registration {
            client_id: "client".to_owned(),
            client_secret: "secret".into(),
            expires_at: OffsetDateTime::now_utc() + time::Duration::DAY,
            grant: Grant::AuthorizationCode,
        }],
        signed_in: Some(SignedIn {
            grant: Grant::AuthorizationCode,
            client: None,
            refresh_token: "renewing".into(),
            since: OffsetDateTime::now_utc(),
            alive: OffsetDateTime::now_utc(),
        }),
    };
    let mut keyring = agent.keyring.clone();
    keyring
        .write("vestibule", "acme", &stored.to_secret())
        .unwrap();
    agent
}

fn chain(name: &str, role: &str) -> Chain {
    Chain {
        name: name.to_owned(),
        role_arn: format!("arn:aws:iam::222222222222:role/{role}"),
        role_session_name: None,
        duration_seconds: None,
        external_id: None,
        tags: std::collections::BTreeMap::new(),
        source_identity: None,
        mfa_serial: None,
    }
}

async fn add(handle: &Handle, from: (&str, &str), chain: Chain) -> Response {
    let from = query(from.0, from.1);
    handle.request(Request::AddChain { from, chain }).await
}

async fn with_mfa(agent: &Agent) -> (Handle, mpsc::UnboundedReceiver<Told>) {
    let (handle, told) = agent.start();
    let mut deploy = chain("deploy", "Deploy");
    deploy.mfa_serial = Some(SERIAL.to_owned());
    let added = add(&handle, ("Payments", "Admin"), deploy).await;
    assert!(matches!(added, Response::ChainAdded { .. }), "{added:?}");
    (handle, told)
}

fn query(account: &str, role: &str) -> RoleQuery {
    RoleQuery {
        account: account.to_owned(),
        role: role.to_owned(),
        session: None,
    }
}

fn wanted(interactive: bool) -> Request {
    Request::Credentials {
        role: query("222222222222", "deploy"),
        interactive,
    }
}

fn deploy() -> RoleId {
    RoleId {
        session: "acme".to_owned(),
        account_id: "222222222222".to_owned(),
        role_name: "deploy".to_owned(),
    }
}

async fn enter(handle: &Handle, code: &str) -> Response {
    let role = query("222222222222", "deploy");
    let code: MfaCode = code.parse().unwrap();
    handle.request(Request::MfaCode { role, code }).await
}

/// Waits for the notification that asks for the code.
async fn asked(told: &mut mpsc::UnboundedReceiver<Told>) {
    let key = "mfa-code/acme/222222222222/deploy".to_owned();
    let title = "Enter the MFA code for deploy".to_owned();
    let expected = Told::Notified { key, title };
    while next(told).await != expected {}
}

fn code_of(response: &Response) -> Option<Code> {
    match response {
        Response::Error(failure) => Some(failure.code),
        _ => None,
    }
}

fn key_of(response: &Response) -> &str {
    match response {
        Response::Credentials(credentials) => &credentials.access_key_id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hundred_callers_cause_one_question_and_one_code_serves_them_for_an_hour() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    let (handle, mut told) = with_mfa(&agent).await;
    let mut callers = Vec::new();
    for _ in 0..100 {
        callers.push(handle.ask(wanted(false)).await);
    }
    asked(&mut told).await;
    assert_eq!(
        code_of(&enter(&handle, WRONG).await),
        Some(Code::MfaCodeWrong)
    );
    assert!(matches!(enter(&handle, RIGHT).await, Response::Done));
    for mut caller in callers {
        let answer = caller.recv().await.unwrap();
        assert_eq!(key_of(&answer), "ASIACHAINED");
    }
    let again = handle.request(wanted(false)).await;
    assert_eq!(key_of(&again), "ASIACHAINED");
    assert_eq!(aws.count("Action=AssumeRole"), 2);
    assert_eq!(aws.count("GET /federation/credentials"), 1);
    assert_eq!(
        aws.count("SerialNumber=arn%3Aaws%3Aiam%3A%3A222222222222%3Amfa%2Fana"),
        2
    );
    let mut questions = 0;
    while let Ok(event) = told.try_recv() {
        questions += usize::from(matches!(event, Told::Notified { .. }));
    }
    assert_eq!(questions, 0, "nobody is asked twice");
}

#[tokio::test]
async fn one_terminal_is_asked_and_the_next_when_it_leaves() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    let (handle, _told) = with_mfa(&agent).await;
    let mut first = handle.ask(wanted(true)).await;
    let question = first.recv().await.unwrap();
    let Response::Progress(Progress::MfaCode(wants)) = question else {
        panic!("{question:?}")
    };
    assert_eq!(
        (wants.role_name.as_str(), wants.mfa_serial.as_str()),
        ("deploy", SERIAL)
    );
    let mut second = handle.ask(wanted(true)).await;
    // What is asked later is answered later.
    handle.request(Request::Chains).await;
    assert!(second.try_recv().is_err(), "one terminal is enough");
    drop(first);
    handle.left().await;
    let question = second.recv().await.unwrap();
    assert!(
        matches!(question, Response::Progress(Progress::MfaCode(_))),
        "{question:?}"
    );
    assert!(matches!(enter(&handle, RIGHT).await, Response::Done));
    assert_eq!(key_of(&second.recv().await.unwrap()), "ASIACHAINED");
}

#[tokio::test]
async fn after_a_refusal_nobody_is_asked_until_the_user_wants_it() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    let (handle, mut told) = with_mfa(&agent).await;
    let mut caller = handle.ask(wanted(false)).await;
    asked(&mut told).await;
    handle.act(Action::RefuseCode(deploy())).await;
    let refused = caller.recv().await.unwrap();
    assert_eq!(code_of(&refused), Some(Code::MfaCodeNeeded), "{refused:?}");
    let later = handle.request(wanted(false)).await;
    assert_eq!(code_of(&later), Some(Code::MfaCodeNeeded), "{later:?}");
    while let Ok(event) = told.try_recv() {
        assert!(matches!(event, Told::Withdrawn { .. }), "{event:?}");
    }

    handle.act(Action::Show(Window::MfaCode(deploy()))).await;
    assert_eq!(
        next(&mut told).await,
        Told::Shown(Window::MfaCode(deploy()))
    );
    let mut snapshot = handle.snapshot();
    let asks = snapshot.wait_for(|now| now.codes.iter().any(|code| code.role == deploy()));
    let asks = tokio::time::timeout(PATIENCE, asks).await;
    assert!(asks.is_ok_and(|asks| asks.is_ok()), "the window asks");
    assert!(matches!(enter(&handle, RIGHT).await, Response::Done));
    assert_eq!(key_of(&handle.request(wanted(false)).await), "ASIACHAINED");
}

#[tokio::test]
async fn a_kept_role_asks_by_a_notification_while_nobody_waits() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    drop(with_mfa(&agent).await);
    let mut remembered = Remembered::default();
    remembered.kept.push(serde_json::from_value(serde_json::json!({
        "role": deploy(), "profile": "x-deploy", "config_file": agent.home.path().join("config"),
    })).unwrap());
    agent.remember(&remembered);
    let (handle, mut told) = agent.start();
    asked(&mut told).await;
    assert!(handle.snapshot().borrow().codes.is_empty(), "nobody waits");
    assert_eq!(aws.count("Action=AssumeRole"), 0);
}

#[tokio::test]
async fn without_terminal_and_desktop_a_caller_is_told_at_once() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    drop(with_mfa(&agent).await);
    let keyring = Box::new(agent.keyring.clone());
    let (handle, _) = Controller::start(environment(&agent.home), keyring, Silent).unwrap();
    let answer = handle.request(wanted(false));
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    let answer = answer.expect("nobody is waited for");
    assert_eq!(code_of(&answer), Some(Code::MfaCodeNeeded), "{answer:?}");
    let mut caller = handle.ask(wanted(true)).await;
    let question = caller.recv().await.unwrap();
    assert!(
        matches!(question, Response::Progress(Progress::MfaCode(_))),
        "{question:?}"
    );
}

#[tokio::test]
async fn a_chain_may_start_from_a_chained_role_and_ends_at_the_first_that_is_refused() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    let (handle, _told) = agent.start();
    add(&handle, ("Payments", "Admin"), chain("one", "One")).await;
    add(&handle, ("2222", "one"), chain("two", "Two")).await;
    add(&handle, ("Payments", "Admin"), chain("not", "Refused")).await;
    add(&handle, ("2222", "not"), chain("never", "Never")).await;
    let ask = async |role: &str| {
        let role = query("222222222222", role);
        handle
            .request(Request::Credentials {
                role,
                interactive: false,
            })
            .await
    };
    assert_eq!(key_of(&ask("two").await), "ASIACHAINED");
    assert_eq!(
        aws.count("ASIASOURCE"),
        1,
        "the second is taken with the first"
    );
    let refused = ask("never").await;
    assert_eq!(code_of(&refused), Some(Code::AccessDenied), "{refused:?}");
    assert_eq!(aws.count("role%2FNever"), 0);
}

#[tokio::test]
async fn chained_roles_are_added_listed_and_removed() {
    let aws = Aws::start().await;
    let agent = agent(&aws).await;
    let (handle, _told) = agent.start();
    add(&handle, ("Payments", "Admin"), chain("one", "One")).await;
    add(&handle, ("222222222222", "one"), chain("two", "Two")).await;
    let mut long = chain("long", "Long");
    long.duration_seconds = Some(7200);
    let mut own = chain("Admin", "Own");
    own.role_arn = "arn:aws:iam::111111111111:role/Own".to_owned();
    for (wrong, words) in [
        (
            chain("one", "Other"),
            "There is a chained role one in account 222222222222 already.",
        ),
        (long, "lasts an hour at most"),
        (own, "You have a role Admin in account Payments already."),
        (chain("a b", "Other"), "“a b” cannot be the name"),
    ] {
        let Response::Error(failure) = add(&handle, ("Payments", "Admin"), wrong).await else {
            panic!("{words}")
        };
        assert_eq!(failure.code, Code::BadRequest);
        assert!(failure.message.contains(words), "{failure:?}");
    }
    let Response::Chains { chains } = handle.request(Request::Chains).await else {
        panic!("no list")
    };
    let names: Vec<_> = chains.iter().map(|one| one.chain.name.as_str()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(chains[1].source_role_name, "one");
    let Response::Accounts { accounts } = handle.request(Request::Accounts { session: None }).await
    else {
        panic!("no accounts")
    };
    assert_eq!(
        accounts
            .iter()
            .find(|one| one.id == "222222222222")
            .unwrap()
            .roles,
        ["one", "two"]
    );

    let remove = async |name: &str| {
        let (name, session) = (name.to_owned(), None);
        handle.request(Request::RemoveChain { name, session }).await
    };
    assert_eq!(
        code_of(&remove("one").await),
        Some(Code::BadRequest),
        "two is taken from it"
    );
    assert_eq!(code_of(&remove("three").await), Some(Code::NoSuchRole));
    for name in ["two", "one"] {
        assert!(matches!(remove(name).await, Response::Done), "{name}");
    }
    let role = query("222222222222", "one");
    let gone = handle
        .request(Request::Credentials {
            role,
            interactive: false,
        })
        .await;
    assert!(
        matches!(code_of(&gone), Some(Code::NoSuchAccount)),
        "{gone:?}"
    );
}
