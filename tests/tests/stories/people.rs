//! What the people of the company meet, in Chromium.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use e2e::portal::User;
use e2e::{Portal, World, browser};
use serde::Deserialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::company::{ADMINISTRATOR, HOURS, PermissionSet, Person};

/// A person who has accepted the invitation.
pub(crate) struct Colleague {
    pub(crate) person: Person,
    /// How they sign in.
    pub(crate) user: User,
}

/// What somebody sees who visits the portal.
#[derive(Debug, Deserialize)]
struct Seen {
    roles: Vec<Role>,
    /// Whether a link leads to the administration.
    administers: bool,
}

/// A role in the portal's list, and its console.
#[derive(Debug, Deserialize)]
struct Role {
    account: String,
    account_id: String,
    role: String,
    console: Console,
}

/// What the stand-in for AWS's console says.
#[derive(Debug, Deserialize)]
struct Console {
    account: String,
    account_id: String,
    role: String,
    user: String,
    policies: BTreeSet<String>,
    expires: String,
}

impl Colleague {
    /// Follows the link in the mail to the person, sets a password, and adds an authenticator app:
    /// this browser was never seen before, so that the portal asks for one.
    pub(crate) async fn accepting(world: &World, portal: &Portal, person: Person) -> Result<Self> {
        let user_name = person.user_name;
        let password = format!("tall masts {} anchors", user_name.len());
        let task = json!({
            "invitation": portal.mailed_link(person.email).await?,
            "user_name": user_name,
            "password": password,
            "cookies": browser::cookies(world, user_name),
        });
        let told = browser::drive(world, "stories/newcomer.cjs", &task).await?;
        let secret = told.last().and_then(|told| told["totp_secret"].as_str());
        let user = User {
            user_name: user_name.to_owned(),
            password,
            totp_secret: secret.context("an authenticator app's secret")?.to_owned(),
        };
        Ok(Self { person, user })
    }

    pub(crate) fn is(&self, person: &Person) -> bool {
        self.person.user_name == person.user_name
    }

    /// Sees exactly their roles at the portal's own address, and opens the console of each.
    pub(crate) async fn visits(
        &self,
        world: &World,
        address: &Url,
        accounts: &BTreeMap<String, String>,
    ) -> Result<()> {
        let who = self.person.user_name;
        let task = json!({ "address": address, "cookies": browser::cookies(world, who) });
        let mut told = browser::drive(world, "stories/visitor.cjs", &task).await?;
        let seen: Seen = serde_json::from_value(told.pop().context("something was seen")?)?;
        let listed: BTreeSet<(&str, &str)> = seen
            .roles
            .iter()
            .map(|role| (role.account.as_str(), role.role.as_str()))
            .collect();
        let expected: BTreeSet<(&str, &str)> = self.person.roles().into_iter().collect();
        ensure!(
            listed == expected && seen.roles.len() == expected.len(),
            "{who} sees {listed:?} instead of {expected:?}"
        );
        for role in &seen.roles {
            ensure!(
                accounts.get(&role.account) == Some(&role.account_id),
                "{role:?}"
            );
            self.is_in_the_console_of(role)?;
        }
        let administers = self.is(&ADMINISTRATOR);
        ensure!(seen.administers == administers, "{who} administers");
        Ok(())
    }

    fn is_in_the_console_of(&self, role: &Role) -> Result<()> {
        let console = &role.console;
        let says = [
            &console.account,
            &console.account_id,
            &console.role,
            &console.user,
        ];
        let user_name = self.person.user_name.to_owned();
        let expected = [&role.account, &role.account_id, &role.role, &user_name];
        ensure!(
            says == expected,
            "the console says {says:?}, not {expected:?}"
        );
        let set = PermissionSet::named(&role.role).context("a permission set")?;
        let policies: Vec<&str> = console.policies.iter().map(String::as_str).collect();
        let mut expected = set.policies.to_vec();
        expected.sort_unstable();
        ensure!(policies == expected, "{console:?}");
        let left = OffsetDateTime::parse(&console.expires, &Rfc3339)? - OffsetDateTime::now_utc();
        let length = Duration::hours(HOURS);
        ensure!(
            left <= length && left > length - Duration::minutes(30),
            "{left} are left of a session that lasts {length}"
        );
        Ok(())
    }
}
