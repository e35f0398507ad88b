//! The embedded portal as a program of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use totp_rs::{Builder, Secret};
use url::Url;

use crate::clock::WrongClock;
use crate::eventually;
use crate::process::{Process, text_of};
use crate::world::World;

/// A running portal with the example organization.
pub struct Portal {
    /// What it said of itself when it began to serve.
    pub facts: Facts,
    data: PathBuf,
    program: Process,
}

/// The file written by `vestibule-portal demo --facts`.
#[derive(Debug, Clone, Deserialize)]
pub struct Facts {
    /// Address of the portal's page.
    pub start_url: Url,
    /// AWS region of the instance.
    pub region: String,
    /// People who can sign in without any preparation.
    pub users: Vec<User>,
    /// Every account of the organization.
    pub accounts: Vec<Account>,
}

/// Someone of the example organization.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator app, base32.
    pub totp_secret: String,
}

/// An account of the example organization.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names of the permission sets assigned there.
    pub roles: Vec<String>,
}

impl User {
    /// What the authenticator app shows at `at`, seconds since 1970.
    pub fn code(&self, at: u64) -> Result<String> {
        let secret = Secret::try_from_base32(&self.totp_secret).context("the secret is base32")?;
        let totp = Builder::new().with_secret(secret).build()?;
        Ok(totp.generate(at).to_string())
    }
}

impl Portal {
    /// Starts `vestibule-portal demo` with these further arguments and waits until it serves.
    pub async fn start(world: &World, arguments: &[&str]) -> Result<Self> {
        let mut command = world.program("vestibule-portal")?;
        command.arg("demo").args(arguments);
        Self::serve(world, command).await
    }

    /// As [`start`](Self::start), by a clock that may be wrong.
    pub async fn start_by(world: &World, clock: &WrongClock, arguments: &[&str]) -> Result<Self> {
        let mut command = world.program("vestibule-portal")?;
        clock.install(command.arg("demo").args(arguments));
        Self::serve(world, command).await
    }

    async fn serve(world: &World, mut command: Command) -> Result<Self> {
        let data = world.path("portal");
        let facts = world.path("facts.json");
        fs::remove_file(&facts).ok();
        command
            .args(["--listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(&data)
            .arg("--facts")
            .arg(&facts);
        let mut program = world.start("portal", &mut command)?;
        let facts = eventually("the portal writes its facts", async || {
            program.still_runs()?;
            match fs::read(&facts) {
                Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
                Err(_) => Ok(None),
            }
        })
        .await?;
        Ok(Self {
            facts,
            data,
            program,
        })
    }

    /// Scheme, host and port, without a path.
    pub fn origin(&self) -> String {
        self.facts.start_url.origin().ascii_serialization()
    }

    /// Folder of its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The first of the example's people.
    pub fn user(&self) -> Result<&User> {
        self.facts.users.first().context("the example has users")
    }

    /// Every event of its audit log, oldest first.
    pub async fn audit(&self, world: &World) -> Result<Vec<Value>> {
        let mut command = world.program("vestibule-portal")?;
        command.args(["audit", "--json", "--data"]).arg(&self.data);
        text_of(command)
            .await?
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    /// How often it did this without an error, such as `GetRoleCredentials`.
    pub async fn count(&self, world: &World, event: &str) -> Result<usize> {
        let audit = self.audit(world).await?;
        let done = |entry: &&Value| entry["eventName"] == event && entry["errorCode"].is_null();
        Ok(audit.iter().filter(done).count())
    }

    /// Changes the organization to what this TOML declares, while it serves.
    pub async fn apply(&self, world: &World, declaration: &str) -> Result<()> {
        let file = world.path("organization.toml");
        fs::write(&file, declaration)?;
        let mut command = world.program("vestibule-portal")?;
        command.arg("apply").arg(file).arg("--data").arg(&self.data);
        text_of(command).await?;
        Ok(())
    }

    /// Invites a user and returns the link that sets the first password.
    pub async fn invite(&self, world: &World, user_name: &str) -> Result<String> {
        let mut command = world.program("vestibule-portal")?;
        command
            .args(["invite", user_name, "--data"])
            .arg(&self.data);
        let told = text_of(command).await?;
        let link = told.lines().next().context("a link is printed")?;
        Ok(link.to_owned())
    }

    /// Gives a user a one-time password and returns it.
    pub async fn one_time_password(&self, world: &World, user_name: &str) -> Result<String> {
        let mut command = world.program("vestibule-portal")?;
        command
            .args(["password", user_name, "--data"])
            .arg(&self.data);
        let told = text_of(command).await?;
        let password = told.trim().rsplit(' ').next();
        Ok(password.context("a password is printed")?.to_owned())
    }

    /// The program, to stop or kill it.
    pub fn program(&mut self) -> &mut Process {
        &mut self.program
    }
}
