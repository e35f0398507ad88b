//! A browser for tests: `person USER PASSWORD URL` signs in there and allows what asks.

use anyhow::{Context, Result};
use e2e::person::Person;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [user_name, password, address] = &arguments[..] else {
        anyhow::bail!("person USER PASSWORD URL");
    };
    let mut person = Person::new(user_name, password)?;
    person.open(address).await.context("the sign-in")
}
