//! Factors and the policy that asks for them: recovery codes, security keys' answers, what becomes
//! of whoever has none.

use axum::http::StatusCode;
use portal::{
    config::MfaMode,
    mfa::{self, MfaError, Policy, WithoutFactor},
    settings,
};

use crate::{
    browser::{Browser, PASSWORD, Page},
    house::House,
};

async fn house(mode: MfaMode) -> House {
    let house = House::with(|config| config.mfa = Some(mode)).await;
    house.set_password("developer", false).await;
    house
}

impl House {
    pub(crate) async fn set_policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = mfa::policy(self.portal.pool()).await.expect("store");
        change(&mut policy);
        self.perform(async |act| mfa::set_policy(act, &policy).await)
            .await;
    }

    async fn recovery_codes(&self, user_name: &str) -> Vec<String> {
        use secrecy::ExposeSecret;
        let id = self.user_id(user_name).await;
        self.perform(async |act| {
            let codes = mfa::create_recovery_codes(act, &id).await?;
            let shown = codes.iter().map(|code| code.expose_secret().to_owned());
            Ok::<_, MfaError>(shown.collect())
        })
        .await
    }
}

impl Browser<'_> {
    async fn give_recovery_code(&mut self, code: &str) -> Page {
        let fields = [("recovery_code", code)];
        self.submit("/signin/code", "/signin/recovery-code", &fields)
            .await
    }

    /// Adds an authenticator app in the session and returns its secret.
    pub(crate) async fn add_app(&mut self, house: &House, label: &str) -> (Page, String) {
        let page = self.get("/security/authenticator").await;
        let secret = page.text("totp-secret").replace(' ', "");
        let (csrf, offer) = (page.value("csrf"), page.value("offer"));
        let code = house.code_of(&secret);
        let fields = [
            ("csrf", csrf.as_str()),
            ("offer", offer.as_str()),
            ("code", code.as_str()),
            ("label", label),
        ];
        (self.post("/security/authenticator", &fields).await, secret)
    }
}

#[tokio::test]
async fn a_recovery_code_lets_in_once() {
    let house = house(MfaMode::Always).await;
    house.enrol("developer").await;
    let old = house.recovery_codes("developer").await;
    let codes = house.recovery_codes("developer").await;
    assert_eq!(codes.len(), 10);
    let mut browser = house.browser();
    let to_code = async |browser: &mut Browser<'_>| {
        let page = browser.give_password("developer", PASSWORD).await;
        page.leads_to("/signin/code");
    };
    to_code(&mut browser).await;
    let replaced = browser.give_recovery_code(&old[0]).await;
    assert_eq!(
        replaced.status,
        StatusCode::FORBIDDEN,
        "replaced by newer ones"
    );
    // As people type it.
    let typed = codes[0].to_uppercase().replace('-', " ");
    browser.give_recovery_code(&typed).await.leads_to("/start");

    let mut second = house.browser();
    to_code(&mut second).await;
    let again = second.give_recovery_code(&codes[0]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "each works once");
    second
        .give_recovery_code(&codes[1])
        .await
        .leads_to("/start");
}

#[tokio::test]
async fn a_recovery_code_that_comes_many_times_at_once_is_accepted_once() {
    let house = house(MfaMode::Always).await;
    let code = house.recovery_codes("developer").await.remove(0);
    let id = house.user_id("developer").await;
    let once = || mfa::verify_recovery_code(&house.portal, &id, &code);
    let answers = tokio::join!(once(), once(), once(), once());
    let accepted = <[_; 4]>::from(answers).map(|accepted| accepted.expect("store"));
    assert_eq!(accepted.iter().filter(|accepted| **accepted).count(), 1);
}

#[tokio::test]
async fn recovery_codes_come_with_the_first_factor_and_are_kept_as_hashes() {
    let house = house(MfaMode::Never).await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let (first, _) = browser.add_app(&house, "Phone").await;
    let codes = first.recovery_codes();
    let known_by = "for http://localhost:8123/start<";
    assert!(first.html.contains(known_by), "{first:?}");
    let (second, _) = browser.add_app(&house, "Tablet").await;
    second.leads_to("/security?done=factor-added");
    let stored: Vec<String> = sqlx::query_scalar("SELECT secret FROM factors")
        .fetch_all(house.portal.pool())
        .await
        .expect("store");
    let code = codes[0].replace('-', "");
    assert!(
        !stored.iter().any(|secret| secret.contains(&code)),
        "{stored:?}"
    );
    let overview = browser.get("/security").await;
    assert!(overview.text("recovery-left").contains("10 recovery codes"));
    assert!(!overview.html.contains(&codes[0]), "shown this once");

    assert!(overview.html.contains("since 2026-11-22 12:00 UTC"));

    // New ones take their place.
    house
        .perform(async |act| settings::customize_url(act, "harbour").await)
        .await;
    let page = "/security/recovery-codes";
    let renewed = browser.submit(page, page, &[]).await;
    let known_by = "for http://localhost:8123/harbour<";
    assert!(renewed.html.contains(known_by), "{renewed:?}");
    renewed.shows_codes_before("/security");
    house
        .set_policy(|policy| policy.mode = MfaMode::Always)
        .await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    let replaced = browser.give_recovery_code(&codes[0]).await;
    assert_eq!(replaced.status, StatusCode::FORBIDDEN);
    let code = &renewed.recovery_codes()[0];
    browser.give_recovery_code(code).await.leads_to("/start");
}

#[tokio::test]
async fn nobody_gets_recovery_codes_who_cannot_renew_them() {
    let house = house(MfaMode::Always).await;
    house.set_policy(|policy| policy.self_service = false).await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    let secret = browser.get("/signin/enrol").await.text("totp-secret");
    let code = house.code_of(&secret.replace(' ', ""));
    browser
        .submit("/signin/enrol", "/signin/enrol", &[("code", &code)])
        .await
        .leads_to("/start");
}

#[tokio::test]
async fn the_policy_says_what_becomes_of_a_user_without_a_factor() {
    let house = house(MfaMode::Always).await;
    for (without_factor, target) in [
        (WithoutFactor::Enrol, Some("/signin/enrol")),
        (WithoutFactor::Allow, Some("/start")),
        (WithoutFactor::Block, None),
    ] {
        house
            .set_policy(|policy| policy.without_factor = without_factor)
            .await;
        let mut browser = house.browser();
        let page = browser.give_password("developer", PASSWORD).await;
        match target {
            Some(target) => page.leads_to(target),
            None => {
                assert_eq!(page.status, StatusCode::FORBIDDEN);
                assert_eq!(page.text("message"), "A second factor is missing");
                assert_ne!(browser.get("/start").await.status, StatusCode::OK);
            }
        }
    }
    // Nor does anybody take their own last one off then.
    house.enrol("developer").await;
    let id = house.user_id("developer").await;
    let factor = mfa::factors(house.portal.pool(), &id)
        .await
        .expect("store")
        .remove(0);
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    browser.give_code(&house.code()).await.leads_to("/start");
    let fields = [("id", factor.id.as_str())];
    let kept = browser
        .submit("/security", "/security/factor/removal", &fields)
        .await;
    assert!(kept.problem().contains("your only factor"), "{}", kept.html);
}

#[tokio::test]
async fn the_policy_says_what_users_may_add_and_the_start_leaves_the_rest_of_it() {
    let house = house(MfaMode::Always).await;
    house
        .set_policy(|policy| policy.authenticator_apps = false)
        .await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    browser
        .get("/signin/enrol")
        .await
        .leads_to("/signin/enrol/security-key");

    let house = house.reopened().await;
    house
        .set_policy(|policy| {
            assert!(
                !policy.authenticator_apps,
                "what was set outlives a restart"
            );
            policy.mode = MfaMode::Never;
            policy.self_service = false;
        })
        .await;
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    let overview = browser.get("/security").await;
    assert!(
        !overview.html.contains("Add a security key"),
        "{}",
        overview.html
    );
    for page in ["/security/security-key", "/security/authenticator"] {
        assert_eq!(
            browser.get(page).await.status,
            StatusCode::FORBIDDEN,
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_reset_of_factors_takes_everything_and_ends_sessions() {
    let house = house(MfaMode::Always).await;
    house.enrol("developer").await;
    house.recovery_codes("developer").await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    browser.give_code(&house.code()).await.leads_to("/start");
    let id = house.user_id("developer").await;
    house
        .perform(async |act| mfa::reset_factors(act, &id).await)
        .await;
    assert_ne!(browser.get("/start").await.status, StatusCode::OK);
    let again = browser.give_password("developer", PASSWORD).await;
    again.leads_to("/signin/enrol");
    let left = mfa::recovery_codes_left(house.portal.pool(), &id).await;
    assert_eq!(left.expect("store"), 0);
}

#[tokio::test]
async fn security_keys_answers_that_are_none_are_refused_and_held_up() {
    let house = house(MfaMode::Always).await;
    house.enrol("developer").await;
    let mut browser = house.browser();
    browser.give_password("developer", PASSWORD).await;
    for answer in ["", "{}", "[1,2]", "null", "{\"id\":\"\"}"] {
        let fields = [("ceremony", "none"), ("answer", answer)];
        let page = browser
            .submit("/signin/code", "/signin/security-key", &fields)
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{answer}");
    }
    let held_up = browser.give_code(&house.code()).await;
    assert_eq!(held_up.status, StatusCode::FORBIDDEN);
}
