//! An event copied out at a Consumer's position, by atomic words: for memory that untrusted processes may write.

use crate::ring::{
    long::slots_under,
    lossless::{Found, GatingPosition},
    memory::{slot::Slot, tag::Head},
    storage::RingRef,
};

impl<R: RingRef> GatingPosition<R> {
    /// Copies the event that a look found at the position, and goes past it.
    pub(crate) fn copy(&mut self, found: Found) -> <R::Slot as Slot>::Owned {
        let mut event = R::Slot::blank();
        let head = self.copy_into(found, R::Slot::payload_of(&mut event));
        R::Slot::complete(&mut event, head);
        event
    }

    /// As [`copy`](Self::copy), to the front of `out`, which has room for the longest event.
    pub(crate) fn copy_into(&mut self, _found: Found, out: &mut [u8]) -> Head {
        let view = self.entry.ring().view();
        let slot = view.slot(self.next);
        let mut head = view.head_in(slot.tag, self.next);
        if !head.begins::<R::Slot, R::Mode>() {
            // What was found is not there any more: somebody wrote what the gate holds. To nobody's harm but the reader's.
            head.len = 0;
        }
        let out = &mut out[..head.len as usize];
        if R::Slot::HAS_LONG {
            view.load_long(self.next, out);
        } else {
            slot.payload.load(out);
        }
        let slots = slots_under::<R::Slot, R::Mode>(head);
        self.lend_to(slots, slots);
        self.pass_lent();
        head
    }
}
