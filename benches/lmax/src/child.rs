//! A process of its own for each sample, and a watchdog over it.

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a child said, once it ended.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `command` to its end; none if it did not come to one in time, and was killed.
pub(crate) fn run(command: &mut Command, patience: Duration) -> io::Result<Option<Said>> {
    let (out, to_out) = io::pipe()?;
    let (err, to_err) = io::pipe()?;
    let mut child = command.stdin(Stdio::null()).stdout(to_out).stderr(to_err).spawn()?;
    // The command holds the ends that are written, which would keep the pipes open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, said) = mpsc::channel();
    let complaints = thread::spawn(move || text(err));
    thread::spawn(move || {
        let out = text(out);
        // Nobody listens any more when the child had to be killed.
        _ = sender.send((out, complaints.join().unwrap_or_default()));
    });
    let Ok((out, err)) = said.recv_timeout(patience) else {
        child.kill()?;
        child.wait()?;
        return Ok(None);
    };
    Ok(Some(Said { status: child.wait()?, out, err }))
}

fn text(mut pipe: io::PipeReader) -> String {
    let mut text = Vec::new();
    _ = pipe.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_says_is_heard() {
        let said = run(Command::new("sh").args(["-c", "echo yes; echo no >&2; exit 3"]), Duration::from_secs(20));
        let said = said.unwrap().unwrap();
        assert_eq!((said.out.trim(), said.err.trim(), said.status.code()), ("yes", "no", Some(3)));
    }

    #[test]
    fn a_child_that_hangs_is_killed() {
        let begin = std::time::Instant::now();
        assert!(run(Command::new("sleep").arg("60"), Duration::from_millis(50)).unwrap().is_none());
        assert!(begin.elapsed() < Duration::from_secs(30));
    }
}
