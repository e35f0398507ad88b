//! What can go wrong, each made to happen: nothing lapses that need not, nothing is lost, and what
//! cannot be done is told with a next step. `tests/README.md` lists every fault with its test.

mod answers;
mod files;
mod house;
mod keyring;
mod network;
mod outages;
mod sessions;
mod table;
mod time;
mod way;
