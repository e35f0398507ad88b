//! What protects the portal's pages and the browsers that show them.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use portal::config::MfaMode;

use crate::{browser::PASSWORD, house::House};

async fn house() -> House {
    let house = House::with(|config| config.mfa = Some(MfaMode::Never)).await;
    house.set_password("developer", false).await;
    house
}

#[tokio::test]
async fn a_form_that_was_not_given_to_this_browser_does_nothing() {
    let house = house().await;
    let fields = [("username", "developer"), ("password", PASSWORD)];
    let mut browser = house.browser();
    browser.get("/signin").await;
    assert_eq!(
        browser.post("/signin", &fields).await.status,
        StatusCode::BAD_REQUEST
    );

    let foreign = house.browser().get("/signin").await.value("csrf");
    let forged = [fields[0], fields[1], ("csrf", foreign.as_str())];
    assert_eq!(
        browser.post("/signin", &forged).await.status,
        StatusCode::FORBIDDEN
    );
    assert_ne!(browser.get("/start").await.status, StatusCode::OK);

    browser
        .give_password("developer", PASSWORD)
        .await
        .leads_to("/start");
    let forged = browser
        .post("/signout", &[("csrf", foreign.as_str())])
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_sign_in_leads_to_pages_of_this_portal_only() {
    let house = house().await;
    for (asked, target) in [
        ("/device?user_code=ABCD-EFGH", "/device?user_code=ABCD-EFGH"),
        ("https://evil.example/start", "/start"),
        ("//evil.example/start", "/start"),
        ("/\\evil.example", "/start"),
    ] {
        let mut browser = house.browser();
        let fields = [
            ("username", "developer"),
            ("password", PASSWORD),
            ("return_to", asked),
        ];
        browser
            .submit("/signin", "/signin", &fields)
            .await
            .leads_to(target);
        let query = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect::<String>();
        browser
            .get(&format!("/signin?return_to={query}"))
            .await
            .leads_to(target);
    }
}

#[tokio::test]
async fn nobody_speaks_plain_http_past_the_proxy() {
    let house = house().await;
    for (peer, status) in [("127.0.0.1", 200), ("[::1]", 200), ("203.0.113.9", 403)] {
        let peer: SocketAddr = format!("{peer}:50000").parse().expect("address");
        let request = Request::get("/signin")
            .extension(ConnectInfo(peer))
            .body(Body::empty());
        let answer = house.call(request.expect("request")).await;
        assert_eq!(answer.status, status, "{peer}");
    }
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    for (origin, prefix) in [
        ("http://localhost:8123", ""),
        ("https://portal.example", "__Host-"),
    ] {
        let house = House::with(|config| {
            config.origin = origin.parse().expect("URL");
            config.mfa = Some(MfaMode::Always);
        })
        .await;
        house.set_password("developer", false).await;
        house.enrol("developer").await;
        let mut browser = house.browser();
        let form = browser.get("/signin").await;
        let password = browser.give_password("developer", PASSWORD).await;
        let session = browser.give_code(&house.code()).await;
        let cookies = [form, password, session]
            .map(|page| page.headers)
            .map(|headers| {
                let values = headers.get_all(header::SET_COOKIE).iter();
                values
                    .map(|value| value.to_str().expect("ASCII").to_owned())
                    .collect::<Vec<_>>()
            });
        assert_eq!(cookies.each_ref().map(Vec::len), [1, 1, 4], "{cookies:?}");
        for cookie in cookies.iter().flatten() {
            assert!(
                cookie.starts_with(&format!("{prefix}vestibule_")),
                "{cookie}"
            );
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            assert_eq!(
                cookie.contains("; Secure"),
                origin.starts_with("https"),
                "{cookie}"
            );
        }
    }
}

#[tokio::test]
async fn two_portals_on_one_host_do_not_sign_each_other_out() {
    let mut names = Vec::new();
    for port in [8001, 8002] {
        let origin = format!("http://localhost:{port}");
        let house = House::with(|config| config.origin = origin.parse().expect("URL")).await;
        let page = house.browser().get("/signin").await;
        let cookie = page.headers[header::SET_COOKIE].to_str().expect("ASCII");
        names.extend(cookie.split_once('=').map(|(name, _)| name.to_owned()));
    }
    assert_eq!(names, ["vestibule_form_8001", "vestibule_form_8002"]);
}

#[tokio::test]
async fn pages_run_no_script_but_the_portals_own() {
    let house = house().await;
    let mut browser = house.browser();
    let sign_in = browser.get("/signin").await;
    browser.give_password("developer", PASSWORD).await;
    for page in [
        sign_in,
        browser.get("/start").await,
        browser.get("/device").await,
    ] {
        let policy = page.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ASCII");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"));
        for part in [
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(page.html.matches("<script").count(), 1);
        assert!(
            page.html
                .contains("<script src=\"/assets/portal.js\" defer></script>")
        );
        assert!(!page.html.contains(" style=") && !page.html.contains(" onclick="));
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    }
    for (path, media_type) in [
        ("/assets/portal.js", "text/javascript; charset=utf-8"),
        ("/assets/portal.css", "text/css; charset=utf-8"),
        ("/assets/mark.svg", "image/svg+xml"),
    ] {
        assert_eq!(
            browser.get(path).await.headers[header::CONTENT_TYPE],
            media_type
        );
    }
}

#[tokio::test]
async fn what_users_and_clients_write_is_text_in_every_page() {
    const HOSTILE: &str = "\"><script>alert(1)</script>";
    let house = house().await;
    let mut browser = house.browser();
    let refused = browser.give_password(HOSTILE, "x").await;
    browser.give_password("developer", PASSWORD).await;
    let query = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    let searched = browser.get(&format!("/start?search={query}")).await;
    let coded = browser.get(&format!("/device?user_code={query}")).await;
    let client = house
        .register_as(serde_json::json!({ "clientName": HOSTILE, "clientType": "public" }))
        .await;
    let code = house.start_device(&client).await.text("userCode");
    let confirmed = browser.get(&format!("/device?user_code={code}")).await;
    assert_eq!(confirmed.text("user-code"), code);
    for page in [refused, searched, coded, confirmed] {
        assert!(!page.html.contains("<script>"), "{}", page.html);
        assert!(page.html.contains("alert(1)"), "{}", page.html);
    }
}
