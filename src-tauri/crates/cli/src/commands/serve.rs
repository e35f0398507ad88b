//! `vestibule serve`

use std::io::{self, Write as _};

use agent::endpoint::Endpoint;
use agent::exports;
use ipc::dirs::Env;
use ipc::message::{Role, RoleQuery, Way};

use crate::args::Serve;
use crate::endpoint::Served;
use crate::failure::Result;
use crate::output::Output;
use crate::role::ready;
use crate::shells;

pub(crate) fn run(args: Serve, env: Env<'_>, output: &mut Output) -> Result<()> {
    let session = args.session.session;
    let mut roles = Vec::new();
    for (account, role) in args.roles {
        let session = session.clone();
        let query = RoleQuery {
            account,
            role,
            session,
        };
        roles.push(ready(Way::Endpoint, query, env)?.role);
    }
    let served = Served::open(args.port, roles.clone())?;
    print(served.endpoint(), &roles, env)?;
    output.hint("Serving until Ctrl-C. Paste the lines above where the credentials are wanted.")?;
    let ended = served.block_on(tokio::signal::ctrl_c());
    served.close();
    Ok(ended?)
}

/// One role is ready to be pasted; of several, the addresses are for the reader to choose from.
fn print(endpoint: &Endpoint, roles: &[Role], env: Env<'_>) -> io::Result<()> {
    let any = format!("http://127.0.0.1:{}/roles/ACCOUNT/ROLE", endpoint.port());
    let url = roles.first().map_or(any, |role| endpoint.url(role));
    let variables = exports::endpoint(endpoint, &url);
    let lines = shells::syntax(None, env).lines(&[], &variables);
    let mut out = io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    for role in roles.iter().skip(1) {
        let url = endpoint.url(role);
        writeln!(out, "# {}/{}: {url}", role.account_name, role.role_name)?;
    }
    out.flush()
}
