//! Portals that are not there, are others, or answer what no portal answers.

use anyhow::{Context, Result, ensure};
use e2e::process::text_of;
use e2e::proxy::Mode;
use e2e::{Portal, World, eventually, story, vestibule};

use crate::house::{
    self, ACCOUNT, NO_CODE, OTHER_ROLE, fails_for_a_role, signed_in, signed_in_through_a_proxy,
};

/// A start URL in AWS's form that no portal here knows.
const UNKNOWN: &str = "https://d-9999999999.awsapps.com/start";

const BUSY: Mode = Mode::Answer {
    status: "429 Too Many Requests",
    headers: "x-amzn-errortype: TooManyRequestsException\r\ncontent-type: application/json\r\n",
    body: r#"{"message":"Rate exceeded"}"#,
};

const BROKEN: Mode = Mode::Answer {
    status: "503 Service Unavailable",
    headers: "content-type: text/html\r\n",
    body: "<h1>503</h1>",
};

const MALFORMED: Mode = Mode::Answer {
    status: "200 OK",
    headers: "content-type: application/json\r\n",
    body: r#"{"accountList": [{"accountId": 7"#,
};

/// What stands between a laptop and the network of a hotel.
const CAPTIVE: Mode = Mode::Answer {
    status: "200 OK",
    headers: "content-type: text/html\r\n",
    body: "<html><title>Welcome to the hotel</title></html>",
};

/// JSON, but none that a portal gives.
const FOREIGN: Mode = Mode::Answer {
    status: "200 OK",
    headers: "content-type: application/json\r\n",
    body: r#"{"roleCredentials": "later", "accountList": {}, "roleList": 7}"#,
};

#[test]
fn an_unknown_start_url_is_named_as_the_fault() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        let unknown = format!("{}/elsewhere", portal.origin());
        login_fails_for(world, &unknown, &portal.facts.region).await
    });
}

/// AWS tells nothing else of a wrong region than that the start URL is not known there.
#[test]
fn a_wrong_region_is_named_as_the_fault() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        for service in ["SSO", "SSO_OIDC", "STS"] {
            world.set(&format!("AWS_ENDPOINT_URL_{service}"), portal.origin());
        }
        login_fails_for(world, UNKNOWN, "eu-central-2").await
    });
}

async fn login_fails_for(world: &mut World, start_url: &str, region: &str) -> Result<()> {
    vestibule::add_start_url(world, start_url, region).await?;
    let (code, said) = vestibule::fails(world, &["login", "--device"]).await?;
    ensure!(code == 1, "exit code {code}: {said}");
    vestibule::ensure_clear(&said, &["Check start URL and region"])
}

#[test]
fn a_portal_that_is_down_costs_nothing_but_time() {
    story(async |world| {
        let mut house = signed_in(world, &[]).await?;
        let known = vestibule::accounts(world).await?;
        house.portal.program().kill()?;

        let (code, said) = fails_for_a_role(world).await?;
        ensure!(code == 5, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["Check the network"])?;
        ensure!(
            vestibule::accounts(world).await? == known,
            "accounts were lost"
        );

        house.portal = Portal::start(world, &NO_CODE).await?;
        eventually("credentials come again by themselves", async || {
            Ok(house::works(world, &house).await.ok())
        })
        .await
    });
}

#[test]
fn a_portal_that_fails_or_babbles_keeps_its_accounts_in_the_list() {
    for mode in [BROKEN, MALFORMED, FOREIGN, CAPTIVE] {
        story(async |world| {
            let (house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
            let known = vestibule::accounts(world).await?;
            proxy.set(mode.clone());

            let (code, said) = fails_for_a_role(world).await?;
            ensure!(code == 5, "exit code {code}: {said}");
            vestibule::ensure_clear(&said, &[])?;
            house::nothing_is_lost(world, &known).await?;

            proxy.set(Mode::Pass);
            house::works(world, &house).await
        });
    }
}

#[test]
fn a_busy_portal_is_waited_for_and_never_taken_for_signed_out() {
    story(async |world| {
        let (_house, proxy) = signed_in_through_a_proxy(world, &[]).await?;
        let known = vestibule::accounts(world).await?;
        proxy.set(BUSY);

        let caller = vestibule::command(world, &vestibule::credentials(ACCOUNT, OTHER_ROLE))?;
        let caller = tokio::spawn(text_of(caller));
        eventually("the portal refuses some calls", async || {
            Ok((proxy.failed() >= 3).then_some(()))
        })
        .await?;
        house::nothing_is_lost(world, &known).await?;

        proxy.set(Mode::Pass);
        caller.await?.context("the caller was not waited for")?;
        Ok(())
    });
}

#[test]
fn a_browser_that_cannot_start_is_named_with_another_way_in() {
    story(async |world| {
        let portal = Portal::start(world, &[]).await?;
        world.set("BROWSER", "no-such-browser %s");
        vestibule::add(world, &portal).await?;
        let (code, said) = vestibule::fails(world, &["login"]).await?;
        ensure!(code == 1, "exit code {code}: {said}");
        vestibule::ensure_clear(&said, &["browser"])
    });
}
