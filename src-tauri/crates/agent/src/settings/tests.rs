use super::*;

fn parsed(text: &str) -> Result<Settings, String> {
    parse(Path::new("settings.toml"), text).map_err(|error| error.to_string())
}

const TEXT: &str = r#"# mine
version = 2
browser = "firefox --new-tab %s" # the good one

[[sessions]]
name = "acme" # work
start_url = "https://acme.awsapps.com/start"
region = "eu-central-1"
console = "shortcut"
share_sign_in = true # for the old tools
endpoints = { sts = "http://localhost:4566/" }

[[chained_roles]]
name = "deploy" # with care
session = "acme"
source_account = "111111111111"
source_role = "Admin"
role_arn = "arn:aws:iam::222222222222:role/Deploy"
role_session_name = "ana"
duration_seconds = 900 # short
external_id = "with:us"
source_identity = "ana"
mfa_serial = "arn:aws:iam::222222222222:mfa/ana"
tags = { Project = "x" }
"#;

#[test]
fn every_key_is_read() {
    let settings = parsed(TEXT).unwrap();
    assert_eq!(settings.browser.as_deref(), Some("firefox --new-tab %s"));
    let [acme] = &settings.sessions[..] else {
        panic!("one session")
    };
    assert_eq!(acme.name, "acme");
    assert_eq!(acme.console, ConsoleLink::Shortcut);
    assert!(acme.share_sign_in);
    assert_eq!(
        acme.endpoints.sts.as_ref().unwrap().as_str(),
        "http://localhost:4566/"
    );
}

#[test]
fn what_is_wrong_with_a_chained_role_is_named_with_its_line() {
    for (from, to, expected) in [
        (
            "session = \"acme\"",
            "session = \"x\"",
            "line 15: there is no session named “x”",
        ),
        (
            "222222222222:role",
            "2:role",
            "line 18: “arn:aws:iam::2:role/Deploy” is not the ARN",
        ),
        (
            "= 900",
            "= 9000",
            "line 14: a role taken from another role lasts an hour at most",
        ),
        (
            "\"111111111111\"\nsource_role = \"Admin\"",
            "\"222222222222\"\nsource_role = \"deploy\"",
            "line 14: the chained role is taken from itself: deploy from deploy",
        ),
    ] {
        let message = parsed(&TEXT.replace(from, to)).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let cases = [
        (
            "version = 1\nbrowser = 7\n",
            "line 2: invalid type: integer `7`, expected a string",
        ),
        (
            "version = 1\nbrouser = \"x\"\n",
            "line 2: unknown field `brouser`",
        ),
        (
            "version = 1\n\nbrowser = \"x\n",
            "line 3: invalid basic string",
        ),
        (
            "version = 9\n",
            "settings.toml is of version 9; this release knows version 2",
        ),
        (
            "version = 1\n[[sessions]]\nname = \"a\"\nstart_url = \"ftp://x/start\"\nregion = \"eu-west-1\"\n",
            "line 4: “ftp://x/start” is not a URL",
        ),
        (
            "version = 1\n[[sessions]]\nname = \"a b\"\nstart_url = \"https://a.awsapps.com/start\"\nregion = \"eu-west-1\"\n",
            "line 3: “a b” is no session name",
        ),
    ];
    for (text, expected) in cases {
        let message = parsed(text).unwrap_err();
        assert!(message.contains(expected), "{text:?} gave {message:?}");
    }
}

#[test]
fn writing_keeps_comments_and_reads_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/settings.toml");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, TEXT).unwrap();
    let mut settings = load(&path).unwrap();
    settings.sessions[0].console = ConsoleLink::Federation;
    let mut second = settings.sessions[0].clone();
    second.name = "second".to_owned();
    second.endpoints = Overrides::default();
    second.share_sign_in = false;
    settings.sessions.push(second);
    save(&path, &settings).unwrap();
    assert_eq!(load(&path).unwrap(), settings);
    let text = fs::read_to_string(&path).unwrap();
    for comment in [
        "# mine",
        "# the good one",
        "# work",
        "# for the old tools",
        "# with care",
        "# short",
    ] {
        assert!(text.contains(comment), "{comment} is gone from {text}");
    }
    settings.sessions.clear();
    settings.chained_roles.clear();
    save(&path, &settings).unwrap();
    assert_eq!(load(&path).unwrap(), settings);
}

#[test]
fn a_missing_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/settings.toml");
    assert_eq!(load(&path).unwrap(), Settings::default());
    save(&path, &Settings::default()).unwrap();
    assert_eq!(load(&path).unwrap(), Settings::default());
}

#[test]
fn an_older_file_is_read_and_upgraded_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let of_version_1 = TEXT
        .replace("version = 2\n", "version = 1\n")
        .replace("share_sign_in = true # for the old tools\n", "");
    let of_version_1 = of_version_1[..of_version_1.find("\n[[chained_roles]]").unwrap()].to_owned();
    let by_hand = of_version_1.replace("version = 1\n", "");
    for text in [of_version_1, by_hand] {
        fs::write(&path, text).unwrap();
        let mut settings = load(&path).unwrap();
        assert!(!settings.sessions[0].share_sign_in);
        settings.sessions[0].share_sign_in = true;
        settings.chained_roles = parsed(TEXT).unwrap().chained_roles;
        assert_eq!(parsed(TEXT).unwrap(), settings);
        save(&path, &settings).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("version = 2\n"), "{text}");
        assert!(text.contains("# mine"), "{text}");
        assert_eq!(load(&path).unwrap(), settings);
    }
}

#[test]
fn what_version_1_did_not_know_is_refused_in_it() {
    let (text, _) = TEXT.split_once("\n[[chained_roles]]").unwrap();
    let message = parsed(&text.replace("version = 2\n", "version = 1\n")).unwrap_err();
    assert!(
        message.contains("line 10: unknown field `share_sign_in`"),
        "{message}"
    );
}

#[test]
fn a_broken_file_is_copied_once_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    fs::write(&path, "version = ").unwrap();
    let now = time::macros::datetime!(2026-11-22 10:00 UTC);
    let copy = set_aside(&path, now).unwrap();
    assert_eq!(
        copy,
        folder.path().join("settings.toml.broken-2026-11-22-100000")
    );
    assert_eq!(set_aside(&path, now + time::Duration::HOUR).unwrap(), copy);
    assert_eq!(fs::read_to_string(&path).unwrap(), "version = ");
    fs::write(&path, "version = true").unwrap();
    assert_ne!(set_aside(&path, now + time::Duration::HOUR).unwrap(), copy);
}
