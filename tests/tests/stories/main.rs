//! The two stories that must always work as written, from enabling a portal to the console's page and
//! to the tray's menu. "S3 and RDS": a keeper has storage and databases in two accounts. "Billing":
//! administrators have every account, a bookkeeper the bills in the management account alone.
//!
//! They are told once, about one [`company`]. Each test enters by another of the portal's doors to
//! set it up; what its [`people`] then meet is the same.

mod company;
mod doors;
mod menu;
mod people;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::desktop::{Desktop, start_tray};
use e2e::process::failure_of;
use e2e::{Portal, World, story, vestibule};

use company::{ALIAS, PEOPLE};
use people::Colleague;

#[test]
fn both_stories_through_the_pages() {
    tell(doors::by_the_pages);
}

#[test]
fn both_stories_through_boto3() {
    tell(doors::by_boto3);
}

#[test]
fn both_stories_through_a_declaration() {
    tell(doors::by_a_declaration);
}

/// Begins with an empty portal; `set_up` makes it the company's, and returns those who have accepted
/// their invitation on the way.
fn tell(set_up: impl AsyncFnOnce(&mut World, &Portal) -> Result<Vec<Colleague>>) {
    story(async |world| {
        let portal = Portal::empty(world).await?;
        let mut colleagues = set_up(world, &portal).await?;
        address_is_for_good(world, &portal).await?;
        let address = portal.facts.start_url.join(ALIAS)?;
        let accounts = account_ids(world, &portal).await?;
        for person in PEOPLE {
            if !colleagues.iter().any(|one| one.is(&person)) {
                colleagues.push(Colleague::accepting(world, &portal, person).await?);
            }
        }
        for colleague in &colleagues {
            colleague.visits(world, &address, &accounts).await?;
        }

        let desktop = Desktop::start(world).await?;
        // The tray keeps its browser, a script that each colleague in turn makes their own.
        let first = colleagues.first().context("somebody")?;
        Browser::install(world, &first.user, Consent::Allow)?;
        let _tray = start_tray(world, "ksni")?;
        let icon = desktop.panel.icon().await?;
        vestibule::add_start_url(world, address.as_str(), &portal.facts.region).await?;
        let mut tabs = 0;
        for colleague in &colleagues {
            tabs += menu::shows(world, &icon, colleague, &accounts, tabs).await?;
        }
        Ok(())
    });
}

/// An address of one's own is given once.
async fn address_is_for_good(world: &World, portal: &Portal) -> Result<()> {
    let again = portal.command(world, &["admin", "customize-url", "another"])?;
    let (_, said) = failure_of(again).await?;
    ensure!(said.contains("it cannot be changed again"), "{said}");
    Ok(())
}

/// The ids of all accounts by name, as the portal's own command lists them.
async fn account_ids(world: &World, portal: &Portal) -> Result<BTreeMap<String, String>> {
    let listed = portal.run(world, &["admin", "accounts", "list"]).await?;
    listed
        .lines()
        .map(|line| {
            let (id, rest) = line.split_once('\t').context("an id")?;
            let (_, name) = rest.rsplit_once('\t').context("a name")?;
            Ok((name.to_owned(), id.to_owned()))
        })
        .collect()
}
