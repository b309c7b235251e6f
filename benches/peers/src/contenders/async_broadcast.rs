//! async-broadcast, without a runtime.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;

pub(super) struct AsyncBroadcast;

impl Contender for AsyncBroadcast {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = async_broadcast::broadcast::<[u64; W]>(CAP);
        let readers = (0..shape.readers)
            .map(|_| {
                let mut receiver = receiver.clone();
                move |tally: &mut Tally| match receiver.try_recv() {
                    Ok(event) => {
                        tally.note(&event);
                        true
                    }
                    Err(_) => false,
                }
            })
            .collect();
        let writers = (0..shape.writers)
            .map(|_| {
                let sender = sender.clone();
                put::<W, _>(move |event: &[u64; W]| sender.try_broadcast(*event).is_ok())
            })
            .collect();
        (writers, readers)
    }
}
