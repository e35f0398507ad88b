//! The embedded portal as a program of its own.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use totp_rs::{Builder, Secret};
use url::Url;

use crate::clock::WrongClock;
use crate::eventually;
use crate::process::{Process, text_of};
use crate::world::World;

/// A running portal.
pub struct Portal {
    /// What it said of itself when it began to serve.
    pub facts: Facts,
    data: PathBuf,
    /// How commands are told which portal is meant.
    which: [OsString; 2],
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

    /// Starts `vestibule-portal serve` with nothing in it yet, and waits until it serves.
    pub async fn empty(world: &World) -> Result<Self> {
        // Free a moment ago, which is as good as it gets.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free.local_addr()?;
        drop(free);
        let data = world.path("portal");
        let config = world.path("portal.toml");
        let port = address.port();
        let settings = format!(
            "origin = \"http://localhost:{port}\"\nlisten = \"{address}\"\ndata = {data:?}\n"
        );
        fs::write(&config, settings)?;
        let which: [OsString; 2] = ["--config".into(), config.into()];
        let mut command = world.program("vestibule-portal")?;
        let mut program = world.start("portal", command.arg("serve").args(&which))?;
        let start_url = eventually("the portal serves", async || {
            program.still_runs()?;
            let said = program.output()?;
            let mut lines = said.lines();
            let url = lines.find_map(|line| line.strip_prefix("The portal serves at "));
            Ok(url.map(Url::parse).transpose()?)
        })
        .await?;
        Ok(Self {
            facts: Facts {
                start_url,
                region: "us-east-1".to_owned(),
                users: Vec::new(),
                accounts: Vec::new(),
            },
            data,
            which,
            program,
        })
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
            which: ["--data".into(), data.clone().into()],
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

    /// `vestibule-portal` with these arguments, about this portal.
    pub fn command(&self, world: &World, arguments: &[&str]) -> Result<Command> {
        let mut command = world.program("vestibule-portal")?;
        command.args(arguments).args(&self.which);
        Ok(command)
    }

    /// What `vestibule-portal` prints with these arguments; it must succeed.
    pub async fn run(&self, world: &World, arguments: &[&str]) -> Result<String> {
        text_of(self.command(world, arguments)?).await
    }

    /// Every event of its audit log, oldest first.
    pub async fn audit(&self, world: &World) -> Result<Vec<Value>> {
        self.run(world, &["audit", "--json"])
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
        let mut command = self.command(world, &["apply"])?;
        command.arg(file);
        text_of(command).await?;
        Ok(())
    }

    /// Invites a user and returns the link that sets the first password.
    pub async fn invite(&self, world: &World, user_name: &str) -> Result<String> {
        let told = self.run(world, &["invite", user_name]).await?;
        let link = told.lines().next().context("a link is printed")?;
        Ok(link.to_owned())
    }

    /// Waits for the one mail to this address in the outbox, and returns the link in it.
    pub async fn mailed_link(&self, address: &str) -> Result<String> {
        let mail = eventually(&format!("a mail to {address} is sent"), async || {
            let Ok(mails) = fs::read_dir(self.data.join("outbox")) else {
                return Ok(None);
            };
            let mut theirs = Vec::new();
            for mail in mails {
                let mail = mail?;
                if mail.file_name().to_string_lossy().starts_with(address) {
                    theirs.push(fs::read_to_string(mail.path())?);
                }
            }
            ensure!(theirs.len() < 2, "several mails: {theirs:#?}");
            Ok(theirs.pop())
        })
        .await?;
        let text = match mail.contains("quoted-printable") {
            true => mail.replace("=\r\n", "").replace("=3D", "="),
            false => mail,
        };
        let link = text.split_whitespace().find(|word| word.contains("token="));
        Ok(link.context("a link in the mail")?.to_owned())
    }

    /// Gives a user a one-time password and returns it.
    pub async fn one_time_password(&self, world: &World, user_name: &str) -> Result<String> {
        let told = self.run(world, &["password", user_name]).await?;
        let password = told.trim().rsplit(' ').next();
        Ok(password.context("a password is printed")?.to_owned())
    }

    /// The program, to stop or kill it.
    pub fn program(&mut self) -> &mut Process {
        &mut self.program
    }
}
