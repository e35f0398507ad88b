use std::time::Duration;

use ipc::message::{Response, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::controller::tests::{Agent, PATIENCE, credentials};
use crate::journal::{Act, Caller, Record, Tail};
use crate::menu::{Action, RoleId};
use crate::testing::environment;

/// A portal that renews tokens, gives credentials and lists nothing.
async fn portal() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 8192];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let body = match request.split(['?', ' ']).nth(1) {
                Some("/token") => {
                    r#"{"accessToken":"s3cret","tokenType":"Bearer","expiresIn":3600,"refreshToken":"s3cret"}"#
                }
                Some("/federation/credentials") => {
                    r#"{"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"s3cret","sessionToken":"s3cret","expiration":4102444800000}}"#
                }
                _ => "{}",
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            // A client that hung up meanwhile wants no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

/// The journal, once it has that many lines.
async fn lines(agent: &Agent, count: usize) -> Vec<Record> {
    let folder = environment(&agent.home).paths.journal;
    let written = async {
        loop {
            let mut records = Vec::new();
            let read = Tail::new(&folder, None).read(|record| {
                records.push(record);
                Ok(())
            });
            read.unwrap();
            if records.len() >= count {
                return records;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, written)
        .await
        .expect("the lines are written")
}

#[tokio::test]
async fn the_journal_names_who_asked_and_holds_no_secret() {
    let agent = Agent::of(portal().await);
    agent.sign_in();
    let (handle, _told) = agent.start();
    let by = Caller {
        program: "aws".to_owned(),
        pid: Some(7),
        way: Way::CredentialProcess,
    };
    let mut answers = handle
        .ask_as(by, credentials("111111111111", "Admin"))
        .await;
    let answer = answers.recv().await;
    assert!(
        matches!(answer, Some(Response::Credentials(_))),
        "{answer:?}"
    );
    let role = RoleId {
        session: "acme".to_owned(),
        account_id: "111111111111".to_owned(),
        role_name: "Admin".to_owned(),
    };
    handle.act(Action::CopyCredentials(role)).await;
    let session = "acme".to_owned();
    handle.act(Action::SignOut { session }).await;

    let records = lines(&agent, 3).await;
    let told: Vec<_> = records
        .iter()
        .map(|record| (record.act, record.way.unwrap(), record.pid, record.failure))
        .collect();
    let expected = [
        (Act::Credentials, Way::CredentialProcess, Some(7), None),
        (Act::Credentials, Way::Clipboard, None, None),
        (Act::SignOut, Way::Tray, None, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(records[0].program.as_deref(), Some("aws"));
    assert_eq!(records[0].account_id.as_deref(), Some("111111111111"));
    assert_eq!(records[0].role_name.as_deref(), Some("Admin"));

    for entry in std::fs::read_dir(environment(&agent.home).paths.journal).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for secret in ["s3cret", "renewing", "confidential", "ASIAEXAMPLE"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
