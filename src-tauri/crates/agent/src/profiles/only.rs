//! Which profiles are meant, by their names.

/// Profiles whose names fit a pattern in which `*` stands for any characters and `?` for one, in
/// any case; without one, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only(pub Option<String>);

impl Only {
    /// Whether a profile of that name is meant.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        let glob = self.0.as_deref();
        glob.is_none_or(|glob| matches(glob.as_bytes(), name.as_bytes()))
    }
}

/// `*` stands for any characters, `?` for one. Names of profiles are ASCII.
fn matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut glob_at, mut name_at) = (0, 0);
    // Behind the last star, and where it has got to.
    let mut star = None;
    while name_at < name.len() {
        match glob.get(glob_at) {
            Some(b'*') => {
                glob_at += 1;
                star = Some((glob_at, name_at));
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(&name[name_at]) => {
                glob_at += 1;
                name_at += 1;
            }
            _ => match star {
                Some((behind, reached)) => {
                    glob_at = behind;
                    name_at = reached + 1;
                    star = Some((behind, name_at));
                }
                None => return false,
            },
        }
    }
    glob[glob_at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_means_what_a_shell_means() {
        let includes = |glob: &str, name: &str| Only(Some(glob.to_owned())).includes(name);
        assert!(includes("*-admin", "prod-admin") && !includes("*-admin", "prod-admins"));
        assert!(includes("a*b*c", "a-b-b-c") && !includes("a*b*c", "a-c-b"));
        assert!(includes("prod-?", "prod-a") && !includes("prod-?", "prod-"));
        assert!(includes("*", "") && includes("", "") && !includes("", "a"));
        assert!(includes("Prod*", "prod-admin"));
        assert!(Only::default().includes("anything"));
    }
}
