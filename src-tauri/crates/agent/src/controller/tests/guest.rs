//! AWS's config file between Vestibule and others.

use super::*;

const THEIRS: &str = "[default]\nregion = eu-west-1\n";

/// An agent that keeps a role in a config file, and that file.
fn keeping(agent: &Agent) -> std::path::PathBuf {
    let config = environment(&agent.home).paths.aws.config;
    agent.keep_in(config.clone());
    config
}

fn has_profile(config: &std::path::Path) -> bool {
    let text = fs::read_to_string(config).unwrap_or_default();
    text.contains("[profile payments-admin]")
}

#[tokio::test]
async fn what_others_overwrite_is_restored_but_nobody_is_fought_with() {
    let agent = Agent::of(nobody());
    let config = keeping(&agent);
    let (handle, _told) = agent.start();
    until("a missing profile is written", async || {
        has_profile(&config)
    })
    .await;
    for _ in 0..5 {
        fs::write(&config, THEIRS).unwrap();
        until("it is restored", async || has_profile(&config)).await;
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.starts_with(THEIRS), "{text}");
    }
    // Seen in the file it is not counted yet: not before the thread that wrote it is done, and the
    // controller has heard of it.
    handle.importable().await.unwrap();
    status(&handle).await;
    handle.importable().await.unwrap();
    fs::write(&config, THEIRS).unwrap();
    let again = until("it is restored", async || has_profile(&config));
    let fought = tokio::time::timeout(Duration::from_secs(1), again).await;
    assert!(fought.is_err(), "restored at once for the sixth time");
}

#[tokio::test]
async fn a_profile_that_the_user_took_over_is_left_alone_and_told() {
    let agent = Agent::of(nobody());
    let config = keeping(&agent);
    let (_handle, mut told) = agent.start();
    until("a missing profile is written", async || {
        has_profile(&config)
    })
    .await;
    let mine = "[profile payments-admin]\nregion = eu-west-1\n";
    fs::write(&config, mine).unwrap();
    let key = format!("file/{}", config.display());
    loop {
        if let Told::Notified { key: other, .. } = next(&mut told).await
            && other == key
        {
            break;
        }
    }
    assert_eq!(fs::read_to_string(&config).unwrap(), mine);
}
