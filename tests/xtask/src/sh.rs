//! Runs other programs: without input, within a time, with their output visible.

use crate::Outcome;
use std::{
    env,
    ffi::{OsStr, OsString},
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long a question to a tool (its version, say) may take.
const QUESTION: Duration = Duration::from_secs(60);

/// One minute, for limits.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// What `cargo run` tells this program about itself, which would mislead the cargo it starts.
const OURS: [&str; 3] = ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"];

/// A program to run. Its input is empty, so that nothing can wait for an answer.
pub(crate) struct Run {
    command: Command,
    limit: Duration,
}

impl Run {
    /// The program `name`, looked up on PATH.
    pub(crate) fn new(name: impl AsRef<OsStr>) -> Run {
        let mut command = Command::new(name);
        command.stdin(Stdio::null());
        for name in OURS {
            command.env_remove(name);
        }
        Run { command, limit: 30 * MINUTE }
    }

    /// Adds arguments, separated by spaces.
    pub(crate) fn words(mut self, words: &str) -> Run {
        self.command.args(words.split_whitespace());
        self
    }

    /// Adds one argument, as it is.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Run {
        self.command.arg(arg);
        self
    }

    /// Adds arguments, as they are.
    pub(crate) fn args(mut self, args: &[String]) -> Run {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.command.env(name, value);
        self
    }

    /// Removes a variable.
    pub(crate) fn without_env(mut self, name: &str) -> Run {
        self.command.env_remove(name);
        self
    }

    /// Puts folders in front of PATH.
    pub(crate) fn path(self, folders: &[PathBuf]) -> Run {
        let old = env::var_os("PATH").unwrap_or_default();
        let all = folders.iter().cloned().chain(env::split_paths(&old));
        // Only a folder whose name holds the separator cannot be joined; such a one is of no use on PATH.
        let joined = env::join_paths(all).unwrap_or(old);
        self.env("PATH", joined)
    }

    /// Sets the working folder.
    pub(crate) fn dir(mut self, dir: &Path) -> Run {
        self.command.current_dir(dir);
        self
    }

    /// Sets the longest time it may take.
    pub(crate) fn limit(mut self, limit: Duration) -> Run {
        self.limit = limit;
        self
    }

    /// Sends what it prints to a file.
    pub(crate) fn into_file(mut self, file: &Path) -> Outcome<Run> {
        let fail = |error: std::io::Error| format!("{}: {error}", file.display());
        let out = File::create(file).map_err(fail)?;
        self.command.stderr(out.try_clone().map_err(fail)?).stdout(out);
        Ok(self)
    }

    /// Prints the command and lets it print; an error unless it succeeds in time.
    pub(crate) fn show(self) -> Outcome {
        println!("$ {}", self.line());
        self.pass()
    }

    /// Lets it print, as if it alone had been started; an error unless it succeeds in time.
    pub(crate) fn pass(mut self) -> Outcome {
        let line = self.line();
        let child = self.command.spawn().map_err(|error| cannot_start(&line, &error))?;
        let status = wait(child, self.limit).map_err(|reason| format!("`{line}` {reason}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
    }

    /// Starts it and returns at once.
    pub(crate) fn start(mut self) -> Outcome<Child> {
        let line = self.line();
        println!("$ {line}");
        self.command.spawn().map_err(|error| cannot_start(&line, &error))
    }

    /// What it prints, without showing anything; an error unless it succeeds in time.
    pub(crate) fn read(mut self) -> Outcome<String> {
        let line = self.line();
        let mut command = self.command;
        self.limit = QUESTION.min(self.limit);
        let (send, receive) = mpsc::channel();
        // Abandoned when too slow: it holds nothing that we need.
        thread::spawn(move || send.send(command.output()));
        let output = receive
            .recv_timeout(self.limit)
            .map_err(|_| format!("`{line}` gave no answer within {}", spell(self.limit)))?
            .map_err(|error| cannot_start(&line, &error))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(format!("`{line}` failed ({}): {said}", output.status))
        }
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }
}

fn cannot_start(line: &str, error: &std::io::Error) -> String {
    format!("`{line}` could not be started: {error}")
}

fn wait(mut child: Child, limit: Duration) -> Outcome<ExitStatus> {
    let begin = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Err(error) => return Err(format!("could not be waited for: {error}")),
            Ok(Some(status)) => return Ok(status),
            Ok(None) if begin.elapsed() < limit => thread::sleep(pause),
            Ok(None) => {
                // It may have ended in between; then there is nothing to stop.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("did not finish within {} and was stopped", spell(limit)));
            }
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Where `name` is on PATH.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path: OsString = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A time in words: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn spell(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_secs() {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{seconds:.0} s"),
        whole if whole % 60 == 0 => format!("{} min", whole / 60),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_for_people() {
        assert_eq!(spell(Duration::from_millis(440)), "0.4 s");
        assert_eq!(spell(Duration::from_secs(42)), "42 s");
        assert_eq!(spell(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(spell(Duration::from_secs(1800)), "30 min");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_stopped() {
        let error = Run::new("sleep").words("60").limit(Duration::from_millis(50)).show().unwrap_err();
        assert_eq!(error, "`sleep 60` did not finish within 0.1 s and was stopped");
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_says_what_was_run_and_what_it_said() {
        let error = Run::new("sh").arg("-c").arg("echo no such thing >&2; exit 3").read().unwrap_err();
        assert!(error.ends_with("failed (exit status: 3): no such thing"), "{error}");
    }
}
