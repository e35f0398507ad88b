//! *Try the demonstration*: an embedded portal with an example organization, beside this program.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use agent::controller::Handle;
use agent::menu::Action;
use agent::shell::Notification;
use anyhow::{Context, bail};
use ipc::message::{EndpointOverrides, Request, Response};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use crate::notify::Notices;

/// How long the portal may take to serve; the first time it makes its organization.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Between two looks for the file that says it serves.
const LOOK: Duration = Duration::from_millis(100);

/// The name of the demonstration among the portals.
const NAME: &str = "demonstration";

/// Where the demonstration is kept and what serves it.
#[derive(Debug)]
pub(crate) struct Demonstration {
    /// Its data.
    pub(crate) folder: PathBuf,
    /// The command `vestibule-portal`.
    pub(crate) program: PathBuf,
}

/// The demonstration of a running tray.
#[derive(Debug)]
pub(crate) struct Running {
    asks: mpsc::UnboundedSender<()>,
    task: JoinHandle<()>,
}

/// What `vestibule-portal demo --facts` writes: a demonstration's passwords are no secrets.
#[derive(Debug, Deserialize)]
struct Facts {
    start_url: Url,
    region: String,
    users: Vec<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    user_name: String,
    password: String,
    totp_secret: String,
}

impl Demonstration {
    /// Beside this program, in this data folder.
    pub(crate) fn beside(program: &Path, data: &Path) -> Self {
        let portal = format!("vestibule-portal{}", std::env::consts::EXE_SUFFIX);
        Self {
            folder: data.join(NAME),
            program: program.with_file_name(portal),
        }
    }

    /// Starts the portal again if it was added before, and then whenever the user wants to try it.
    pub(crate) fn start(self, agent: Handle, notices: Notices) -> Running {
        let (asks, asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(self.run(asked, agent, notices));
        Running { asks, task }
    }

    async fn run(self, mut asked: mpsc::UnboundedReceiver<()>, agent: Handle, notices: Notices) {
        let mut portal = None;
        // Until the agent first says how things are, it seems to have no portals.
        let settings_read = agent.snapshot().changed().await.is_ok();
        if settings_read
            && self.was_added(&agent)
            && let Err(error) = self.serve(&mut portal).await
        {
            tracing::warn!("the demonstration could not be started again: {error:#}");
        }
        while asked.recv().await.is_some() {
            notices.show(match self.try_out(&mut portal, &agent).await {
                Ok(welcome) => welcome,
                Err(error) => failed(&error),
            });
        }
        if let Some(mut portal) = portal
            && let Err(error) = portal.kill().await
        {
            tracing::warn!(%error, "the demonstration's portal could not be stopped");
        }
    }

    fn was_added(&self, agent: &Handle) -> bool {
        self.facts()
            .is_ok_and(|facts| session(agent, &facts).is_some())
    }

    /// Serves the portal, adds it, and says how to sign in.
    async fn try_out(
        &self,
        portal: &mut Option<Child>,
        agent: &Handle,
    ) -> anyhow::Result<Notification> {
        let facts = self.serve(portal).await?;
        let session = match session(agent, &facts) {
            Some(name) => name,
            None => add(agent, &facts).await?,
        };
        let user = facts
            .users
            .first()
            .context("its organization has no users")?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let how = how_to_sign_in(user, now)?;
        // Where no notification can be shown, the terminal is the only place left.
        if let Err(error) = writeln!(io::stdout(), "{how}") {
            tracing::debug!(%error, "there is no terminal to write to");
        }
        Ok(welcome(session, how))
    }

    /// Starts the portal unless it serves already, and reads what it says of itself.
    async fn serve(&self, portal: &mut Option<Child>) -> anyhow::Result<Facts> {
        if let Ok(facts) = self.facts()
            && answers(&facts.start_url).await
        {
            return Ok(facts);
        }
        std::fs::create_dir_all(&self.folder)?;
        match std::fs::remove_file(self.facts_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let child = Command::new(&self.program)
            .arg("demo")
            .arg("--data")
            .arg(self.folder.join("portal"))
            .arg("--facts")
            .arg(self.facts_file())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.program.display()))?;
        let child = portal.insert(child);
        tokio::time::timeout(START_LIMIT, self.wait(child))
            .await
            .context("its portal took too long to start")?
    }

    async fn wait(&self, portal: &mut Child) -> anyhow::Result<Facts> {
        loop {
            if let Ok(facts) = self.facts() {
                return Ok(facts);
            }
            if let Some(status) = portal.try_wait()? {
                bail!("its portal ended by itself ({status})");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn facts(&self) -> anyhow::Result<Facts> {
        let text = std::fs::read_to_string(self.facts_file())?;
        Ok(serde_json::from_str(&text)?)
    }

    fn facts_file(&self) -> PathBuf {
        self.folder.join("facts.json")
    }
}

impl Running {
    /// Starts it if it does not run yet, and tells how to sign in.
    pub(crate) fn tell(&self) {
        // The task ends only with the program.
        let _ = self.asks.send(());
    }

    /// Stops its portal.
    pub(crate) async fn end(self) {
        drop(self.asks);
        if self.task.await.is_err() {
            tracing::error!("the demonstration's task panicked");
        }
    }
}

/// Name of the session that stands for the demonstration.
fn session(agent: &Handle, facts: &Facts) -> Option<String> {
    let latest = agent.snapshot().borrow().clone();
    let mut sessions = latest.sessions.iter();
    sessions
        .find(|session| session.start_url == facts.start_url)
        .map(|session| session.name.clone())
}

async fn add(agent: &Handle, facts: &Facts) -> anyhow::Result<String> {
    let request = Request::AddPortal {
        start_url: facts.start_url.clone(),
        region: facts.region.clone(),
        name: Some(NAME.to_owned()),
        endpoints: EndpointOverrides::default(),
    };
    match agent.request(request).await {
        Response::PortalAdded { name } => Ok(name),
        Response::Error(failure) => bail!("{} {}", failure.message, failure.next_step),
        _ => bail!("the agent gave an answer to another question"),
    }
}

/// Whether something listens there.
async fn answers(start_url: &Url) -> bool {
    let Some((host, port)) = start_url.host_str().zip(start_url.port_or_known_default()) else {
        return false;
    };
    TcpStream::connect((host, port)).await.is_ok()
}

fn how_to_sign_in(user: &User, now: Duration) -> anyhow::Result<String> {
    let code = totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(&user.totp_secret)?)
        .build_noncompliant()
        .generate(now.as_secs());
    Ok(format!(
        "User {}, password {}, code {code} (a new one every 30 seconds)",
        user.user_name, user.password
    ))
}

fn welcome(session: String, how: String) -> Notification {
    Notification {
        key: NAME.to_owned(),
        title: "The demonstration is ready".to_owned(),
        body: how,
        actions: vec![
            ("Sign in".to_owned(), Action::SignIn { session }),
            ("Show a new code".to_owned(), Action::TryDemonstration),
        ],
        urgent: true,
    }
}

fn failed(error: &anyhow::Error) -> Notification {
    Notification {
        key: NAME.to_owned(),
        title: "The demonstration could not be started".to_owned(),
        body: format!("{error:#}. Install Vestibule again if its programs are not in one folder."),
        actions: Vec::new(),
        urgent: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_one_of_the_moment() {
        // RFC 6238, appendix B, with the last six of its eight digits.
        let user = User {
            user_name: "ana".into(),
            password: "correct horse".into(),
            totp_secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
        };
        let how = how_to_sign_in(&user, Duration::from_secs(1_111_111_109)).unwrap();
        assert!(how.contains("ana") && how.contains("correct horse"));
        assert!(how.contains("081804"), "{how}");
    }

    #[test]
    fn facts_are_read_whatever_else_they_hold() {
        let facts: Facts = serde_json::from_str(
            r#"{"start_url": "http://localhost:4000/start", "region": "eu-west-1", "accounts": [],
                "users": [{"user_name": "ana", "password": "p", "totp_secret": "GE", "x": 1}]}"#,
        )
        .unwrap();
        assert_eq!(facts.users.len(), 1);
    }
}
