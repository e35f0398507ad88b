//! A person at a real browser: Chromium, driven by what `BROWSER` names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::portal::User;
use crate::process::text_of;
use crate::world::{World, built};
use crate::{aws, axe, eventually};

/// What `BROWSER` opened and what was seen there.
pub struct Browser {
    script: PathBuf,
    opened: PathBuf,
    seen: PathBuf,
}

/// Where a browser tab ended.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// Address in the end, without its query and fragment.
    pub url: String,
    /// Title.
    pub title: String,
    /// Text a person reads.
    pub text: String,
    /// What axe-core found wrong with any page of the tab, in light and in dark, if it was asked.
    #[serde(default)]
    pub flaws: Vec<String>,
}

/// What the person does when asked for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Presses *Allow*.
    Allow,
    /// Presses *Deny*.
    Deny,
}

/// Where the cookies of a user's Chromium are kept.
pub fn cookies(world: &World, user_name: &str) -> PathBuf {
    world.path(format!("cookies-{user_name}.json"))
}

/// Runs a script of `tests/clients` that drives Chromium through a task, and returns what it tells: a
/// JSON value a line.
pub async fn drive(world: &World, script: &str, task: &Value) -> Result<Vec<Value>> {
    let file = world.path("task.json");
    fs::write(&file, task.to_string())?;
    let mut command = world.command("node");
    command
        .arg(aws::client(script))
        .arg(file)
        .env("NODE_PATH", aws::tools()?.join("node_modules"));
    let told = text_of(command).await?;
    told.lines()
        .map(|line| serde_json::from_str(line).context("the script tells JSON lines"))
        .collect()
}

impl Browser {
    /// Sets `BROWSER` in the world to a Chromium in which `user` signs in and answers the consent.
    /// It keeps its [`cookies`] from tab to tab.
    pub fn install(world: &mut World, user: &User, consent: Consent) -> Result<Self> {
        let browser = Self::new(world);
        let person = serde_json::json!({
            "user_name": user.user_name,
            "password": user.password,
            "totp_secret": user.totp_secret,
            "consent": match consent { Consent::Allow => "Allow", Consent::Deny => "Deny" },
            "cookies": cookies(world, &user.user_name),
            "seen": browser.seen,
            "axe": axe::script(),
        });
        let person_file = world.path("person.json");
        fs::write(&person_file, person.to_string())?;
        let driver = format!(
            "NODE_PATH='{modules}' exec node '{driver}' '{person}'",
            modules = aws::tools()?.join("node_modules").display(),
            driver = aws::client("browser.cjs").display(),
            person = person_file.display(),
        );
        browser.start_by(world, &driver)?;
        Ok(browser)
    }

    /// Sets `BROWSER` to a person who fills in the portal's forms without Chromium and allows what
    /// asks: quicker, for tests about something else. The portal must not ask for a code.
    pub fn install_forms(world: &mut World, user: &User) -> Result<Self> {
        let browser = Self::new(world);
        let driver = format!(
            "exec '{program}' '{user_name}' '{password}'",
            program = built("examples/person")?.display(),
            user_name = user.user_name,
            password = user.password,
        );
        browser.start_by(world, &driver)?;
        Ok(browser)
    }

    fn new(world: &World) -> Self {
        Self {
            script: world.path("browser"),
            opened: world.path("logs/opened.log"),
            seen: world.path("logs/seen.log"),
        }
    }

    /// Makes `BROWSER` a script that notes the address and starts the driver with it.
    fn start_by(&self, world: &mut World, driver: &str) -> Result<()> {
        fs::write(
            &self.script,
            format!(
                "#!/bin/sh\necho \"$1\" >>'{opened}'\n{driver} \"$1\" >>'{log}' 2>&1\n",
                opened = self.opened.display(),
                log = world.log("browser").display(),
            ),
        )?;
        fs::set_permissions(&self.script, fs::Permissions::from_mode(0o755))?;
        world.set("BROWSER", format!("{} %s", self.script.display()));
        Ok(())
    }

    /// Opens an address with axe-core looking at every page of the tab, presses a button there at
    /// last, and returns the page to which that leads.
    pub async fn examine(&self, world: &World, address: &str, press: Option<&str>) -> Result<Page> {
        let mut command = world.command(&self.script);
        command.arg(address).env("VESTIBULE_EXAMINE", "1");
        command.envs(press.map(|name| ("VESTIBULE_PRESS", name)));
        text_of(command).await?;
        self.pages()?.pop().context("a page was seen")
    }

    /// Every address that was opened, in order: one a tab.
    pub fn opened(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.opened).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Every page on which a tab ended, in order; none that is just being written down.
    pub fn pages(&self) -> Result<Vec<Page>> {
        let text = fs::read_to_string(&self.seen).unwrap_or_default();
        let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
        whole
            .lines()
            .map(|line| serde_json::from_str(line).context("the driver writes JSON lines"))
            .collect()
    }

    /// Waits until `number` tabs have ended and returns the last one's page.
    pub async fn page(&self, number: usize) -> Result<Page> {
        eventually(&format!("{number} browser tabs end"), async || {
            Ok(self.pages()?.into_iter().nth(number - 1))
        })
        .await
    }
}
