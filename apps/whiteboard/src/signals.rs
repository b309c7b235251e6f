//! The signals that ask the server to stop.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// From here on, a file that may not become longer is an error, like a full disk, and does not end the process.
#[cfg(unix)]
pub(crate) fn survive_long_files() {
    // Where it cannot be caught, everything else works.
    let _ = signal_hook::flag::register(rustix::process::Signal::XFSZ.as_raw(), std::sync::Arc::default());
}

/// Resolves when the program's input ends, which a program that started this one holds open.
pub(crate) fn input_end() -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, end) = oneshot::channel();
    // A thread of its own: a read of the input cannot be cancelled, and must not delay the end.
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        // An input that fails has ended, too; nobody may be waiting by then.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    })?;
    Ok(end)
}

/// The requests to stop: Ctrl-C and, where they exist, SIGTERM and SIGHUP, which comes when a terminal closes.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    /// Missing if the program was started with it ignored, as by `nohup`: then it should outlive its terminal.
    #[cfg(unix)]
    hangup: Option<Signal>,
}

impl Signals {
    /// From here on a signal ends this wait instead of the process.
    #[cfg(unix)]
    pub(crate) fn install() -> std::io::Result<Self> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// From the first wait on, Ctrl-C ends this wait instead of the process.
    #[cfg(not(unix))]
    pub(crate) fn install() -> std::io::Result<Self> {
        Ok(Signals {})
    }

    /// Waits for one of them.
    #[cfg(unix)]
    pub(crate) async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hung_up(&mut self.hangup) => {}
        }
    }

    /// Waits for Ctrl-C; where that is impossible, the process ends without a drain.
    #[cfg(not(unix))]
    pub(crate) async fn stop(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
async fn hung_up(hangup: &mut Option<Signal>) {
    match hangup {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether SIGHUP is ignored, as Linux reports it; other systems do not, and there it stops the program.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
