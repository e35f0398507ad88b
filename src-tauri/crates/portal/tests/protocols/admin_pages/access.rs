use axum::http::StatusCode;
use portal::{
    access,
    directory::{self, GroupKey},
};
use time::Duration;

use super::{administrator, house};
use crate::{browser::Page, house::House};

async fn set_id(house: &House, name: &str) -> String {
    let set = access::permission_set_by_name(house.portal.pool(), name).await;
    set.expect("store").expect("permission set").id
}

async fn group_id(house: &House, name: &str) -> String {
    let group = directory::group_id(house.portal.pool(), GroupKey::Name(name)).await;
    group.expect("store").expect("group")
}

impl Page {
    /// Every hidden field of its form.
    fn hidden(&self) -> Vec<(String, String)> {
        let fields = self.html.split("<input type=\"hidden\" name=\"").skip(1);
        fields
            .map(|field| {
                let (name, rest) = field.split_once("\" value=\"").expect("a value");
                let value = rest.split('"').next().unwrap_or_default();
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }
}

#[tokio::test]
async fn a_permission_set_is_created_changed_and_provisioned_again() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let policies = "arn:aws:iam::aws:policy/AmazonS3FullAccess\r\n\
                    arn:aws:iam::aws:policy/AmazonRDSFullAccess";
    let inline = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let fields = [
        ("name", "Keepers"),
        ("description", "Buckets"),
        ("sessionDuration", "2"),
        ("relayState", "https://s3.console.aws.amazon.com/s3/home"),
        ("managedPolicyArn", policies),
        ("customerManagedPolicyReference", "/teams/Deploy"),
        ("inlinePolicy", inline),
        (
            "permissionsBoundary",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
        ("tags", "team=shop"),
    ];
    let path = browser
        .fill("/admin/permission-sets/new", &fields)
        .await
        .target();
    let shown = browser.get(&path).await;
    for text in [
        "Buckets",
        "2 hours",
        "AmazonRDSFullAccess",
        "/teams/Deploy",
        "team = shop",
    ] {
        shown.shows(text);
    }
    let id = set_id(&house, "Keepers").await;
    let stored = access::policies(house.portal.pool(), &id)
        .await
        .expect("store");
    assert_eq!(stored.len(), 5);

    // Its role keeps the old length until it is provisioned again.
    let developers = group_id(&house, "Developers").await;
    let fields = [
        ("account", "999900001111"),
        ("group", &*developers),
        ("set", &*id),
    ];
    browser
        .submit("/admin", "/admin/assignments/new", &fields)
        .await
        .shows("The assignment is made");
    let change = [
        ("description", "Buckets"),
        ("sessionDuration", "3"),
        ("inlinePolicy", inline),
    ];
    browser
        .fill(&format!("{path}/change"), &change)
        .await
        .target();
    let user = house.user_id("developer").await;
    let session = async || {
        let pool = house.portal.pool();
        let role = access::assigned_role(pool, &user, "999900001111", "Keepers").await;
        role.expect("store").expect("assigned").session
    };
    assert_eq!(session().await, Duration::hours(2));
    let outdated = browser.get(&path).await;
    outdated.shows("Sandbox");
    let provision = format!("{path}/provision");
    browser.submit(&path, &provision, &[]).await.target();
    assert_eq!(session().await, Duration::hours(3));
    let stored = access::policies(house.portal.pool(), &id)
        .await
        .expect("store");
    assert_eq!(stored.len(), 1, "{stored:?}");

    // What is assigned stays.
    let kept = browser.fill(&format!("{path}/delete"), &[]).await;
    assert!(kept.problem().contains("assigned"), "{kept:?}");
}

#[tokio::test]
async fn a_permission_set_that_cannot_be_says_why_beside_its_field() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    for (field, value, problem) in [
        ("name", "", "It is needed."),
        (
            "name",
            "Billing",
            "PermissionSet with name Billing already exists.",
        ),
        ("name", "a b", "It holds a character"),
        (
            "managedPolicyArn",
            "arn:aws:iam::aws:policy/Nonsense",
            "Policy does not exist",
        ),
        (
            "managedPolicyArn",
            "nonsense",
            "nonsense is no ARN of a policy.",
        ),
        ("customerManagedPolicyReference", "a b", "It "),
        ("inlinePolicy", "{", "It must be a policy document"),
        (
            "permissionsBoundary",
            "arn:aws:iam::aws:policy/Nonsense",
            "Policy does not exist",
        ),
        ("relayState", "\u{201c}", "It "),
        (
            "relayState",
            "https://example.com/",
            "It is no page of the console",
        ),
        ("tags", "aws:reserved=1", "It must not begin with aws:"),
    ] {
        let mut fields = vec![
            ("name", "Fine"),
            ("sessionDuration", "1"),
            ("description", "kept"),
        ];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let refused = browser.fill("/admin/permission-sets/new", &fields).await;
        refused.refuses(field, problem);
        assert!(
            refused.html.contains("value=\"kept\""),
            "{field}: {refused:?}"
        );
    }
    let found = access::permission_set_by_name(house.portal.pool(), "Fine").await;
    assert_eq!(found.expect("store"), None);
    let again = [("predefined", "Billing"), ("sessionDuration", "1")];
    let refused = browser.fill("/admin/permission-sets/new", &again).await;
    refused.refuses(
        "predefined",
        "PermissionSet with name Billing already exists.",
    );
    let new = [("predefined", "DataScientist"), ("sessionDuration", "12")];
    let made = browser
        .fill("/admin/permission-sets/new", &new)
        .await
        .target();
    browser
        .get(&made)
        .await
        .shows("policy/job-function/DataScientist");
}

/// As long as one may be, and of characters that a form writes with six.
#[tokio::test]
async fn the_longest_inline_policy_comes_through_a_form() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let policy = |length: usize| {
        let frame = r#"{"Version":"2012-10-17","Statement":[],"Id":""}"#;
        frame.replace("\"\"", &format!("\"{}\"", "é".repeat(length - frame.len())))
    };
    let make = async |browser: &mut crate::browser::Browser<'_>, policy: &str| {
        let fields = [
            ("name", "Long"),
            ("sessionDuration", "1"),
            ("inlinePolicy", policy),
        ];
        browser.fill("/admin/permission-sets/new", &fields).await
    };
    let longer = make(&mut browser, &policy(32_769)).await;
    longer.refuses("inlinePolicy", "It has at most 32768 characters.");
    let longest = make(&mut browser, &policy(32_768)).await;
    browser.get(&longest.target()).await.shows("éééé");
}

#[tokio::test]
async fn assignments_are_made_step_by_step_and_removed_one_by_one() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let mut finance = house.browser();
    finance.sign_in("finance").await;
    let group = group_id(&house, "Finance").await;
    let set = set_id(&house, "ReadOnlyAccess").await;
    const WIZARD: &str = "/admin/assignments/new";

    let lacking = browser
        .get(&format!("{WIZARD}?step=accounts&go=groups"))
        .await;
    lacking.shows("Tick at least one account.");
    let many: String = (0..101)
        .map(|number| format!("&account={number:012}"))
        .collect();
    browser
        .get(&format!("{WIZARD}?step=accounts&go=groups{many}"))
        .await
        .shows("100 of a kind are picked at most");
    let accounts = "account=999900001111&account=666677778888";
    browser
        .get(&format!("{WIZARD}?step=accounts&go=groups&{accounts}"))
        .await
        .shows("to which groups?");
    let nobody = browser
        .get(&format!("{WIZARD}?step=users&go=sets&{accounts}"))
        .await;
    nobody.shows("Tick at least one user");
    let sets = format!("{WIZARD}?step=groups&go=sets&{accounts}&group={group}");
    let sets = browser.get(&sets).await;
    sets.shows("which permission sets?");
    assert!(sets.hidden().contains(&("group".to_owned(), group.clone())));
    let review = format!("{WIZARD}?step=sets&go=review&{accounts}&group={group}&set={set}");
    browser.get(&review).await.shows("Make 2 assignments");
    finance.get("/start").await.does_not_show("Sandbox");

    let fields = [
        ("account", "999900001111"),
        ("account", "666677778888"),
        ("group", &group),
        ("set", &set),
    ];
    browser
        .submit(&review, WIZARD, &fields)
        .await
        .shows("2 assignments are made");
    finance.get("/start").await.shows("Sandbox");
    let account = browser.get("/admin/accounts/999900001111").await;
    account.shows("Remove ReadOnlyAccess from Finance");

    let link = account.html.split("href=\"").find(|rest| {
        rest.starts_with("/admin/assignments/removal")
            && rest.contains(&group)
            && rest.contains(&set)
    });
    let link = link
        .and_then(|rest| rest.split('"').next())
        .expect("a link");
    let asked = browser.get(&link.replace("&#38;", "&")).await;
    asked.shows("Remove ReadOnlyAccess from Finance?");
    let hidden = asked.hidden();
    let fields: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let removed = browser.post("/admin/assignments/removal", &fields).await;
    removed.leads_to("/admin/accounts/999900001111?done=unassigned");
    let start = finance.get("/start").await;
    start.does_not_show("Sandbox");
    start.shows("Web Shop Staging");
}

#[tokio::test]
async fn of_assignments_that_belong_together_none_is_made_without_the_others() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    browser
        .fill("/admin/accounts/999900001111/close", &[])
        .await
        .target();
    let group = group_id(&house, "Finance").await;
    let set = set_id(&house, "ReadOnlyAccess").await;
    let fields = [
        ("account", "666677778888"),
        ("account", "999900001111"),
        ("group", &*group),
        ("set", &*set),
    ];
    let refused = browser
        .submit("/admin", "/admin/assignments/new", &fields)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.problem().contains("999900001111"), "{refused:?}");
    let account = browser.get("/admin/accounts/666677778888").await;
    account.does_not_show("Remove ReadOnlyAccess from Finance");
}
