//! bus.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;

pub(super) struct Bus;

impl Contender for Bus {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let mut bus = bus::Bus::<[u64; W]>::new(CAP);
        let readers = (0..shape.readers)
            .map(|_| {
                let mut receiver = bus.add_rx();
                move |tally: &mut Tally| match receiver.try_recv() {
                    Ok(event) => {
                        tally.note(&event);
                        true
                    }
                    Err(_) => false,
                }
            })
            .collect();
        (vec![put::<W, _>(move |event: &[u64; W]| bus.try_broadcast(*event).is_ok())], readers)
    }
}
