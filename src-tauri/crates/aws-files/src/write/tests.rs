use std::collections::BTreeSet;

use time::macros::datetime;

use super::*;
use crate::profile::{Profile, insert, remove};
use crate::profiles;

/// Names of the profiles of ours.
fn own(document: &Document) -> Vec<String> {
    let own = profiles::own(document).into_iter();
    own.map(|own| own.name).collect()
}

fn profile(name: &str) -> Profile {
    Profile {
        name: name.into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        session: "acme".into(),
        program: "/usr/bin/vestibule".into(),
        region: None,
        sts_endpoint: None,
    }
}

/// What a folder holds, but for lock files.
fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".vestibule-lock"))
        .collect()
}

#[test]
fn a_missing_file_and_its_folder_are_created_for_the_user_alone() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join(".aws").join("config");
    assert!(edit(&config, |document| insert(document, &profile("a"))).unwrap());
    assert_eq!(own(&read(&config).unwrap()), ["a"]);
    assert_eq!(
        names(config.parent().unwrap()),
        BTreeSet::from(["config".into()])
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(config.parent().unwrap()), mode(&config)),
            (0o700, 0o600)
        );
    }
}

#[test]
fn nothing_to_change_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    assert!(!edit(&config, |document| remove(document, "a")).unwrap());
    assert!(!config.exists());
}

#[test]
fn parallel_edits_all_arrive() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "[default]\nregion = x").unwrap();
    let expected: Vec<String> = (0..8).map(|number| format!("p{number}")).collect();
    std::thread::scope(|scope| {
        for name in &expected {
            scope.spawn(|| edit(&config, |document| insert(document, &profile(name))).unwrap());
        }
    });
    let mut found = own(&read(&config).unwrap());
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(names(home.path()), BTreeSet::from(["config".into()]));
}

#[test]
fn what_another_program_writes_meanwhile_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "[default]\n").unwrap();
    let mut rounds = 0;
    edit(&config, |document| {
        rounds += 1;
        if rounds == 1 {
            fs::write(&config, "[default]\noutput = json\n").unwrap();
        }
        insert(document, &profile("a"))
    })
    .unwrap();
    assert_eq!(rounds, 2);
    assert!(
        fs::read_to_string(&config)
            .unwrap()
            .starts_with("[default]\noutput = json\n# >>>")
    );
}

#[test]
fn a_file_that_is_just_being_written_is_not_taken_for_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let mut texts = vec!["[default]\nregion = x\n", "[default]\nregion = y"];
    while let Some(text) = texts.pop() {
        let began = std::time::Instant::now();
        // As `aws configure` does it: truncated first, written later.
        let mut file = File::create(&config).unwrap();
        let edited = std::thread::scope(|scope| {
            let edit = scope.spawn(|| edit(&config, |document| insert(document, &profile("a"))));
            std::thread::sleep(SETTLING / 10);
            file.write_all(text.as_bytes()).unwrap();
            if began.elapsed() >= SETTLING {
                // A machine that stood still: nobody writes as slowly as that.
                texts.push(text);
            }
            edit.join().unwrap()
        });
        assert!(edited.unwrap());
        if texts.last() == Some(&text) {
            continue;
        }
        let written = fs::read_to_string(&config).unwrap();
        assert!(written.starts_with(text), "{written}");
    }
}

#[test]
fn what_a_killed_program_left_is_cleaned_up() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    for name in [
        ".config.vestibule-new-a1",
        ".credentials.vestibule-new-b2",
        ".config",
    ] {
        fs::write(home.path().join(name), "x").unwrap();
    }
    edit(&config, |document| insert(document, &profile("a"))).unwrap();
    let left = [".config", ".credentials.vestibule-new-b2", "config"];
    assert_eq!(names(home.path()), left.map(String::from).into());
}

#[test]
fn the_last_five_backups_stay() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let now = datetime!(2026-11-22 18:44:40 UTC);
    let backup_at = |milliseconds: i64, name: &str| {
        let now = now + time::Duration::milliseconds(milliseconds);
        edit_with_backup(&config, now, |document| insert(document, &profile(name))).unwrap()
    };
    assert_eq!(backup_at(0, "a"), None, "there was nothing to keep");
    let mut expected = Vec::new();
    for (milliseconds, name) in [
        (0, "b"),
        (0, "c"),
        (1, "d"),
        (200, "e"),
        (1000, "f"),
        (2000, "g"),
        (3000, "h"),
    ] {
        expected.push(backup_at(milliseconds, name).unwrap());
    }
    assert_eq!(backup_at(4000, "h"), None, "nothing changed");
    let first = home
        .path()
        .join("config.vestibule-backup-20261122T184440.000Z");
    assert_eq!((&expected[0], &expected[1]), (&first, &first));
    assert!(!first.exists());
    let left: Vec<_> = names(home.path()).into_iter().collect();
    assert_eq!(left.len(), 6, "{left:?}");
    let before = read(&expected[2]).unwrap();
    assert_eq!(own(&before), ["a", "b", "c"]);
}

#[test]
fn a_file_that_never_rests_is_given_up() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let mut rounds = 0;
    let result = edit(&config, |document| {
        rounds += 1;
        fs::write(&config, format!("# {rounds}\n")).unwrap();
        insert(document, &profile("a"))
    });
    assert!(matches!(result, Err(Error::Busy { .. })), "{result:?}");
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        format!("# {ATTEMPTS}\n")
    );
}

#[test]
fn a_refused_change_names_the_file_and_leaves_it() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "\n[profile a]\n").unwrap();
    let error = edit(&config, |document| insert(document, &profile("a"))).unwrap_err();
    let expected = format!(
        "cannot change {}: line 2 already defines [profile a]",
        config.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read_to_string(&config).unwrap(), "\n[profile a]\n");
}

#[test]
fn a_read_only_file_stays_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "[default]\n").unwrap();
    let mut permissions = fs::metadata(&config).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&config, permissions).unwrap();
    let error = edit(&config, |document| insert(document, &profile("a"))).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "[default]\n");
    assert_eq!(names(home.path()), BTreeSet::from(["config".into()]));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_mode_stays() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        fs::write(&config, "").unwrap();
        fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
        edit(&config, |document| insert(document, &profile("a"))).unwrap();
        assert_eq!(fs::metadata(&config).unwrap().mode() & 0o7777, 0o640);
    }

    #[test]
    fn a_link_stays_a_link_even_where_its_target_is_missing() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("dotfiles")).unwrap();
        let (config, between) = (home.path().join("config"), home.path().join("between"));
        symlink("between", &config).unwrap();
        symlink("dotfiles/aws", &between).unwrap();
        for name in ["a", "b"] {
            edit(&config, |document| insert(document, &profile(name))).unwrap();
        }
        assert!(config.is_symlink() && between.is_symlink());
        let target = read(&home.path().join("dotfiles/aws")).unwrap();
        assert_eq!(own(&target), ["a", "b"]);
    }

    #[test]
    fn a_loop_of_links_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        symlink("config", &config).unwrap();
        let error = edit(&config, |document| insert(document, &profile("a"))).unwrap_err();
        assert!(
            error.to_string().contains("too many symbolic links"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        fs::create_dir(&config).unwrap();
        let error = edit(&config, |document| insert(document, &profile("a"))).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("cannot read {}", config.display())),
            "{error}"
        );
    }
}

#[test]
fn every_failure_says_what_to_do() {
    let io = |kind: io::ErrorKind| failed("write", Path::new("/x"))(kind.into()).next_step();
    assert!(io(io::ErrorKind::StorageFull).contains("space"));
    assert!(io(io::ErrorKind::PermissionDenied).contains("writable"));
}
