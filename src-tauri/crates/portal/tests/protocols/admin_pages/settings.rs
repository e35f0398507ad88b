use axum::http::StatusCode;
use time::Duration;

use super::{administrator, house};

#[tokio::test]
async fn the_policy_for_factors_holds_from_the_next_sign_in() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let none = [("mode", "always"), ("without", "block")];
    browser
        .fill("/admin/mfa", &none)
        .await
        .refuses("AllowedMfaTypes", "Allow at least one kind");
    let strict = [
        ("mode", "always"),
        ("without", "enrol"),
        ("AllowedMfaTypes", "yes"),
    ];
    browser.fill("/admin/mfa", &strict).await.target();
    let shown = browser.get("/admin/mfa").await;
    shown.shows("<option value=\"always\" selected>");
    house.set_password("developer", false).await;
    let mut developer = house.browser();
    let signed_in = developer
        .give_password("developer", crate::browser::PASSWORD)
        .await;
    signed_in.leads_to("/signin/enrol");
}

#[tokio::test]
async fn the_portal_gets_an_address_of_its_own_once() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let address = "/admin/settings/address";
    for (alias, problem) in [
        ("", "It is needed."),
        ("Acme", "It holds a character"),
        ("admin", "It must not be an address"),
        ("a/b", "It holds a character"),
    ] {
        let refused = browser
            .submit("/admin/settings", address, &[("alias", alias)])
            .await;
        refused.refuses("alias", problem);
    }
    // It is asked for once more, for it is for good.
    let asked = browser
        .submit("/admin/settings", address, &[("alias", "acme")])
        .await;
    asked.shows("http://localhost:8123/acme?");
    assert_eq!(
        house.browser().get("/acme").await.status,
        StatusCode::NOT_FOUND
    );
    let confirmed = |alias| [("alias", alias), ("confirmed", "yes")];
    browser
        .submit("/admin/settings", address, &confirmed("acme"))
        .await
        .target();
    house.browser().get("/acme").await.leads_to("/start");
    browser
        .get("/admin/settings")
        .await
        .shows("http://localhost:8123/acme");
    let again = browser
        .submit("/admin/settings", address, &confirmed("other"))
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Clients may name the portal by it.
    let client = house.register().await;
    let body = serde_json::json!({
        "clientId": client.id,
        "clientSecret": client.secret,
        "startUrl": "http://localhost:8123/acme",
    });
    let started = house.post("/device_authorization", body).await;
    assert_eq!(started.status, StatusCode::OK, "{started:?}");
}

#[tokio::test]
async fn sessions_last_as_long_as_it_is_set() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let path = "/admin/settings/session";
    let too_long = browser
        .submit("/admin/settings", path, &[("sessionMinutes", "999999")])
        .await;
    too_long.refuses("sessionMinutes", "It is at most");
    browser
        .submit("/admin/settings", path, &[("sessionMinutes", "60")])
        .await
        .target();
    let mut developer = house.browser();
    developer.sign_in("developer").await;
    house.pass(Duration::minutes(59));
    assert_eq!(developer.get("/start").await.status, StatusCode::OK);
    house.pass(Duration::minutes(2));
    assert_ne!(developer.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_trail_is_filtered_and_exported_as_json_lines() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    browser
        .fill("/admin/groups/new", &[("displayName", "Testers")])
        .await
        .target();
    browser
        .fill("/admin/groups/new", &[("displayName", "Testers")])
        .await;
    let all = browser
        .get("/admin/audit?user=admin&event=CreateGroup")
        .await;
    all.shows("Refused");
    all.shows("Done");
    all.does_not_show("CredentialVerification");
    let failed = browser
        .get("/admin/audit?event=CreateGroup&failed=yes")
        .await;
    failed.shows("ConflictException");
    browser
        .get("/admin/audit?until=2026-11-21")
        .await
        .shows("No event is like that.");
    for path in ["/admin/audit", "/admin/audit/export"] {
        for (field, wrong) in [("since", "yesterday"), ("until", "2026-02-30")] {
            let answer = browser.get(&format!("{path}?{field}={wrong}")).await;
            answer.refuses(field, "That is no day.");
        }
    }
    let last_day = browser.get("/admin/audit?until=9999-12-31").await;
    assert_eq!(last_day.status, StatusCode::OK);
    let link = failed.html.split("href=\"").find_map(|rest| {
        let link = rest.split('"').next()?;
        let sequence = link.strip_prefix("/admin/audit/")?;
        sequence.parse::<i64>().ok().map(|_| link.to_owned())
    });
    browser.get(&link.expect("a record")).await.shows("Testers");

    let export = browser
        .get("/admin/audit/export?event=CreateGroup&user=admin")
        .await;
    assert_eq!(export.status, StatusCode::OK);
    let lines: Vec<serde_json::Value> = export
        .html
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["eventName"], "CreateGroup");
    assert_eq!(lines[1]["errorCode"], "ConflictException");
}
