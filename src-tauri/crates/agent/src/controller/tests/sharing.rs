//! A token file that others change too, without a portal that answers.

use aws_files::token_cache::{self, CachedToken, Registration};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::*;

fn token_file(agent: &Agent) -> std::path::PathBuf {
    token_cache::path(&environment(&agent.home).paths.aws.token_cache, "acme")
}

/// Writes a token that is good for an hour, as another tool would.
fn write_token(agent: &Agent, access_token: &str) {
    let in_an_hour = OffsetDateTime::now_utc() + time::Duration::HOUR;
    let token = CachedToken {
        start_url: agent.portal.clone(),
        region: "eu-west-1".to_owned(),
        access_token: access_token.into(),
        expires_at: in_an_hour,
        registration: Some(Registration {
            client_id: "their-client".to_owned(),
            client_secret: "their-secret".into(),
            expires_at: in_an_hour,
        }),
        refresh_token: Some("their-refresh-token".into()),
    };
    token_cache::write(&token_file(agent), &token).unwrap();
}

async fn share(handle: &Handle, share: bool) {
    let name = "acme".to_owned();
    let answer = handle.request(Request::ShareSignIn { name, share }).await;
    assert!(matches!(answer, Response::Done), "{answer:?}");
}

async fn until_session_is(handle: &Handle, state: SessionState) {
    let what = format!("the session is {state:?}");
    until(&what, async || status(handle).await.state == state).await;
}

#[tokio::test]
async fn a_sign_in_of_another_tool_is_taken_and_its_sign_out_honoured() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    write_token(&agent, "before");
    assert_eq!(status(&handle).await.state, SessionState::SignedOut);
    share(&handle, true).await;
    until_session_is(&handle, SessionState::SignedIn).await;
    until("the keyring has it", async || {
        agent.keyring.entries() == ["acme"]
    })
    .await;

    fs::remove_file(token_file(&agent)).unwrap();
    until_session_is(&handle, SessionState::SignedOut).await;
    until("the keyring has forgotten it", async || {
        agent.keyring.entries().is_empty()
    })
    .await;

    until("it is signed in again", async || {
        // What the agent itself was about to write there is deleted, on a thread of its own.
        if !token_file(&agent).exists() {
            write_token(&agent, "after");
        }
        status(&handle).await.state == SessionState::SignedIn
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_while_no_agent_ran_is_honoured_at_the_start() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    share(&handle, true).await;
    write_token(&agent, "theirs");
    until_session_is(&handle, SessionState::SignedIn).await;
    until("the keyring has it", async || {
        agent.keyring.entries() == ["acme"]
    })
    .await;
    handle.stop().await;

    fs::remove_file(token_file(&agent)).unwrap();
    let (handle, _told) = agent.start();
    until_session_is(&handle, SessionState::SignedOut).await;
}

#[tokio::test]
async fn the_file_goes_with_the_sign_in_and_with_the_sharing() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    share(&handle, true).await;
    for end in ["sign-out", "sharing"] {
        write_token(&agent, end);
        until_session_is(&handle, SessionState::SignedIn).await;
        match end {
            "sharing" => share(&handle, false).await,
            _ => drop(handle.request(Request::Logout { session: None }).await),
        }
        until("the file is gone", async || !token_file(&agent).exists()).await;
    }
    assert_eq!(status(&handle).await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn a_token_of_a_session_that_is_not_shared_is_nobodys_business() {
    let agent = Agent::of(nobody());
    write_token(&agent, "theirs");
    let (handle, _told) = agent.start();
    let _ = handle.request(Request::Logout { session: None }).await;
    assert_eq!(status(&handle).await.state, SessionState::SignedOut);
    let token = token_cache::read(&token_file(&agent)).unwrap().unwrap();
    assert_eq!(token.access_token.expose_secret(), "theirs");
}
