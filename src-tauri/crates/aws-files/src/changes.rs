//! What a change does to Vestibule's own blocks, for who may see nothing else of a file.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use crate::document::{Block, Document};
use crate::lines::Kind;

/// A unified diff without context, in which `name` stands for both files; empty where no block of
/// Vestibule's differs. It shows lines of those blocks alone, for the user's own may be keys, and
/// keys that were added to a block without their values.
#[must_use]
pub fn unified(name: &str, before: &Document, after: &Document) -> String {
    let mut diff = Diff {
        before,
        after,
        text: String::new(),
        ahead: 0,
    };
    diff.all();
    match diff.text.as_str() {
        "" => String::new(),
        hunks => format!("--- {name}\n+++ {name}\n{hunks}"),
    }
}

struct Diff<'a> {
    before: &'a Document,
    after: &'a Document,
    text: String,
    /// By how many lines the second document is longer so far.
    ahead: isize,
}

impl Diff<'_> {
    /// Blocks keep their order, and no two have one name.
    fn all(&mut self) {
        let (old, new) = (self.before.blocks(), self.after.blocks());
        let names = |blocks: &[Block]| -> HashSet<String> {
            blocks.iter().map(|block| block.name.clone()).collect()
        };
        let (stood, stays) = (names(&old), names(&new));
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        loop {
            if let Some(gone) = old.next_if(|block| !stays.contains(&block.name)) {
                let at = gone.lines.start.saturating_add_signed(self.ahead);
                self.hunk(&gone.name, gone.lines.clone(), at..at);
            } else if let Some(added) = new.next_if(|block| !stood.contains(&block.name)) {
                let at = added.lines.start.saturating_add_signed(-self.ahead);
                self.hunk(&added.name, at..at, added.lines.clone());
            } else if let (Some(one), Some(other)) = (old.next(), new.next()) {
                self.hunk(&one.name, one.lines.clone(), other.lines.clone());
            } else {
                break;
            }
        }
    }

    /// The lines between the first and the last that differ.
    fn hunk(&mut self, block: &str, mut old: Range<usize>, mut new: Range<usize>) {
        self.ahead += new.len().cast_signed() - old.len().cast_signed();
        let same = |old: usize, new: usize| self.before.line(old) == self.after.line(new);
        while !old.is_empty() && !new.is_empty() && same(old.start, new.start) {
            (old.start, new.start) = (old.start + 1, new.start + 1);
        }
        while !old.is_empty() && !new.is_empty() && same(old.end - 1, new.end - 1) {
            (old.end, new.end) = (old.end - 1, new.end - 1);
        }
        if old.is_empty() && new.is_empty() {
            return;
        }
        let (from, to) = (place(&old), place(&new));
        // A string takes everything.
        let _ = writeln!(self.text, "@@ -{from} +{to} @@ {block}");
        for index in old {
            let _ = writeln!(self.text, "-{}", shown(self.before, index));
        }
        for index in new {
            let _ = writeln!(self.text, "+{}", shown(self.after, index));
        }
    }
}

/// Lines as a unified diff counts them: from 1, and none by the line that they would follow.
fn place(lines: &Range<usize>) -> String {
    let first = lines.start + usize::from(!lines.is_empty());
    format!("{first},{}", lines.len())
}

fn shown(document: &Document, index: usize) -> String {
    let lines = document.lines()[..=index].iter().rev();
    let mut above = lines.skip_while(|line| line.kind == Kind::Continuation);
    match above.next().map(|line| &line.kind) {
        Some(Kind::Setting { key }) if key.starts_with("aws_") => format!("{key} = …"),
        _ => document.text(index).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::profiles::{self, Wanted};

    /// A document of the user's with profiles of these names, all with this region.
    fn written(mine: &Document, names: &[&str], region: &str) -> Document {
        let wanted: Vec<_> = names
            .iter()
            .map(|name| {
                Wanted::Process(Profile {
                    name: (*name).to_owned(),
                    account_id: "111122223333".to_owned(),
                    role_name: "Admin".to_owned(),
                    session: "acme".to_owned(),
                    program: "/usr/bin/vestibule".into(),
                    region: Some(region.to_owned()),
                    sts_endpoint: None,
                })
            })
            .collect();
        profiles::insert(mine, &wanted).0
    }

    fn mine() -> Document {
        Document::parse("[default]\naws_secret_access_key = mine")
    }

    #[test]
    fn new_blocks_are_shown_with_their_places_and_nothing_of_the_users() {
        let before = written(&mine(), &["a"], "eu-west-1");
        let after = written(&before, &["a", "b"], "eu-west-1");
        let text = std::str::from_utf8(after.as_bytes()).unwrap();
        let (_, block) = text.split_once("# <<< vestibule\n").unwrap();
        let (last, count) = (before.lines().len(), block.lines().count());
        let place = format!("@@ -{last},0 +{},{count} @@ b", last + 1);
        let added: String = block.lines().map(|line| format!("+{line}\n")).collect();
        let expected = format!("--- f\n+++ f\n{place}\n{added}");
        assert_eq!(unified("f", &before, &after), expected);
        assert_eq!(unified("f", &after, &after), "");
        assert!(!unified("f", &mine(), &after).contains("mine"));
    }

    #[test]
    fn a_patch_of_changed_and_removed_blocks_counts_lines_as_they_are() {
        let before = written(&mine(), &["a", "b", "c"], "eu-west-1");
        let (without, _) = profiles::remove(&before, &["a".to_owned()]);
        let moved = String::from_utf8_lossy(without.as_bytes())
            .replacen("/usr/bin", "/opt", 2)
            .replacen("/opt", "/usr/bin", 1);
        let after = Document::parse(moved);
        let diff = unified("f", &before, &after);
        let hunks: Vec<_> = diff.lines().filter(|line| line.starts_with("@@")).collect();
        let own = before.blocks();
        let length = own[0].lines.len();
        let changed = own[2].lines.start + 3;
        assert_eq!(own[0].lines.start, 2);
        assert_eq!(
            hunks,
            [
                format!("@@ -3,{length} +2,0 @@ a"),
                format!("@@ -{},1 +3,1 @@ b", own[1].lines.start + 1),
                format!("@@ -{changed},1 +{},1 @@ c", changed - length),
            ]
        );
        assert!(
            diff.contains("\n-credential_process = \"/usr/bin/"),
            "{diff}"
        );
        assert!(diff.contains("\n+credential_process = \"/opt/"), "{diff}");
    }

    #[test]
    fn keys_that_were_added_to_a_block_are_not_shown() {
        let before = written(&mine(), &["a"], "eu-west-1");
        let text = String::from_utf8_lossy(before.as_bytes()).replace(
            "region = eu",
            "aws_secret_access_key = SECRET\n  SECRET\nregion = eu",
        );
        let with_key = Document::parse(text);
        let (without, _) = profiles::remove(&with_key, &["a".to_owned()]);
        let diff = unified("f", &with_key, &without);
        assert!(diff.contains("-aws_secret_access_key = …\n"), "{diff}");
        assert!(!diff.contains("SECRET"), "{diff}");
    }
}
