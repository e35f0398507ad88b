//! What can be typed behind `vestibule profiles`.

use aws_files::Delivery;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::OneSession;
use crate::template::Template;

#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    /// Show what `write` would change
    Preview(All),
    /// Write a profile for every role assigned to you; a role that has one keeps its name
    Write(All),
    /// Remove what `write` wrote; profiles kept refreshed stay
    Remove {
        #[command(flatten)]
        only: Only,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct All {
    #[command(flatten)]
    pub(crate) only: Only,
    /// How new profiles are named, from {account}, {account_id}, {role} and {session}
    #[arg(long, value_name = "TEMPLATE", default_value = "{account}-{role}")]
    pub(crate) name_template: Template,
    /// Region of new profiles [default: the portal's]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// How the profiles get their credentials
    #[arg(long = "as", value_name = "WAY", value_enum, default_value_t = Way::Process)]
    pub(crate) way: Way,
    #[command(flatten)]
    pub(crate) session: OneSession,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Only {
    /// Only profiles named like this, with * and ?
    #[arg(long = "match", value_name = "GLOB")]
    pub(crate) glob: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// They ask Vestibule
    Process,
    /// AWS's tools sign in themselves, as after `aws configure sso`
    SsoSession,
}

impl Only {
    /// Whether a profile of that name is meant.
    pub(crate) fn includes(&self, name: &str) -> bool {
        let glob = self.glob.as_deref();
        glob.is_none_or(|glob| matches(glob.as_bytes(), name.as_bytes()))
    }
}

impl From<Way> for Delivery {
    fn from(way: Way) -> Self {
        match way {
            Way::Process => Self::Process,
            Way::SsoSession => Self::SsoSession,
        }
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
        let includes = |glob: &str, name: &str| {
            let glob = Some(glob.to_owned());
            Only { glob }.includes(name)
        };
        assert!(includes("*-admin", "prod-admin") && !includes("*-admin", "prod-admins"));
        assert!(includes("a*b*c", "a-b-b-c") && !includes("a*b*c", "a-c-b"));
        assert!(includes("prod-?", "prod-a") && !includes("prod-?", "prod-"));
        assert!(includes("*", "") && includes("", "") && !includes("", "a"));
        assert!(includes("Prod*", "prod-admin"));
        assert!(Only { glob: None }.includes("anything"));
    }
}
