//! `cargo xtask bench portal`: what a portal of a large company does a second, on this machine.
//!
//! The load generator runs on the same machine; its share of the processor stands beside each row.
#![expect(clippy::print_stdout, reason = "its answer")]

mod clients;
mod load;
mod organization;
mod people;
mod process;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use argon2::{Argon2, password_hash::PasswordHasher};
use portal::{Config, clock::SystemClock};

use clients::{Asking, Paging, Refreshing, SigningIn};
use load::{Client, Connection};
use organization::Size;
use people::{Person, Registration};
use process::{Portal, Site};

/// Clients that ask at the same time.
const CLIENTS: usize = 32;
/// Clients that page through the 2,000 accounts of one user, each at many times the pace that the
/// rate limit allows a session.
const LISTING: usize = 8;
/// Administrators who look at pages at the same time.
const ADMINISTRATORS: usize = 8;
/// People who sign in at the same time.
const SIGNING_IN: usize = 8;
/// Wrong passwords of each kind: few enough that none is refused for being one too many.
const REFUSALS: usize = 9;
/// A small company, and the one of the system's description.
const SIZES: [Size; 2] = [
    Size {
        users: 500,
        groups: 100,
    },
    Size {
        users: 50_000,
        groups: 10_000,
    },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let program = std::env::var_os("VESTIBULE_PORTAL")
        .context("run `cargo xtask bench portal`; it builds the program this measures")?;
    for size in SIZES {
        println!(
            "== {} users, {} groups, {} accounts, {} applications",
            size.users,
            size.groups,
            organization::ACCOUNTS,
            organization::APPLICATIONS
        );
        measure(PathBuf::from(&program), size).await?;
        println!();
    }
    Ok(())
}

async fn measure(program: PathBuf, size: Size) -> Result<()> {
    let site = Site::new(program)?;
    let (took, memory) = site.apply(&organization::declaration(size))?;
    println!("apply: {:.1} s, {memory} MiB at most", took.as_secs_f64());
    let portal = site.serve()?;
    let rows = Rows::prepare(&site, portal, size).await?;
    rows.measure().await?;
    let (now, most) = rows.portal.memory()?;
    println!("memory: {now} MiB, {most} MiB at most");
    drop(rows);
    println!("audit: {}", site.verify()?);
    Ok(())
}

/// What the rows are measured with.
struct Rows {
    address: std::net::SocketAddr,
    portal: Portal,
    client: Arc<Registration>,
    everywhere: Person,
    people: Vec<Person>,
}

impl Rows {
    async fn prepare(site: &Site, portal: Portal, size: Size) -> Result<Self> {
        let address = site.address;
        let config = Config::new(format!("http://{address}").parse()?);
        // Beside the one that serves: what users would do in their browsers.
        let beside = portal::Portal::open(&site.data(), config, Arc::new(SystemClock)).await?;
        let client = Registration::make(address).await?;
        let (everywhere, people) =
            people::sign_in(&beside, address, &client, size.users, CLIENTS).await?;
        beside.store().close().await;
        Ok(Self {
            address,
            portal,
            client: Arc::new(client),
            everywhere,
            people,
        })
    }

    async fn measure(&self) -> Result<()> {
        let address = self.address;
        println!(
            "{:<21} {:>7} {:>9} {:>11} {:>11} {:>12} {:>12}",
            "", "clients", "a second", "median", "p99", "portal CPU", "load CPU"
        );
        let each = |client: &dyn Fn(&Person) -> Asking| self.people.iter().map(client).collect();
        let credentials: Vec<_> = each(&|person| Asking::credentials(address, person));
        self.row("GetRoleCredentials", credentials).await?;
        self.row("ListAccounts", self.paging()).await?;
        let roles: Vec<_> = each(&|person| {
            let path = format!("/assignment/roles?account_id={}", person.role.0);
            Asking::api(address, person, &path, "\"roleName\"")
        });
        self.row("ListAccountRoles", roles).await?;
        self.row("refresh", self.refreshing()).await?;
        let pages: Vec<_> = each(&|person| Asking::page(address, person, "/start", "Team "));
        self.row("portal page", pages).await?;
        self.administering().await?;
        self.signing_in().await?;
        self.refusals().await
    }

    /// The administration pages with the longest lists behind them, each asked for by a few
    /// administrators at a time.
    async fn administering(&self) -> Result<()> {
        let pages = [
            ("users page", "/admin/users", "user00"),
            ("users, searched", "/admin/users?search=user004", "user004"),
            ("groups page", "/admin/groups", "Group 0"),
            ("accounts page", "/admin/accounts", "Team "),
            ("accounts, as a tree", "/admin/accounts/tree", "Workloads"),
            ("permission sets page", "/admin/permission-sets", "Role0"),
            ("audit page", "/admin/audit", "CreateToken"),
            ("dashboard", "/admin", "Users"),
        ];
        for (name, path, expected) in pages {
            let page = |_| Asking::page(self.address, &self.everywhere, path, expected);
            self.row(name, (0..ADMINISTRATORS).map(page).collect())
                .await?;
        }
        Ok(())
    }

    fn paging(&self) -> Vec<Paging> {
        let paging = |_| Paging {
            address: self.address,
            person: self.everywhere.clone(),
            next: None,
        };
        (0..LISTING).map(paging).collect()
    }

    fn refreshing(&self) -> Vec<Refreshing> {
        let refreshing = |person: &Person| Refreshing {
            address: self.address,
            client: self.client.clone(),
            token: person.refresh_token.clone(),
        };
        self.people.iter().map(refreshing).collect()
    }

    async fn signing_in(&self) -> Result<()> {
        let clients = self.people.iter().take(SIGNING_IN);
        let clients = clients.map(|person| SigningIn {
            address: self.address,
            user_name: person.name.clone(),
        });
        let (a_second, cpu) = self.row("sign-in", clients.collect()).await?;
        let hash = one_hash()?;
        println!(
            "of a sign-in's processor time, argon2 takes {:.0} % ({:.1} of {:.1} ms)",
            100.0 * hash.as_secs_f64() * a_second / cpu,
            hash.as_secs_f64() * 1000.0,
            cpu / a_second * 1000.0,
        );
        Ok(())
    }

    /// A wrong password of someone known takes as long as one of nobody.
    async fn refusals(&self) -> Result<()> {
        let known = self.people.iter().map(|person| person.name.clone());
        let unknown = (0..REFUSALS).map(|index| format!("nobody{index}"));
        let known = self.refused(known.take(REFUSALS).collect()).await?;
        let unknown = self.refused(unknown.collect()).await?;
        println!(
            "a wrong password: {:.1} ms for a known user, {:.1} ms for an unknown one, ratio {:.2}",
            known.as_secs_f64() * 1000.0,
            unknown.as_secs_f64() * 1000.0,
            unknown.as_secs_f64() / known.as_secs_f64()
        );
        Ok(())
    }

    /// The median time that refusing these users took.
    async fn refused(&self, user_names: Vec<String>) -> Result<Duration> {
        let mut connection = Connection::open(self.address).await?;
        let mut all = Vec::new();
        for user_name in user_names {
            let signing_in = SigningIn {
                address: self.address,
                user_name,
            };
            let (let_in, took) = signing_in.with(&mut connection, "wrong password").await?;
            ensure!(!let_in, "{} was let in", signing_in.user_name);
            all.push(took);
        }
        all.sort_unstable();
        Ok(all[all.len() / 2])
    }

    /// Measures and prints one row; how many a second, and the portal's processors.
    async fn row<C: Client>(&self, name: &str, clients: Vec<C>) -> Result<(f64, f64)> {
        let at_a_time = clients.len();
        let started = Instant::now();
        let before = (self.portal.cpu()?, process::own_cpu()?);
        let measured = load::measure(self.address, clients)
            .await
            .with_context(|| name.to_owned())?;
        let length = started.elapsed().as_secs_f64();
        let portal = (self.portal.cpu()? - before.0) / length;
        let load = (process::own_cpu()? - before.1) / length;
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        println!(
            "{name:<21} {at_a_time:>7} {:>9.0} {:>8.2} ms {:>8.2} ms {:>10.0} % {:>10.0} %",
            measured.a_second,
            milliseconds(measured.median),
            milliseconds(measured.p99),
            portal * 100.0,
            load * 100.0
        );
        Ok((measured.a_second, portal))
    }
}

/// How long one password takes with the portal's own settings.
fn one_hash() -> Result<Duration> {
    const TIMES: u32 = 10;
    let started = Instant::now();
    for _ in 0..TIMES {
        let hashed = Argon2::default().hash_password(people::PASSWORD.as_bytes());
        hashed.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    Ok(started.elapsed() / TIMES)
}
