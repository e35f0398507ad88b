//! What must change in one level of a drawn menu to make it the next.

use agent::menu::Entry;

/// The entries at either end that can stay, changed in place; those between are replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// How many at the top.
    pub(super) top: usize,
    /// How many at the bottom.
    pub(super) bottom: usize,
}

/// Compares a level as drawn with how it should be. Roles come and go in the middle of a menu
/// whose rest stays, so comparing from both ends finds what matters.
pub(super) fn kept<'a>(
    drawn: impl ExactSizeIterator<Item = &'a Entry> + DoubleEndedIterator + Clone,
    wanted: &[Entry],
) -> Kept {
    let alike = |(old, new): &(&Entry, &Entry)| can_become(old, new);
    let top = drawn.clone().zip(wanted).take_while(alike).count();
    let most = drawn.len().min(wanted.len()) - top;
    let from_below = drawn.rev().zip(wanted.iter().rev());
    let bottom = from_below.take(most).take_while(alike).count();
    Kept { top, bottom }
}

/// Whether the drawn entry can be changed in place: a click on it must mean the same as before,
/// for the menu may be open under the pointer.
fn can_become(drawn: &Entry, wanted: &Entry) -> bool {
    match (drawn, wanted) {
        (Entry::Separator, Entry::Separator) => true,
        (Entry::Submenu { title: old, .. }, Entry::Submenu { title: new, .. }) => old == new,
        (Entry::Item(old), Entry::Item(new)) => {
            old.action == new.action && old.checked.is_some() == new.checked.is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use agent::menu::{Action, Item, Window};

    use super::*;

    fn item(title: &str, action: Option<Action>, checked: Option<bool>) -> Entry {
        Entry::Item(Item {
            title: title.into(),
            action,
            checked,
        })
    }

    fn submenu(title: &str) -> Entry {
        Entry::Submenu {
            title: title.into(),
            entries: Vec::new(),
        }
    }

    #[test]
    fn a_new_header_text_keeps_every_entry() {
        let drawn = [item("Signing in…", None, None), Entry::Separator];
        let wanted = [item("Signed in", None, None), Entry::Separator];
        assert_eq!(kept(drawn.iter(), &wanted), Kept { top: 2, bottom: 0 });
    }

    #[test]
    fn an_account_in_the_middle_leaves_both_ends() {
        let quit = || item("Quit", Some(Action::Quit), None);
        let drawn = [submenu("audit"), submenu("web"), quit()];
        let wanted = [submenu("audit"), submenu("data"), submenu("web"), quit()];
        assert_eq!(kept(drawn.iter(), &wanted), Kept { top: 1, bottom: 2 });
        assert_eq!(kept(wanted.iter(), &drawn), Kept { top: 1, bottom: 2 });
    }

    #[test]
    fn equal_neighbours_are_never_counted_twice() {
        let drawn = [Entry::Separator];
        let wanted = [Entry::Separator, Entry::Separator];
        assert_eq!(kept(drawn.iter(), &wanted), Kept { top: 1, bottom: 0 });
        assert_eq!(kept(wanted.iter(), &drawn), Kept { top: 1, bottom: 0 });
    }

    #[test]
    fn another_meaning_needs_another_entry() {
        let search = item("Open", Some(Action::Show(Window::Search)), None);
        let settings = item("Open", Some(Action::Show(Window::Settings)), None);
        let replaced = Kept { top: 0, bottom: 0 };
        assert_eq!(kept([search].iter(), &[settings]), replaced);
        let plain = item("Admin", Some(Action::Quit), None);
        let check = item("Admin", Some(Action::Quit), Some(false));
        assert_eq!(kept([plain].iter(), &[check]), replaced);
    }
}
