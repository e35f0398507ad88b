//! The declared organization, applied again and again.

use portal::declaration::{self, ApplyError, Declaration};

use crate::house::House;

async fn changes(house: &House, text: &str) -> Result<Vec<String>, ApplyError> {
    let declaration = Declaration::parse(text)?;
    let changes = declaration::apply(&house.portal, &declaration).await?;
    Ok(changes.iter().map(ToString::to_string).collect())
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
    permission_sets = [{ name = "Write", session_hours = 2, inline_policy = "{}" }]
    assignments = [
        { group = "Writers", permission_sets = ["Write"], accounts = ["Letters"] },
        { user = "ben", permission_sets = ["Write"], accounts = ["*"] },
    ]
    roles = [{ account = "Letters", name = "Editor", trusts = "*" }]
"#;

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
            "user_name = \"an/a\"",
            r#"user "an/a": a name has 1 to 128 letters, digits or +=,.@-_"#,
        ),
        (
            "session_hours = 2",
            "session_hours = 13",
            r#"permission set "Write": session_hours is from 1 to 12"#,
        ),
        (
            "inline_policy = \"{}\"",
            "inline_policy = \"{\"",
            r#"permission set "Write": inline_policy is not a JSON object"#,
        ),
        (
            "group = \"Writers\",",
            "",
            r#"assignment "without a name": name either a group or a user"#,
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
