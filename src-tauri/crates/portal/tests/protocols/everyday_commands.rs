//! The everyday acts of `vestibule-portal admin`, `enable`, `invite` and `admin-key`, as an
//! administrator types them; what each has done, another command shows.

use serde_json::Value;

use crate::commands::{Site, text};

impl Site {
    /// Checks that it fails and why.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], complaint: &str) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(complaint), "{arguments:?}: {said}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }

    /// With the organization of the file.
    fn organized() -> Self {
        let site = Self::new();
        site.says(&["apply", &site.path("organization.toml")]);
        site
    }

    /// What the audit trail says was done by the program and not refused, since `before`.
    fn done_since(&self, before: usize) -> Vec<String> {
        let trail = self.says(&["audit", "--json"]);
        let events = trail.lines().map(|line| {
            let event: Value = serde_json::from_str(line).expect("JSON");
            event
        });
        events
            .skip(before)
            .filter(|event| event["errorCode"].is_null())
            .map(|event| event["eventName"].as_str().expect("a name").to_owned())
            .collect()
    }
}

#[test]
fn a_user_is_looked_after_from_the_first_day_to_the_last() {
    let site = Site::organized();
    let before = site.done_since(0).len();
    let ben = [
        "admin",
        "users",
        "add",
        "ben",
        "--display-name",
        "Ben Example",
        "--email",
        "ben@example.com",
    ];
    let added = site.says(&ben);
    assert!(added.starts_with("Added user ben ("), "{added}");
    let list = || site.says(&["admin", "users", "list"]);
    assert!(list().contains("ben\tenabled\tben@example.com\tBen Example\n"));
    assert!(list().contains("ana\tenabled\tana@example.com\tAna\n"));

    site.says(&["admin", "users", "disable", "ben"]);
    assert!(list().contains("ben\tdisabled\t"));
    site.refuses(&["invite", "ben"], "the user is disabled");
    site.says(&["admin", "users", "enable", "ben"]);
    assert!(list().contains("ben\tenabled\t"));

    let link = site.says(&["invite", "ben"]);
    let origin = site.start_url.trim_end_matches("/start");
    assert!(
        link.starts_with(&format!("{origin}/set-password?token=")),
        "{link}"
    );
    assert!(
        link.contains("for 7 days. There is no [smtp] to mail it: pass it on to ben@example.com."),
        "{link}"
    );
    let password = site.says(&["admin", "users", "reset-password", "ben"]);
    assert!(
        password.starts_with("One-time password of ben: "),
        "{password}"
    );
    site.refuses(&["invite", "ben"], "accepted an invitation already");
    let reset = site.says(&["invite", "ben", "--reset"]);
    assert!(reset.contains("for an hour. There is no [smtp]"), "{reset}");

    site.says(&["admin", "users", "delete", "ben"]);
    assert!(!list().contains("ben"), "{}", list());
    assert_eq!(
        site.done_since(before),
        [
            "CreateUser",
            "DisableUser",
            "EnableUser",
            "InviteUser",
            "UpdatePassword",
            "ResetUserPassword",
            "DeleteUser"
        ]
    );
}

#[test]
fn what_cannot_be_done_to_a_user_says_why() {
    let site = Site::organized();
    let add = |name, email| {
        [
            "admin",
            "users",
            "add",
            name,
            "--display-name",
            "X",
            "--email",
            email,
        ]
    };
    let taken = "there is a user \"ANA\" already";
    site.refuses(&add("ANA", "other@example.com"), taken);
    let taken = "another user has the address \"Ana@example.com\" already";
    site.refuses(&add("ben", "Ana@example.com"), taken);
    site.refuses(&add("b e n", "ben@example.com"), "userName");
    for act in ["disable", "enable", "delete", "reset-password"] {
        let nobody = ["admin", "users", act, "nobody"];
        site.refuses(&nobody, "there is no user \"nobody\"");
    }
    assert_eq!(site.says(&["admin", "users", "list"]).lines().count(), 1);
}

#[test]
fn a_group_has_members_and_its_assignments_are_theirs() {
    let site = Site::organized();
    let group = |words: &[&str]| site.says(&[&["admin", "groups"], words].concat());
    let added = group(&["add", "Writers", "--description", "They write"]);
    assert!(added.starts_with("Added group Writers ("), "{added}");
    group(&["add", "Readers"]);
    let listed = group(&["list"]);
    for line in ["Writers\tThey write\n", "Readers\t-\n"] {
        assert!(listed.contains(line), "{listed}");
    }
    assert_eq!(group(&["members", "Writers"]), "");
    group(&["add-member", "Writers", "ana"]);
    assert_eq!(group(&["members", "Writers"]), "ana\n");
    let again = ["admin", "groups", "add-member", "Writers", "ana"];
    site.refuses(&again, "ana is in group Writers already");
    group(&["remove-member", "Writers", "ana"]);
    assert_eq!(group(&["members", "Writers"]), "");
    let again = ["admin", "groups", "remove-member", "Writers", "ana"];
    site.refuses(&again, "ana is not in group Writers");
    group(&["delete", "Readers"]);
    assert_eq!(group(&["list"]), "Writers\tThey write\n");

    let again = ["admin", "groups", "add", "writers"];
    site.refuses(&again, "there is a group \"writers\" already");
    for words in [
        &["members", "Nobody"][..],
        &["delete", "Nobody"],
        &["add-member", "Nobody", "ana"],
    ] {
        let words = [&["admin", "groups"], words].concat();
        site.refuses(&words, "there is no group \"Nobody\"");
    }
}

#[test]
fn accounts_are_listed_with_what_they_are() {
    let site = Site::new();
    let file = site.path("accounts.toml");
    let accounts = r#"accounts = [
        { id = "100000000001", name = "Main", email = "main@example.com", management = true },
        { id = "100000000002", name = "Old one", email = "old@example.com", closed = true },
        { id = "100000000003", name = "New", email = "new@example.com" },
    ]"#;
    std::fs::write(&file, accounts).expect("written");
    site.says(&["apply", &file]);
    assert_eq!(
        site.says(&["admin", "accounts", "list"]),
        "100000000001\tmanagement\tmain@example.com\tMain\n\
         100000000002\tclosed\told@example.com\tOld one\n\
         100000000003\tactive\tnew@example.com\tNew\n"
    );
}

#[test]
fn what_is_assigned_is_in_force_until_it_is_taken_away() {
    let site = Site::organized();
    site.says(&["admin", "groups", "add", "Writers"]);
    let whom = ["Write", "--group", "Writers", "--account", "123456789012"];
    let assign = [&["admin", "assign"], &whom[..]].concat();
    let unassign = [&["admin", "unassign"], &whom[..]].concat();
    let declared = || site.says(&["export"]).contains("group = \"Writers\"");
    assert!(!declared());
    assert_eq!(site.says(&assign), "Writers has Write in 123456789012.\n");
    assert!(declared());
    assert_eq!(
        site.says(&unassign),
        "Writers no longer has Write in 123456789012.\n"
    );
    assert!(!declared());
    site.refuses(&unassign, "Could not find an assignment");

    // Of several accounts all are assigned, or none.
    let before = site.says(&["export"]);
    let both = [&assign[..], &["--account", "999999999999"]].concat();
    site.refuses(&both, "999999999999");
    assert_eq!(site.says(&["export"]), before);
    let file = site.path("closed.toml");
    let closed = "accounts = [{ id = \"999999999999\", name = \"Old\", \
                  email = \"old@example.com\", closed = true }]";
    std::fs::write(&file, closed).expect("written");
    site.says(&["apply", &file]);
    let before = site.says(&["export"]);
    site.refuses(&both, "999999999999");
    assert_eq!(site.says(&["export"]), before);
    for (set, whose, name, complaint) in [
        (
            "Nothing",
            "--user",
            "ana",
            "there is no permission set \"Nothing\"",
        ),
        ("Write", "--user", "nobody", "there is no user \"nobody\""),
        ("Write", "--group", "Nobody", "there is no group \"Nobody\""),
    ] {
        let words = [
            "admin",
            "assign",
            set,
            whose,
            name,
            "--account",
            "123456789012",
        ];
        site.refuses(&words, complaint);
    }
}

#[test]
fn an_address_of_ones_own_is_given_once() {
    let site = Site::organized();
    for wrong in ["x", "start", "Upper", "two words", "a--b"] {
        site.refuses(&["admin", "customize-url", wrong], "alias");
    }
    let origin = site.start_url.trim_end_matches("/start");
    assert_eq!(
        site.says(&["admin", "customize-url", "harbour"]),
        format!("The portal's own address is {origin}/harbour.\n")
    );
    let again = ["admin", "customize-url", "other"];
    site.refuses(&again, "it cannot be changed again");
    assert!(site.says(&["export"]).contains("alias = \"harbour\""));
}

#[test]
fn a_portal_is_enabled_once_with_its_first_administrator() {
    let site = Site::new();
    let enable = |name| {
        [
            "enable",
            name,
            "--display-name",
            "First",
            "--email",
            "first@example.com",
        ]
    };
    // One that is refused leaves nothing behind.
    site.refuses(&enable("a b"), "userName");
    assert_eq!(site.says(&["admin", "accounts", "list"]), "");
    let told = site.says(&enable("first"));
    assert!(told.contains("/set-password?token="), "{told}");
    assert!(told.contains("pass it on to first@example.com"), "{told}");
    let listed = site.says(&["admin", "accounts", "list"]);
    let (id, rest) = listed.split_once('\t').expect("an account");
    assert!(rest.starts_with("management\t"), "{listed}");
    let exported = site.says(&["export"]);
    for line in [
        "name = \"Administrators\"".to_owned(),
        "members = [\"first\"]".to_owned(),
        "\"arn:aws:iam::aws:policy/AdministratorAccess\"".to_owned(),
        format!("accounts = [\"{id}\"]"),
    ] {
        assert!(exported.contains(&line), "{line} in {exported}");
    }
    site.refuses(&enable("second"), "it was enabled before");
    assert_eq!(site.says(&["export"]), exported);
}

#[test]
fn whoever_takes_the_last_administrator_away_is_told() {
    let site = Site::new();
    let enable = ["enable", "first", "--display-name", "First"];
    site.says(&[&enable[..], &["--email", "first@example.com"]].concat());
    let accounts = site.says(&["admin", "accounts", "list"]);
    let (id, _) = accounts.split_once('\t').expect("an account");
    let told = |words: &[&str]| {
        let output = site.run(&[&["admin"], words].concat());
        assert!(output.status.success(), "{words:?}");
        text(&output.stderr).contains("Nobody can administer the portal")
    };
    let set = "AdministratorAccess";
    let whom = ["--user", "second", "--account", id];
    let add = ["users", "add", "second", "--display-name", "Second"];
    assert!(!told(
        &[&add[..], &["--email", "second@example.com"]].concat()
    ));
    assert!(!told(&[&["assign", set], &whom[..]].concat()));

    assert!(!told(&["users", "delete", "first"]));
    assert!(told(&["users", "disable", "second"]));
    assert!(!told(&["users", "enable", "second"]));
    assert!(told(&[&["unassign", set], &whom[..]].concat()));
    assert!(!told(&["groups", "add-member", "Administrators", "second"]));
    assert!(told(&[
        "groups",
        "remove-member",
        "Administrators",
        "second"
    ]));
    assert!(!told(&["users", "delete", "second"]), "it was so before");
}

#[test]
fn a_key_is_listed_until_and_after_it_is_revoked() {
    let site = Site::organized();
    let made = site.says(&["admin-key", "create"]);
    let value = |name: &str| {
        let mut lines = made.lines();
        let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        found.expect("a value").to_owned()
    };
    assert!(made.starts_with("[portal-admin]\n"), "{made}");
    let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
    let list = || site.says(&["admin-key", "list"]);
    assert!(list().starts_with(&id) && list().ends_with(" active\n"));
    assert!(!list().contains(&secret) && !site.says(&["audit", "--json"]).contains(&secret));
    assert_eq!(
        site.says(&["admin-key", "revoke", &id]),
        format!("Revoked {id}\n")
    );
    assert!(list().contains(" revoked "), "{}", list());
    site.refuses(&["admin-key", "revoke", &id], "cannot be found");
}
