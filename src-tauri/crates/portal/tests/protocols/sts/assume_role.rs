//! AssumeRole: from one role to another.

use portal::{access::IssuedCredentials, directory};

use super::{IDENTITY, assume, call, storage};
use crate::house::House;

#[tokio::test]
async fn a_role_is_taken_from_another_role() {
    let house = House::new().await;
    let own = storage(&house).await;
    let answer = call(&house, &own, &assume("333344445555", "Investigation", "")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let arn = "arn:aws:sts::333344445555:assumed-role/Investigation/chain";
    assert_eq!(answer.get("Arn"), arn);
    assert_eq!(answer.get("Expiration"), "2026-11-22T13:00:00Z");
    let chained = IssuedCredentials {
        access_key_id: answer.get("AccessKeyId").to_owned(),
        secret_access_key: answer.get("SecretAccessKey").into(),
        session_token: answer.get("SessionToken").into(),
        ..own
    };
    assert_eq!(call(&house, &chained, IDENTITY).await.get("Arn"), arn);
}

#[tokio::test]
async fn whoever_is_let_go_passes_to_no_further_role() {
    let house = House::new().await;
    let own = storage(&house).await;
    let body = assume("333344445555", "Investigation", "");
    assert_eq!(call(&house, &own, &body).await.status, 200);
    house.disable("storage").await;
    let disabled = call(&house, &own, &body).await;
    disabled.is_error(403, "AccessDenied");
    let id = house.user_id("storage").await;
    house
        .perform(async |act| directory::delete_user(act, &id, None).await)
        .await;
    let deleted = call(&house, &own, &body).await;
    deleted.is_error(403, "AccessDenied");
}

#[tokio::test]
async fn tags_and_a_source_identity_are_taken_as_aws_takes_them() {
    let house = House::new().await;
    let own = storage(&house).await;
    let ask =
        async |more: &str| call(&house, &own, &assume("333344445555", "Investigation", more)).await;
    let tags = "&Tags.member.1.Key=Case&Tags.member.1.Value=4711";
    let answer = ask(&format!("&SourceIdentity=storage{tags}")).await;
    assert_eq!(answer.get("SourceIdentity"), "storage");
    assert!(!ask(tags).await.text.contains("SourceIdentity"));
    let many: String = (1..=51)
        .map(|number| format!("&Tags.member.{number}.Key=k{number}"))
        .collect();
    for wrong in [
        "&SourceIdentity=x",
        "&SourceIdentity=a%20b",
        "&Tags.member.1.Key=aws%3Acase",
        &many,
        &format!("&Tags.member.1.Key={}", "k".repeat(129)),
        &format!("{tags}{}", "x".repeat(256)),
    ] {
        ask(wrong).await.is_error(400, "ValidationError");
    }
}

#[tokio::test]
async fn chained_roles_last_an_hour_at_most() {
    let house = House::new().await;
    let own = storage(&house).await;
    for (seconds, status) in [("899", 400), ("900", 200), ("3600", 200), ("3601", 400)] {
        let more = format!("&DurationSeconds={seconds}");
        let answer = call(
            &house,
            &own,
            &assume("333344445555", "Investigation", &more),
        )
        .await;
        assert_eq!(answer.status, status, "{seconds}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_role_that_does_not_trust_the_caller_is_denied_like_one_that_does_not_exist() {
    let house = House::new().await;
    let own = storage(&house).await;
    for role in ["BreakGlass", "Missing"] {
        let answer = call(&house, &own, &assume("555566667777", role, "")).await;
        answer.is_error(403, "AccessDenied");
        assert!(
            answer
                .get("Message")
                .contains("is not authorized to perform: sts:AssumeRole")
        );
    }
}

#[tokio::test]
async fn a_role_that_demands_a_second_factor_is_taken_with_a_code_that_works_once() {
    let house = House::new().await;
    house.enrol("admin").await;
    let own = house
        .credentials("admin", "111122223333", "AdministratorAccess")
        .await;
    let break_glass = |more: &str| assume("555566667777", "BreakGlass", more);
    call(&house, &own, &break_glass(""))
        .await
        .is_error(403, "AccessDenied");
    let serial = "&SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2F";
    let code = house.code();
    for wrong in [
        format!("{serial}admin&TokenCode=000000"),
        format!("{serial}storage&TokenCode={code}"),
    ] {
        call(&house, &own, &break_glass(&wrong))
            .await
            .is_error(403, "AccessDenied");
    }
    let more = format!("{serial}admin&TokenCode={code}");
    assert_eq!(call(&house, &own, &break_glass(&more)).await.status, 200);
    call(&house, &own, &break_glass(&more))
        .await
        .is_error(403, "AccessDenied");
}

#[tokio::test]
async fn chained_credentials_open_a_console_that_lasts_no_longer_than_they_do() {
    let house = House::new().await;
    let own = storage(&house).await;
    let answer = call(&house, &own, &assume("333344445555", "Investigation", "")).await;
    let session = serde_json::json!({
        "sessionId": answer.get("AccessKeyId"),
        "sessionKey": answer.get("SecretAccessKey"),
        "sessionToken": answer.get("SessionToken"),
    })
    .to_string();
    let fields = [("Action", "getSigninToken"), ("Session", session.as_str())];
    assert_eq!(
        house.browser().post("/federation", &fields).await.status,
        200
    );
    let longer = [&fields[..], &[("SessionDuration", "900")]].concat();
    assert_eq!(
        house.browser().post("/federation", &longer).await.status,
        400
    );
}
