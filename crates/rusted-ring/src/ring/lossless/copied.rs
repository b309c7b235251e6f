//! An event copied out at a Consumer's seat, by atomic words: for memory that untrusted processes may write.

use crate::ring::{
    home::RingRef,
    long::slots_under,
    lossless::{ConsumerSeat, Found},
    memory::slot::Slot,
};

impl<R: RingRef> ConsumerSeat<R> {
    /// Copies the event that a look found at the position, and goes past it.
    pub(crate) fn copy(&mut self, _found: Found) -> <R::Slot as Slot>::Owned {
        let planes = self.entry.ring().planes();
        let (tag, payload) = planes.slot(self.next);
        let mut head = planes.head_in(tag, self.next);
        if !head.begins::<R::Slot>() {
            // What was found is not there any more: somebody wrote what the gate holds. To nobody's harm but the reader's.
            head.len = 0;
        }
        let mut event = R::Slot::blank();
        planes.load(self.next, payload, &mut R::Slot::payload_of(&mut event)[..head.len as usize]);
        R::Slot::complete(&mut event, head);
        let slots = slots_under::<R::Slot>(head);
        self.lend_to(slots, slots);
        self.settle();
        event
    }
}
