//! PostgreSQL in the place of SQLite: a server of the test's own, on which the same tests run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use secrecy::SecretString;
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tempfile::TempDir;

use crate::{
    commands::{Site, text},
    durability::{killed_under_load, kills, knows_all, post, trail_holds},
};

/// Holds the server's URL in the run of the same tests.
const VARIABLE: &str = "VESTIBULE_TEST_POSTGRESQL";
/// Where Debian keeps the server's programs, one folder a version.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// A PostgreSQL server in a temporary folder; it ends when dropped.
pub(crate) struct Server {
    process: Child,
    folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let programs = programs();
        let data = folder.path().join("data");
        if is_root() {
            // It refuses to run as root.
            let given = Command::new("chown")
                .arg("postgres")
                .arg(folder.path())
                .status();
            assert!(given.expect("chown").success());
        }
        let made = server_program(&programs.join("initdb"))
            .args(["--auth=trust", "--username=portal", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb").success());
        let process = server_program(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .args(["-c", "max_connections=300", "-c", "logging_collector=on"])
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let server = Self { process, folder };
        server.wait();
        server
    }

    /// The URL of the server's database `name`.
    pub(crate) fn url(&self, name: &str) -> String {
        let folder = self.folder.path().display();
        format!("postgres://portal@localhost/{name}?host={folder}")
    }

    fn wait(&self) {
        let socket = self.folder.path().join(".s.PGSQL.5432");
        let deadline = Instant::now() + Duration::from_secs(60);
        let ready = || {
            let asked = Command::new(programs().join("pg_isready"))
                .args(["--quiet", "--host"])
                .arg(self.folder.path())
                .status();
            asked.expect("pg_isready").success()
        };
        while !(socket.exists() && ready()) {
            assert!(Instant::now() < deadline, "PostgreSQL does not start");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At once, with all its processes.
        let quit = Command::new("kill")
            .args(["-QUIT", &self.process.id().to_string()])
            .status();
        assert!(quit.expect("kill").success());
        self.process.wait().expect("ended");
    }
}

fn programs() -> PathBuf {
    let versions = fs::read_dir(PROGRAMS).expect("Debian's package postgresql");
    let newest = versions.map(|entry| entry.expect("entry").path()).max();
    newest.expect("a version").join("bin")
}

/// A program of the server, run by someone who may.
fn server_program(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A new, empty database where these tests run on PostgreSQL; nothing where they run on SQLite.
pub(crate) async fn database() -> Option<SecretString> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = env::var(VARIABLE).ok()?;
    let name = format!("house{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = server.replace("/postgres?", &format!("/{name}?"));
    create(&server, &name).await;
    Some(url.into())
}

async fn create(server: &str, name: &str) {
    sqlx::any::install_default_drivers();
    let mut db = AnyConnection::connect(server).await.expect("connected");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut db)
        .await
        .expect("created");
    db.close().await.expect("closed");
}

#[test]
fn everything_holds_on_postgresql() {
    let server = Server::start();
    let tests = Command::new(env::current_exe().expect("these tests"))
        // What starts programs of its own chooses its store itself.
        .args(["--skip", "durability::", "--skip", "commands::"])
        .args([
            "--skip",
            "backups::",
            "--skip",
            "postgresql::",
            "--skip",
            "operation::",
        ])
        .env(VARIABLE, server.url("postgres"))
        .output()
        .expect("ran");
    let text = String::from_utf8_lossy(&tests.stdout);
    assert!(tests.status.success(), "{text}");
    assert!(!text.contains("running 0 tests"), "{text}");
}

#[tokio::test]
async fn a_key_of_another_portal_is_refused() {
    let server = Server::start();
    create(&server.url("postgres"), "portal").await;
    let url: SecretString = server.url("portal").into();
    let mut config = portal::Config::new("http://localhost:1".parse().expect("URL"));
    config.database = Some(url);
    let open = async |folder: &Path| {
        let clock = std::sync::Arc::new(portal::clock::SystemClock);
        portal::Portal::open(folder, config.clone(), clock).await
    };
    let (first, second) = (
        tempfile::tempdir().expect("folder"),
        tempfile::tempdir().expect("folder"),
    );
    open(first.path()).await.expect("opened");
    let Err(missing) = open(second.path()).await else {
        panic!("a portal without the key was opened");
    };
    assert!(missing.to_string().contains("master.key"), "{missing}");
    fs::write(second.path().join("master.key"), [7; 32]).expect("written");
    let Err(foreign) = open(second.path()).await else {
        panic!("a portal with another key was opened");
    };
    assert!(foreign.to_string().contains("another"), "{foreign}");
    fs::copy(
        first.path().join("master.key"),
        second.path().join("master.key"),
    )
    .expect("copied");
    open(second.path()).await.expect("opened");
}

#[tokio::test]
async fn a_server_that_hung_up_is_called_again() {
    let server = Server::start();
    create(&server.url("postgres"), "portal").await;
    let mut config = portal::Config::new("http://localhost:1".parse().expect("URL"));
    config.database = Some(server.url("portal").into());
    let folder = tempfile::tempdir().expect("folder");
    let clock = std::sync::Arc::new(portal::clock::SystemClock);
    let portal = portal::Portal::open(folder.path(), config, clock).await;
    let portal = portal.expect("opened");
    let change = portal.write().await.expect("a turn");
    change.commit().await.expect("made");

    let mut db = AnyConnection::connect(&server.url("postgres"))
        .await
        .expect("connected");
    let hung_up = sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'",
    );
    let ended = hung_up.fetch_all(&mut db).await.expect("asked");
    assert!(ended.len() >= 2, "{} connections ended", ended.len());
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'portal'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while sqlx::query_scalar::<_, i64>(left)
        .fetch_one(&mut db)
        .await
        .expect("asked")
        > 0
    {
        assert!(Instant::now() < deadline, "the server does not hang up");
    }
    let change = portal.write().await.expect("a turn");
    change.commit().await.expect("made");
}

/// Two portals of one PostgreSQL, each a program of its own.
#[test]
fn several_portals_share_one_store_and_one_chain() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(create(&server.url("postgres"), "portal"));
    let first = Site::with(&format!("database = {:?}\n", server.url("portal")));
    let second = Site::with(&format!("database = {:?}\n", server.url("portal")));
    let serving = first.serve();
    serving.line();
    fs::create_dir(second.path("data")).expect("made");
    fs::copy(
        first.path("data/master.key"),
        second.path("data/master.key"),
    )
    .expect("copied");
    let beside = second.serve();
    beside.line();

    const EACH: usize = 40;
    let client = json!({ "clientName": "shared", "clientType": "public" });
    thread::scope(|scope| {
        for site in [&first, &second, &first, &second] {
            let facts = json!({ "start_url": site.start_url });
            let client = &client;
            scope.spawn(move || {
                for _ in 0..EACH {
                    assert_eq!(post(&facts, "/client/register", client).0, 200);
                }
            });
        }
    });
    // What one has registered the other knows.
    let facts = |site: &Site| json!({ "start_url": site.start_url });
    let (_, registered) = post(&facts(&first), "/client/register", &client);
    let device = json!({
        "clientId": registered["clientId"], "clientSecret": registered["clientSecret"],
        "startUrl": second.start_url,
    });
    assert_eq!(
        post(&facts(&second), "/device_authorization", &device).0,
        200
    );

    // One dies in the midst of it; the other goes on.
    drop(serving);
    assert_eq!(post(&facts(&second), "/client/register", &client).0, 200);
    let verified = second.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    let trail = text(&second.run(&["audit", "--event", "RegisterClient"]).stdout);
    assert_eq!(trail.lines().count(), 4 * EACH + 2);
}

#[test]
fn killed_in_the_midst_of_answers_it_forgets_none() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(create(&server.url("postgres"), "portal"));
    let database = format!("database = {:?}\n", server.url("portal"));
    let (site, beside) = (Site::with(&database), Site::with(&database));
    let facts = json!({ "start_url": site.start_url });
    let mut registrations = Vec::new();
    let mut answered_in_all = 0;
    // Another process shares the store all along, and is held up by none that dies.
    let mut another = None;
    for _ in 0..kills() {
        let running = site.serve();
        running.line();
        if another.is_none() {
            fs::create_dir(beside.path("data")).expect("made");
            let key = "data/master.key";
            fs::copy(site.path(key), beside.path(key)).expect("copied");
            let serving = beside.serve();
            serving.line();
            another = Some(serving);
        }
        knows_all(&facts, &registrations);
        registrations = killed_under_load(running, &facts);
        knows_all(&json!({ "start_url": beside.start_url }), &registrations);
        answered_in_all += registrations.len();
        trail_holds(["--config", &site.path("portal.toml")], answered_in_all);
    }
}
