//! What can be typed.

pub(crate) mod portal;
pub(crate) mod profiles;

use std::ffi::OsString;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::portal::Portal;
use self::profiles::Profiles;

/// Sign in once; every AWS account is one command away.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  anything not listed here
  2  wrong usage
  3  sign-in or MFA code needed
  4  no such session, account or role
  5  portal unreachable";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in at a portal
    Login(Login),
    /// Sign out of every session, or of one, and forget the tokens
    Logout(SomeSession),
    /// Show every session: where, who, until when
    Status(Json),
    /// Check every part, and say what is wrong and what to do
    Doctor(Json),
    /// Show who asked for which role, when and how
    Log(Log),
    /// List the accounts and roles assigned to you
    Accounts(Accounts),
    /// Open the AWS console of a role in the browser
    Console(Console),
    /// Print temporary credentials of a role
    Credentials(Credentials),
    /// Run a command with the credentials of a role
    Exec(Exec),
    /// Start your shell with the credentials of a role, which never expire in it
    Shell(RoleShell),
    /// Print what sets the credentials of a role in your shell, for eval
    Env(ShellEnv),
    /// Serve credentials that never expire on 127.0.0.1, for containers and other machines
    Serve(Serve),
    /// Keep a role refreshed under a profile of the AWS config file
    Keep(Keep),
    /// Write profiles for all your roles at once
    #[command(subcommand)]
    Profiles(Profiles),
    /// Take roles from other roles: add, list and remove them
    #[command(subcommand)]
    Chain(ChainCommand),
    /// Add, list, change and remove portals
    #[command(subcommand)]
    Portal(Portal),
    /// Add the portals that your AWS config file names
    Import,
    /// Run the agent without a tray; other commands start it when needed
    Agent(Agent),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OneSession {
    /// Name of one session, where there are several
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
}

/// A session where it is all there is to name: `login acme`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SomeSession {
    /// Name of one session, where there are several
    #[arg(value_name = "SESSION")]
    named: Option<String>,
    /// As every other command takes it.
    #[arg(long, hide = true, conflicts_with = "named")]
    session: Option<String>,
}

impl SomeSession {
    pub(crate) fn name(self) -> Option<String> {
        self.named.or(self.session)
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Log {
    /// From when on: 30m, 2h, 7d, or 2026-11-22, or 2026-11-22T18:00 [default: 1d]
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only this account: its id, or how its name begins
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Only this role: how its name begins
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// Go on with what is noted from now on
    #[arg(long, short)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Login {
    /// Confirm a code in any browser, even on another machine
    #[arg(long)]
    pub(crate) device: bool,
    /// Print the address instead of opening a browser
    #[arg(long)]
    pub(crate) print_url: bool,
    #[command(flatten)]
    pub(crate) session: SomeSession,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Accounts {
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) session: OneSession,
}

/// A role by position: `ACCOUNT ROLE`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Role {
    /// Account id or name; a unique prefix is enough
    pub(crate) account: String,
    /// Role (permission set) name; a unique prefix is enough
    pub(crate) role: String,
    #[command(flatten)]
    pub(crate) session: OneSession,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Console {
    #[command(flatten)]
    pub(crate) role: Role,
    /// Land on this service, such as s3
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// Land in this region, such as eu-west-1
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Print the sign-in address, which is secret for 15 minutes, instead of opening it
    #[arg(long)]
    pub(crate) print: bool,
}

#[derive(Debug, ClapArgs)]
#[command(override_usage = "vestibule credentials --account <ACCOUNT> --role <ROLE> [OPTIONS]")]
pub(crate) struct Credentials {
    /// Account id or name; a unique prefix is enough
    #[arg(long, required_unless_present = "named")]
    account: Option<String>,
    /// Role (permission set) name; a unique prefix is enough
    #[arg(long, required_unless_present = "named")]
    role: Option<String>,
    /// As every other command takes them.
    #[arg(hide = true, num_args = 2, conflicts_with_all = ["account", "role"])]
    named: Vec<String>,
    #[command(flatten)]
    pub(crate) session: OneSession,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Process)]
    pub(crate) format: Format,
}

impl Credentials {
    /// The account and the role, as the user named them.
    pub(crate) fn names(&mut self) -> (String, String) {
        let mut named = std::mem::take(&mut self.named).into_iter();
        let mut either = |option: &mut Option<String>| option.take().or_else(|| named.next());
        let account = either(&mut self.account).unwrap_or_default();
        (account, either(&mut self.role).unwrap_or_default())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// JSON for credential_process in the AWS config file
    Process,
    /// Commands for a POSIX shell
    Env,
    /// Commands for PowerShell
    Powershell,
    /// JSON with account and role
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) role: Role,
    /// For commands that outlive the credentials: serve fresh ones for as long as it runs
    #[arg(long)]
    pub(crate) refreshable: bool,
    #[command(flatten)]
    pub(crate) region: SomeRegion,
    /// The command and its arguments, after --
    #[arg(required = true, last = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RoleShell {
    #[command(flatten)]
    pub(crate) role: Role,
    #[command(flatten)]
    pub(crate) region: SomeRegion,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SomeRegion {
    /// AWS region [default: the one that is set, else that of the portal]
    #[arg(long)]
    pub(crate) region: Option<String>,
}

const FOR_SHELLS: &str = "\
How a shell takes it in:
  bash, zsh   eval \"$(vestibule env ACCOUNT ROLE)\"
  fish        vestibule env ACCOUNT ROLE | source
  PowerShell  vestibule env ACCOUNT ROLE | Out-String | Invoke-Expression";

#[derive(Debug, ClapArgs)]
#[command(after_help = FOR_SHELLS)]
pub(crate) struct ShellEnv {
    /// Account id or name; a unique prefix is enough
    #[arg(required_unless_present = "unset")]
    pub(crate) account: Option<String>,
    /// Role (permission set) name; a unique prefix is enough
    #[arg(required_unless_present = "unset")]
    pub(crate) role: Option<String>,
    #[command(flatten)]
    pub(crate) session: OneSession,
    #[command(flatten)]
    pub(crate) region: SomeRegion,
    /// Print what removes the credentials again
    #[arg(long, conflicts_with_all = ["account", "role", "session", "region"])]
    pub(crate) unset: bool,
    /// The shell that reads it [default: the one that runs this command]
    #[arg(long, value_enum)]
    pub(crate) shell: Option<ShellName>,
}

/// A shell that `env` writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellName {
    /// Any POSIX shell
    Sh,
    Bash,
    Zsh,
    Fish,
    Powershell,
}

const ELSEWHERE: &str = "\
On another machine:
  ssh -R 9999:127.0.0.1:PORT HOST
and there paste what this command prints, with localhost:9999 for 127.0.0.1:PORT.";

#[derive(Debug, ClapArgs)]
#[command(after_help = ELSEWHERE)]
pub(crate) struct Serve {
    /// Serve this role, and no others but those named so [default: any role, by its address]
    #[arg(long = "role", value_name = "ACCOUNT/ROLE", value_parser = account_and_role)]
    pub(crate) roles: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) session: OneSession,
    /// Listen on this port [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Keep {
    #[command(flatten)]
    pub(crate) role: Role,
    /// How AWS's tools get at it [default: process; with --remove: every way]
    #[arg(long = "as", value_name = "WAY", value_enum)]
    pub(crate) way: Option<KeepAs>,
    /// Name of the profile [default: ACCOUNT-ROLE in lower case]
    #[arg(long, value_name = "NAME", conflicts_with = "remove")]
    pub(crate) profile: Option<String>,
    /// Remove the profile and stop refreshing
    #[arg(long)]
    pub(crate) remove: bool,
}

/// How a kept role reaches AWS's tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeepAs {
    /// A profile that asks Vestibule
    Process,
    /// A profile of AWS's own kind; needs a portal whose sign-in is shared
    SsoSession,
    /// Keys in the credentials file, for tools that know nothing else
    StaticKeys,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChainCommand {
    /// Add a role that is taken with the credentials of another (role chaining)
    Add(ChainAdd),
    /// List the chained roles
    List(Json),
    /// Remove a chained role and its profiles
    Remove {
        /// Name of the chained role
        name: String,
        #[command(flatten)]
        session: OneSession,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ChainAdd {
    /// What to call it; it then is a role of the account that its ARN names
    pub(crate) name: String,
    /// The role it is taken from: assigned to you, or chained itself
    #[arg(long, num_args = 2, value_names = ["ACCOUNT", "ROLE"], required = true)]
    pub(crate) from: Vec<String>,
    /// ARN of the role, such as arn:aws:iam::111122223333:role/Deploy
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: String,
    /// What the role's owner wants to be told
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Name of the session in CloudTrail [default: your user name]
    #[arg(long, value_name = "NAME")]
    pub(crate) session_name: Option<String>,
    /// How long credentials last: 900 to 3600 seconds [default: an hour]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) duration: Option<u32>,
    /// Session tag; may be given several times
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    pub(crate) tags: Vec<(String, String)>,
    /// Who is behind the session, for the role's audit trail
    #[arg(long, value_name = "NAME")]
    pub(crate) source_identity: Option<String>,
    /// The MFA device whose code the role wants: you are asked for it once an hour
    #[arg(long, value_name = "ARN")]
    pub(crate) mfa_serial: Option<String>,
    #[command(flatten)]
    pub(crate) session: OneSession,
}

fn tag(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "a tag is written KEY=VALUE".to_owned())
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Agent {
    /// Leave the terminal's session; set where a command starts the agent
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}

/// Role names have no slash; names of accounts may.
fn account_and_role(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('/') {
        Some((account, role)) if !account.is_empty() && !role.is_empty() => {
            Ok((account.to_owned(), role.to_owned()))
        }
        _ => Err("write ACCOUNT/ROLE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_holds_together() {
        crate::command().debug_assert();
    }
}
