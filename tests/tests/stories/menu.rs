//! The same in the tray's menu: who signs in there finds their accounts and roles, and a click opens
//! the console.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use e2e::browser::{Browser, Consent};
use e2e::tray::{Entry, Icon};
use e2e::{World, vestibule};

use crate::people::Colleague;

/// Signs in from the menu, where exactly the colleague's roles are listed then, opens the console of
/// each, and signs out. There were so many browser `tabs` before; returns how many this took.
pub(crate) async fn shows(
    world: &mut World,
    icon: &Icon,
    colleague: &Colleague,
    accounts: &BTreeMap<String, String>,
    tabs: usize,
) -> Result<usize> {
    let browser = Browser::install(world, &colleague.user, Consent::Allow)?;
    let roles = colleague.person.roles();
    icon.click(&["Sign in"]).await?;
    let expected: BTreeSet<(&str, &str)> = roles.clone().into_iter().collect();
    icon.menu_where("exactly the roles are listed", |menu| {
        listed(menu) == expected
    })
    .await?;
    let mut taken = 1;
    ensure!(
        browser
            .page(tabs + taken)
            .await?
            .url
            .contains("/oauth/callback")
    );
    for (account, role) in &roles {
        icon.click(&["Accounts", account, role]).await?;
        taken += 1;
        let console = browser.page(tabs + taken).await?.text;
        let user_name = colleague.person.user_name;
        for word in [*role, &accounts[*account], user_name] {
            ensure!(console.contains(word), "no {word} in: {console}");
        }
    }
    vestibule::run(world, &["logout"]).await?;
    vestibule::session_is(world, "signed_out").await?;
    Ok(taken)
}

/// Account and role of every entry that opens a console.
fn listed(menu: &Entry) -> BTreeSet<(&str, &str)> {
    let accounts = menu.find(&["Accounts"]).map(|entry| entry.entries.iter());
    accounts
        .into_iter()
        .flatten()
        .flat_map(|account| {
            let roles = account.entries.iter();
            // Below a separator are the same roles for other purposes.
            let roles = roles.take_while(|entry| !entry.label.is_empty());
            roles.map(|role| (account.label.as_str(), role.label.as_str()))
        })
        .collect()
}
