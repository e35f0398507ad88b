//! The table in `tests/README.md` and the tests say the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

#[test]
fn every_fault_is_in_the_table() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(folder.join("README.md"))?;
    let mut tests = BTreeSet::new();
    let sources = ["faults", "soak"].map(|name| fs::read_dir(folder.join("tests").join(name)));
    for entry in sources.into_iter().flatten().flatten() {
        let path = entry?.path();
        let module = path.file_stem().context("a name")?.to_string_lossy();
        let source = fs::read_to_string(&path)?;
        let functions = source.split("#[test]\n").skip(1);
        tests.extend(functions.filter_map(|function| {
            let (name, _) = function.strip_prefix("fn ")?.split_once('(')?;
            Some(format!("{module}::{name}"))
        }));
    }
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let named: BTreeSet<String> = rows
        .filter_map(|row| row.rsplit('`').nth(1))
        .filter(|name| name.contains("::"))
        .map(str::to_owned)
        .collect();
    tests.remove("table::every_fault_is_in_the_table");
    let missing: Vec<_> = tests.difference(&named).collect();
    ensure!(missing.is_empty(), "not in the table: {missing:?}");
    let gone: Vec<_> = named.difference(&tests).collect();
    ensure!(gone.is_empty(), "no such tests: {gone:?}");
    Ok(())
}
