//! Links by which users set their passwords, and the mail that carries them.

use std::time::Duration as Wait;

use axum::http::StatusCode;
use portal::{
    act::{Actor, perform},
    config::{MfaMode, Smtp, SmtpSecurity},
    invitations, mail,
};
use secrecy::ExposeSecret;
use serde_json::json;
use time::Duration;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::oneshot,
};

use crate::{
    browser::{PASSWORD, Page},
    house::{House, reserved_port},
};

const NEW: &str = "plum violin under glass";

async fn house() -> House {
    House::with(|config| config.mfa = Some(MfaMode::Never)).await
}

impl House {
    async fn invite(&self, user_name: &str) -> invitations::Link {
        let id = self.user_id(user_name).await;
        self.perform(async |act| invitations::invite(act, &id).await)
            .await
    }

    /// What lies in the outbox, decoded as far as the tests need.
    async fn outbox(&self) -> Vec<String> {
        mail::send_due(&self.portal).await.expect("sent");
        let Ok(files) = std::fs::read_dir(self.portal.outbox()) else {
            return Vec::new();
        };
        files
            .map(|file| std::fs::read_to_string(file.expect("entry").path()).expect("mail"))
            .collect()
    }
}

/// Path and query of the link in a mail.
fn link_in(mail: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, after) = text
        .split_once("http://localhost:8123/set-password")
        .expect("a link");
    let query = after.split_whitespace().next().expect("a query");
    format!("/set-password{query}")
}

fn path_of(link: &invitations::Link) -> String {
    let url = link.url.expose_secret();
    url.strip_prefix("http://localhost:8123")
        .expect("ours")
        .to_owned()
}

async fn set(house: &House, path: &str, password: &str) -> Page {
    let mut browser = house.browser();
    let page = browser.get(path).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let (csrf, token) = (page.value("csrf"), page.value("token"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("token", token.as_str()),
        ("password", password),
        ("repeated", password),
    ];
    browser.post("/set-password", &fields).await
}

#[tokio::test]
async fn an_invitation_is_mailed_and_its_link_sets_the_first_password() {
    let house = house().await;
    let link = house.invite("developer").await;
    assert_eq!(link.mailed_to.as_deref(), Some("developer@example.com"));
    let mails = house.outbox().await;
    let [mail] = &mails[..] else {
        panic!("one mail: {mails:?}");
    };
    assert!(mail.contains("To: developer@example.com"), "{mail}");
    assert_eq!(link_in(mail), path_of(&link));
    // Sent once.
    assert_eq!(house.outbox().await.len(), 1);

    set(&house, &link_in(mail), NEW).await.leads_to("/start");
    let mut browser = house.browser();
    let signed_in = browser.give_password("developer", NEW).await;
    signed_in.leads_to("/start");
}

#[tokio::test]
async fn the_outbox_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let house = house().await;
    house.invite("developer").await;
    house.outbox().await;
    let folder = house.portal.outbox();
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path)
            .expect("metadata")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(folder), 0o700);
    for file in std::fs::read_dir(folder).expect("outbox") {
        assert_eq!(mode(&file.expect("entry").path()), 0o600);
    }
}

#[tokio::test]
async fn a_link_works_once_and_only_until_another_is_sent_or_its_time_is_over() {
    let house = house().await;
    let first = path_of(&house.invite("developer").await);
    let second = path_of(&house.invite("developer").await);
    let replaced = set(&house, &first, NEW).await;
    assert_eq!(replaced.status, StatusCode::NOT_FOUND);
    // Looking at it uses nothing up.
    house.browser().get(&second).await;
    set(&house, &second, NEW).await.leads_to("/start");
    let again = set(&house, &second, "another plum violin").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);

    let late = path_of(&house.invite("auditor").await);
    house.pass(Duration::days(7));
    assert_eq!(set(&house, &late, NEW).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_that_is_redeemed_many_times_at_once_works_once() {
    let house = house().await;
    let path = path_of(&house.invite("developer").await);
    let once = || set(&house, &path, NEW);
    let pages = <[Page; 4]>::from(tokio::join!(once(), once(), once(), once()));
    let accepted = pages
        .iter()
        .filter(|page| page.status == StatusCode::SEE_OTHER);
    assert_eq!(accepted.count(), 1, "{pages:?}");
}

#[tokio::test]
async fn a_link_dies_with_the_address_the_password_and_the_user_it_was_for() {
    let house = house().await;
    let path = path_of(&house.invite("developer").await);
    house.set_password("developer", false).await;
    assert_eq!(set(&house, &path, NEW).await.status, StatusCode::NOT_FOUND);

    let path = path_of(&house.invite("auditor").await);
    sqlx::query("UPDATE emails SET address = $1, address_key = $1 WHERE address_key = $2")
        .bind("elsewhere@example.com")
        .bind("auditor@example.com")
        .execute(house.portal.pool())
        .await
        .expect("store");
    assert_eq!(set(&house, &path, NEW).await.status, StatusCode::NOT_FOUND);

    let path = path_of(&house.invite("finance").await);
    house.disable("finance").await;
    assert_eq!(set(&house, &path, NEW).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_password_that_will_not_do_says_so_beside_its_field_and_leaves_the_link_alone() {
    let house = house().await;
    let path = path_of(&house.invite("developer").await);
    for (password, problem) in [
        ("short", "8 to 256 characters"),
        ("P@ssw0rd123", "first passwords anyone would try"),
        ("developer-rocks", "your name or address"),
    ] {
        let page = set(&house, &path, password).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(page.problem().contains(problem), "{}", page.html);
        let field = page
            .html
            .split("id=\"password\"")
            .nth(1)
            .expect("the field");
        let field = field.split('>').next().expect("a tag");
        assert!(field.contains("aria-describedby=\"problem"), "{field}");
    }
    set(&house, &path, NEW).await.leads_to("/start");
}

#[tokio::test]
async fn whoever_forgot_the_password_is_sent_a_link_and_strangers_learn_nothing() {
    let house = house().await;
    house.set_password("developer", false).await;
    let ask = async |user: &str| {
        let mut browser = house.browser();
        let fields = [("username", user)];
        browser
            .submit("/forgot-password", "/forgot-password", &fields)
            .await
    };
    let (known, unknown) = (ask("Developer").await, ask("nobody").await);
    house.disable("auditor").await;
    let disabled = ask("auditor").await;
    let without_form = |page: &Page| {
        let csrf = page.html.contains("name=\"csrf\"");
        assert!(!csrf, "nothing that differs by chance");
        (page.status, page.html.clone())
    };
    assert_eq!(without_form(&known), without_form(&unknown));
    assert_eq!(without_form(&known), without_form(&disabled));

    let mails = house.outbox().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    // Until the link is used, the password is good, or anyone could lock anyone out.
    let mut browser = house.browser();
    browser
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    set(&house, &link_in(&mails[0]), NEW)
        .await
        .leads_to("/start");
    assert_ne!(browser.get("/start").await.status, StatusCode::OK);
    let old = house.browser().give_password("developer", PASSWORD).await;
    assert_eq!(old.status, StatusCode::FORBIDDEN);

    for _ in 0..10 {
        ask("developer").await;
    }
    assert!(house.outbox().await.len() <= 6, "mails are held up");
}

#[tokio::test]
async fn an_address_is_as_good_as_a_name_for_whoever_forgot() {
    let house = house().await;
    house.set_password("developer", false).await;
    let mut browser = house.browser();
    let mut ask = async |typed: &str| {
        let fields = [("username", typed)];
        let page = browser
            .submit("/forgot-password", "/forgot-password", &fields)
            .await;
        (page.status, page.html)
    };
    let known = ask(" Developer@Example.com ").await;
    assert_eq!(known, ask("nobody@example.com").await);
    let mails = house.outbox().await;
    let [mail] = &mails[..] else {
        panic!("one mail: {mails:?}");
    };
    assert!(mail.contains("developer@example.com"), "{mail}");
    // By either they are the same person's mails, and as many.
    for typed in ["developer", "developer@example.com"].repeat(5) {
        assert_eq!(ask(typed).await, known);
    }
    assert_eq!(house.outbox().await.len(), 5);
}

#[tokio::test]
async fn an_administrators_reset_ends_password_and_sessions_at_once() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let id = house.user_id("developer").await;
    let link = house
        .perform(async |act| invitations::reset_password(act, &id).await)
        .await;
    assert_ne!(browser.get("/start").await.status, StatusCode::OK);
    let old = house.browser().give_password("developer", PASSWORD).await;
    assert_eq!(old.status, StatusCode::FORBIDDEN);
    set(&house, &path_of(&link), NEW).await.leads_to("/start");
}

#[tokio::test]
async fn a_link_opens_no_way_around_the_second_factor() {
    let house = House::with(|config| config.mfa = Some(MfaMode::Always)).await;
    house.set_password("developer", false).await;
    house.enrol("developer").await;
    let id = house.user_id("developer").await;
    let link = house
        .perform(async |act| invitations::reset_password(act, &id).await)
        .await;
    set(&house, &path_of(&link), NEW)
        .await
        .leads_to("/signin/code");
}

#[tokio::test]
async fn who_has_a_password_is_not_invited_and_the_refusal_is_recorded() {
    let house = house().await;
    house.set_password("developer", false).await;
    let id = house.user_id("developer").await;
    let actor = Actor::machine();
    let invited = perform(
        &house.portal,
        &actor,
        "sso-directory.amazonaws.com",
        "InviteUser",
        json!({ "userId": id }),
        async |act| invitations::invite(act, &id).await,
    )
    .await;
    assert!(matches!(
        invited,
        Err(invitations::InvitationError::Accepted)
    ));
    let refusal = (
        "InviteUser".to_owned(),
        Some("ConflictException".to_owned()),
    );
    assert!(house.events().await.contains(&refusal));
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn names_and_addresses_bring_no_lines_of_their_own_into_a_mail() {
    let house = house().await;
    // However such a name or address came into the directory.
    for (user, column, hostile) in [
        ("auditor", "user_name", "eve\r\nBcc: all@example.com"),
        (
            "developer",
            "address",
            "mallory@example.com\r\nBcc: all@example.com",
        ),
    ] {
        let id = house.user_id(user).await;
        let statement = match column {
            "address" => "UPDATE emails SET address = $2 WHERE user_id = $1",
            _ => "UPDATE users SET user_name = $2 WHERE id = $1",
        };
        sqlx::query(statement)
            .bind(&id)
            .bind(hostile)
            .execute(house.portal.pool())
            .await
            .expect("store");
        let invited = house
            .perform(async |act| {
                Ok::<_, invitations::InvitationError>(invitations::invite(act, &id).await)
            })
            .await;
        // To the second's address no mail could go.
        assert_eq!(invited.is_ok(), column == "user_name", "{invited:?}");
    }
    let mails = house.outbox().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let (head, _) = mails[0].split_once("\r\n\r\n").expect("head and body");
    assert!(!head.contains("Bcc"), "{head}");
}

#[tokio::test]
async fn mail_goes_to_the_server_and_waits_while_there_is_none() {
    let reserved = reserved_port(0);
    let port = reserved.local_addr().expect("address").port();
    let house = House::with(|config| {
        config.mfa = Some(MfaMode::Never);
        config.smtp = Some(Smtp {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            security: SmtpSecurity::None,
            credentials: None,
            from: "portal@example.com".to_owned(),
        });
    })
    .await;
    let link = house.invite("developer").await;
    mail::send_due(&house.portal)
        .await
        .expect("nobody listens: it stays");

    let listener = reserved.listen(16).expect("a listener");
    let (told, mail) = oneshot::channel();
    tokio::spawn(async move { told.send(receive(&listener).await) });
    // Not at once again: a server that is down is left alone for a while.
    mail::send_due(&house.portal).await.expect("nothing due");
    house.pass(Duration::minutes(1));
    mail::send_due(&house.portal).await.expect("sent");
    let mail = tokio::time::timeout(Wait::from_secs(60), mail).await;
    let mail = mail.expect("in time").expect("a mail");
    assert!(mail.contains("RCPT TO:<developer@example.com>"), "{mail}");
    assert_eq!(link_in(&mail), path_of(&link));
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outgoing_mails")
        .fetch_one(house.portal.pool())
        .await
        .expect("store");
    assert_eq!(left, 0);
}

/// Takes one mail as an SMTP server does (RFC 5321), and returns all that the client said.
async fn receive(listener: &TcpListener) -> String {
    let (stream, _) = listener.accept().await.expect("a client");
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut said = String::new();
    writer.write_all(b"220 ready\r\n").await.expect("greeting");
    let mut in_text = false;
    while let Some(line) = lines.next_line().await.expect("a line") {
        said.push_str(&line);
        said.push_str("\r\n");
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_text = false;
                "250 taken\r\n"
            }
            _ if in_text => continue,
            "DATA" => {
                in_text = true;
                "354 go on\r\n"
            }
            "QUIT" => break,
            _ => "250 fine\r\n",
        };
        writer.write_all(answer.as_bytes()).await.expect("answer");
    }
    said
}
