//! One JSON object a line.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Longest line a client may send, in bytes. Requests are small.
pub(crate) const MAX_REQUEST: u64 = 64 * 1024;

/// Longest line an agent sends, in bytes. A catalog of 50,000 roles fits.
pub(crate) const MAX_RESPONSE: u64 = 16 * 1024 * 1024;

/// The message as a line with its end; wiped when dropped, since it may hold credentials.
pub(crate) fn encode(message: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    // Large enough for credentials, so that no copy is left behind by growing.
    let mut line = Zeroizing::new(Vec::with_capacity(8 * 1024));
    serde_json::to_writer(&mut *line, message)?;
    line.push(b'\n');
    Ok(line)
}

/// A message from its line.
pub(crate) fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(line)
}

/// Whether the line came whole: a line cut off by the limit or by a dying peer has no end.
pub(crate) fn is_whole(line: &[u8]) -> bool {
    line.ends_with(b"\n")
}
