//! The declared organization, applied again and again.

use portal::{
    declaration::{self, ApplyError, Declaration, Kind, Options},
    directory,
};
use sqlx::AnyConnection;

use crate::house::House;

async fn changes(house: &House, text: &str) -> Result<Vec<String>, ApplyError> {
    house.declare(text, &Options::default()).await
}

const STORY: &str = r#"
    accounts = [
        { id = "123456789012", name = "Numbers", email = "numbers@example.com", unit = "A/B" },
        { id = "210987654321", name = "Letters", email = "letters@example.com" },
    ]
    users = [
        { user_name = "ana", display_name = "Ana", email = "ana@example.com" },
        { user_name = "ben", display_name = "Ben", email = "ben@example.com" },
    ]
    groups = [{ name = "Writers", members = ["ana"] }]
    permission_sets = [{ name = "Write", session_hours = 2, inline_policy = '{"Statement":[]}' }]
    assignments = [
        { group = "Writers", permission_sets = ["Write"], accounts = ["Letters"] },
        { user = "ben", permission_sets = ["Write"], accounts = ["*"] },
    ]
    roles = [{ account = "Letters", name = "Editor", trusts = "*" }]
"#;

#[tokio::test]
async fn what_is_written_down_is_of_one_moment() {
    async fn users(db: &mut AnyConnection) -> usize {
        directory::profiles(db, "", 1000)
            .await
            .expect("store")
            .len()
    }
    let house = House::new().await;
    let mut moment = house.portal.store().snapshot().await.expect("begun");
    let before = users(&mut moment).await;
    changes(&house, STORY).await.expect("applied");
    assert_eq!(users(&mut moment).await, before);
    drop(moment);
    let mut later = house.portal.store().snapshot().await.expect("begun");
    assert_eq!(users(&mut later).await, before + 2);
}

#[tokio::test]
async fn applied_again_it_changes_nothing() {
    let house = House::new().await;
    let first = changes(&house, STORY).await.expect("applied");
    assert_eq!(
        first,
        [
            "+ organizational unit A/B",
            "+ account 123456789012 Numbers",
            "+ account 210987654321 Letters",
            "+ user ana",
            "+ user ben",
            "+ group Writers",
            "+ member ana of group Writers",
            "+ permission set Write",
            "+ assignment of Write to user ben in 123456789012",
            "+ assignment of Write to user ben in 210987654321",
            "+ assignment of Write to group Writers in 210987654321",
            "+ role Editor in 210987654321",
        ]
    );
    assert_eq!(changes(&house, STORY).await.expect("applied"), [""; 0]);
    let house = house.reopened().await;
    assert_eq!(changes(&house, STORY).await.expect("applied"), [""; 0]);
}

#[tokio::test]
async fn only_what_differs_is_changed() {
    let house = House::new().await;
    changes(&house, STORY).await.expect("applied");
    let edited = STORY
        .replace("\"Numbers\"", "\"Figures\"")
        .replace("[\"ana\"]", "[\"ben\"]")
        .replace("session_hours = 2", "session_hours = 3")
        .replace("accounts = [\"*\"]", "accounts = [\"Letters\"]")
        .replace("\"Ana\"", "\"Anna\"");
    assert_eq!(
        changes(&house, &edited).await.expect("applied"),
        [
            "~ account 123456789012 Figures",
            "~ user ana",
            "+ member ben of group Writers",
            "- member ana of group Writers",
            "~ permission set Write",
            "- assignment of Write to user ben in 123456789012",
        ]
    );
    assert_eq!(changes(&house, &edited).await.expect("applied"), [""; 0]);
    let elsewhere = house.access_token("finance").await;
    let accounts = house.get("/assignment/accounts", &elsewhere).await;
    let untouched = accounts.body["accountList"].as_array().map(Vec::len);
    assert_eq!(untouched, Some(1), "what the file does not name stays");
}

#[tokio::test]
async fn a_fault_changes_nothing_at_all() {
    let house = House::new().await;
    let broken = STORY.replace("members = [\"ana\"]", "members = [\"ana\", \"nobody\"]");
    let error = changes(&house, &broken)
        .await
        .expect_err("nobody is unknown");
    let text = error.to_string();
    assert_eq!(
        text,
        r#"group "Writers" names the user "nobody", which does not exist"#
    );
    let first = changes(&house, STORY).await.expect("applied");
    assert_eq!(first.len(), 12, "nothing was left behind: {first:?}");
}

#[tokio::test]
async fn a_plan_says_what_would_change_and_changes_nothing() {
    let house = House::new().await;
    let plan = Options {
        plan: true,
        ..Options::default()
    };
    let before = house.exported().await;
    let planned = house.declare(STORY, &plan).await.expect("planned");
    assert_eq!(house.exported().await, before);
    assert_eq!(changes(&house, STORY).await.expect("applied"), planned);
    assert_eq!(house.declare(STORY, &plan).await.expect("planned"), [""; 0]);
}

#[tokio::test]
async fn what_is_pruned_goes_and_nothing_else() {
    let house = House::new().await;
    changes(&house, STORY).await.expect("applied");
    let groups = Options {
        prune: [Kind::Groups].into(),
        ..Options::default()
    };
    let mut gone = house.declare(STORY, &groups).await.expect("applied");
    gone.sort();
    assert_eq!(
        gone,
        [
            "- group Administrators",
            "- group Auditors",
            "- group Developers",
            "- group Finance",
            "- group Storage",
        ]
    );
    let everything = Options {
        prune: [
            Kind::Units,
            Kind::Accounts,
            Kind::Users,
            Kind::PermissionSets,
            Kind::Roles,
        ]
        .into(),
        ..Options::default()
    };
    house.declare(STORY, &everything).await.expect("applied");
    let left = declaration::export(&house.portal).await.expect("exported");
    let users: Vec<&str> = left
        .users
        .iter()
        .map(|user| user.user_name.as_str())
        .collect();
    assert_eq!(users, ["ana", "ben"]);
    let accounts: Vec<&str> = left.accounts.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(accounts, ["Management", "Numbers", "Letters"]);
    let units: Vec<&str> = left.units.iter().map(|unit| unit.path.as_str()).collect();
    assert_eq!(units, ["A", "A/B"]);
    assert_eq!(left.permission_sets.len(), 1);
    assert_eq!(left.roles.len(), 1);
}

#[tokio::test]
async fn an_export_applied_elsewhere_exports_the_same() {
    let house = House::new().await;
    changes(&house, STORY).await.expect("applied");
    changes(&house, RICH).await.expect("applied");
    let text = house.exported().await;
    let empty = House::without_organization(|_| {}).await;
    let taken = changes(&empty, &text).await.expect("applied");
    assert!(!taken.is_empty());
    assert_eq!(empty.exported().await, text);
    assert_eq!(changes(&empty, &text).await.expect("applied"), [""; 0]);
    assert_eq!(changes(&empty, RICH).await.expect("applied"), [""; 0]);
    for word in ["password", "argon2", "totp", "secret"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// Something of everything.
const RICH: &str = r#"
    policy_types = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]
    trusted_services = ["backup.amazonaws.com", "sso.amazonaws.com"]
    delegated_administrators = { "backup.amazonaws.com" = ["Tagged"] }
    resource_policy = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"organizations:List*","Resource":"*"}]}'
    portal = { alias = "rich", instance_name = "Rich", added_regions = ["sa-east-1"], tags = { stage = "rich" }, session_minutes = 90 }
    mfa = { mode = "always", security_keys = false, without_factor = "block" }
    access_control_attributes = { department = "${path:enterprise.department}" }
    units = [
        { path = "Empty", tags = { owner = "nobody" } },
        { path = 'With\/slash/Inner' },
    ]
    accounts = [
        { id = "300000000001", name = "Main", email = "main@example.com", management = true },
        { id = "300000000002", name = "Old", email = "old@example.com", unit = 'With\/slash/Inner', closed = true },
        { id = "300000000003", name = "Tagged", email = "tagged@example.com", tags = { a = "1", b = "" } },
    ]
    policies = [
        { name = "FullAWSAccess", type = "SERVICE_CONTROL_POLICY", units = ["*"], accounts = ["*"] },
        { name = "No", type = "SERVICE_CONTROL_POLICY", description = "Nothing", content = '{"Statement":[{"Effect":"Deny","Action":"*"}]}', units = ["/", "Empty"], accounts = ["Tagged"], tags = { b = "c" } },
        { name = "No", type = "TAG_POLICY", content = '{"tags":{}}', accounts = ["300000000003"] },
    ]
    users = [
        { user_name = "carol", display_name = "Carol", email = "carol@example.com", enabled = false },
        { user_name = "dave", display_name = "Dave \"D\" O'Neil", attributes = { title = "Engineer", name = { givenName = "Dave", familyName = "O'Neil" } } },
        { user_name = "erin", display_name = "Erin", email = "erin@example.com", attributes = { emails = [
            { value = "erin@example.com", type = "work", primary = true },
            { value = "erin@example.org", type = "home" },
        ], extensions = { "aws:identitystore:enterprise" = { department = "Sales" } } } },
    ]
    groups = [
        { name = "Everyone", description = "All of them", members = ["erin", "carol", "dave"] },
        { name = "Nobody" },
    ]
    permission_sets = [
        { name = "Rich", description = "Much", session_hours = 3, session_seconds = 1800, relay_state = "https://console.aws.amazon.com/s3/", managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"], customer_policies = ["/teams/Deploy"], inline_policy = '{"Version":"2012-10-17","Statement":[]}', boundary = "/Limit", tags = { kind = "rich" } },
    ]
    assignments = [
        { group = "Everyone", permission_sets = ["Rich"], accounts = ["Main", "Tagged"] },
        { user = "dave", permission_sets = ["Rich"], accounts = ["300000000003"] },
    ]
    token_issuers = [
        { name = "corporate", issuer_url = "https://tokens.example.com", claim_attribute_path = "email", identity_store_attribute_path = "emails.value", tags = { a = "b" } },
    ]
    applications = [
        { name = "Builds", provider = "catalog/Jenkins", background_sessions = false, tokens = { redirect_uris = ["https://builds.example.com/back"], refresh = true, issuers = [{ url = "https://tokens.example.com", audiences = ["builds"] }], scopes = [{ name = "sso:account:access", targets = ["instance", "application Own"] }], actor_policy = '{"Statement":[]}' }, sign_in = "APPLICATION", url = "https://builds.example.com/", users = ["erin"], groups = ["Everyone"], tags = { a = "b" } },
        { name = "Own", provider = "custom-saml", description = "Ours", enabled = false, visible = false, assignment_required = false, attributes = [{ name = "Subject", source = "${user:email}", format = "emailAddress" }] },
    ]
    roles = [{ account = "Tagged", name = "Careful", trusts = "*", require_mfa = true, external_id = "x", session_hours = 2 }]
"#;

#[tokio::test]
async fn what_changes_of_everything_is_changed_back_by_an_export() {
    let house = House::without_organization(|_| {}).await;
    changes(&house, RICH).await.expect("applied");
    let text = house.exported().await;
    let other = RICH
        .replace(
            "description = \"Much\", session_hours = 3, session_seconds = 1800",
            "session_hours = 4",
        )
        .replace(", boundary = \"/Limit\", tags = { kind = \"rich\" }", "")
        .replace("[\"/teams/Deploy\"]", "[\"Ship\"]")
        .replace("title = \"Engineer\"", "nickName = \"D\"")
        .replace("department = \"Sales\"", "costCenter = \"7\"")
        .replace("enabled = false, visible = false", "visible = true")
        .replace("owner = \"nobody\"", "team = \"one\"")
        .replace(
            ", users = [\"erin\"], groups = [\"Everyone\"]",
            ", groups = [\"Nobody\"]",
        )
        .replace("require_mfa = true, ", "")
        .replace("enterprise.department}", "enterprise.costCenter}")
        .replace("\"All of them\"", "\"Some\"")
        .replace("session_minutes = 90", "session_minutes = 60")
        .replace(
            "\"backup.amazonaws.com\", \"sso",
            "\"ram.amazonaws.com\", \"sso",
        )
        .replace("{ \"backup.amazonaws.com\" = [\"Tagged\"] }", "{}")
        .replace("organizations:List*", "organizations:Describe*")
        .replace(
            "\"Rich\", added_regions = [\"sa-east-1\"]",
            "\"Poor\", added_regions = []",
        )
        .replace("stage = \"rich\"", "stage = \"poor\"")
        .replace("security_keys = false, ", "")
        .replace("background_sessions = false, ", "")
        .replace("refresh = true", "exchange = true")
        .replace("com/back", "com/other")
        .replace("audiences = [\"builds\"]", "audiences = []")
        .replace("\"application Own\"", "\"application Builds\"")
        .replace(
            "actor_policy = '{\"Statement\":[]}'",
            "actor_policy = '{\"Statement\":[{}]}'",
        )
        .replace(
            "claim_attribute_path = \"email\"",
            "claim_attribute_path = \"sub\"",
        )
        .replace(
            "[\"/\", \"Empty\"], accounts = [\"Tagged\"]",
            "['With\\/slash']",
        )
        .replace("\"Nothing\"", "\"Nothing at all\"");
    let changed = changes(&house, &other).await.expect("applied");
    for line in [
        "~ length of portal sessions",
        "~ name of the instance",
        "~ tags of the instance",
        "- region sa-east-1 of the instance",
        "+ trusted service ram.amazonaws.com",
        "- trusted service backup.amazonaws.com",
        "- delegated administrator 300000000003 of backup.amazonaws.com",
        "~ resource policy of the organization",
        "~ policy for second factors",
        "~ tags of organizational unit Empty",
        "~ policy No",
        "+ attachment of policy No to organizational unit With\\/slash",
        "- attachment of policy No to the root",
        "- attachment of policy No to account 300000000003 Tagged",
        "~ user dave",
        "~ user erin",
        "~ group Everyone",
        "~ permission set Rich",
        "~ token issuer https://tokens.example.com",
        "~ application Builds",
        "~ application Own",
        "~ actor policy of application Builds",
        "~ grant authorization_code of application Builds",
        "+ grant urn:ietf:params:oauth:grant-type:token-exchange of application Builds",
        "~ grant urn:ietf:params:oauth:grant-type:jwt-bearer of application Builds",
        "- grant refresh_token of application Builds",
        "~ scope sso:account:access of application Builds",
        "- assignment of application Builds to user erin",
        "- assignment of application Builds to group Everyone",
        "+ assignment of application Builds to group Nobody",
        "~ attributes for access control",
        "~ role Careful in 300000000003",
    ] {
        assert!(
            changed.iter().any(|change| change == line),
            "{line}: {changed:#?}"
        );
    }
    assert_ne!(house.exported().await, text);
    changes(&house, &text).await.expect("applied");
    assert_eq!(house.exported().await, text);
}

#[tokio::test]
async fn the_portal_as_a_whole_is_declared() {
    let house = House::new().await;
    let first = r#"
        portal = { alias = "harbour" }
        mfa = { mode = "never", self_service = false }
    "#;
    assert_eq!(
        changes(&house, first).await.expect("applied"),
        [
            "+ address of the portal harbour",
            "~ policy for second factors",
        ]
    );
    assert_eq!(changes(&house, first).await.expect("applied"), [""; 0]);
    // Whoever signs in meets it.
    let mut browser = house.browser();
    browser.sign_in("developer").await;
    browser.get("/harbour").await.leads_to("/start");

    for (wrong, problem) in [
        (
            "portal = { alias = \"other\" }",
            "it cannot be changed again",
        ),
        (
            "portal = { session_minutes = 1 }",
            "setting \"session_minutes\": it is from 15",
        ),
        (
            "mfa = { authenticator_apps = false, security_keys = false }",
            "Allow at least one kind of factor",
        ),
        ("mfa = { mode = \"sometimes\" }", "unknown variant"),
        ("portal = { address = \"x\" }", "unknown field"),
        (
            r#"permission_sets = [{ name = "W" }]
            assignments = [{ user = "developer", permission_sets = ["W"], accounts = ["*"] }]"#,
            "an assignment to user developer: \"*\" is every account of the file, and it declares",
        ),
    ] {
        let refused = changes(&house, wrong).await.expect_err(problem).to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn faults_are_named() {
    for (from, to, expected) in [
        (
            "\"123456789012\"",
            "\"12\"",
            r#"account "12": an account's id has twelve digits"#,
        ),
        (
            "\"ben@example.com\"",
            "\"ana@example.com\"",
            r#"email address "ana@example.com": it is declared twice"#,
        ),
        (
            "user_name = \"ana\"",
            "user_name = \"an a\"",
            r#"user "an a": a name has 1 to 128 characters, none of them a space"#,
        ),
        (
            "session_hours = 2",
            "session_hours = 13",
            r#"permission set "Write": session_hours is from 1 to 12"#,
        ),
        (
            "inline_policy = '{",
            "inline_policy = '",
            r#"permission set "Write": inline_policy is not a JSON object"#,
        ),
        (
            "group = \"Writers\",",
            "",
            r#"assignment "without a name": name either a group or a user"#,
        ),
        (
            "\"Numbers\"",
            "\"Letters\"",
            r#"account "Letters": several are called so: say the id"#,
        ),
        (
            "user_name = \"ana\"",
            "user_name = \"ana\", password = \"x\"",
            "unknown field `password`",
        ),
    ] {
        let text = STORY.replace(from, to);
        let error = Declaration::parse(&text).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
