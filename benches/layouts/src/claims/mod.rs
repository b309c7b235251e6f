//! How writers of a ring that many may write claim a slot, and publish what they wrote there.
//!
//! The gate holds writers: a writer that may write a slot finds it left by the lap before. They still do what a ring with
//! lossy readers needs: each fences its claim from its writes, and all except `add` check that the slot
//! is free.

pub(crate) mod add;
pub(crate) mod cursor;
pub(crate) mod slot;
mod walk;
pub(crate) mod word;

use crate::protocol::stamped;
use crate::ring::{Claims, Ring, Stamps};
use crate::wait::Hung;
use std::hint::spin_loop;

/// A way to claim numbers, and to show their events.
///
/// # Safety
///
/// `claim` keeps the promise of [`Claims`]. A slot's stamp is that of a done event only from `show` of that event on,
/// which is a Release.
pub(crate) unsafe trait Protocol: Send + Sync + 'static {
    fn empty() -> Self;

    /// As of [`Claims`].
    fn claim<const W: usize, L: Stamps<W>>(
        &self,
        layout: &L,
        pass: impl FnMut(u64) -> Result<(), Hung>,
    ) -> Result<u64, Hung>;

    /// Shows the event with this number, which the caller has claimed and written.
    fn show<const W: usize, L: Stamps<W>>(&self, layout: &L, number: u64);
}

/// A layout whose slots are claimed by a protocol. Events are shown by their slots' stamps.
pub(crate) struct Claimed<L, P, const W: usize> {
    layout: L,
    protocol: P,
}

// SAFETY: a stamp says that an event is done only from `show` on, by the protocol's promise, and `publish` calls that
// behind the payload. It is a Release, which the reader acquires of each event.
unsafe impl<L: Stamps<W>, P: Protocol, const W: usize> Ring for Claimed<L, P, W> {
    const CAPACITY: u64 = L::CAPACITY as u64;

    fn empty() -> Self {
        Claimed { layout: L::empty(), protocol: P::empty() }
    }

    #[inline]
    fn shown(&self, next: u64, most: u64) -> u64 {
        stamped::shown(&self.layout, next, most)
    }

    #[inline]
    unsafe fn difference(&self, number: u64) -> u64 {
        // SAFETY: the slot is not written meanwhile, by the caller's promise.
        unsafe { self.layout.difference(number) }
    }
}

// SAFETY: the protocol promises the same.
unsafe impl<L: Stamps<W>, P: Protocol, const W: usize> Claims for Claimed<L, P, W> {
    #[inline]
    fn claim(&self, pass: impl FnMut(u64) -> Result<(), Hung>) -> Result<u64, Hung> {
        self.protocol.claim(&self.layout, pass)
    }

    #[inline]
    unsafe fn publish(&self, number: u64) {
        // SAFETY: the caller alone has the number. Its slot was left by the lap before, and is not read before it is
        // shown.
        unsafe { self.layout.fill(number) };
        self.protocol.show(&self.layout, number);
    }
}

/// Lets the winner of an exchange get on before the next try: pauses once, then twice as often, up to 64 times.
#[derive(Default)]
struct BackOff(u32);

impl BackOff {
    #[cold]
    fn once(&mut self) {
        for _ in 0..1 << self.0.min(6) {
            spin_loop();
        }
        self.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::planes::{Planes, StampAndHead};
    use std::thread;

    /// Two threads claim most of a lap; all their numbers in order, and those that passed.
    fn claimed<P: Protocol>() -> [Vec<u64>; 2] {
        const EACH: usize = 500;
        let ring = &Claimed::<Planes<StampAndHead, 1, 1024>, P, 1>::empty();
        let claim = || {
            let mut passed = Vec::new();
            let mut pass = |number| {
                passed.push(number);
                Ok(())
            };
            let numbers: Vec<u64> = (0..EACH).map(|_| ring.claim(&mut pass).unwrap()).collect();
            assert!(numbers.is_sorted());
            (numbers, passed)
        };
        let both = thread::scope(|scope| [scope.spawn(claim), scope.spawn(claim)].map(|thread| thread.join().unwrap()));
        let (numbers, passed): (Vec<_>, Vec<_>) = both.into_iter().unzip();
        [numbers, passed].map(|of_both| {
            let mut all = of_both.concat();
            all.sort_unstable();
            all
        })
    }

    #[test]
    fn every_number_is_claimed_once_and_passed_before() {
        let all = [
            claimed::<slot::BySlot<true>>(),
            claimed::<slot::BySlot<false>>(),
            claimed::<cursor::ByCursor<true>>(),
            claimed::<cursor::ByCursor<false>>(),
            claimed::<add::ByAdd>(),
            claimed::<word::ByWord<1024>>(),
        ];
        for [numbers, mut passed] in all {
            assert!(numbers.into_iter().eq(0..1000));
            passed.dedup();
            assert!(passed.into_iter().take(1000).eq(0..1000));
        }
    }
}
