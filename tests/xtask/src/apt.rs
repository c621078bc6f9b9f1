//! Debian's package manager, where there is one, as root or through sudo.

use crate::{
    Outcome,
    sh::{MINUTE, Run, which},
};
use std::io::{self, IsTerminal};

/// Whether this machine has it.
pub(crate) fn present() -> bool {
    which("apt-get").is_some()
}

/// Installs `packages`, after saying what for.
pub(crate) fn install(packages: &str, what_for: &str) -> Outcome {
    println!("Installing {packages} with apt ({what_for}); usually less than a minute.");
    let by_hand = || format!("install it by hand: apt-get install --no-install-recommends {packages}");
    let apt = |words: &str| -> Outcome {
        // Another apt may be at work: wait for it, but not for ever.
        elevated("env", &by_hand())?
            .words("DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3")
            .words(words)
            .limit(15 * MINUTE)
            .show()
    };
    // An old list of packages names files that the mirror no longer has.
    apt("update")
        .and_then(|()| apt(&format!("install -y --no-install-recommends {packages}")))
        .map_err(|error| format!("{error}\n{}", by_hand()))
}

/// `program` with the right to write to the system; `otherwise` is what to advise when there is none.
pub(crate) fn elevated(program: &str, otherwise: &str) -> Outcome<Run> {
    if Run::new("id").words("-u").read()?.trim() == "0" {
        return Ok(Run::new(program));
    }
    if which("sudo").is_none() {
        return Err(format!("this needs root, and there is no sudo; {otherwise}"));
    }
    // Without a terminal nobody could type a password: fail at once instead of asking.
    let sudo = if io::stdin().is_terminal() { "" } else { "-n" };
    Ok(Run::new("sudo").words(sudo).arg(program))
}
