//! Checking the chain.

use std::fmt;

use serde_json::Value;

use super::{Filter, Record, chain};
use crate::Portal;

/// Records read at once.
const PAGE: u32 = 1000;
/// So many flaws are told.
const TOLD: usize = 100;

/// What a check of the whole trail has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many records there are.
    pub records: i64,
    /// The hash of the last; empty if there is none.
    pub hash: String,
    /// What is wrong, the first hundred; nothing is as it should be.
    pub flaws: Vec<Flaw>,
}

/// What is wrong with the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Records from the first to the last of these places are gone.
    Missing(i64, i64),
    /// The record at this place is not what was written there, after the record before it.
    Changed {
        /// Its place.
        sequence: i64,
        /// What it says of itself now.
        described: String,
    },
    /// The record at this place is as it was written, but is listed under another time, event, user,
    /// account or error.
    Misfiled(i64),
    /// The end of the chain was not written by a portal with this master key.
    Head,
    /// The chain does not end with the hash that its signed end says.
    End,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(first, last) if first == last => write!(f, "Record {first} is missing."),
            Self::Missing(first, last) => write!(f, "Records {first} to {last} are missing."),
            Self::Changed {
                sequence,
                described,
            } => write!(
                f,
                "Record {sequence} was changed or moved: it does not follow from the one before \
                 it. It now says {described}."
            ),
            Self::Misfiled(sequence) => write!(
                f,
                "Record {sequence} is listed under something else than it says."
            ),
            Self::Head => f.write_str("The end of the trail is not signed with this master key."),
            Self::End => f.write_str("The last record is not the one the signed end names."),
        }
    }
}

/// Reads the whole trail and checks that nothing in it was changed, moved or taken away.
pub async fn verify(portal: &Portal) -> Result<Verified, sqlx::Error> {
    let head = chain::Head::read(portal.pool()).await?;
    let mut check = Check::default();
    if !head.is_signed(portal.seal()) {
        check.flaws.push(Flaw::Head);
    }
    let everything = Filter::default();
    loop {
        let page = everything.after(portal.pool(), check.last, PAGE).await?;
        // What was added since the head was read is checked next time.
        for record in page
            .iter()
            .filter(|record| record.sequence <= head.sequence)
        {
            check.follow(record);
        }
        if page.is_empty() || check.last >= head.sequence || check.flaws.len() > TOLD {
            break;
        }
    }
    let whole = check.flaws.len() <= TOLD;
    if whole && check.last < head.sequence {
        check
            .flaws
            .push(Flaw::Missing(check.last + 1, head.sequence));
    } else if whole && check.hash != head.hash {
        check.flaws.push(Flaw::End);
    }
    check.flaws.truncate(TOLD);
    Ok(Verified {
        records: head.sequence,
        hash: head.hash,
        flaws: check.flaws,
    })
}

#[derive(Default)]
struct Check {
    last: i64,
    hash: String,
    flaws: Vec<Flaw>,
}

impl Check {
    fn follow(&mut self, record: &Record) {
        let next = self.last + 1;
        if record.sequence > next {
            self.flaws.push(Flaw::Missing(next, record.sequence - 1));
        } else if chain::hash(&self.hash, &record.text) != record.hash {
            // After a gap there is nothing to hold it against.
            self.flaws.push(Flaw::Changed {
                sequence: record.sequence,
                described: describe(&record.value()),
            });
        } else if !is_filed_well(record) {
            self.flaws.push(Flaw::Misfiled(record.sequence));
        }
        self.last = record.sequence;
        self.hash.clone_from(&record.hash);
    }
}

fn describe(value: &Value) -> String {
    let text = |name: &str| value[name].as_str().unwrap_or("nothing").to_owned();
    format!(
        "{} at {} (event {})",
        text("eventName"),
        text("eventTime"),
        text("eventID")
    )
}

/// Whether the columns by which it is found say what the record says.
fn is_filed_well(record: &Record) -> bool {
    let value = record.value();
    let time = record.time.unix_timestamp();
    let said = value["eventTime"].as_str().and_then(|text| {
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()
    });
    let identity = &value["userIdentity"];
    let user = identity["userName"]
        .as_str()
        .or_else(|| identity["accessKeyId"].as_str());
    value["eventName"] == *record.event_name
        && said.is_some_and(|said| said.unix_timestamp() == time)
        && user == record.user_name.as_deref()
        && value["serviceEventDetails"]["account_id"].as_str() == record.account_id.as_deref()
        && value["errorCode"].as_str() == record.error_code.as_deref()
}
