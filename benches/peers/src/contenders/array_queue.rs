//! crossbeam-queue, its ArrayQueue.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;
use std::sync::Arc;

pub(super) struct ArrayQueue;

impl Contender for ArrayQueue {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let receiver = Arc::new(crossbeam_queue::ArrayQueue::<[u64; W]>::new(CAP));
        let writers = (0..shape.writers)
            .map(|_| {
                let sender = Arc::clone(&receiver);
                put::<W, _>(move |event: &[u64; W]| sender.push(*event).is_ok())
            })
            .collect();
        let reader = move |tally: &mut Tally| match receiver.pop() {
            Some(event) => {
                tally.note(&event);
                true
            }
            None => false,
        };
        (writers, vec![reader])
    }
}
