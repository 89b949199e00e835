//! How every program of PostgreSQL is run: as its account, alone in its process group, with an empty environment, and
//! not longer than this process.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::account::Account;

/// A command that runs `program` as `account`, and gets `on_our_death` when the thread that starts it ends.
///
/// The environment is empty: ours holds secrets of the service, and `PG…` variables that would change what is run.
/// The process group is its own: Ctrl-C in a terminal is for the service, which drains before it stops its database.
pub(crate) fn command(program: &Path, account: &Account, on_our_death: Signal) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0);
    account.apply(&mut command);
    die_with_us(&mut command, on_our_death);
    command
}

#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command, signal: Signal) {
    use std::io;

    use rustix::process::{getpid, getppid, set_parent_process_death_signal};

    let us = Some(getpid());
    let bind = move || {
        // Whoever starts us in the background of a script has them ignored, and a child inherits that.
        for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM] {
            #[expect(unsafe_code, reason = "there is no safe function for it")]
            // SAFETY: `signal` is async-signal-safe, and no handler of ours is taken away: this is the child.
            unsafe {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
        set_parent_process_death_signal(Some(signal))?;
        // If we died before the line above, the signal was missed: the parent is another one already.
        if getppid() == us {
            Ok(())
        } else {
            Err(io::Error::from(rustix::io::Errno::SRCH))
        }
    };
    #[expect(
        unsafe_code,
        reason = "PR_SET_PDEATHSIG can only be set by the child itself"
    )]
    // SAFETY: between fork and exec only async-signal-safe work is allowed. The closure makes plain system calls and
    // builds an error from a number; it neither allocates nor locks. It runs after the change of user, which would
    // undo the setting.
    unsafe {
        command.pre_exec(bind);
    }
}

/// Elsewhere a server outlives a killed process; the next start ends it, see `orphan`.
#[cfg(not(target_os = "linux"))]
fn die_with_us(_: &mut Command, _: Signal) {}
