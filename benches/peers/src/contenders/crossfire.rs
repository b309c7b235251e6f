//! crossfire, bounded: with one sender, and with many.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;
use crossfire::{mpsc, spsc};

pub(super) struct Spsc;
pub(super) struct Mpsc;

impl Contender for Spsc {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        _shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = spsc::bounded_blocking::<[u64; W]>(CAP);
        let writer = put::<W, _>(move |event: &[u64; W]| sender.try_send(*event).is_ok());
        let reader = move |tally: &mut Tally| match receiver.try_recv() {
            Ok(event) => {
                tally.note(&event);
                true
            }
            Err(_) => false,
        };
        (vec![writer], vec![reader])
    }
}

impl Contender for Mpsc {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, receiver) = mpsc::bounded_blocking::<[u64; W]>(CAP);
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
