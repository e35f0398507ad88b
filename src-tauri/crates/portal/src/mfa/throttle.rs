use std::net::IpAddr;

use sqlx::AnyConnection;
use time::{Duration, OffsetDateTime};

use crate::{Portal, client::host_of, clock, directory, random};

/// Failures are counted for this long after the first one.
const WINDOW: Duration = Duration::minutes(15);

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// Passwords for a user name, whether there is such a user or not.
    Password {
        /// As typed.
        user_name: &'a str,
        /// What a browser is known by that this user has signed in with. It has a count of its own
        /// and no other: a stranger's guesses lock no user out of their own browser, not even from
        /// behind the same address.
        own_browser: Option<&'a str>,
    },
    /// Second factors of a user, by id.
    Code(&'a str),
    /// Device codes in a portal session, by its id.
    DeviceCode(&'a str),
    /// Mails asked for, by the user's id, or by what was typed where that is nobody's.
    Mail(&'a str),
}

impl<'a> Subject<'a> {
    /// All that a try at this from `address` counts for; what is held up counts no further. Where
    /// anybody may try, the host is in front, and so locks nobody out elsewhere; where a password or
    /// a session was needed to get there it comes last, and nobody alone holds it up for others.
    fn counts(self, address: IpAddr) -> Vec<Count<'a>> {
        let host = Count::Host(self.name(), address);
        match self {
            Self::Password {
                user_name,
                own_browser: None,
            } => vec![
                host,
                Count::NameFromHost(user_name, address),
                Count::Name(user_name),
            ],
            Self::Password {
                user_name,
                own_browser: Some(browser),
            } => vec![Count::NameInBrowser(user_name, browser)],
            Self::Code(user_id) => vec![Count::Code(user_id), host],
            Self::DeviceCode(session_id) => vec![Count::DeviceCode(session_id), host],
            Self::Mail(user) => vec![host, Count::Mail(user)],
        }
    }
}

impl Subject<'_> {
    /// By which a host's failures are counted apart: guessed passwords keep nobody behind the same
    /// address from giving a code.
    fn name(self) -> &'static str {
        match self {
            Self::Password { .. } => "passwords",
            Self::Code(_) => "codes",
            Self::DeviceCode(_) => "device codes",
            Self::Mail(_) => "mails",
        }
    }
}

/// What failures are counted for.
#[derive(Debug, Clone, Copy)]
enum Count<'a> {
    NameFromHost(&'a str, IpAddr),
    NameInBrowser(&'a str, &'a str),
    Name(&'a str),
    Code(&'a str),
    DeviceCode(&'a str),
    Mail(&'a str),
    Host(&'static str, IpAddr),
}

impl Count<'_> {
    /// How many failures a window allows. A name has more of them than one host may make of it, or
    /// one host could lock out everybody; a whole office may be behind one address.
    fn allowance(self) -> i64 {
        match self {
            Self::NameFromHost(..) | Self::NameInBrowser(..) => 10,
            Self::Name(_) => 50,
            Self::Code(_) | Self::DeviceCode(_) | Self::Mail(_) => 5,
            Self::Host(..) => 100,
        }
    }

    /// Hashed: what is typed as a user name is now and then a password.
    fn key(self) -> String {
        let key = directory::key;
        random::hash(&match self {
            Self::NameFromHost(name, address) => {
                format!("name from host {} {}", host_of(address), key(name))
            }
            Self::NameInBrowser(name, browser) => {
                format!("name in browser {browser} {}", key(name))
            }
            Self::Name(name) => format!("name {}", key(name)),
            Self::Code(user_id) => format!("code {user_id}"),
            Self::DeviceCode(session_id) => format!("device code {session_id}"),
            Self::Mail(user) => format!("mail {}", key(user)),
            Self::Host(tried, address) => format!("{tried} from host {}", host_of(address)),
        })
    }
}

/// One try at a password or a code. It counts as a failure from its beginning, so that many tries
/// at once get no further than one after the other, until it is told to have [`succeeded`].
///
/// [`succeeded`]: Attempt::succeeded
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    counts: Vec<Count<'a>>,
    allowed: bool,
}

impl<'a> Attempt<'a> {
    /// Begins a try at `subject` from `address`.
    pub async fn begin(
        portal: &Portal,
        subject: Subject<'a>,
        address: IpAddr,
    ) -> Result<Self, sqlx::Error> {
        let counts = subject.counts(address);
        let now = portal.now();
        let mut db = portal.write().await?;
        let mut allowed = true;
        for counted in &counts {
            allowed = count(&mut db, now, *counted).await? <= counted.allowance();
            if !allowed {
                break;
            }
        }
        db.commit().await?;
        Ok(Self { counts, allowed })
    }

    /// Whether there were few enough failures before this try.
    pub fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// Takes the try back, and with it all failures counted for it alone; those of its name and of
    /// its address stay, or one working password would pay for guessing others.
    pub async fn succeeded(self, portal: &Portal) -> Result<(), sqlx::Error> {
        let mut db = portal.write().await?;
        for counted in self.counts {
            let statement = match counted {
                Count::Host(..) | Count::Name(_) => {
                    "UPDATE throttles SET failures = failures - 1 WHERE subject = $1"
                }
                _ => "DELETE FROM throttles WHERE subject = $1",
            };
            sqlx::query(statement)
                .bind(counted.key())
                .execute(&mut *db)
                .await?;
        }
        db.commit().await
    }
}

/// Counts one failure and returns how many there are in this window. A window that is over begins
/// anew, and so does one that has yet to begin: the clock was ahead when it was counted.
async fn count(
    db: &mut AnyConnection,
    now: OffsetDateTime,
    counted: Count<'_>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO throttles (subject, failures, first_failure_at) VALUES ($1, 1, $2) \
         ON CONFLICT (subject) DO UPDATE SET \
         failures = CASE WHEN throttles.first_failure_at > $3 \
           AND throttles.first_failure_at <= $2 THEN throttles.failures + 1 ELSE 1 END, \
         first_failure_at = CASE WHEN throttles.first_failure_at > $3 \
           AND throttles.first_failure_at <= $2 THEN throttles.first_failure_at ELSE $2 END \
         RETURNING failures",
    )
    .bind(counted.key())
    .bind(clock::millis(now))
    .bind(clock::millis(now - WINDOW))
    .fetch_one(db)
    .await
}
