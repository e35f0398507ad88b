//! The agent behind its socket, if one runs.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use agent::paths::Paths;
use ipc::client::{Connection, Error};
use ipc::message::{Request, Response, SessionStatus};
use ipc::socket::check_private_folder;

use super::finding::Finding;

const PART: &str = "agent";

/// How long a running agent may take.
const LIMIT: Duration = Duration::from_secs(5);

const PROGRAM: &str = concat!("vestibule ", env!("CARGO_PKG_VERSION"));

pub(super) struct Facts {
    /// Why the folder of the socket will not do.
    folder: Option<String>,
    socket: PathBuf,
    agent: Agent,
}

enum Agent {
    /// Nothing is there.
    None,
    /// A socket is left that nobody answers on.
    Stale,
    /// It takes the connection and says nothing.
    Silent,
    /// It cannot be asked, for this reason.
    Unusable(String),
    /// It runs.
    Running {
        program: String,
        sessions: Vec<SessionStatus>,
    },
}

impl Facts {
    pub(super) fn gather(paths: &Paths) -> Self {
        let folder = match check_private_folder(&paths.runtime) {
            Err(error) if paths.runtime.exists() => Some(error.to_string()),
            _ => None,
        };
        Self {
            folder,
            socket: paths.socket.clone(),
            agent: ask(paths.socket.clone()),
        }
    }
}

fn ask(socket: PathBuf) -> Agent {
    let (done, answer) = mpsc::channel();
    // An agent that is stopped never answers: the thread ends with this process.
    thread::spawn(move || {
        // Nobody listens once the time is up.
        let _ = done.send(asked(&socket));
    });
    answer.recv_timeout(LIMIT).unwrap_or(Agent::Silent)
}

fn asked(socket: &std::path::Path) -> Agent {
    let answer = Connection::connect(socket, PROGRAM).and_then(|mut agent| {
        let program = agent.program().to_owned();
        agent
            .request(&Request::Status, |_| {})
            .map(|answer| (program, answer))
    });
    match answer {
        Ok((program, Response::Status { sessions, .. })) => Agent::Running { program, sessions },
        // Broken settings, which have a line of their own.
        Ok((program, _)) => Agent::Running {
            program,
            sessions: Vec::new(),
        },
        Err(Error::NoAgent { .. }) if socket.exists() => Agent::Stale,
        Err(Error::NoAgent { .. }) => Agent::None,
        Err(error) => Agent::Unusable(error.to_string()),
    }
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let socket = facts.socket.display();
    let folder = facts.folder.iter().map(|problem| {
        let next = "Remove the folder: Vestibule makes it anew, for you alone.";
        Finding::wrong(PART, sentence(problem), next)
    });
    let restart = "Quit Vestibule, or end the process `vestibule agent`, then try again.";
    let agent = match &facts.agent {
        Agent::None => vec![Finding::ok(
            PART,
            "None runs; the next command that needs one starts it.",
        )],
        Agent::Stale => vec![Finding::warning(
            PART,
            format!("An agent that was killed left its socket {socket}."),
            "Nothing: the next agent replaces it.",
        )],
        Agent::Silent => vec![Finding::wrong(
            PART,
            format!("The one at {socket} does not answer."),
            restart,
        )],
        // The folder has been told of.
        Agent::Unusable(_) if facts.folder.is_some() => Vec::new(),
        Agent::Unusable(problem) => vec![Finding::wrong(PART, sentence(problem), restart)],
        Agent::Running { program, sessions } => running(program, sessions),
    };
    folder.chain(agent).collect()
}

fn running(program: &str, sessions: &[SessionStatus]) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(PART, format!("It runs: {program}."))];
    for session in sessions {
        if let Some(problem) = &session.problem {
            let finding = Finding::wrong("session", &problem.message, &problem.next_step);
            findings.push(finding.about(&session.name));
        }
    }
    findings
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(characters).collect();
    format!("{}.", text.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    fn outcomes(folder: Option<&str>, agent: Agent) -> Vec<Outcome> {
        let facts = Facts {
            folder: folder.map(str::to_owned),
            socket: "/run/agent.sock".into(),
            agent,
        };
        check(&facts).iter().map(|one| one.outcome).collect()
    }

    #[test]
    fn an_agent_that_is_not_there_is_no_fault() {
        use Outcome::{Ok, Warning, Wrong};
        assert_eq!(outcomes(None, Agent::None), [Ok]);
        assert_eq!(outcomes(None, Agent::Stale), [Warning]);
        assert_eq!(outcomes(None, Agent::Silent), [Wrong]);
        assert_eq!(outcomes(None, Agent::Unusable("no".into())), [Wrong]);
        let both = Agent::Unusable("the folder is not private".into());
        assert_eq!(outcomes(Some("the folder is not private"), both), [Wrong]);
        let running = Agent::Running {
            program: "vestibule 0.1.0".into(),
            sessions: Vec::new(),
        };
        assert_eq!(outcomes(None, running), [Ok]);
    }
}
