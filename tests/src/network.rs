//! Networks of a test's own: the test is root of a network without a way out, an agent has another,
//! and a cable joins them that can be laid, cut and laid elsewhere. Nothing of it is the machine's,
//! and it takes no rights there.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::process::{finish, text_of};
use crate::story;
use crate::world::World;

/// Set in the process that runs the test within its network.
const WITHIN: &str = "VESTIBULE_NETWORK";

/// What name servers are asked on.
const DNS: u16 = 53;

/// Puts around a command what gives it a network of its own, with nothing on it but itself.
pub const ALONE: [&str; 6] = [
    "unshare",
    "--net",
    "sh",
    "-c",
    "ip link set lo up && exec \"$@\"",
    "sh",
];

/// As [`story`], within a network and mounts of the test's own: this test program is started once
/// more in there, to run this one test.
///
/// # Panics
/// When the test returns an error.
pub fn story_on_a_network<T: AsyncFnOnce(&mut World) -> Result<()>>(test: T) {
    if std::env::var_os(WITHIN).is_some() {
        return story(test);
    }
    if let Err(error) = run_within(std::any::type_name::<T>()) {
        panic!("{error:#}");
    }
}

/// `closure` is the type of a closure in the test's function: `faults::network::TEST::{{closure}}`.
fn run_within(closure: &str) -> Result<()> {
    let test = closure
        .split_once("::")
        .and_then(|(_, path)| path.strip_suffix("::{{closure}}"))
        .with_context(|| format!("{closure} is no closure of a test"))?;
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c"])
        .args(["ip link set lo up && exec \"$@\"", "sh"])
        .arg(std::env::current_exe()?)
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(WITHIN, "1")
        .output()
        .context("unshare")?;
    let (said, wrong) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    ensure!(output.status.success(), "{test}:\n{said}\n{wrong}");
    ensure!(said.contains("1 passed"), "there is no test {test}");
    Ok(())
}

/// A cable from the test's network to another process's.
pub struct Cable {
    number: u8,
    there: u32,
}

impl Cable {
    /// Lays one to the network of the process `there`. The test's end has the address
    /// 10.77.NUMBER.1, the other 10.77.NUMBER.2.
    pub async fn lay(world: &World, number: u8, there: u32) -> Result<Self> {
        let cable = Self { number, there };
        let (here, end) = (format!("here{number}"), format!("there{number}"));
        let pid = there.to_string();
        cable
            .here(
                world,
                &[
                    "link", "add", &here, "type", "veth", "peer", "name", &end, "netns", &pid,
                ],
            )
            .await?;
        let address = |last: u8| format!("10.77.{number}.{last}/24");
        cable
            .here(world, &["address", "add", &address(1), "dev", &here])
            .await?;
        cable.here(world, &["link", "set", &here, "up"]).await?;
        cable
            .there(world, &["address", "add", &address(2), "dev", &end])
            .await?;
        cable.there(world, &["link", "set", &end, "up"]).await?;
        Ok(cable)
    }

    /// The address of the test's end.
    pub fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, self.number, 1)
    }

    /// Cuts it and takes it away, with the addresses of both ends.
    pub async fn cut(self, world: &World) -> Result<()> {
        let here = format!("here{}", self.number);
        self.here(world, &["link", "delete", &here]).await
    }

    async fn here(&self, world: &World, arguments: &[&str]) -> Result<()> {
        let mut ip = world.command("ip");
        ip.args(arguments);
        text_of(ip).await.map(drop)
    }

    async fn there(&self, world: &World, arguments: &[&str]) -> Result<()> {
        let mut ip = world.command("nsenter");
        ip.args(["--net", "--target", &self.there.to_string(), "ip"])
            .args(arguments);
        text_of(ip).await.map(drop)
    }
}

/// Makes everything in the test's world ask this name server from now on.
pub async fn ask(world: &World, server: Ipv4Addr) -> Result<()> {
    let file = world.path("resolv.conf");
    let mounted = file.exists();
    fs::write(
        &file,
        format!("nameserver {server}\noptions timeout:1 attempts:1\n"),
    )?;
    if !mounted {
        let mut mount = world.command("mount");
        mount.arg("--bind").arg(&file).arg("/etc/resolv.conf");
        let output = finish(mount).await?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// A name server that knows one address for every name, as long as it answers. Dropped, it is gone.
pub struct NameServer {
    answers: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl NameServer {
    /// Starts at this address and says that everything is there.
    pub async fn start(address: Ipv4Addr) -> Result<Self> {
        let socket = UdpSocket::bind((IpAddr::V4(address), DNS)).await?;
        let answers = Arc::new(AtomicBool::new(true));
        let answering = Arc::clone(&answers);
        let task = tokio::spawn(async move {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                let answer = answer(&question[..length], address);
                if let Some(answer) = answer.filter(|_| answering.load(Ordering::SeqCst)) {
                    // Whoever does not get it asks again.
                    socket.send_to(&answer, from).await.ok();
                }
            }
        });
        Ok(Self { answers, task })
    }

    /// Whether it answers from now on.
    pub fn set_answering(&self, answers: bool) {
        self.answers.store(answers, Ordering::SeqCst);
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer (RFC 1035) to a question with one name: `address` where it is one for IPv4 addresses,
/// else none.
fn answer(question: &[u8], address: Ipv4Addr) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    const TYPE_A: [u8; 4] = [0, 1, 0, 1];
    let name = question.get(HEADER..)?.iter().position(|byte| *byte == 0)? + 1;
    let end = HEADER + name + TYPE_A.len();
    let wants_ipv4 = question.get(HEADER + name..end)? == TYPE_A;
    let mut answer = question.get(..2)?.to_vec();
    // A response without error; one question, and one answer or none.
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(wants_ipv4), 0, 0, 0, 0]);
    answer.extend(question.get(HEADER..end)?);
    if wants_ipv4 {
        // The name of the question, its type and class; good for no time at all; four bytes.
        answer.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}
