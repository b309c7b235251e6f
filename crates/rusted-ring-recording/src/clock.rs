//! What time it is, for a recording.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock that was set by the system's once, and never goes back: what is between two times is how long it was. While the machine sleeps it stands still.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    set_to: u64,
    set_at: Instant,
}

impl Clock {
    /// A clock that is set now.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        let set_to = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Clock { set_to: set_to as u64, set_at: Instant::now() }
    }

    /// Nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.set_to.saturating_add(self.set_at.elapsed().as_nanos() as u64)
    }
}
