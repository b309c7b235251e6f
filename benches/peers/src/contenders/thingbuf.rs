//! thingbuf, its blocking channel: events are written and read in place.

use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{Tally, fill};
use crate::poll::Poll;
use thingbuf::mpsc::blocking::{Sender, with_recycle};
use thingbuf::recycling::Recycle;

pub(super) struct Thingbuf;

/// Leaves a slot as it is: the next event fills all of it.
struct AsItIs;

impl<const W: usize> Recycle<[u64; W]> for AsItIs {
    fn new_element(&self) -> [u64; W] {
        [0; W]
    }

    fn recycle(&self, _element: &mut [u64; W]) {}
}

impl Contender for Thingbuf {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = with_recycle::<[u64; W], _>(CAP, AsItIs);
        let reader = move |tally: &mut Tally| match receiver.try_recv_ref() {
            Ok(event) => {
                tally.note(&event);
                true
            }
            Err(_) => false,
        };
        ((0..shape.writers).map(|_| Writes(sender.clone())).collect(), vec![reader])
    }
}

struct Writes<const W: usize>(Sender<[u64; W], AsItIs>);

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| match self.0.try_send_ref() {
            Ok(mut event) => {
                fill(&mut event, sequence);
                true
            }
            Err(_) => false,
        });
    }
}
