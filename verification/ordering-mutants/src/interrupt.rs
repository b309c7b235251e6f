//! Ctrl-C and termination of this process itself.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static SEEN: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From here on SIGINT, SIGTERM and SIGHUP no longer end this process: [`seen`] reports them, and
/// the code that waits for a child ends that child first. The children live in process groups of
/// their own, so the terminal does not signal them.
///
/// # Errors
///
/// If a signal cannot be listened for.
pub fn listen() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register(signal, Arc::clone(&SEEN))?;
    }
    Ok(())
}

/// Whether the run was told to end. Once true, it stays true.
pub fn seen() -> bool {
    SEEN.load(Ordering::Relaxed)
}
