//! kanal, bounded.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;

pub(super) struct Kanal;

impl Contender for Kanal {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = kanal::bounded::<[u64; W]>(CAP);
        let writers = (0..shape.writers)
            .map(|_| {
                let sender = sender.clone();
                put::<W, _>(move |event: &[u64; W]| matches!(sender.try_send(*event), Ok(true)))
            })
            .collect();
        let reader = move |tally: &mut Tally| match receiver.try_recv() {
            Ok(Some(event)) => {
                tally.note(&event);
                true
            }
            _ => false,
        };
        (writers, vec![reader])
    }
}
