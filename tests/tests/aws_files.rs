//! The files of `~/.aws` as AWS's own tools see them.

#[path = "../../src-tauri/crates/aws-files/tests/corpus/mod.rs"]
mod corpus;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use aws_files::reading::{self, Reading, Sections, Value};
use aws_files::sso_session::{self, Endpoints, NativeProfile};
use aws_files::{Document, Profile, profile, write};
use e2e::aws::{self, Sdk};
use e2e::browser::{Browser, Consent};
use e2e::process::text_of;
use e2e::{Portal, World, eventually, rounds, story, vestibule};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Map, json};

/// Of the daily run the same ones each time, so that a failure is somebody's doing.
fn documents() -> Result<Vec<Document>> {
    let mut runner = match rounds(1, 2) {
        1 => TestRunner::deterministic(),
        _ => TestRunner::default(),
    };
    let mut documents = Vec::new();
    for _ in 0..rounds(3_000, 30_000) {
        let tree = corpus::documents().new_tree(&mut runner);
        let bytes = tree
            .map_err(|reason| anyhow::anyhow!("{reason}"))?
            .current();
        let document = Document::parse(bytes);
        let written = profile::insert(&document, &process("ours"))
            .and_then(|document| sso_session::insert(&document, &native("ours-sso")));
        documents.extend([document].into_iter().chain(written));
    }
    Ok(documents)
}

fn process(name: &str) -> Profile {
    Profile {
        name: name.into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        session: "acme".into(),
        program: "/opt/two words/vestibule".into(),
        region: Some("eu-west-1".into()),
        sts_endpoint: Some("http://localhost:1".into()),
    }
}

fn native(name: &str) -> NativeProfile {
    NativeProfile {
        name: name.into(),
        session_name: "ours".into(),
        start_url: "https://acme.awsapps.com/start".into(),
        sso_region: "eu-west-1".into(),
        registration_scopes: "sso:account:access".into(),
        account_id: "111122223333".into(),
        role_name: "Billing".into(),
        region: None,
        endpoints: Endpoints::default(),
    }
}

#[test]
fn every_file_means_to_us_what_it_means_to_botocore() {
    story(async |world| {
        let documents = documents()?;
        let theirs = read_by_botocore(world, &documents)?;
        ensure!(theirs.len() == documents.len(), "one answer a document");
        let accepted = theirs.iter().filter(|answer| !answer.is_null()).count();
        ensure!(
            accepted > documents.len() / 3,
            "{accepted} of {}",
            documents.len()
        );
        for (document, theirs) in documents.iter().zip(theirs) {
            let text = String::from_utf8_lossy(document.as_bytes());
            let problems = reading::problems(document);
            let ours = match reading::read(document) {
                Ok(reading) => as_json(reading),
                Err(_) => serde_json::Value::Null,
            };
            ensure!(
                ours == theirs && problems.is_empty() != theirs.is_null(),
                "{text:?}\nwe: {ours}\nbotocore: {theirs}\nproblems: {problems:?}"
            );
        }
        Ok(())
    });
}

/// One answer a document, in their order; null where botocore refuses it.
fn read_by_botocore(world: &World, documents: &[Document]) -> Result<Vec<serde_json::Value>> {
    let folder = world.path("documents");
    fs::create_dir_all(&folder)?;
    let mut names = String::new();
    for (number, document) in documents.iter().enumerate() {
        let path = folder.join(number.to_string());
        fs::write(&path, document.as_bytes())?;
        names += &format!("{}\n", path.display());
    }
    let mut python = Command::new(aws::tools()?.join("python/bin/python"))
        .arg(aws::client("botocore_config.py"))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = python.stdin.take().context("a pipe")?;
    stdin.write_all(names.as_bytes())?;
    drop(stdin);
    let output = python.wait_with_output()?;
    ensure!(output.status.success(), "{}", output.status);
    let lines = String::from_utf8(output.stdout)?;
    let answers = lines.lines().map(serde_json::from_str);
    Ok(answers.collect::<Result<_, _>>()?)
}

fn as_json(reading: Reading) -> serde_json::Value {
    let sections = |sections: Sections| -> Map<String, serde_json::Value> {
        let settings = |settings: BTreeMap<String, Value>| -> Map<String, serde_json::Value> {
            let values = settings.into_iter().map(|(key, value)| match value {
                Value::Text(text) => (key, json!(text)),
                Value::Nested(nested) => (key, json!(nested)),
            });
            values.collect()
        };
        let named = sections.into_iter();
        named
            .map(|(name, found)| (name, settings(found).into()))
            .collect()
    };
    let mut all = sections(reading.others);
    all.insert("profiles".into(), sections(reading.profiles).into());
    all.insert("sso_sessions".into(), sections(reading.sso_sessions).into());
    all.insert("services".into(), sections(reading.services).into());
    all.into()
}

/// What `aws configure` adds, next to our lines and between them, outlives an update and, but for
/// what it added to our own profile, its removal.
#[test]
fn the_aws_cli_and_vestibule_edit_one_file() {
    story(async |world| {
        let folder = world.path("home/.aws");
        fs::create_dir_all(&folder)?;
        let config = folder.join("config");
        fs::write(&config, "[profile mine]\nregion = eu-west-1")?;
        let insert = |document: &Document| profile::insert(document, &process("ours"));
        ensure!(write::edit(&config, insert)?);
        for (profile, key, value) in [
            ("mine", "output", "json"),
            ("mine", "s3.max_concurrent_requests", "5"),
            ("ours", "output", "text"),
            ("ours", "s3.addressing_style", "path"),
            ("ours", "region", "us-east-2"),
            ("later", "region", "us-west-1"),
        ] {
            let set = ["configure", "set", key, value, "--profile", profile];
            text_of(aws::cli(world, &set)).await?;
        }
        let insert_native =
            |document: &Document| sso_session::insert(document, &native("ours-sso"));
        ensure!(write::edit(&config, insert_native)?);
        ensure!(!write::edit(&config, insert)?, "nothing to do again");
        let moved = Profile {
            program: "/usr/bin/vestibule".into(),
            ..process("ours")
        };
        ensure!(write::edit(&config, |document| profile::insert(
            document, &moved
        ))?);
        for (profile, key, expected) in [
            ("mine", "s3.max_concurrent_requests", "5"),
            ("ours", "s3.addressing_style", "path"),
            ("ours", "region", "us-east-2"),
            ("ours-sso", "sso_role_name", "Billing"),
        ] {
            let get = ["configure", "get", key, "--profile", profile];
            let value = text_of(aws::cli(world, &get)).await?;
            ensure!(value.trim() == expected, "{profile} {key}: {value}");
        }
        for name in ["ours", "ours-sso"] {
            write::edit(&config, |document| profile::remove(document, name))?;
        }
        let expected = "[profile mine]\nregion = eu-west-1\noutput = json\ns3 =\n    \
                        max_concurrent_requests = 5\n[profile later]\nregion = us-west-1\n";
        let left = fs::read_to_string(&config)?;
        ensure!(left == expected, "{left}");
        Ok(())
    });
}

/// One sign-in, and every role of every account is a profile that the SDKs can use.
#[test]
fn a_profile_for_every_role_proves_that_role() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let _browser = Browser::install(world, portal.user()?, Consent::Allow)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        let accounts = vestibule::accounts_are(world, portal.facts.accounts.len()).await?;
        let roles = accounts
            .iter()
            .filter_map(|account| account["roles"].as_array());
        let diff = vestibule::run(world, &["profiles", "preview"]).await?;
        let written = vestibule::run(world, &["profiles", "write"]).await?;
        let names: Vec<&str> = written.lines().collect();
        ensure!(
            names.len() == roles.map(Vec::len).sum::<usize>(),
            "{names:?}"
        );
        let added = diff.lines().filter(|line| line.starts_with("+[profile "));
        ensure!(added.count() == names.len(), "{diff}");

        let document = write::read(&world.path("home/.aws/config"))?;
        let profiles = reading::read(&document)?.profiles;
        ensure!(
            names.iter().all(|name| profiles.contains_key(*name)),
            "{profiles:?}"
        );
        for (name, sdk) in names.iter().zip([Sdk::Python, Sdk::JavaScript]) {
            let own = aws_files::profiles::own(&document).into_iter();
            let source = own
                .filter(|own| own.name == **name)
                .find_map(|own| own.source);
            let source = source.with_context(|| format!("{name} is not ours"))?;
            let arn = aws::identity(world, sdk, name).await?;
            let role = format!(
                "arn:aws:sts::{}:assumed-role/AWSReservedSSO_{}_",
                source.account_id, source.role_name
            );
            ensure!(arn.starts_with(&role), "{name}: {arn}");
        }
        Ok(())
    });
}

#[test]
fn a_role_of_all_that_is_kept_has_one_profile_and_both_go_with_their_portal() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        Browser::install(world, portal.user()?, Consent::Allow)?;
        let config = world.path("home/.aws/config");
        let mine = "[profile mine]\nregion = eu-west-1\n";
        fs::create_dir_all(world.path("home/.aws"))?;
        fs::write(&config, mine)?;
        vestibule::add(world, &portal).await?;
        vestibule::run(world, &["login"]).await?;
        let template = ["profiles", "write", "--name-template", "{role}.{account}"];
        let written = vestibule::run(world, &template).await?;

        let kept = vestibule::run(world, &["keep", "Sandbox", "ReadOnlyAccess"]).await?;
        ensure!(written.lines().any(|name| name == kept), "{kept} is new");
        let text = fs::read_to_string(&config)?;
        let sections = text.matches("[profile ").count();
        ensure!(sections == written.lines().count() + 1, "in {text}");

        vestibule::run(world, &["portal", "remove", vestibule::SESSION]).await?;
        eventually("nothing of ours is left", async || {
            Ok((fs::read_to_string(&config)? == mine).then_some(()))
        })
        .await
    });
}
