//! `vestibule-portal apply` and `export` as programs: what they print, and how they end.

use std::{fs, process::Output};

use crate::commands::{Site, text};

/// Something of most of what can be declared.
const COMPANY: &str = r#"
    policy_types = ["SERVICE_CONTROL_POLICY"]
    portal = { alias = "harbour", session_minutes = 90 }
    mfa = { mode = "always", without_factor = "block" }
    units = [{ path = "Workloads/Empty", tags = { owner = "nobody" } }]
    accounts = [
        { id = "100000000001", name = "Main", email = "main@example.com", management = true },
        { id = "100000000002", name = "Shop", email = "shop@example.com", unit = "Workloads" },
    ]
    policies = [
        { name = "Stay", type = "SERVICE_CONTROL_POLICY", content = '{"Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}', units = ["Workloads"] },
    ]
    users = [
        { user_name = "ana", display_name = "Ana \"A\"", email = "ana@example.com" },
        { user_name = "ben", display_name = "Ben", enabled = false },
    ]
    groups = [{ name = "Writers", description = "They write", members = ["ana", "ben"] }]
    permission_sets = [
        { name = "Write", session_hours = 3, managed_policies = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"], inline_policy = '{"Statement":[]}', tags = { a = "b" } },
    ]
    assignments = [{ group = "Writers", permission_sets = ["Write"], accounts = ["*"] }]
    applications = [{ name = "Builds", provider = "catalog/Jenkins", groups = ["Writers"] }]
    roles = [{ account = "Shop", name = "Deployer", trusts = "*" }]
"#;

impl Site {
    /// The path of a file of its folder with this text.
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path
    }

    fn export(&self) -> String {
        self.says(&["export"])
    }
}

#[track_caller]
fn ends(output: &Output, code: i32, last_line: &str) -> String {
    let said = text(&output.stdout);
    let trouble = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}{trouble}");
    assert_eq!(said.lines().last(), Some(last_line), "{said}");
    said
}

#[test]
fn a_plan_ends_with_2_where_something_would_change() {
    let site = Site::new();
    let file = site.file("company.toml", COMPANY);
    let planned = site.run(&["apply", &file, "--plan"]);
    let changes = text(&planned.stdout).lines().count() - 1;
    let planned = ends(&planned, 2, &format!("{changes} changes would be made."));
    assert!(!site.export().contains("ana"), "a plan changes nothing");

    let applied = site.run(&["apply", &file]);
    let applied = ends(&applied, 0, &format!("{changes} changes."));
    let lines = |said: &str| -> Vec<String> { said.lines().map(str::to_owned).collect() };
    assert_eq!(lines(&applied)[..changes], lines(&planned)[..changes]);
    let again = site.run(&["apply", &file, "--plan"]);
    ends(&again, 0, "Nothing to change.");

    let edited = COMPANY.replace("\"They write\"", "\"They read\"");
    let edited = site.file("edited.toml", &edited);
    let one = ends(
        &site.run(&["apply", &edited, "--plan"]),
        2,
        "1 change would be made.",
    );
    assert!(one.starts_with("~ group Writers\n"), "{one}");
}

#[test]
fn a_plan_that_cannot_be_fails_as_its_application_would() {
    let site = Site::new();
    let broken = COMPANY.replace("members = [\"ana\", \"ben\"]", "members = [\"nobody\"]");
    let broken = site.file("broken.toml", &broken);
    for arguments in [&["apply", &broken, "--plan"][..], &["apply", &broken]] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(1));
        let complaint = text(&output.stderr);
        assert!(
            complaint.contains("broken.toml was not applied"),
            "{complaint}"
        );
        assert!(
            complaint.contains("\"nobody\", which does not exist"),
            "{complaint}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_once() {
    let site = Site::new();
    let portal = site.path("portal.toml");
    let output = site.run(&["apply", &portal]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = text(&output.stderr);
    let reason = complaint.matches("unknown field");
    assert_eq!(reason.count(), 1, "{complaint}");
}

#[test]
fn only_the_kinds_that_are_named_are_pruned() {
    let site = Site::new();
    let file = site.file("company.toml", COMPANY);
    assert!(site.run(&["apply", &file]).status.success());
    let less = COMPANY
        .replace("applications = [", "# [")
        .replace("roles = [", "# [")
        .replace(", \"ben\"]", "]")
        .lines()
        .filter(|line| !line.contains("user_name = \"ben\""))
        .fold(String::new(), |text, line| text + line + "\n");
    let less = site.file("less.toml", &less);

    let left_alone = site.run(&["apply", &less]);
    let left_alone = ends(&left_alone, 0, "1 change.");
    assert!(left_alone.starts_with("- member ben of group Writers\n"));
    let planned = site.run(&["apply", &less, "--plan", "--prune=users,roles"]);
    let planned = ends(&planned, 2, "2 changes would be made.");
    for line in ["- user ben\n", "- role Deployer in 100000000002\n"] {
        assert!(planned.contains(line), "{planned}");
    }
    assert!(
        site.run(&["apply", &less, "--prune=users,roles"])
            .status
            .success()
    );
    assert!(site.export().contains("name = \"Builds\""));
    let all = site.run(&["apply", &less, "--prune"]);
    let all = ends(&all, 0, "1 change.");
    assert!(all.starts_with("- application Builds\n"), "{all}");

    let unknown = site.run(&["apply", &less, "--prune=everything"]);
    assert_eq!(unknown.status.code(), Some(2), "clap's own");
    assert!(text(&unknown.stderr).contains("permission-sets"));
}

#[test]
fn whoever_prunes_the_last_administrator_is_told() {
    let site = Site::new();
    let enable = ["enable", "first", "--display-name", "First"];
    site.says(&[&enable[..], &["--email", "first@example.com"]].concat());
    let nobody = site.file("nobody.toml", "");
    let apply = ["apply", &nobody, "--prune=users"];
    let planned = site.run(&[&apply[..], &["--plan"]].concat());
    ends(&planned, 2, "1 change would be made.");
    let told = text(&planned.stderr);
    assert!(
        told.starts_with("Nobody could administer the portal"),
        "{told}"
    );
    let applied = site.run(&apply);
    ends(&applied, 0, "1 change.");
    let told = text(&applied.stderr);
    assert!(
        told.starts_with("Nobody can administer the portal"),
        "{told}"
    );
    let again = site.run(&apply);
    ends(&again, 0, "Nothing to change.");
    assert_eq!(text(&again.stderr), "", "there was nobody before");
}

#[test]
fn an_export_applied_elsewhere_exports_the_same_bytes() {
    let site = Site::new();
    let file = site.file("company.toml", COMPANY);
    assert!(site.run(&["apply", &file]).status.success());
    let exported = site.path("export.toml");
    assert!(site.run(&["export", &exported]).status.success());
    let bytes = fs::read(&exported).expect("exported");
    assert_eq!(site.export().as_bytes(), bytes, "to a file as to stdout");
    let again = text(&site.run(&["export", &exported]).stderr);
    assert!(again.contains("exists; move it away first"), "{again}");

    let elsewhere = Site::new();
    let applied = elsewhere.run(&["apply", &exported]);
    assert!(applied.status.success(), "{}", text(&applied.stderr));
    assert_eq!(elsewhere.export().as_bytes(), bytes);
    ends(
        &elsewhere.run(&["apply", &exported, "--prune", "--plan"]),
        0,
        "Nothing to change.",
    );
    ends(
        &elsewhere.run(&["apply", &file, "--plan"]),
        0,
        "Nothing to change.",
    );
}
