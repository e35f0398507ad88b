//! An agent that answers as told, on the real socket in the real protocol, and a home for it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use ipc::message::{Hello, PROTOCOL_VERSION, Request, Response};

/// A home folder with an agent in it.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Home {
    /// An agent that answers each request with these responses as they come; none hangs up.
    pub(crate) fn with_agent<R: IntoIterator<Item = Response>>(
        answers: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::with_agent_of_version(PROTOCOL_VERSION, answers)
    }

    pub(crate) fn with_agent_of_version<R: IntoIterator<Item = Response>>(
        version: u32,
        answers: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = folder.path().join("run/vestibule");
        let mut builder = std::fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(&runtime)
            .unwrap();
        let listener = UnixListener::bind(runtime.join("agent.sock")).unwrap();
        let home = Self {
            folder,
            asked: Arc::default(),
        };
        let (answers, asked) = (Arc::new(answers), home.asked.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (answers, asked) = (answers.clone(), asked.clone());
                std::thread::spawn(move || serve(&client.unwrap(), version, &*answers, &asked));
            }
        });
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the agent was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The command in this home and nothing of the tester's own environment.
    pub(crate) fn vestibule(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::from_std(self.plain(args));
        command.timeout(std::time::Duration::from_secs(60));
        command
    }

    pub(crate) fn plain(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_RUNTIME_DIR", self.path().join("run"));
        command
    }
}

fn serve<R: IntoIterator<Item = Response>>(
    client: &UnixStream,
    version: u32,
    answers: &impl Fn(&Request) -> R,
    asked: &Mutex<Vec<Request>>,
) {
    let mut lines = BufReader::new(client).lines();
    let _greeting: Hello = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    say(
        client,
        &Hello {
            version,
            program: "vestibule 9.9.9".into(),
            way: ipc::message::Way::default(),
        },
    );
    while let Some(Ok(line)) = lines.next() {
        let request: Request = serde_json::from_str(&line).unwrap();
        asked.lock().unwrap().push(request.clone());
        let mut responses = answers(&request).into_iter().peekable();
        if responses.peek().is_none() {
            return;
        }
        for response in responses {
            say(client, &response);
        }
    }
}

fn say(mut client: &UnixStream, message: &impl serde::Serialize) {
    let mut line = serde_json::to_vec(message).unwrap();
    line.push(b'\n');
    // A client that left does not mind.
    let _ = client.write_all(&line);
}
