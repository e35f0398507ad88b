//! What a password may be: long enough, not one that many people have, and not the user's name.

use std::{collections::HashSet, sync::LazyLock};

use super::{PasswordError, User};

/// The fewest characters a password has.
pub const MINIMUM_LENGTH: usize = 8;
/// The most: hashing more is work for nothing.
pub(super) const MAXIMUM_LENGTH: usize = 256;
/// A name this short stands in many a good password by chance.
const SHORTEST_NAME: usize = 4;

/// The words that stand first in every guesser's list, without what is put around them.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .split_whitespace()
        .collect()
});

/// Whether `user` may have this password.
pub(super) fn check(user: &User, password: &str) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if !(MINIMUM_LENGTH..=MAXIMUM_LENGTH).contains(&length) {
        return Err(PasswordError::Length);
    }
    if is_common(password) {
        return Err(PasswordError::Common);
    }
    if holds_name_of(user, password) {
        return Err(PasswordError::Name);
    }
    Ok(())
}

/// Whether it is a common word, however it is dressed up (`P@ssw0rd123!`), one character over and
/// over, or a walk along the alphabet, the digits or the keyboard.
fn is_common(password: &str) -> bool {
    let is_decoration = |c: char| !c.is_alphabetic();
    let lower = password.to_lowercase();
    let undressed = undress(lower.trim_end_matches(is_decoration));
    [
        lower.as_str(),
        lower.trim_matches(is_decoration),
        undressed.as_str(),
        undressed.trim_matches(is_decoration),
    ]
    .iter()
    .any(|form| COMMON.contains(form) || is_repetition_of_common(form))
        || is_walk(&lower)
}

/// `passwordpassword` is no better than `password`.
fn is_repetition_of_common(form: &str) -> bool {
    let half = form.len() / 2;
    form.is_char_boundary(half) && {
        let (first, second) = form.split_at(half);
        first == second && COMMON.contains(first)
    }
}

/// Digits and signs that stand for letters, read as those.
fn undress(password: &str) -> String {
    password
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            other => other,
        })
        .collect()
}

/// Whether few of its steps are not to the same or the next character on a keyboard's row.
fn is_walk(password: &str) -> bool {
    const ROWS: [&str; 6] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop",
        "qwertzuiop",
        "asdfghjkl",
        "zxcvbnm",
    ];
    let characters: Vec<char> = password.chars().collect();
    let is_step = |pair: &&[char]| {
        let (forth, back) = (
            String::from_iter(pair.iter()),
            String::from_iter(pair.iter().rev()),
        );
        pair[0] == pair[1]
            || ROWS
                .iter()
                .any(|row| row.contains(&forth) || row.contains(&back))
    };
    let steps = characters.windows(2).filter(is_step).count();
    // At least three quarters of them.
    steps * 4 >= (characters.len() - 1) * 3
}

fn holds_name_of(user: &User, password: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let password = plain(password);
    let address = user.email.as_deref().unwrap_or_default();
    let mailbox = address.split('@').next().unwrap_or_default();
    [user.user_name.as_str(), user.display_name.as_str(), mailbox]
        .map(plain)
        .iter()
        .any(|name| name.chars().count() >= SHORTEST_NAME && password.contains(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Result<(), PasswordError> {
        let user = User {
            id: String::new(),
            user_name: "jdoe".to_owned(),
            display_name: "Jane Doe".to_owned(),
            email: Some("jane.doe@example.com".to_owned()),
            enabled: true,
            password_change_required: false,
            password_changed_at: None,
        };
        check(&user, password)
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for password in [
            "password",
            "Password1",
            "P@ssw0rd123!",
            "iloveyou",
            "Summer2026!",
            "12345678",
            "87654321",
            "aaaaaaaa",
            "abcdefgh",
            "qwertyuiop",
            "qwerty123456",
            "passwordpassword",
            "letmein!!!",
            "Welcome2026",
        ] {
            assert!(
                matches!(checked(password), Err(PasswordError::Common)),
                "{password}"
            );
        }
    }

    #[test]
    fn what_holds_the_users_name_is_refused() {
        for password in [
            "jdoe-and-more",
            "my Jane Doe 77",
            "JANE.DOE+long",
            "xjdoex99",
        ] {
            assert!(
                matches!(checked(password), Err(PasswordError::Name)),
                "{password}"
            );
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(matches!(checked("sieb3n!"), Err(PasswordError::Length)));
        assert!(matches!(checked("éééé"), Err(PasswordError::Length)));
        assert!(matches!(
            checked(&"ab3 ".repeat(65)),
            Err(PasswordError::Length)
        ));
    }

    #[test]
    fn a_few_unrelated_words_are_fine() {
        for password in [
            "correct horse battery staple",
            "a much better one",
            "mine from now on",
            "k7wv-x2pm-9drt",
            "Übergrößenträger",
            "tr0mbone&ladder",
        ] {
            assert!(checked(password).is_ok(), "{password}");
        }
    }
}
