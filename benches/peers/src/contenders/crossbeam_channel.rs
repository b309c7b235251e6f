//! crossbeam-channel, bounded.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;

pub(super) struct Channel;

impl Contender for Channel {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = crossbeam_channel::bounded::<[u64; W]>(CAP);
        let writers = (0..shape.writers)
            .map(|_| {
                let sender = sender.clone();
                put::<W, _>(move |event: &[u64; W]| sender.try_send(*event).is_ok())
            })
            .collect();
        let reader = move |tally: &mut Tally| match receiver.try_recv() {
            Ok(event) => {
                tally.note(&event);
                true
            }
            Err(_) => false,
        };
        (writers, vec![reader])
    }
}
