//! What can be typed behind `vestibule profiles`.

use agent::profiles::{self, Template};
use aws_files::Delivery;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::OneSession;

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

impl From<All> for profiles::All {
    fn from(all: All) -> Self {
        Self {
            only: all.only.into(),
            name_template: all.name_template,
            region: all.region,
            delivery: all.way.into(),
        }
    }
}

impl From<Only> for profiles::Only {
    fn from(only: Only) -> Self {
        Self(only.glob)
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
