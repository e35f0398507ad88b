//! Whatever line comes, either it is no message, or what it says is written and read the same.
#![no_main]

use ipc::message::{Hello, Request, Response};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|line: &[u8]| {
    stays_the_same::<Hello>(line);
    stays_the_same::<Request>(line);
    stays_the_same::<Response>(line);
});

fn stays_the_same<T: Serialize + DeserializeOwned>(line: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(line) else {
        return;
    };
    let written = serde_json::to_string(&message).expect("what was read can be written");
    assert!(!written.contains('\n'), "a message is one line");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    let twice = serde_json::to_string(&again).expect("what was read can be written");
    assert_eq!(written, twice);
}
