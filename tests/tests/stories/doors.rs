//! The doors through which a portal is administered, each used to set the company up. Those whom it
//! invites find a mail in the outbox.

use std::fmt::Write;
use std::fs;

use anyhow::Result;
use e2e::process::text_of;
use e2e::{Portal, World, aws, browser};

use crate::company::{
    ADMINISTRATOR, ALIAS, GRANTS, HOURS, MANAGEMENT, MEMBER_ACCOUNTS, PEOPLE, PERMISSION_SETS,
    Person, task,
};
use crate::people::Colleague;

/// The pages under `/admin`, in Chromium. Somebody must be there to open them: the administrator,
/// with whom the portal is enabled.
pub(crate) async fn by_the_pages(world: &mut World, portal: &Portal) -> Result<Vec<Colleague>> {
    let Person {
        user_name,
        display_name,
        email,
        ..
    } = ADMINISTRATOR;
    let who = ["enable", user_name, "--display-name", display_name];
    portal
        .run(world, &[&who[..], &["--email", email]].concat())
        .await?;
    let administrator = Colleague::accepting(world, portal, ADMINISTRATOR).await?;
    let mut task = task(true);
    task["start_url"] = portal.facts.start_url.as_str().into();
    task["cookies"] = browser::cookies(world, user_name).to_str().into();
    browser::drive(world, "stories/administrator.cjs", &task).await?;
    Ok(vec![administrator])
}

/// AWS's administrative APIs, by boto3 with an administrator's key. AWS has no operations to
/// customize the address and to invite users: the portal's own commands do both.
pub(crate) async fn by_boto3(world: &mut World, portal: &Portal) -> Result<Vec<Colleague>> {
    aws::administer(world, portal).await?;
    let company = world.path("company.json");
    fs::write(&company, task(false).to_string())?;
    let mut python = aws::python(world, "stories/administrator.py")?;
    python.arg(portal.origin()).arg(company);
    text_of(python).await?;
    portal
        .run(world, &["admin", "customize-url", ALIAS])
        .await?;
    invite_everyone(world, portal).await
}

/// One file, applied. An invitation is no state of the portal's: a command sends it.
pub(crate) async fn by_a_declaration(world: &mut World, portal: &Portal) -> Result<Vec<Colleague>> {
    portal.apply(world, &declaration()?).await?;
    invite_everyone(world, portal).await
}

async fn invite_everyone(world: &World, portal: &Portal) -> Result<Vec<Colleague>> {
    for person in PEOPLE {
        portal.invite(world, person.user_name).await?;
    }
    Ok(Vec::new())
}

/// The company as an administrator writes it down.
fn declaration() -> Result<String> {
    let mut text = format!("portal = {{ alias = {ALIAS:?} }}\nmfa = {{ mode = \"always\" }}\n");
    let management = (MANAGEMENT, "management@example.com");
    for (number, (name, email)) in [management].into_iter().chain(MEMBER_ACCOUNTS).enumerate() {
        let id = 111_122_223_333_u64 + number as u64;
        let management = name == MANAGEMENT;
        writeln!(
            text,
            "[[accounts]]\nid = \"{id}\"\nname = {name:?}\nemail = {email:?}\n\
             management = {management}"
        )?;
    }
    for person in PEOPLE {
        writeln!(
            text,
            "[[users]]\nuser_name = {:?}\ndisplay_name = {:?}\nemail = {:?}\n\
             [[groups]]\nname = {:?}\nmembers = [{:?}]",
            person.user_name, person.display_name, person.email, person.group, person.user_name
        )?;
    }
    for set in PERMISSION_SETS {
        writeln!(
            text,
            "[[permission_sets]]\nname = {:?}\nsession_hours = {HOURS}\nmanaged_policies = {:?}",
            set.name, set.policies
        )?;
    }
    for grant in GRANTS {
        writeln!(
            text,
            "[[assignments]]\ngroup = {:?}\npermission_sets = [{:?}]\naccounts = {:?}",
            grant.group, grant.permission_set, grant.accounts
        )?;
    }
    Ok(text)
}
