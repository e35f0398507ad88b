//! What companies put on the way to a portal: proxies with passwords, authorities of their own, and
//! boxes that look into what is encrypted.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

use anyhow::{Result, ensure};
use e2e::gateway::{CLERK, Gateway};
use e2e::tls::{Authority, Front};
use e2e::{Portal, World, story, vestibule};

use crate::house::{self, NO_CODE, fails_for_a_role};

/// A name that no name server knows: the way there leads through a proxy, or nowhere.
const HOST: &str = "portal.example";

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[test]
fn a_certificate_nobody_vouches_for_is_refused() {
    story(async |world| {
        let portal = Portal::start(world, &NO_CODE).await?;
        let unknown = Authority::new(world, "unknown").await?;
        let identity = unknown.vouch(world, "localhost").await?;
        let front = Front::start(LOOPBACK, 0, &identity, &portal.origin()).await?;
        let start_url = format!("https://localhost:{}/start", front.port);
        vestibule::add_start_url(world, &start_url, "eu-west-1").await?;

        let (code, said) = vestibule::fails(world, &["login", "--device"]).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["certificate"])
    });
}

#[test]
fn an_authority_of_the_company_is_trusted_once_the_system_does() {
    story(async |world| {
        let portal = Portal::start(world, &NO_CODE).await?;
        let company = Authority::new(world, "company").await?;
        let identity = company.vouch(world, "localhost").await?;
        let front = Front::start(LOOPBACK, 0, &identity, &portal.origin()).await?;
        let origin = format!("https://localhost:{}", front.port);
        let house =
            house::sign_in_at(world, portal, &origin, |world| trusting(world, &company)).await?;

        house::works(world, &house).await
    });
}

/// A box on the way shows a certificate of its own for the portal: nothing is sent to it.
#[test]
fn a_box_that_looks_into_tls_is_refused_and_nothing_lost() {
    story(async |world| {
        let portal = Portal::start(world, &NO_CODE).await?;
        let (company, snoop) = (
            Authority::new(world, "company").await?,
            Authority::new(world, "snoop").await?,
        );
        let identity = company.vouch(world, "localhost").await?;
        let upstream = portal.origin();
        let front = Front::start(LOOPBACK, 0, &identity, &upstream).await?;
        let port = front.port;
        let origin = format!("https://localhost:{port}");
        let house =
            house::sign_in_at(world, portal, &origin, |world| trusting(world, &company)).await?;
        let known = vestibule::accounts(world).await?;

        let pretended = snoop.vouch(world, "localhost").await?;
        front.stop().await;
        let between = Front::start(LOOPBACK, port, &pretended, &upstream).await?;
        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["certificate"])?;
        house::nothing_is_lost(world, &known).await?;

        between.stop().await;
        let _front = Front::start(LOOPBACK, port, &identity, &upstream).await?;
        house::works(world, &house).await?;
        ensure!(house.browser.opened().len() == 1, "signed in anew");
        Ok(())
    });
}

#[test]
fn a_proxy_that_wants_a_password_gets_it() {
    story(async |world| {
        let portal = Portal::start(world, &NO_CODE).await?;
        let company = Authority::new(world, "company").await?;
        let identity = company.vouch(world, HOST).await?;
        let front = Front::start(LOOPBACK, 0, &identity, &portal.origin()).await?;
        let gateway = Gateway::start(front.port).await?;
        let house = house::sign_in_at(world, portal, &format!("https://{HOST}"), |world| {
            let mut agent = trusting(world, &company)?;
            agent.env(
                "HTTPS_PROXY",
                format!("http://{CLERK}@127.0.0.1:{}", gateway.port),
            );
            Ok(agent)
        })
        .await?;

        house::works(world, &house).await?;
        ensure!(gateway.passed() > 0, "it went some other way");
        ensure!(
            gateway.refused() == 0,
            "{} tries without password",
            gateway.refused()
        );
        Ok(())
    });
}

#[test]
fn a_proxy_that_refuses_the_password_is_named_as_the_fault() {
    story(async |world| {
        let portal = Portal::start(world, &NO_CODE).await?;
        let company = Authority::new(world, "company").await?;
        let identity = company.vouch(world, HOST).await?;
        let front = Front::start(LOOPBACK, 0, &identity, &portal.origin()).await?;
        let gateway = Gateway::start(front.port).await?;
        let mut agent = trusting(world, &company)?;
        agent.env(
            "HTTPS_PROXY",
            format!("http://clerk:wrong@127.0.0.1:{}", gateway.port),
        );
        let _agent = vestibule::start_agent(world, &mut agent).await?;
        vestibule::add_start_url(world, &format!("https://{HOST}/start"), "eu-west-1").await?;

        let (code, said) = vestibule::fails(world, &["login", "--device"]).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["proxy"])?;
        ensure!(!said.contains("wrong"), "the password was told: {said}");
        ensure!(gateway.refused() > 0, "it was never asked");
        Ok(())
    });
}

/// An agent on a machine that trusts this authority, by the variable that OpenSSL and all who
/// follow it know.
fn trusting(world: &World, authority: &Authority) -> Result<Command> {
    let mut agent = house::agent(world)?;
    agent.env("SSL_CERT_FILE", authority.certificate());
    Ok(agent)
}
