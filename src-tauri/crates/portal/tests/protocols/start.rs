//! The portal's own page: accounts, roles, and the keys behind them.

use crate::{browser::Page, house::House, signer};
use axum::{body::Body, http::Request};
use portal::{
    access::IssuedCredentials, clock::Clock, config::MfaMode, declaration, directory, example,
};
use secrecy::ExposeSecret;

async fn house() -> House {
    House::with(|config| config.mfa = Some(MfaMode::Never)).await
}

fn names(page: &Page) -> Vec<&str> {
    let parts = page.html.split("<h2>").skip(1);
    parts
        .filter_map(|part| part.split("</h2>").next())
        .collect()
}

#[tokio::test]
async fn each_user_sees_what_is_assigned_to_them_and_nothing_else() {
    let house = house().await;
    for (user, accounts, roles) in [
        (
            "storage",
            &["Data Lake Development", "Data Lake Production"][..],
            2,
        ),
        ("finance", &["Management"][..], 1),
    ] {
        let mut browser = house.browser();
        browser.sign_in(user).await;
        let page = browser.get("/start").await;
        assert_eq!(names(&page), accounts);
        assert_eq!(page.html.matches("data-role-name=").count(), roles);
    }
}

#[tokio::test]
async fn a_suspended_account_is_not_shown() {
    let house = house().await;
    sqlx::query("UPDATE accounts SET status = 'SUSPENDED' WHERE name = 'Data Lake Production'")
        .execute(house.portal.pool())
        .await
        .expect("suspended");
    let mut browser = house.browser();
    browser.sign_in("storage").await;
    assert_eq!(
        names(&browser.get("/start").await),
        ["Data Lake Development"]
    );
}

#[tokio::test]
async fn who_is_assigned_nothing_is_told_whom_to_ask() {
    let house = house().await;
    let new = directory::UserAttributes::new("newcomer", "Newcomer", "newcomer@example.com");
    house
        .perform(async |act| directory::create_user(act, &new).await)
        .await;
    let mut browser = house.browser();
    browser.sign_in("newcomer").await;
    let page = browser.get("/start").await;
    assert_eq!(names(&page), ["No account is assigned to you yet"]);
}

#[tokio::test]
async fn a_large_organization_is_paged_and_searched() {
    let house = house().await;
    let large = example::large(230, 2).expect("declared");
    declaration::apply(&house.portal, &large, &declaration::Options::default())
        .await
        .expect("applied");
    let mut browser = house.browser();
    browser.sign_in("finance").await;
    let mut page = browser.get("/start").await;
    let mut seen = Vec::new();
    loop {
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let Some((_, more)) = page.html.split_once("id=\"more\" href=\"") else {
            break;
        };
        assert_eq!(seen.len() % 100, 0, "full pages come first");
        let link = more
            .split('"')
            .next()
            .expect("a link")
            .replace("&#38;", "&");
        page = browser.get(&link).await;
    }
    let all = seen.len();
    seen.dedup();
    assert!(all >= 230 && seen.len() == all, "{all} accounts, each once");

    let found = browser.get("/start?search=payments+01").await;
    assert!(!names(&found).is_empty());
    assert!(
        names(&found)
            .iter()
            .all(|name| name.starts_with("Payments 01")),
        "{found:?}"
    );
    let nothing = browser.get("/start?search=zzz").await;
    assert_eq!(names(&nothing), ["Nothing matches “zzz”"]);
}

#[tokio::test]
async fn access_keys_are_shown_for_every_shell_and_work() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("finance").await;
    let fields = [("account_id", "111122223333"), ("role_name", "Billing")];
    let page = browser
        .submit("/start", "/start/access-keys", &fields)
        .await;
    let bash = page.text("bash").replace("&#34;", "\"");
    let value = |name: &str| {
        let after = bash.split_once(&format!("export {name}=\"")).expect(name).1;
        after.split('"').next().expect("its end").to_owned()
    };
    let credentials = IssuedCredentials {
        access_key_id: value("AWS_ACCESS_KEY_ID"),
        secret_access_key: value("AWS_SECRET_ACCESS_KEY").into(),
        session_token: value("AWS_SESSION_TOKEN").into(),
        expires_at: house.clock.now(),
    };
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = Request::post("/");
    for (name, value) in signer::sign(&credentials, "sts", body, house.clock.now()) {
        request = request.header(name, value);
    }
    let answer = house
        .call(request.body(Body::from(body)).expect("request"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");

    let token = credentials.session_token.expose_secret();
    for (shell, line) in [
        ("powershell", format!("$Env:AWS_SESSION_TOKEN=\"{token}\"")),
        (
            "credentials-file",
            format!(
                "[111122223333_Billing]\naws_access_key_id={}",
                credentials.access_key_id
            ),
        ),
    ] {
        let text = page.text(shell).replace("&#34;", "\"");
        assert!(text.contains(&line), "{text}");
    }
    assert!(
        house
            .events()
            .await
            .contains(&("GetRoleCredentials".to_owned(), None))
    );
}

#[tokio::test]
async fn whoever_types_the_bare_address_finds_the_portal() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/").await.leads_to("/start");
    browser
        .get("/start/")
        .await
        .leads_to("/signin?return_to=%2Fstart");
    let missing = browser.get("/nowhere").await;
    assert_eq!(
        (missing.status.as_u16(), missing.text("message").as_str()),
        (404, "There is no such page")
    );
}
