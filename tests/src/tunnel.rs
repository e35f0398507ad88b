//! `ssh -R` to this very machine, by a server that only one test knows.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::eventually;
use crate::process::{Process, text_of, words};
use crate::world::World;

/// Where Debian's sshd wants an empty folder before it serves as root.
const PRIVILEGE_SEPARATION: &str = "/run/sshd";

/// A port at the far end that leads to one here.
pub struct Tunnel {
    /// The port at the far end, where it has the names of loopback.
    pub port: u16,
    ssh: Vec<String>,
    _server: Process,
    _client: Process,
}

impl Tunnel {
    /// Leads a free port of the far end to port `to` of this one.
    pub async fn start(world: &World, to: u16) -> Result<Self> {
        let folder = world.path("ssh");
        fs::create_dir_all(&folder)?;
        let key = make_key(world, &folder).await?;
        let (server_port, port) = (free_port()?, free_port()?);
        let server = start_server(world, &folder, server_port)?;
        listens("the SSH server", server_port).await?;
        let ssh = client(server_port, &key);
        let mut tunnel = world.command(&ssh[0]);
        tunnel
            .args(&ssh[1..])
            .args(["-N", "-o", "ExitOnForwardFailure=yes", "-R"])
            .arg(format!("{port}:127.0.0.1:{to}"))
            .arg("127.0.0.1");
        let client = world.start("ssh", &mut tunnel)?;
        listens("the tunnel", port).await?;
        Ok(Self {
            port,
            ssh,
            _server: server,
            _client: client,
        })
    }

    /// The command at the far end, with its own environment and these variables.
    pub fn run(&self, command: &Command, variables: &BTreeMap<String, String>) -> Command {
        let own = command.get_envs().filter_map(|(name, value)| {
            Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned()))
        });
        let variables = own.chain(variables.clone());
        let far = ["env".to_owned(), "-i".to_owned()]
            .into_iter()
            .chain(variables.map(|(name, value)| format!("{name}={value}")))
            .chain(words(command));
        let quoted: Vec<String> = far
            .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
            .collect();
        let mut ssh = Command::new(&self.ssh[0]);
        ssh.args(&self.ssh[1..])
            .arg("127.0.0.1")
            .arg(quoted.join(" "));
        ssh
    }
}

/// Makes the server's and the client's one key.
async fn make_key(world: &World, folder: &Path) -> Result<String> {
    let key = folder.join("key");
    let mut keygen = world.command("ssh-keygen");
    keygen
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key);
    text_of(keygen).await?;
    fs::copy(folder.join("key.pub"), folder.join("authorized"))?;
    Ok(key.display().to_string())
}

fn start_server(world: &World, folder: &Path, port: u16) -> Result<Process> {
    let configuration = folder.join("sshd_config");
    let folder = folder.display();
    fs::write(
        &configuration,
        format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/key\nPidFile none\n\
             AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nPrintMotd no\n"
        ),
    )?;
    if rustix::process::geteuid().is_root() && !Path::new(PRIVILEGE_SEPARATION).exists() {
        fs::create_dir(PRIVILEGE_SEPARATION)?;
        fs::set_permissions(PRIVILEGE_SEPARATION, fs::Permissions::from_mode(0o755))?;
    }
    let mut command = world.command("/usr/sbin/sshd");
    world.start("sshd", command.args(["-D", "-e", "-f"]).arg(configuration))
}

fn client(port: u16, key: &str) -> Vec<String> {
    let port = port.to_string();
    let options = ["ssh", "-F", "none", "-p", &port, "-i", key];
    let quiet = [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "LogLevel=ERROR",
        "BatchMode=yes",
    ];
    let quiet = quiet.iter().flat_map(|option| ["-o", option]);
    options
        .into_iter()
        .chain(quiet)
        .map(str::to_owned)
        .collect()
}

async fn listens(what: &str, port: u16) -> Result<()> {
    eventually(&format!("{what} listens"), async || {
        let connected = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
        Ok(connected.ok().map(drop))
    })
    .await
}

/// Nobody else is likely to take it in the moment until it is used.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
