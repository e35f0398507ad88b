use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result};
use portal::declaration::{self, Change, Declaration, Kind, Options};

use super::{Which, tell_nobody_is_left};

const HELP: &str = "\
With --plan it prints what would change, changes nothing, and exits with 2 if something would.

What the file does not name is left alone, unless its kind is pruned: --prune for every kind, or
--prune=users,groups for these. The kinds are units, accounts, policies, users, groups,
permission-sets, token-issuers, applications and roles. Of a group, a permission set, an
application and a policy that it names, members, assignments, attachments, grants and scopes are
exactly those of the file.

`vestibule-portal export` writes the present state in the same form.";

/// Bring the organization to what a TOML file declares
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    plan: bool,
    /// Take away what the file does not name
    #[arg(long, value_name = "KINDS", num_args = 0.., require_equals = true,
          value_delimiter = ',', default_missing_value = "all")]
    prune: Vec<Prune>,
    #[command(flatten)]
    which: Which,
}

/// What is taken away where the file does not name it.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Prune {
    All,
    Units,
    Accounts,
    Policies,
    Users,
    Groups,
    PermissionSets,
    TokenIssuers,
    Applications,
    Roles,
}

impl Prune {
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::All => &[
                Kind::Units,
                Kind::Accounts,
                Kind::Policies,
                Kind::Users,
                Kind::Groups,
                Kind::PermissionSets,
                Kind::TokenIssuers,
                Kind::Applications,
                Kind::Roles,
            ],
            Self::Units => &[Kind::Units],
            Self::Accounts => &[Kind::Accounts],
            Self::Policies => &[Kind::Policies],
            Self::Users => &[Kind::Users],
            Self::Groups => &[Kind::Groups],
            Self::PermissionSets => &[Kind::PermissionSets],
            Self::TokenIssuers => &[Kind::TokenIssuers],
            Self::Applications => &[Kind::Applications],
            Self::Roles => &[Kind::Roles],
        }
    }
}

/// Prints each change; nothing is changed if anything is wrong.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let name = arguments.file.display();
    let text =
        fs::read_to_string(&arguments.file).with_context(|| format!("{name} cannot be read"))?;
    let refused = || format!("{name} was not applied");
    let declaration = Declaration::parse(&text).with_context(refused)?;
    let prune: BTreeSet<Kind> = arguments
        .prune
        .iter()
        .flat_map(|kind| kind.kinds())
        .copied()
        .collect();
    let options = Options {
        plan: arguments.plan,
        prune,
    };
    stay_on_one_processor();
    let portal = arguments.which.open_or_create().await?;
    let applied = declaration::apply(&portal, &declaration, &options)
        .await
        .with_context(refused)?;
    print(&applied.changes, arguments.plan)?;
    if let Some(account) = &applied.nobody_in {
        let can = if arguments.plan { "could" } else { "can" };
        tell_nobody_is_left(account, can)?;
    }
    if arguments.plan && !applied.changes.is_empty() {
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(changes: &[Change], plan: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for change in changes {
        writeln!(out, "{change}")?;
    }
    let would = if plan { " would be made" } else { "" };
    match changes.len() {
        0 => writeln!(out, "Nothing to change.")?,
        1 => writeln!(out, "1 change{would}.")?,
        count => writeln!(out, "{count} changes{would}.")?,
    }
    out.flush()
}

/// Hundreds of thousands of statements go one after the other to the thread of the store and back:
/// to wake a thread on another processor takes longer than most of them do.
fn stay_on_one_processor() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};
        let mut this = CpuSet::new();
        this.set(sched_getcpu());
        // Threads that this one starts stay with it. Where that is not allowed it takes longer.
        let _ = sched_setaffinity(None, &this);
    }
}
