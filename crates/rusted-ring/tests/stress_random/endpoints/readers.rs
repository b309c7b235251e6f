//! Readers that join anywhere, and leave, again and again.

use std::sync::atomic::Ordering::SeqCst;

use rusted_ring::{
    Bytes, RingRef, Start, Subscriber,
    ledger::Ledger,
    subscriber::{Resync, TryRecvError},
};

use super::{
    Play,
    book::{Book, Turn, goes_on, start},
};
use crate::{
    case::{Choose, PATIENCE, rng},
    rng::Rng,
};

pub(super) fn visit_as_reader<const N: usize, R: RingRef<Slot = Bytes<N>>>(play: &Play<'_, R>, nth: usize) {
    let mut rng = rng(play.case.seed, 300 + nth as u64);
    let mut over_since = None;
    while !play.over.load(SeqCst) && !play.case.has_failed() {
        let capacity = play.plan.capacity as u64;
        let claimed = || Ledger::of(&play.ring).claimed().get();
        let before = claimed();
        let start = start(&mut rng, before, capacity);
        let resync = rng.one_of(&[Resync::Margin, Resync::Margin, Resync::Newest]);
        let mut reader = Subscriber::join(play.ring.clone(), start).resyncing(resync).waiting(play.plan.strategy);
        let (after, first) = (claimed(), reader.next_sequence().get());
        let (least, most) = match start {
            Start::Newest => (before, after),
            Start::Oldest => (before.saturating_sub(capacity), after.saturating_sub(capacity)),
            Start::At(at) => (before.min(at.get()), after.min(at.get())),
        };
        let mut book = Book::new(play, &format!("Subscriber {nth}"), first);
        book.check((least..=most).contains(&first), || {
            format!("begins at {first}, at {start:?} of {before} to {after}")
        });
        let mut turn = Turn::Received;
        while goes_on(&book, turn, &mut rng, &mut over_since) {
            if rng.one_in(200) {
                reader = reader.clone();
                (book.received, book.lost, book.holes) = (0, 0, 0);
            }
            turn = read(&mut reader, &mut book, resync, &mut rng);
            let own = (reader.next_sequence().get(), reader.received(), reader.lost(), reader.holes());
            let right = own == (book.next, book.received, book.lost, book.holes);
            book.check(right, || {
                let Book { next, received, lost, holes, .. } = &book;
                format!("(next, received, lost, holes) are {:?}, and it says {own:?}", (next, received, lost, holes))
            });
        }
        if turn == Turn::Closed {
            let claimed = claimed();
            book.check(book.next == claimed, || format!("closed at {}, of {claimed}", book.next));
            return;
        }
    }
}

/// One call to a Subscriber.
fn read<const N: usize, R>(reader: &mut Subscriber<R>, book: &mut Book<'_, R>, resync: Resync, rng: &mut Rng) -> Turn
where
    R: RingRef<Slot = Bytes<N>>,
{
    let mut buffer = [0; N];
    let failed = match rng.below(5) {
        0 => match reader.try_recv() {
            Ok(event) => {
                book.pass(reader.holes());
                book.event(reader.next_sequence().get() - 1, event.bytes(), event.event_type, N);
                return Turn::Received;
            }
            Err(error) => error,
        },
        1 if !book.play.over.load(SeqCst) => match reader.recv_timeout(PATIENCE) {
            Ok(event) => {
                book.pass(reader.holes());
                book.event(reader.next_sequence().get() - 1, event.bytes(), event.event_type, N);
                return Turn::Received;
            }
            Err(error @ (TryRecvError::Lagged(_) | TryRecvError::Closed)) => error,
            Err(error) => {
                book.check(false, || format!("waited at {} of {}: {error}", book.next, book.claimed()));
                TryRecvError::Empty
            }
        },
        2 => {
            let mut events = vec![reader_blank::<N>(); rng.up_to(9) as usize];
            match reader.try_read_batch(&mut events) {
                Ok(count) => {
                    book.pass(reader.holes());
                    book.check(count > 0, || "an empty batch".into());
                    let first = reader.next_sequence().get() - count as u64;
                    for (event, sequence) in events[..count].iter().zip(first..) {
                        book.event(sequence, event.bytes(), event.event_type, N);
                    }
                    return Turn::Received;
                }
                Err(error) => error,
            }
        }
        3 => {
            let lost = reader.lost();
            let event = reader.next();
            // It may have lost some, told nobody, and gone past holes before and after.
            let (end, lost, holes) = (reader.next_sequence().get(), reader.lost() - lost, reader.holes() - book.holes);
            let next = book.next;
            let right = end == next + lost + holes + u64::from(event.is_some());
            book.check(right, || format!("from {next} to {end} by {lost} lost and {holes} holes"));
            (book.lost, book.holes) = (book.lost + lost, book.holes + holes);
            book.next = end;
            let Some(event) = event else { return Turn::Empty };
            book.next -= 1;
            book.event(end - 1, event.bytes(), event.event_type, N);
            return Turn::Received;
        }
        _ => match reader.try_read(&mut buffer) {
            Ok(event) => {
                let (sequence, data, event_type) = (event.sequence.get(), event.data, event.event_type);
                book.pass(reader.holes());
                book.event(sequence, data, event_type, N);
                return Turn::Received;
            }
            Err(error) => error,
        },
    };
    book.pass(reader.holes());
    match failed {
        TryRecvError::Lagged(lagged) => {
            book.lost(lagged, resync);
            Turn::Received
        }
        TryRecvError::Closed => Turn::Closed,
        _ => Turn::Empty,
    }
}

fn reader_blank<const N: usize>() -> rusted_ring::PooledEvent<N> {
    rusted_ring::PooledEvent { len: 0, event_type: 0, data: [0; N] }
}
