use super::*;

fn profile(name: &str) -> Profile {
    Profile {
        name: name.into(),
        account_id: "111122223333".into(),
        role_name: "AdministratorAccess".into(),
        session: "acme".into(),
        program: "/opt/vestibule/bin/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: None,
    }
}

fn document(text: &str) -> Document {
    Document::parse(text)
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(document.as_bytes()).unwrap()
}

const ADMIN: &str = r#"# >>> vestibule admin
[profile admin]
credential_process = "/opt/vestibule/bin/vestibule" credentials --account 111122223333 --role AdministratorAccess --session acme --format process
region = eu-west-1
[services vestibule-admin]
# Vestibule writes these lines and removes them when the role is no longer kept refreshed.
# <<< vestibule
"#;

#[test]
fn a_new_profile_stands_at_the_end() {
    let before = "[default]\nregion=us-east-1\n";
    let after = insert(&document(before), &profile("admin")).unwrap();
    assert_eq!(text(&after), format!("{before}{ADMIN}"));
}

#[test]
fn a_portal_outside_aws_gets_a_services_section() {
    let profile = Profile {
        sts_endpoint: Some("http://localhost:8081".into()),
        ..profile("admin")
    };
    let after = insert(&document(""), &profile).unwrap();
    let expected = "services = vestibule-admin\nregion = eu-west-1\n\
                    [services vestibule-admin]\nsts =\n  endpoint_url = http://localhost:8081\n# Vest";
    assert!(text(&after).contains(expected), "{}", text(&after));
    assert_eq!(remove(&after, "admin").unwrap(), document(""));
}

#[test]
fn the_default_profile_has_the_header_aws_gives_it() {
    let after = insert(&document(""), &profile("default")).unwrap();
    assert!(text(&after).contains("\n[default]\n"));
    let taken = insert(&document("\n[default]\n"), &profile("default"));
    let header = "default".into();
    assert_eq!(taken, Err(Refusal::Taken { line: 2, header }));
}

#[test]
fn a_section_of_the_users_is_never_taken_over() {
    for header in [
        "profile admin",
        "profile \"admin\"",
        " profile\tadmin ",
        "services vestibule-admin",
    ] {
        let before = document(&format!("# mine\r\n\r\n[{header}]\r\nregion = x\r\n"));
        match insert(&before, &profile("admin")) {
            Err(Refusal::Taken { line: 3, .. }) => {}
            other => panic!("{header}: {other:?}"),
        }
        assert_eq!(remove(&before, "admin"), Ok(before));
    }
}

#[test]
fn a_second_section_of_the_users_beside_ours_is_named() {
    let before = document(&format!("{ADMIN}[profile admin]\n"));
    let taken = insert(&before, &profile("admin"));
    let header = "profile admin".into();
    assert_eq!(taken, Err(Refusal::Taken { line: 8, header }));
}

#[test]
fn inserting_again_updates_in_place_and_keeps_what_was_added() {
    let added = "output = json\ns3 =\n    max_concurrent_requests = 5\n";
    let before = ADMIN
        .replace("[services", &format!("{added}[services"))
        .replace("eu-west-1", "us-east-2");
    let before = document(&format!("[default]\n{before}[profile z]\n"));
    let moved = Profile {
        program: "/usr/bin/vestibule".into(),
        ..profile("admin")
    };
    let after = insert(&before, &moved).unwrap();
    let expected = text(&before).replace("/opt/vestibule/bin/", "/usr/bin/");
    assert_eq!(text(&after), expected);
    assert_eq!(insert(&after, &moved), Ok(after));
}

#[test]
fn whatever_was_added_to_our_sections_stays_in_its_place() {
    let added = ADMIN
        .replace(
            "[profile admin]\n",
            "[profile admin]\n# mine\n  output = json\n\n  cli_pager =\n",
        )
        .replace("credential_process", "  credential_process")
        .replace("region =", "  region =")
        .replace(
            "[services vestibule-admin]\n",
            "[services vestibule-admin]\n; mine\ns3 =\n  endpoint_url = http://s3\n",
        );
    let outside = Profile {
        sts_endpoint: Some("http://sts".into()),
        program: "/moved/vestibule".into(),
        ..profile("admin")
    };
    let after = insert(&document(&added), &outside).unwrap();
    let expected = added
        .replace("/opt/vestibule/bin/", "/moved/")
        .replace(
            "[profile admin]\n",
            "[profile admin]\n  services = vestibule-admin\n",
        )
        .replace(
            "[services vestibule-admin]\n",
            "[services vestibule-admin]\nsts =\n  endpoint_url = http://sts\n",
        );
    assert_eq!(text(&after), expected);
    assert_eq!(insert(&after, &outside), Ok(after.clone()));
    let inside = insert(&after, &profile("admin")).unwrap();
    assert_eq!(text(&inside), added);
}

#[test]
fn a_section_added_to_our_lines_is_not_lost() {
    let before = document(&ADMIN.replace("[services", "[profile mine]\n[services"));
    let stray = Refusal::Stray {
        line: 5,
        name: "admin".into(),
    };
    assert_eq!(remove(&before, "admin"), Err(stray.clone()));
    assert_eq!(insert(&before, &profile("admin")), Err(stray));
}

/// `aws configure set` takes a comment with `:` or `=` for the last setting of a section, and adds
/// the next one below it.
#[test]
fn our_comments_do_not_look_like_settings_to_the_aws_cli() {
    let after = insert(&document("[a]\nregion = x"), &profile("admin")).unwrap();
    let comments: Vec<_> = text(&after)
        .lines()
        .filter(|line| line.starts_with('#'))
        .collect();
    assert_eq!(comments.len(), 3);
    assert!(!comments.concat().contains([':', '=']), "{comments:?}");
}

#[test]
fn a_setting_below_our_lines_does_not_fall_to_the_section_above() {
    let before = document(&format!("[profile z]\n{ADMIN}\noutput = json\n"));
    let stray = Refusal::Stray {
        line: 10,
        name: "admin".into(),
    };
    assert_eq!(remove(&before, "admin"), Err(stray));
}

/// Without our lines it would go on with the setting above them.
#[test]
fn an_indented_section_below_our_lines_keeps_them_there() {
    let before = document(&format!(
        "[a]\nx = y\n{ADMIN}  [profile z]\noutput = json\n"
    ));
    let stray = Refusal::Stray {
        line: 10,
        name: "admin".into(),
    };
    assert_eq!(remove(&before, "admin"), Err(stray));
}

#[test]
fn a_marker_alone_owns_nothing() {
    let before = document("# >>> vestibule admin\n[profile admin]\nregion = x\n");
    let header = "profile admin".into();
    assert_eq!(
        insert(&before, &profile("admin")),
        Err(Refusal::Taken { line: 2, header })
    );
    assert_eq!(remove(&before, "admin"), Ok(before));
}

#[test]
fn repair_changes_the_program_and_nothing_else() {
    let mine = "[profile mine]\ncredential_process = \"/old\" credentials --account 1\n";
    let before = document(&format!("{mine}{ADMIN}"));
    let after = repair(&before, Path::new("/new place/vestibule")).unwrap();
    let expected = text(&before).replace("/opt/vestibule/bin/vestibule", "/new place/vestibule");
    assert_eq!(text(&after), expected);
    assert_eq!(repair(&after, Path::new("/new place/vestibule")), Ok(after));
}

#[test]
fn names_and_paths_that_a_tool_would_misread_are_refused() {
    let refused = |changed: Profile| insert(&document(""), &changed).unwrap_err();
    for name in ["", "two words", "a:b", "a]b", "a\nb", "ü"] {
        assert_eq!(refused(profile(name)), Refusal::Name { name: name.into() });
    }
    let text = "/a\nb".to_owned();
    let program = PathBuf::from(&text);
    let changed = Profile {
        program,
        ..profile("a")
    };
    assert_eq!(refused(changed), Refusal::Unwritable { text });
}

#[test]
fn profile_names_are_plain() {
    assert_eq!(
        base_name("Payments (Prod)", "AdministratorAccess"),
        "payments-prod-administratoraccess"
    );
    assert_eq!(base_name("Büro & Co.", "Read+Only"), "b-ro-co.-read-only");
    assert_eq!(base_name("  ", "Billing"), "billing");
}

#[test]
fn a_name_is_taken_by_either_file() {
    let config = document("[profile \"x\"]\n[services vestibule-s]\n");
    let credentials = document("[y]\n");
    let taken = |name: &str| is_taken(name, &config, &credentials);
    assert!(taken("x") && taken("y") && taken("s"));
    assert!(!taken("z") && !taken("profile"));
    let name = "y".to_owned();
    assert_eq!(
        refuse_shadowed("y", &credentials),
        Err(Refusal::Shadowed { line: 1, name })
    );
}
