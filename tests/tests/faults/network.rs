//! Networks that are not there yet, go, come back and are others; names that nobody knows.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Result, ensure};
use e2e::browser::Browser;
use e2e::bus::Bus;
use e2e::keyring::Keyring;
use e2e::network::{ALONE, Cable, NameServer, ask, story_on_a_network};
use e2e::process::Process;
use e2e::tls::{Authority, Front};
use e2e::{Portal, World, eventually, vestibule};

use crate::house::{self, ACCOUNT, House, NO_CODE, ROLE, fails_for_a_role};

const HOST: &str = "portal.example";
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[test]
fn without_a_network_at_start_everything_known_is_shown_and_its_return_is_used() {
    story_on_a_network(async |world| {
        let bus = Bus::start(world).await?;
        let _keyring = Keyring::unlocked(world, &bus).await?;
        let (mut away, joined) = Away::signed_in(world).await?;
        vestibule::run(world, &["keep", ACCOUNT, ROLE]).await?;
        let known = vestibule::accounts(world).await?;
        away.house.agent.kill()?;
        drop(joined);

        away.house.agent = start_alone(world, &away.company).await?;
        vestibule::session_is(world, "signed_in").await?;
        house::nothing_is_lost(world, &known).await?;
        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[HOST])?;

        let before = away.house.portal.count(world, "GetRoleCredentials").await?;
        let _cable = Cable::lay(world, 3, away.house.agent.id()).await?;
        let _names = NameServer::start(Ipv4Addr::new(10, 77, 3, 1)).await?;
        ask(world, Ipv4Addr::new(10, 77, 3, 1)).await?;
        eventually("the kept role is renewed by itself", async || {
            let now = away.house.portal.count(world, "GetRoleCredentials").await?;
            Ok((now > before).then_some(()))
        })
        .await?;
        away.works(world).await
    });
}

#[test]
fn a_changed_network_is_taken_as_it_comes() {
    story_on_a_network(async |world| {
        let (away, joined) = Away::signed_in(world).await?;
        away.works(world).await?;

        joined.cable.cut(world).await?;
        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        let other = Cable::lay(world, 2, away.house.agent.id()).await?;
        let _names = NameServer::start(other.address()).await?;
        ask(world, other.address()).await?;

        vestibule::run(world, &vestibule::credentials(ACCOUNT, house::OTHER_ROLE)).await?;
        away.works(world).await
    });
}

#[test]
fn names_that_nobody_answers_for_are_asked_again() {
    story_on_a_network(async |world| {
        let (away, joined) = Away::signed_in(world).await?;
        let known = vestibule::accounts(world).await?;
        // A connection that is still open needs no name.
        away.front.stop().await;
        joined.names.set_answering(false);

        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &[HOST, "name"])?;
        ensure!(
            vestibule::accounts(world).await? == known,
            "accounts were lost"
        );

        joined.names.set_answering(true);
        let _front = front(world, &away.company, &away.house.portal, away.port).await?;
        house::works(world, &away.house).await?;
        ensure!(away.house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

/// A portal and an agent, each on its own network.
struct Away {
    house: House,
    company: Authority,
    front: Front,
    port: u16,
}

/// What joins them.
struct Joined {
    cable: Cable,
    names: NameServer,
}

impl Away {
    async fn signed_in(world: &mut World) -> Result<(Self, Joined)> {
        let portal = Portal::start(world, &NO_CODE).await?;
        let company = Authority::new(world, "company").await?;
        let front = front(world, &company, &portal, 0).await?;
        let browser = Browser::install_forms(world, portal.user()?)?;
        let agent = start_alone(world, &company).await?;
        let cable = Cable::lay(world, 1, agent.id()).await?;
        let names = NameServer::start(cable.address()).await?;
        ask(world, cable.address()).await?;
        let origin = format!("https://{HOST}:{}", front.port);
        let house = House {
            portal,
            agent,
            browser,
        };
        house.enter(world, &origin).await?;
        let port = front.port;
        let away = Self {
            house,
            company,
            front,
            port,
        };
        Ok((away, Joined { cable, names }))
    }

    async fn works(&self, world: &World) -> Result<()> {
        house::works(world, &self.house).await?;
        ensure!(self.house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    }
}

async fn front(world: &World, company: &Authority, portal: &Portal, port: u16) -> Result<Front> {
    let identity = company.vouch(world, HOST).await?;
    Front::start(ANYWHERE, port, &identity, &portal.origin()).await
}

/// An agent on a network with nothing but itself.
async fn start_alone(world: &World, company: &Authority) -> Result<Process> {
    let mut agent = house::agent_within(world, &ALONE)?;
    agent.env("SSL_CERT_FILE", company.certificate());
    vestibule::start_agent(world, &mut agent).await
}
