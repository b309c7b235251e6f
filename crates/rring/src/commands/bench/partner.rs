//! The second process.

use std::{
    env,
    io::{BufRead, BufReader, Write, stdout},
    os::fd::AsFd,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context;
use rusted_ring::{Bytes, Sole, placement::pin_thread};
use rusted_ring_shm::RingFile;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Signal, getppid, set_parent_process_death_signal},
};

use super::{
    Sample, at_size,
    options::Partner,
    sides::{Account, Follow, Over, Patience},
};
use crate::{exit::End, sizes::AtSize, stop::Stop};

/// What it says once it has joined.
const READY: &str = "ready";
/// How long it is from one question whether to stop to the next.
const LOOK: Duration = Duration::from_millis(20);

/// What the second process does, from its start to its end.
pub(crate) fn run(partner: &Partner) -> anyhow::Result<()> {
    // It does not outlive the first, however that ends.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map(|parent| parent.as_raw_nonzero().get() as u32) != Some(partner.of) {
        return Err(End::Void("the process that started this measurement has ended".to_owned()).into());
    }
    pin_thread(partner.cores.0[1])?;
    at_size(partner.size, Side(partner))
}

struct Side<'a>(&'a Partner);

impl AtSize for Side<'_> {
    type Output = anyhow::Result<()>;

    fn at<const N: usize>(self) -> Self::Output {
        let open = |path: &Path| RingFile::at(path).open::<Bytes<N>, Sole>();
        let follow = Follow::join(open(&self.0.there)?, open(&self.0.back)?, self.0.measure)?;
        say(READY)?;
        let patience = Patience { is_crowded: self.0.cores.are_one(), is_over: &|| false };
        let account = follow.run(&patience).map_err(|Over| End::Void("a ring is corrupt".to_owned()))?;
        say(&account.to_string())
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// The second process, as the first one has it; it is killed when this is dropped.
pub(super) struct Started<'a> {
    child: Mutex<Child>,
    said: BufReader<ChildStdout>,
    stop: &'a Stop,
}

impl<'a> Started<'a> {
    /// Starts it, and waits until it has joined both rings.
    pub(super) fn start(sample: &Sample<'a>, rings: [&Path; 2]) -> anyhow::Result<Self> {
        let [first, second] = sample.cores.0;
        let mut child = Command::new(env::current_exe().context("finding this program, to start it again")?)
            .arg("bench-partner")
            .args(rings)
            .args([
                "--size",
                &sample.size.to_string(),
                "--measure",
                sample.measure.name(),
                "--cores",
                &format!("{first},{second}"),
            ])
            .args(["--of", &std::process::id().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the second process")?;
        let said = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut started = Started { child: Mutex::new(child), said, stop: sample.stop };
        match started.line()?.as_str() {
            READY => Ok(started),
            other => Err(started.void(&format!("said `{other}`, where `{READY}` was expected"))),
        }
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has ended, before it was asked for its account.
    pub(super) fn has_ended(&self) -> bool {
        !matches!(self.child().try_wait(), Ok(None))
    }

    /// Waits for what it counted.
    pub(super) fn account(mut self) -> anyhow::Result<Account> {
        let line = self.line()?;
        line.parse().map_err(|wrong: String| self.void(&wrong))
    }

    /// Its next line, or why there is none.
    fn line(&mut self) -> anyhow::Result<String> {
        let look = Timespec { tv_sec: 0, tv_nsec: LOOK.subsec_nanos().into() };
        while self.said.buffer().is_empty() {
            if self.stop.is_asked() {
                return Err(super::interrupted());
            }
            match poll(&mut [PollFd::from_borrowed_fd(self.said.get_ref().as_fd(), PollFlags::IN)], Some(&look)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error).context("waiting for the second process"),
            }
        }
        let mut line = String::new();
        self.said.read_line(&mut line).context("reading what the second process says")?;
        if line.is_empty() {
            // It has nothing more to say, and so it ends.
            let _ = self.child().wait();
            return Err(self.lost());
        }
        Ok(line.trim_end().to_owned())
    }

    /// What to say once it is gone, or does not go on.
    pub(super) fn lost(&self) -> anyhow::Error {
        if self.stop.is_asked() {
            return super::interrupted();
        }
        let ended = self.child().try_wait();
        match ended {
            Ok(Some(status)) => self.void(&format!("ended early ({status})")),
            Ok(None) => self.void("lives, and a ring is corrupt"),
            Err(error) => self.void(&format!("is gone ({error})")),
        }
    }

    fn void(&self, what: &str) -> anyhow::Error {
        let process = self.child().id();
        let text = format!(
            "the second process, {process}, {what}: nothing of this run is shown, and its rings are gone; what it said is above, if it said \
             anything; try again, and let it run"
        );
        End::Void(text).into()
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}
