//! Backup and restore, as an administrator types them.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    commands::{Site, run, text},
    durability::post,
};

/// A folder for a restored portal, with the key if there is one, and a configuration that names it.
fn place(site: &Site, name: &str, key: Option<&[u8]>) -> String {
    let data = site.path(name);
    fs::create_dir(&data).expect("made");
    if let Some(key) = key {
        fs::write(Path::new(&data).join("master.key"), key).expect("written");
    }
    data
}

#[test]
fn a_backup_made_while_the_portal_serves_is_restored_elsewhere() {
    let site = Site::new();
    let serving = site.serve();
    serving.line();
    let facts = json!({ "start_url": site.start_url });
    let client = json!({ "clientName": "kept", "clientType": "public" });
    assert_eq!(post(&facts, "/client/register", &client).0, 200);
    let file = site.path("backup.db");
    let made = site.run(&["backup", &file]);
    let said = text(&made.stdout);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(said.contains("The master key is not"), "{said}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = site.run(&["backup", &file]);
    assert!(
        text(&again.stderr).contains("exists"),
        "{}",
        text(&again.stderr)
    );

    let key = site.path("data/master.key");
    let key_bytes = fs::read(&key).expect("the key");
    let other = place(&site, "other", None);
    let refused = run(&["restore", &file, "--data", &other]);
    assert!(text(&refused.stderr).contains("does not exist; put the master key"));
    let foreign = place(&site, "foreign", Some(&[7; 32]));
    let refused = run(&["restore", &file, "--data", &foreign]);
    let complaint = text(&refused.stderr);
    assert!(complaint.contains("another master key"), "{complaint}");
    assert!(complaint.contains(&foreign), "{complaint}");
    assert!(!Path::new(&foreign).join("portal.db").exists());

    let restored = run(&["restore", &file, "--key", &key, "--data", &other]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert_eq!(
        fs::read(Path::new(&other).join("master.key")).expect("kept"),
        key_bytes
    );
    let trail = text(&run(&["audit", "--json", "--data", &other]).stdout);
    assert!(trail.contains("RegisterClient"), "{trail}");
    let verified = text(&run(&["audit", "verify", "--data", &other]).stdout);
    assert!(verified.starts_with("1 records, all as"), "{verified}");
    let twice = run(&["restore", &file, "--data", &other]);
    assert!(
        text(&twice.stderr).contains("portal.db exists"),
        "{}",
        text(&twice.stderr)
    );
}

#[test]
fn a_backup_that_was_tampered_with_is_not_restored() {
    let site = Site::new();
    assert!(
        site.run(&["apply", &site.path("organization.toml")])
            .status
            .success()
    );
    for _ in 0..3 {
        assert!(site.run(&["password", "ana"]).status.success());
    }
    let file = site.path("backup.db");
    assert!(site.run(&["backup", &file]).status.success());
    let mut copy = fs::read(&file).expect("the backup");
    // Pages also hold remains of what was moved: every copy of the text is changed.
    let old = b"\"eventName\":\"UpdatePassword\"";
    let places: Vec<usize> = (0..copy.len())
        .filter(|at| copy[*at..].starts_with(old))
        .collect();
    assert!(places.len() >= 3, "{places:?}");
    for at in places {
        copy[at + old.len() - 2] = b'x';
    }
    fs::write(&file, copy).expect("written");
    let key = fs::read(site.path("data/master.key")).expect("the key");
    let other = place(&site, "other", Some(&key));
    let refused = run(&["restore", &file, "--data", &other]);
    let complaint = text(&refused.stderr);
    assert!(
        complaint.contains("audit trail is not as it was written"),
        "{complaint}"
    );
    assert!(!Path::new(&other).join("portal.db").exists());
}

#[test]
fn what_is_no_backup_or_no_key_is_named_and_nothing_is_left_of_it() {
    let site = Site::new();
    let organization = site.path("organization.toml");
    assert!(site.run(&["apply", &organization]).status.success());
    let (backup, key) = (site.path("backup.db"), site.path("data/master.key"));
    assert!(site.run(&["backup", &backup]).status.success());
    let empty = site.path("empty.db");
    fs::write(&empty, "").expect("written");
    let data = site.path("restored");
    for (file, key, complaint) in [
        (&organization, &key, format!("{organization} is no backup")),
        (&empty, &key, format!("{empty} is no backup")),
        (&backup, &organization, format!("{organization} cannot be")),
    ] {
        let refused = run(&["restore", file, "--key", key, "--data", &data]);
        assert_eq!(refused.status.code(), Some(1));
        let said = text(&refused.stderr);
        assert!(said.contains(&complaint), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!Path::new(&data).exists(), "{file}");
    }
}

#[test]
fn a_folder_that_is_missing_is_no_place_for_a_backup() {
    let site = Site::new();
    assert!(
        site.run(&["apply", &site.path("organization.toml")])
            .status
            .success()
    );
    let refused = site.run(&["backup", &site.path("missing/backup.db")]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("missing/backup.db was not written"), "{said}");
    assert!(!said.contains("at path"), "{said}");
}
