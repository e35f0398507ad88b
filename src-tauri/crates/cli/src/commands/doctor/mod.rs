//! `vestibule doctor`: looks at every part, whatever state the others are in, and says what is
//! wrong and what to do. Each group is a file: facts are gathered there, and a pure function makes
//! findings of them. Nothing is changed, no agent is started, nobody is asked for a password.

mod agent;
mod aws_files;
mod browser;
mod clock;
mod desktop;
mod finding;
mod folders;
mod keyring;
mod portals;
mod proxies;
mod report;
mod settings;
mod variables;

use std::process::ExitCode;

use ::agent::paths::Paths;
use ::agent::probe;
use ipc::dirs::Env;

use self::finding::{Finding, Outcome};
use crate::args::Json;
use crate::failure::Result;
use crate::output::Output;

pub(crate) fn run(args: &Json, env: Env<'_>, output: &mut Output) -> Result<ExitCode> {
    let findings = examine(env)?;
    if args.json {
        output.json(&report::Document::of(&findings))?;
    } else {
        report::print(&findings, output)?;
    }
    let wrong = findings.iter().any(|one| one.outcome == Outcome::Wrong);
    Ok(if wrong {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn examine(env: Env<'_>) -> Result<Vec<Finding>> {
    let paths = Paths::from_env(env)?;
    let read = settings::read(&paths.settings);
    let chosen = read.settings();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (portals, bus, proxies) = runtime.block_on(async {
        tokio::join!(
            probe::portals(&chosen, env),
            probe::bus(),
            proxies::gather(env)
        )
    });
    let aws = aws_files::Facts::gather(&paths.aws);
    let findings = [
        settings::check(&read),
        portals::check(&chosen.sessions, &portals),
        clock::check(&portals),
        proxies::check(&proxies),
        agent::check(&agent::Facts::gather(&paths)),
        keyring::check(&keyring::Facts::gather(bus.as_ref(), &chosen)),
        browser::check(&browser::Facts::gather(chosen.browser.as_deref(), env)),
        aws_files::check(&aws),
        variables::check(env, &aws),
        folders::check(&folders::gather(&paths)),
        desktop::check(bus.as_ref()),
    ];
    // A keyring that does not answer holds a thread that cannot be ended.
    runtime.shutdown_background();
    Ok(findings.into_iter().flatten().collect())
}
