//! What windows ask beyond what the command line does.

use ipc::message::Chain;

use super::*;
use crate::chain::{Parameter, Part, Refused};
use crate::controller::{Report, Wish};
use crate::profiles::{All, Only};

/// Keys of the user's, which no window may see.
const MINE: &str = "[profile mine]\naws_secret_access_key = mine\n\
    [sso-session acme]\nsso_start_url = https://lab.awsapps.com/start\nsso_region = eu-west-1\n";

fn role(account: &str, name: &str) -> RoleId {
    RoleId {
        session: "acme".to_owned(),
        account_id: account.to_owned(),
        role_name: name.to_owned(),
    }
}

fn chain(name: &str, arn: &str) -> Chain {
    let chain = serde_json::json!({ "name": name, "role_arn": arn });
    serde_json::from_value(chain).unwrap()
}

fn part(result: Result<(), Refused>) -> Option<Part> {
    result.unwrap_err().part
}

#[tokio::test]
async fn what_is_wrong_with_a_chained_role_is_told_by_its_part() {
    let agent = Agent::of(nobody());
    let (handle, _told) = agent.start();
    let admin = role("111111111111", "Admin");
    let arn = "arn:aws:iam::222222222222:role/Deploy";
    let add = |source: &RoleId, chain| handle.add_chain(source.clone(), chain);

    let no_arn = add(&admin, chain("deploy", "Deploy")).await;
    assert_eq!(part(no_arn), Some(Part::Asked(Parameter::RoleArn)));
    let mut short = chain("deploy", arn);
    short.duration_seconds = Some(60);
    let short = add(&admin, short).await;
    assert_eq!(part(short), Some(Part::Asked(Parameter::Duration)));
    let no_name = add(&admin, chain("de ploy", arn)).await;
    assert_eq!(part(no_name), Some(Part::Name));
    let assigned = chain("Admin", "arn:aws:iam::111111111111:role/Deploy");
    assert_eq!(part(add(&admin, assigned).await), Some(Part::Name));
    let nobodys = role("111111111111", "Nobody");
    let unknown = add(&nobodys, chain("deploy", arn)).await;
    assert_eq!(part(unknown), Some(Part::Source));

    assert_eq!(add(&admin, chain("deploy", arn)).await, Ok(()));
    let twice = add(&admin, chain("deploy", arn)).await;
    assert_eq!(part(twice), Some(Part::Name));
    let mut snapshots = handle.snapshot();
    let shown = snapshots
        .wait_for(|snapshot| !snapshot.chained_roles.is_empty())
        .await
        .unwrap()
        .chained_roles[0]
        .clone();
    assert_eq!(shown.id, role("222222222222", "deploy"));
    assert_eq!(shown.source, admin);
    assert_eq!(shown.source_account_name, "Payments");

    let removed = Change::ChainRemoved(shown.id.clone());
    assert_eq!(handle.change(removed.clone()).await, Ok(()));
    let again = handle.change(removed).await.unwrap_err();
    assert_eq!(again.code, Code::NoSuchRole);
}

#[tokio::test]
async fn profiles_for_all_roles_are_shown_without_a_line_of_the_users() {
    let agent = Agent::of(nobody());
    let config = environment(&agent.home).paths.aws.config;
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, MINE).unwrap();
    let (handle, _told) = agent.start();
    let all = All {
        only: Only::default(),
        name_template: "{account}-{role}".parse().unwrap(),
        region: None,
        delivery: aws_files::Delivery::Process,
    };

    let Report { outcome, changes } = handle.profiles(Wish::Preview(all.clone())).await.unwrap();
    assert_eq!(outcome.names, ["payments-admin"]);
    assert!(
        changes.contains("\n+[profile payments-admin]\n"),
        "{changes}"
    );
    assert!(!changes.contains("mine"), "{changes}");
    assert_eq!(fs::read_to_string(&config).unwrap(), MINE);

    let written = handle.profiles(Wish::Write(all.clone())).await.unwrap();
    let backup = written.outcome.backup.unwrap();
    assert_eq!(fs::read_to_string(backup).unwrap(), MINE);
    let again = handle.profiles(Wish::Preview(all)).await.unwrap();
    assert_eq!((again.outcome.stood, again.changes.as_str()), (1, ""));

    let removed = handle
        .profiles(Wish::Remove(Only::default()))
        .await
        .unwrap();
    assert_eq!(removed.outcome.names, ["payments-admin"]);
    assert_eq!(fs::read_to_string(&config).unwrap(), MINE);
}

#[tokio::test]
async fn portals_of_the_config_file_can_be_imported_until_they_are_there() {
    let agent = Agent::of(nobody());
    let config = environment(&agent.home).paths.aws.config;
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let known = format!(
        "{MINE}[profile old]\nsso_start_url = {}/#\nsso_region = eu-west-1\n",
        agent.portal
    );
    fs::write(&config, known).unwrap();
    let (handle, _told) = agent.start();
    let found = handle.importable().await.unwrap();
    let [lab] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(lab.start_url, "https://lab.awsapps.com/start");

    // The session of that name is another portal's.
    let adoption = lab.adoption(&["acme"], EndpointOverrides::default());
    let Ok(Request::AddPortal { name: None, .. }) = adoption else {
        panic!("{adoption:?}")
    };
    fs::write(&config, "[a]\n[a]\n").unwrap();
    let refused = handle.importable().await.unwrap_err();
    assert!(refused.message.contains("line 2, column 1"), "{refused:?}");
}
