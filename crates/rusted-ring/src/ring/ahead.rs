//! Cache lines that are fetched before they are needed, by endpoints that go on event by event (docs/adr/0038).
//!
//! Nothing happens to the language: a fetch is a hint to the processor.

use crate::{
    ring::{
        memory::slot::Slot,
        mode::{Mode, Seen},
        view::{Place, RingView},
    },
    words::fetch,
};

/// From an event that is read to the one whose lines are fetched meanwhile: slots, and bytes of payload, of which the larger counts.
const READ_AHEAD: (u64, u64) = (8, 512);
/// From an event that is written to the slot whose lines are fetched meanwhile.
const WRITE_AHEAD: (u64, u64) = (16, 1024);

/// The slots of `S` that one of these distances is.
const fn slots<S: Slot>(ahead: (u64, u64)) -> u64 {
    let (slots, bytes) = ahead;
    if slots * (S::STRIDE as u64) < bytes { bytes / S::STRIDE as u64 } else { slots }
}

/// Whether fetching pays for slots of `S`, from `least` bytes on: of smaller ones too many share a line, and of the largest a single event
/// is more lines than are fetched at a time.
const fn pays<S: Slot>(least: usize) -> bool {
    cfg!(not(any(loom, shuttle))) && least <= S::STRIDE && S::STRIDE < 4096
}

impl<S: Slot, M: Mode> RingView<'_, S, M> {
    /// Slots from an event that is read to the one whose lines are fetched meanwhile; none, where that does not pay.
    const READ: Option<u64> = if pays::<S>(16) { Some(slots::<S>(READ_AHEAD)) } else { None };

    /// Slots from an event that is written to the slot whose lines are fetched meanwhile; none, where that does not pay: among many publishers
    /// the small slots ahead are soon another's.
    pub(crate) const WRITTEN: Option<u64> =
        if pays::<S>(if M::MANY { 1024 } else { 16 }) { Some(slots::<S>(WRITE_AHEAD)) } else { None };

    /// The same from an event that a Subscriber copies. Nobody waits for a Subscriber, and of smaller slots the line that it fetches is soon
    /// written again.
    const COPIED: Option<u64> = if S::STRIDE >= 256 { Self::READ } else { None };

    /// Fetches the lines of an event after `place`, which was copied, if it is published by what was `seen`.
    #[inline(always)]
    pub(crate) fn fetch_to_copy(self, place: Place, seen: Seen) {
        if const { Self::COPIED.is_some() } {
            self.fetch_to_read(place, seen);
        }
    }

    /// Fetches the lines of an event after `place`, which is being read, if it is published by what was `seen`.
    #[inline(always)]
    pub(in crate::ring) fn fetch_to_read(self, place: Place, seen: Seen) {
        if let Some(ahead) = const { Self::READ }
            && place.sequence + ahead < seen.end()
            && ahead < self.lap()
        {
            self.slot(self.beyond(place, ahead)).payload.fetch_by(fetch::to_read);
        }
    }

    /// Fetches the lines of a slot after `place`, which was written, to write them. The caller knows that publishers may enter it.
    #[inline(always)]
    pub(crate) fn fetch_to_write(self, place: Place) {
        if let Some(ahead) = const { Self::WRITTEN }
            && ahead < self.lap()
        {
            self.slot(self.beyond(place, ahead)).payload.fetch_by(fetch::to_write);
        }
    }
}
