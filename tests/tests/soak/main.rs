//! A client that asks again and again, for days that pass in seconds and for minutes that take
//! as long as they take: it always gets what is good, and nothing grows.

mod growth;
mod real;
mod simulated;

use tokio::sync::Mutex;

/// Each measures what is open and how large it is, one of them in this very process.
static ALONE: Mutex<()> = Mutex::const_new(());
