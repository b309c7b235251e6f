//! Ours: one publisher on a named ring.

use crate::contender::{Contender, Publish, Receive};
use crate::payload::{Words, fill, words};
use crate::poll::Poll;
use rusted_ring::subscriber::TryRecvError;
use rusted_ring::{Bytes, Consumer, RingRef, Sole, SolePublisher, Start, Subscriber, Typed, bytemuck};
use rusted_ring_shm::{Ring, RingFile, TrustedRing, trust_peers};

/// Bytes, copied out by a Consumer: what a program does that believes nobody.
pub(super) struct Copied;
/// Values, copied out by a Consumer.
pub(super) struct Values;
/// Values, read in place by a Consumer: what a program does that trusts the others, as all rivals do.
pub(super) struct Trusted;
/// Values, to a Subscriber, which is never waited for.
pub(super) struct Lossy;

type Slots<const W: usize> = Typed<[u64; W]>;

fn file(name: &str) -> anyhow::Result<RingFile> {
    Ok(RingFile::named(name)?)
}

fn create<const W: usize>(name: &str, slots: usize) -> anyhow::Result<Writes<W, Ring<Slots<W>, Sole>>> {
    let publisher = SolePublisher::join(file(name)?.create::<Slots<W>, Sole>(slots)?)?;
    Ok(Writes { publisher, event: Box::new([0; W]) })
}

fn open<const W: usize>(name: &str) -> anyhow::Result<Ring<Slots<W>, Sole>> {
    Ok(file(name)?.open()?)
}

fn trusted<const W: usize>(ring: Ring<Slots<W>, Sole>) -> TrustedRing<Slots<W>, Sole> {
    // SAFETY: the file is this user's alone, and has a name that only the two processes of a sample know, which write it through this library.
    unsafe { trust_peers(ring) }
}

impl Contender for Values {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        create(name, slots)
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        Ok(CopiesValues(Consumer::join(open::<W>(name)?, Start::Oldest)?))
    }
}

impl Contender for Trusted {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        let ring = trusted(file(name)?.create::<Slots<W>, Sole>(slots)?);
        Ok(Writes { publisher: SolePublisher::join(ring)?, event: Box::new([0; W]) })
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        Ok(Lends(Consumer::join(trusted(open::<W>(name)?), Start::Oldest)?))
    }
}

impl Contender for Lossy {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        create(name, slots)
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        Ok(Loses(Subscriber::join(open::<W>(name)?, Start::Oldest)))
    }
}

struct Writes<const W: usize, R: RingRef<Mode = Sole>> {
    publisher: SolePublisher<R>,
    event: Box<[u64; W]>,
}

impl<const W: usize, R: RingRef<Slot = Slots<W>, Mode = Sole>> Publish<W> for Writes<W, R> {
    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        fill(&mut self.event, first);
        poll.until(|| self.publisher.try_send(&self.event).is_ok());
    }
}

struct CopiesValues<const W: usize>(Consumer<Ring<Slots<W>, Sole>>);

impl<const W: usize> Receive<W> for CopiesValues<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        self.0.try_copy().is_ok_and(|event| {
            see(words(&event));
            true
        })
    }
}

struct Lends<const W: usize>(Consumer<TrustedRing<Slots<W>, Sole>>);

impl<const W: usize> Receive<W> for Lends<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        self.0.try_recv().is_ok_and(|event| {
            see(words(&event));
            true
        })
    }
}

struct Loses<const W: usize>(Subscriber<Ring<Slots<W>, Sole>>);

impl<const W: usize> Receive<W> for Loses<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        let event = match self.0.try_recv() {
            // It says what was lost, and goes on with the next look; the numbers say it, too.
            Err(TryRecvError::Lagged(_)) => self.0.try_recv(),
            event => event,
        };
        event.is_ok_and(|event| {
            see(words(&event));
            true
        })
    }
}

/// Calls this with the bytes of `W` words as a constant, which the language cannot compute.
macro_rules! at_bytes {
    ($words:expr, $call:ident($($argument:expr),*)) => {
        match $words {
            8 => Either::A($call::<W, 64>($($argument),*)?),
            32 => Either::B($call::<W, 256>($($argument),*)?),
            128 => Either::C($call::<W, 1024>($($argument),*)?),
            512 => Either::D($call::<W, 4096>($($argument),*)?),
            2048 => Either::E($call::<W, 16384>($($argument),*)?),
            words => anyhow::bail!("there are no events of {words} words"),
        }
    };
}

/// One of the five sizes. Only one is ever there, and the branch is foreseen.
enum Either<A, B, C, D, E> {
    A(A),
    B(B),
    C(C),
    D(D),
    E(E),
}

impl Contender for Copied {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        Ok(at_bytes!(W, publishes(name, slots)))
    }

    fn reader<const W: usize>(name: &str, _slots: usize) -> anyhow::Result<impl Receive<W>> {
        Ok(at_bytes!(W, copies(name)))
    }
}

fn publishes<const W: usize, const N: usize>(name: &str, slots: usize) -> anyhow::Result<PublishesBytes<W, N>> {
    let publisher = SolePublisher::join(file(name)?.create::<Bytes<N>, Sole>(slots)?)?;
    Ok(PublishesBytes { publisher, event: Box::new([0; W]) })
}

fn copies<const W: usize, const N: usize>(name: &str) -> anyhow::Result<CopiesBytes<N>> {
    Ok(CopiesBytes(Consumer::join(file(name)?.open::<Bytes<N>, Sole>()?, Start::Oldest)?))
}

struct PublishesBytes<const W: usize, const N: usize> {
    publisher: SolePublisher<Ring<Bytes<N>, Sole>>,
    event: Box<[u64; W]>,
}

impl<const W: usize, const N: usize> Publish<W> for PublishesBytes<W, N> {
    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        fill(&mut self.event, first);
        poll.until(|| self.publisher.try_publish(bytemuck::bytes_of(&*self.event), 1).is_ok());
    }
}

struct CopiesBytes<const N: usize>(Consumer<Ring<Bytes<N>, Sole>>);

impl<const W: usize, const N: usize> Receive<W> for CopiesBytes<N> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        let Ok(event) = self.0.try_copy() else { return false };
        see(bytemuck::from_bytes(event.bytes()));
        true
    }
}

impl<const W: usize, A, B, C, D, E> Publish<W> for Either<A, B, C, D, E>
where
    A: Publish<W>,
    B: Publish<W>,
    C: Publish<W>,
    D: Publish<W>,
    E: Publish<W>,
{
    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        match self {
            Either::A(end) => end.publish(first, poll),
            Either::B(end) => end.publish(first, poll),
            Either::C(end) => end.publish(first, poll),
            Either::D(end) => end.publish(first, poll),
            Either::E(end) => end.publish(first, poll),
        }
    }
}

impl<const W: usize, A, B, C, D, E> Receive<W> for Either<A, B, C, D, E>
where
    A: Receive<W>,
    B: Receive<W>,
    C: Receive<W>,
    D: Receive<W>,
    E: Receive<W>,
{
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        match self {
            Either::A(end) => end.receive(see),
            Either::B(end) => end.receive(see),
            Either::C(end) => end.receive(see),
            Either::D(end) => end.receive(see),
            Either::E(end) => end.receive(see),
        }
    }
}
