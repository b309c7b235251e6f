//! The time of day, for what outlives a run.

use std::time::{Duration, SystemTime};

/// Seconds since 1970.
pub(crate) fn seconds() -> u64 {
    seconds_before_now(Duration::ZERO)
}

/// The same, so long ago.
pub(crate) fn seconds_before_now(ago: Duration) -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().saturating_sub(ago).as_secs()
}
