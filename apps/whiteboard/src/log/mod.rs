//! The log of a running server: one event a line on stderr, with its time, for people or as JSON.
//!
//! Events are those of this program alone: what other crates would say may hold what a request carried, tokens included.

mod limit;
mod line;

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{panic, thread};

use clap::ValueEnum;
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use limit::{Limit, Limited};

/// The lines that wait to be written, at most. Beyond that they are lost, and counted.
const WAITING: usize = 1024;
/// How often it says what was left out.
const TELL: Duration = Duration::from_secs(5);
/// How long the end waits for those who take what is left.
const LEFT: Duration = Duration::from_secs(1);

/// What is logged, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How the log on stderr is written
    #[arg(long = "log", value_name = "FORM", value_enum, default_value_t = Form::Text)]
    form: Form,

    /// The least that is logged
    #[arg(long = "log-level", value_name = "LEVEL", env = "WHITEBOARD_LOG_LEVEL", value_enum, default_value_t = Least::Info)]
    least: Least,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines for people
    Text,
    /// A JSON object in each line, with timestamp, level, target, message and what else there is
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// What failed
    Error,
    /// And what may become a fault, or be one of others
    Warn,
    /// And what changed
    Info,
    /// And what each connection does
    Debug,
}

impl From<Least> for LevelFilter {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => LevelFilter::ERROR,
            Least::Warn => LevelFilter::WARN,
            Least::Info => LevelFilter::INFO,
            Least::Debug => LevelFilter::DEBUG,
        }
    }
}

/// The log, which has begun.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    limit: Arc<Limit>,
    /// Lines that found no room.
    lost: ErrorCounter,
    /// Of these, what was told.
    told: Arc<AtomicUsize>,
}

/// Writes what is left when it is dropped, for as long as somebody takes it, and no longer than [`LEFT`].
#[must_use = "dropped, the log ends"]
pub(crate) struct Written(Option<WorkerGuard>);

impl Drop for Written {
    fn drop(&mut self) {
        // Without a thread it stays: what it says on stdout when there is no room, nobody may read either.
        let Some(guard) = self.0.take().map(ManuallyDrop::new) else { return };
        let (ends, is_ended) = mpsc::channel();
        let end = move || {
            drop(ManuallyDrop::into_inner(guard));
            _ = ends.send(());
        };
        if thread::Builder::new().name("end of log".to_owned()).spawn(end).is_ok() {
            _ = is_ended.recv_timeout(LEFT);
        }
    }
}

/// Begins to log, panics included. Lines are written by a thread of their own: whoever logs never waits for who reads them.
pub(crate) fn start(options: &Options) -> (Log, Written) {
    let limit = Arc::new(Limit::default());
    let (writer, written) = waiting(line::Lines);
    let log = Log { limit: Arc::clone(&limit), lost: writer.error_counter(), told: Arc::default() };
    let lines = fmt::layer().with_ansi(false).with_timer(line::Clock).with_writer(writer);
    let lines = match options.form {
        Form::Text => lines.event_format(line::Text).boxed(),
        Form::Json => lines.json().flatten_event(true).boxed(),
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::from(options.least));
    // The first of the process, which has no other.
    let _ = tracing_subscriber::registry().with(own).with(Limited(Arc::clone(&limit))).with(lines).try_init();
    log_panics();
    (log, Written(Some(written)))
}

/// Lines wait for `to` in memory, so many at most.
fn waiting(to: impl std::io::Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().buffered_lines_limit(WAITING).lossy(true).thread_name("log").finish(to)
}

impl Log {
    /// Says every few seconds what was left out meanwhile, until the server ends.
    pub(crate) async fn tell(self) {
        loop {
            sleep(TELL).await;
            self.end();
        }
    }

    /// Says what was left out and not told yet.
    pub(crate) fn end(&self) {
        self.limit.tell();
        let lost = self.lost.dropped_lines();
        // Another thread may have told more meanwhile.
        let more = lost.saturating_sub(self.told.fetch_max(lost, Ordering::Relaxed));
        if more > 0 {
            tracing::warn!("{more} lines of this log are missing: nobody took them in time");
        }
    }

    /// The events beyond the limit, since the start.
    pub(crate) fn left_out(&self) -> u64 {
        self.limit.left_out()
    }

    /// The lines that were lost because nobody took those before them, since the start.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.dropped_lines() as u64
    }
}

/// Logs panics. Who asks for backtraces gets them as always.
fn log_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let said =
            payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let thread = thread::current();
        let at = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!(
            %at,
            "the thread {} panicked: {}",
            thread.name().unwrap_or("without a name"),
            said.unwrap_or("no text")
        );
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|wanted| wanted != "0") {
            usual(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::*;

    /// Takes a line when somebody allows it.
    struct Slow(mpsc::Receiver<()>);

    impl Write for Slow {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_nobody_takes_are_lost_and_counted_and_nobody_waits() {
        let (allow, allowed) = mpsc::channel();
        let (mut writer, written) = waiting(Slow(allowed));
        let lost = writer.error_counter();
        for _ in 0..WAITING + 500 {
            writer.write_all(b"a line\n").expect("it takes any");
        }
        // One is with who is slow, or still waits to be.
        assert!((499..=500).contains(&lost.dropped_lines()), "{}", lost.dropped_lines());
        drop(allow);
        drop(written);
    }

    /// Set in the environment of the process that logs to nobody.
    #[cfg(target_os = "linux")]
    const STALLED: &str = "WHITEBOARD_LOG_STALLED";

    /// The process, when the test below starts it; alone it does nothing. Its stdout and its stderr are one pipe, which nobody reads.
    #[cfg(target_os = "linux")]
    #[test]
    #[ignore = "another test starts it"]
    fn a_process_whose_log_is_full() {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        use std::os::fd::AsFd;
        if std::env::var_os(STALLED).is_none() {
            return;
        }
        let mut pipe = std::fs::File::from(io::stdout().as_fd().try_clone_to_owned().expect("a pipe"));
        let flags = fcntl_getfl(&pipe).expect("flags");
        fcntl_setfl(&pipe, flags | OFlags::NONBLOCK).expect("it does not wait");
        while pipe.write(b".").is_ok() {}
        fcntl_setfl(&pipe, flags).expect("it waits");
        let (mut writer, written) = waiting(line::Lines);
        // All that wait, and the one that its thread has.
        let (lost, mut lines) = (writer.error_counter(), 0);
        while lines - lost.dropped_lines() <= WAITING {
            writer.write_all(b"a line\n").expect("it takes any");
            lines += 1;
        }
        drop(Written(Some(written)));
        std::process::exit(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_log_that_nobody_reads_does_not_keep_the_process_from_ending() {
        use std::process::{Command, Stdio};
        let (reader, writer) = io::pipe().expect("a pipe");
        let mut process = Command::new(std::env::current_exe().expect("a path"))
            .args(["log::tests::a_process_whose_log_is_full", "--exact", "--ignored", "--nocapture"])
            .env(STALLED, "1")
            .stdin(Stdio::null())
            .stdout(writer.try_clone().expect("a pipe"))
            .stderr(writer)
            .spawn()
            .expect("it starts");
        let begun = std::time::Instant::now();
        let ended = loop {
            match process.try_wait().expect("its status") {
                None if begun.elapsed() < Duration::from_secs(20) => thread::sleep(Duration::from_millis(10)),
                ended => break ended,
            }
        };
        _ = process.kill();
        drop(reader);
        assert_eq!(ended.expect("it waits for who does not read").code(), Some(0));
    }
}
