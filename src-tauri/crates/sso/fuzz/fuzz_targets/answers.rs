//! Whatever a portal answers, every call of it ends with a result or an error.
//!
//! The first byte chooses the call, the second the status; the rest is the body of every answer.
#![no_main]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sso::endpoints::{Endpoints, Overrides, StartUrl};
use sso::http::Client;
use sso::oidc::{self, Grant, Registration, device};
use sso::portal::Portal;
use sso::{console, probe};
use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

/// A listing goes on as long as there is another page.
const LIMIT: Duration = Duration::from_millis(200);

/// Those after which no call waits to be repeated.
const STATUSES: [&str; 5] = ["200 OK", "400 Bad", "401 Bad", "403 Bad", "404 Bad"];

struct World {
    runtime: Runtime,
    tasks: LocalSet,
    answer: Rc<RefCell<Vec<u8>>>,
    client: Client,
    start_url: StartUrl,
    endpoints: Endpoints,
}

thread_local! {
    static WORLD: World = World::new();
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let tasks = LocalSet::new();
        let answer = Rc::new(RefCell::new(Vec::new()));
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tasks.spawn_local(serve(listener, answer.clone()));
        let start_url: StartUrl = format!("http://{address}/start")
            .parse()
            .expect("an address");
        let region = "eu-west-1".parse().expect("a region");
        Self {
            runtime,
            tasks,
            answer,
            client: Client::new("fuzz/0", Arc::new(OffsetDateTime::now_utc)).expect("a client"),
            endpoints: Endpoints::resolve(&start_url, &region, &Overrides::default()),
            start_url,
        }
    }

    fn ask(&self, call: u8, status: u8, body: &[u8]) {
        let status = STATUSES[usize::from(status) % STATUSES.len()];
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        *self.answer.borrow_mut() = [head.as_bytes(), body].concat();
        self.tasks.block_on(&self.runtime, async {
            // A call that is still on its way has not failed.
            let _ = tokio::time::timeout(LIMIT, self.call(call)).await;
        });
    }

    async fn call(&self, call: u8) {
        let (client, endpoints) = (&self.client, &self.endpoints);
        // Each with a rate of its own, so that none waits for those before.
        let portal = Portal::new(client, endpoints);
        let token = "token".into();
        match call % 16 {
            0 => {
                let (found, mut accounts) = mpsc::channel(64);
                let (_renewed, token) = watch::channel(token);
                let listing = portal.list_all(&token, found);
                let taking = async { while accounts.recv().await.is_some() {} };
                drop(tokio::join!(listing, taking));
            }
            1 => drop(portal.logout(&token).await),
            2 => drop(probe::portal(client, endpoints).await),
            3 => drop(probe::oidc(client, endpoints).await),
            4 | 5 => {
                let grant = Grant::AuthorizationCode;
                drop(oidc::register(client, endpoints, &self.start_url, grant).await);
            }
            6 | 7 => {
                let registration = registration();
                let start = device::start(client, endpoints, &registration, &self.start_url);
                drop(start.await);
            }
            8..=11 => {
                drop(oidc::refresh(client, endpoints, &registration(), &token).await);
            }
            _ => {
                let credentials = portal.get_role_credentials(&token, "111122223333", "Admin");
                if let Ok(credentials) = credentials.await {
                    drop(console::signin_token(client, endpoints, &credentials, None).await);
                }
            }
        }
    }
}

fn registration() -> Registration {
    Registration {
        client_id: "client".to_owned(),
        client_secret: "secret".into(),
        expires_at: OffsetDateTime::now_utc() + time::Duration::DAY,
        grant: Grant::DeviceCode,
    }
}

async fn serve(listener: TcpListener, answer: Rc<RefCell<Vec<u8>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::task::spawn_local(answer_all(stream, answer.clone()));
    }
}

/// Reads requests and gives each the answer of the moment.
async fn answer_all(stream: TcpStream, answer: Rc<RefCell<Vec<u8>>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let mut length = 0;
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        if let Some((name, value)) = line.trim_end().split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or_default();
        }
        if line == "\r\n" {
            let mut body = vec![0; length];
            let answer = answer.borrow().clone();
            if stream.read_exact(&mut body).await.is_err()
                || stream.write_all(&answer).await.is_err()
            {
                return;
            }
            length = 0;
        }
        line.clear();
    }
}

fuzz_target!(|input: &[u8]| {
    if let [call, status, body @ ..] = input {
        WORLD.with(|world| world.ask(*call, *status, body));
    }
});
