//! The portal as a process, and what it and this program use of the machine.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Clock ticks a second, as Linux tells them to programs.
const TICKS: f64 = 100.0;

/// Where the portal's program and one portal's files are.
pub(crate) struct Site {
    pub(crate) program: PathBuf,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

/// A portal that serves; killed when dropped.
pub(crate) struct Portal(Child);

impl Site {
    pub(crate) fn new(program: PathBuf) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let data = folder.path().join("data");
        let config = format!(
            "origin = \"http://{address}\"\nlisten = \"{address}\"\ndata = {data:?}\n\
             mfa = \"never\"\nrate_limit = 0\n"
        );
        fs::write(folder.path().join("portal.toml"), config)?;
        Ok(Self {
            program,
            folder,
            address,
        })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(name)
            .arg("--config")
            .arg(self.folder.path().join("portal.toml"));
        command
    }

    /// Applies a declaration; how long it took and the most memory it had, MiB.
    pub(crate) fn apply(&self, declaration: &str) -> Result<(Duration, u64)> {
        let file = self.folder.path().join("organization.toml");
        fs::write(&file, declaration)?;
        let started = Instant::now();
        let mut child = self
            .command("apply")
            .arg(file)
            .stdout(Stdio::null())
            .spawn()?;
        let mut most = 0;
        let status = loop {
            most = most.max(memory(child.id()).unwrap_or_default().1);
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        if !status.success() {
            bail!("apply ended with {status}");
        }
        Ok((started.elapsed(), most))
    }

    /// Runs `audit verify`, which must find nothing wrong; what it says first.
    pub(crate) fn verify(&self) -> Result<String> {
        let mut command = Command::new(&self.program);
        let output = command
            .args(["audit", "verify", "--config"])
            .arg(self.folder.path().join("portal.toml"))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("audit verify: {text}");
        }
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    pub(crate) fn serve(&self) -> Result<Portal> {
        let child = self.command("serve").stdout(Stdio::null()).spawn()?;
        let portal = Portal(child);
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(self.address).is_err() {
            if Instant::now() > deadline {
                bail!("the portal does not serve");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(portal)
    }
}

impl Portal {
    /// Seconds of processor time so far.
    pub(crate) fn cpu(&self) -> Result<f64> {
        cpu(format!("/proc/{}/stat", self.0.id()))
    }

    /// Resident now, and at most so far, MiB.
    pub(crate) fn memory(&self) -> Result<(u64, u64)> {
        memory(self.0.id())
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // It has nothing to say that anybody waits for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Seconds of processor time of this program so far.
pub(crate) fn own_cpu() -> Result<f64> {
    cpu("/proc/self/stat")
}

fn cpu(path: impl AsRef<Path>) -> Result<f64> {
    let stat = fs::read_to_string(path)?;
    // The program's name, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(") ").context("a process's stat")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks =
        |index: usize| -> Result<f64> { Ok(fields.get(index).context("a field")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

fn memory(process: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let mebibytes = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kibibytes.context("a size")?.trim().parse::<u64>()? / 1024)
    };
    Ok((mebibytes("VmRSS:")?, mebibytes("VmHWM:")?))
}
