//! `vestibule env`

use std::io::{self, Write as _};

use ipc::dirs::Env;
use ipc::message::{RoleQuery, Way};

use crate::args::ShellEnv;
use crate::environment::Changes;
use crate::failure::Result;
use crate::role::ready;
use crate::shells;

pub(crate) fn run(args: ShellEnv, env: Env<'_>) -> Result<()> {
    let syntax = shells::syntax(args.shell, env);
    let changes = match (args.account, args.role) {
        (Some(account), Some(role)) => {
            let session = args.session.session;
            let query = RoleQuery {
                account,
                role,
                session,
            };
            Changes::keys(
                &ready(Way::Env, query, env)?,
                args.region.region.as_deref(),
                env,
            )
        }
        _ => Changes::none(env),
    };
    let lines = syntax.lines(&changes.unset, &changes.set);
    // Past the filter for colours, which would copy the secrets about.
    let mut out = io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    Ok(out.flush()?)
}
