//! LMAX Disruptor itself: its small program, built by Maven and started by `java`.

use crate::child;
use crate::workload::Workload;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The sources, beside this program's own.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/java");
/// How long `java` may take to say its version, and Maven to build.
const ANSWER: Duration = Duration::from_secs(30);
const BUILD: Duration = Duration::from_secs(300);

/// What the virtual machine is told: a heap that is there from the start, and the collector with the fewest threads,
/// which finds nothing to do while it is measured.
const FLAGS: [&str; 4] = ["-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"];

/// The built program.
pub(crate) struct Java {
    jar: PathBuf,
}

impl Java {
    /// Builds it, unless that was done since the sources changed; or says why there is none.
    pub(crate) fn ready() -> Result<Self, String> {
        answer(Command::new("java").arg("-version"), "java", ANSWER)?;
        let target = target().ok_or("the folder of this program cannot be told")?;
        let jar = target.join("lmax-bench.jar");
        if !is_newer(&jar, Path::new(SOURCES)) {
            eprintln!("building LMAX Disruptor's program with Maven");
            let mut build = Command::new("mvn");
            build.current_dir(SOURCES).args(["-B", "-q", "package"]);
            build.arg(format!("-Dlmax.target={}", target.display()));
            answer(&mut build, "mvn", BUILD)?;
        }
        Ok(Java { jar })
    }

    /// What takes a sample: a round to warm up, and one that is measured. No thread of it is pinned.
    pub(crate) fn command(&self, workload: &Workload, events: u64) -> Command {
        let mut command = Command::new("java");
        command.args(FLAGS).arg("-jar").arg(&self.jar).args([workload.name, &events.to_string()]);
        command
    }
}

/// A folder in Cargo's target directory: this program lies in target/PROFILE.
fn target() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.parent()?.parent()?.join("lmax-java"))
}

/// Whether `file` is there, and nothing in `folder` was changed since.
fn is_newer(file: &Path, folder: &Path) -> bool {
    let Ok(built) = fs::metadata(file).and_then(|data| data.modified()) else { return false };
    newest(folder).is_some_and(|changed| changed < built)
}

/// When a file in `folder`, or in a folder there, was last changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let times = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| {
        let data = entry.metadata().ok()?;
        // Where Maven was started by hand, what it built is here.
        if entry.file_name() == "target" {
            return None;
        }
        if data.is_dir() { newest(&entry.path()) } else { data.modified().ok() }
    });
    times.max()
}

/// Runs `command` to a good end, or says in one line why it came to none.
fn answer(command: &mut Command, name: &str, patience: Duration) -> Result<(), String> {
    match child::run(command, patience) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("`{name}` was not found")),
        Err(error) => Err(format!("`{name}` did not start: {error}")),
        Ok(None) => Err(format!("`{name}` took more than {} s, and was killed", patience.as_secs())),
        Ok(Some(said)) if said.status.success() => Ok(()),
        Ok(Some(said)) => {
            let lines = || said.out.lines().chain(said.err.lines());
            let reason = lines().find(|line| line.contains("ERROR")).or_else(|| lines().next());
            Err(format!("`{name}` failed ({}): {}", said.status, reason.unwrap_or("it said nothing")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_is_told_by_its_name() {
        let told = answer(&mut Command::new("no-program-is-called-this"), "java", ANSWER).unwrap_err();
        assert_eq!(told, "`java` was not found");
    }

    #[test]
    fn sources_have_a_time_and_a_missing_jar_is_not_newer() {
        assert!(newest(Path::new(SOURCES)).is_some());
        assert!(!is_newer(Path::new("/nowhere/a.jar"), Path::new(SOURCES)));
    }
}
