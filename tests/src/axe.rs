//! axe-core, which finds what keeps people from a page who do not see it or use no pointer.

use std::path::PathBuf;

/// Its script, among the packages of the windows' own tests.
pub fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js")
}
