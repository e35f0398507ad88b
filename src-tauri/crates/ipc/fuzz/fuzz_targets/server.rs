//! Whatever a client sends, the agent's end reads it to its end or hangs up.
#![no_main]

use std::cell::RefCell;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ipc::server::Listener;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

/// More than a socket takes in one piece would make the client wait for the server.
const LONGEST: usize = 80 * 1024;

struct Server {
    runtime: Runtime,
    listener: Listener,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

thread_local! {
    static SERVER: RefCell<Server> = RefCell::new(Server::start());
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run/agent.sock");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(async { Listener::bind(&path) })
            .expect("a socket");
        Self {
            runtime,
            listener,
            path,
            _folder: folder,
        }
    }

    fn read(&mut self, sent: &[u8]) {
        let mut client = UnixStream::connect(&self.path).expect("a connection");
        client.write_all(sent).expect("room in the socket");
        client.shutdown(Shutdown::Write).expect("an end");
        self.runtime.block_on(async {
            let mut channel = self.listener.accept().await.expect("a client");
            if channel.greet("fuzz").await.is_err() {
                return;
            }
            let mut bytes = sent.len();
            while let Ok(Some(_)) = channel.next().await {
                bytes = bytes
                    .checked_sub(1)
                    .expect("each request takes a byte at least");
            }
        });
    }
}

fuzz_target!(|sent: &[u8]| {
    if sent.len() <= LONGEST {
        SERVER.with_borrow_mut(|server| server.read(sent));
    }
});
