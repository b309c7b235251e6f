//! tokio's broadcast channel, without its runtime.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;
use tokio::sync::broadcast::{self, error::TryRecvError};

pub(super) struct TokioBroadcast;

impl Contender for TokioBroadcast {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (sender, idle) = broadcast::channel::<[u64; W]>(CAP);
        let readers = (0..shape.readers)
            .map(|_| {
                let mut receiver = sender.subscribe();
                move |tally: &mut Tally| match receiver.try_recv() {
                    Ok(event) => {
                        tally.note(&event);
                        true
                    }
                    Err(TryRecvError::Lagged(_)) => true,
                    Err(_) => false,
                }
            })
            .collect();
        // It keeps nothing while nobody listens; a receiver that never reads makes it do its work.
        let mut idle = (shape.readers == 0).then_some(idle);
        let writers = (0..shape.writers)
            .map(|_| {
                let (sender, idle) = (sender.clone(), idle.take());
                put::<W, _>(move |event: &[u64; W]| {
                    let _listening = &idle;
                    sender.send(*event).is_ok()
                })
            })
            .collect();
        (writers, readers)
    }
}
