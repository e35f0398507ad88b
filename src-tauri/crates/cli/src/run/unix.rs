//! Children, signals and job control.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{self, Pid, Signal, WaitOptions, WaitStatus};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};

/// Those that are passed on, and the child's own news.
const HEARD: [Signal; 10] = [
    Signal::CHILD,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::HUP,
    Signal::USR1,
    Signal::USR2,
    Signal::TSTP,
    Signal::CONT,
    Signal::WINCH,
];

pub(super) fn instead(mut command: Command) -> io::Result<u8> {
    Err(command.exec())
}

pub(super) fn attended(mut command: Command) -> io::Result<u8> {
    // A child inherits what is ignored, as under nohup, but not what is handled.
    let ignored = ignored();
    let heard = HEARD.iter().map(|signal| signal.as_raw());
    let mut signals =
        SignalsInfo::<WithOrigin>::new(heard.filter(|signal| ignored & mask(*signal) == 0))?;
    let child = Pid::from_child(&command.spawn()?);
    loop {
        for heard in signals.wait() {
            if heard.signal == Signal::CHILD.as_raw() {
                if let Some(code) = news_of(child)? {
                    return Ok(code);
                }
            } else if is_for_us(&heard) {
                pass_on(child, heard.signal);
            }
        }
    }
}

/// What the terminal sends, the child has already, being of the same process group. Told twice to
/// stop, some programs lose work.
fn is_for_us(heard: &Origin) -> bool {
    heard.cause != Cause::Kernel || heard.signal == Signal::CONT.as_raw()
}

/// The signals that this program was started to ignore, as a mask; where the system tells: on Linux.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

fn mask(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// The exit code, once it has ended.
fn news_of(child: Pid) -> io::Result<Option<u8>> {
    let options = WaitOptions::NOHANG | WaitOptions::UNTRACED;
    while let Some((_, status)) = process::waitpid(Some(child), options)? {
        if let Some(code) = exit_code(status) {
            return Ok(Some(code));
        }
        if status
            .stopping_signal()
            .is_some_and(|signal| stops_us(child, signal))
        {
            // The shell that started us sees its job stopped, and continues the two of us.
            process::kill_process(process::getpid(), Signal::STOP)?;
        }
    }
    Ok(None)
}

fn exit_code(status: WaitStatus) -> Option<u8> {
    let by_signal = status.terminating_signal().map(|signal| 128 + signal);
    let code = status.exit_status().or(by_signal)?;
    Some(u8::try_from(code).unwrap_or(u8::MAX))
}

/// Job control stops the job as a whole. Whoever stops the child alone by SIGSTOP continues it
/// alone, unless it is a shell in a group of its own that hands the terminal back (`suspend`).
fn stops_us(child: Pid, signal: i32) -> bool {
    let job_control = [Signal::TSTP, Signal::TTIN, Signal::TTOU];
    let in_own_group = || process::getpgid(Some(child)).is_ok_and(|group| group == child);
    job_control.iter().any(|one| one.as_raw() == signal) || in_own_group()
}

fn pass_on(child: Pid, signal: i32) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        // One that has just ended needs no signal; its end is the next news.
        let _ = process::kill_process(child, signal);
    }
}
