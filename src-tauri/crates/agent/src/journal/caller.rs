//! Who asks.

use ipc::message::Way;
use ipc::server::Peer;

/// A program, and how it hands on what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Its name.
    pub(crate) program: String,
    /// Its process id, where the system told.
    pub(crate) pid: Option<u32>,
    /// How it hands on what it is given.
    pub(crate) way: Way,
}

impl Caller {
    /// The user, in the tray or in a window.
    pub(crate) fn tray() -> Self {
        Self::agent(Way::Tray)
    }

    /// The agent by itself: what it does for the roles it keeps.
    pub(crate) fn agent(way: Way) -> Self {
        Self {
            program: "vestibule".to_owned(),
            pid: None,
            way,
        }
    }

    /// Whoever started the command that asks on the socket, as far as the system tells: in
    /// `aws s3 ls` that is `aws`.
    pub(crate) fn of(peer: &Peer) -> Self {
        let started_by = peer.pid.and_then(parent);
        let (program, pid) = match started_by {
            Some((program, pid)) => (program, Some(pid)),
            None => (peer.program.clone(), peer.pid),
        };
        Self {
            program,
            pid,
            way: peer.way,
        }
    }
}

/// Name and id of the process that started this one; `None` for one whose parent has ended.
#[cfg(target_os = "linux")]
fn parent(pid: u32) -> Option<(String, u32)> {
    let parent: u32 = stat(pid)?.1;
    (parent > 1).then_some(())?;
    Some((stat(parent)?.0, parent))
}

/// Name and parent of a process: see proc_pid_stat(5). The name may hold blanks and brackets.
#[cfg(target_os = "linux")]
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, rest) = stat.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    Some((name.to_owned(), parent))
}

#[cfg(not(target_os = "linux"))]
fn parent(_: u32) -> Option<(String, u32)> {
    None
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_named_after_who_started_it() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let peer = Peer {
            program: "vestibule 0.1.0".to_owned(),
            pid: Some(child.id()),
            way: Way::CredentialProcess,
        };
        let caller = Caller::of(&peer);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(caller.pid, Some(std::process::id()));
        assert_eq!(caller.program, stat(std::process::id()).unwrap().0);
        let gone = Peer {
            pid: None,
            ..peer.clone()
        };
        assert_eq!(Caller::of(&gone).program, "vestibule 0.1.0");
    }
}
