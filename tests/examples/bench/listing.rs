//! How long it takes until a large organization is listed.

use std::time::Instant;

use anyhow::Result;
use e2e::browser::{Browser, Consent};
use e2e::{Portal, World, vestibule};

/// Accounts of the organization.
const ACCOUNTS: usize = 800;

/// Requests a second that the portal allows.
const RATE: f64 = 20.0;

/// Accounts on one page of a listing.
const PAGE: usize = 100;

/// Measures from the end of the sign-in until the last account is there.
pub(crate) async fn measure(world: &mut World) -> Result<()> {
    let portal = Portal::start(world, &["--accounts", &ACCOUNTS.to_string()]).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    let start = Instant::now();
    vestibule::accounts_are(world, ACCOUNTS).await?;
    let took = start.elapsed().as_secs_f64();
    // Every page of accounts, and one of roles for each account.
    let calls = ACCOUNTS.div_ceil(PAGE) + ACCOUNTS;
    println!(
        "{took:8.1} s   for {ACCOUNTS} accounts; {calls} calls at {RATE} a second are {:.1} s",
        calls as f64 / RATE
    );
    Ok(())
}
