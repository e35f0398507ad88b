//! The tables of `SECURITY.md` and the tests say the same.

use std::{collections::BTreeSet, fs, path::Path};

/// Every test of the crate, as `module::function`, with the modules that lead to it.
fn tests(folder: &Path, modules: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let inner = match &*name {
            "mod" | "main" | "lib" => modules.to_owned(),
            name => format!("{modules}{name}::"),
        };
        if path.is_dir() {
            tests(&path, &inner, found);
            continue;
        }
        let Ok(source) = fs::read_to_string(&path) else {
            continue;
        };
        let functions = source.split("test]\n").skip(1).filter_map(|function| {
            let (head, _) = function.trim_start().split_once('(')?;
            head.rsplit(' ').next()
        });
        found.extend(functions.map(|function| format!("{inner}{function}")));
    }
}

#[test]
fn every_threat_is_met_where_the_page_says() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.join("../../..");
    let mut known = BTreeSet::new();
    tests(&package.join("tests/protocols"), "", &mut known);
    tests(&package.join("src"), "", &mut known);
    tests(&root.join("tests/tests"), "", &mut known);
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("the page");
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let named: Vec<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|name| name.contains("::"))
        .collect();
    assert!(named.len() >= 40, "{named:?}");
    for name in named {
        assert!(known.contains(name), "there is no test {name}");
    }
}
