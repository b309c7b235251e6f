//! Names of any text, and payloads of every length through slots of every word size.

#![no_main]

use std::collections::VecDeque;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rusted_ring::{Consumer, HeapRing, Name, Publisher, Start, Subscriber, ledger::Ledger};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    name: &'a str,
    stride: u8,
    events: Vec<(u8, &'a [u8])>,
}

fuzz_target!(|input: Input<'_>| {
    names(input.name);
    words_of(input.stride, &input.events);
});

/// Bytes that a name holds.
const NAME: usize = 24;

/// What must be left of `text`: whole characters, as many as fit, and none from a NUL on.
fn cut(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        if name.len() + character.len_utf8() > NAME {
            break;
        }
        name.push(character);
    }
    name.split('\0').next().unwrap_or_default().to_owned()
}

fn names(text: &str) {
    let expected = cut(text);
    let name = Name::new(text);
    assert_eq!((name.as_str(), name.to_string()), (&expected[..], expected.clone()));
    let ring = HeapRing::<8>::new(1);
    let reader = Subscriber::join(ring.clone(), Start::Newest).named(text);
    let consumer = Consumer::join(ring.clone(), Start::Newest).expect("the table has room").named(text);
    let listed: Vec<String> = Ledger::of(&ring).readers().map(|status| status.name.to_string()).collect();
    assert_eq!(listed, [expected.clone(), expected]);
    drop((reader, consumer));
}

fn words_of(stride: u8, events: &[(u8, &[u8])]) {
    match stride % 16 {
        0 => words::<1>(events),
        1 => words::<2>(events),
        2 => words::<3>(events),
        3 => words::<4>(events),
        4 => words::<5>(events),
        5 => words::<6>(events),
        6 => words::<7>(events),
        7 => words::<8>(events),
        8 => words::<9>(events),
        9 => words::<12>(events),
        10 => words::<16>(events),
        11 => words::<20>(events),
        12 => words::<24>(events),
        13 => words::<63>(events),
        14 => words::<64>(events),
        _ => words::<100>(events),
    }
}

/// Slots of a ring: publishing in one must leave its neighbours as they are.
const SLOTS: usize = 3;

/// Publishes events of the lengths and patterns given, and after each reads all that is retained, in every way.
fn words<const N: usize>(events: &[(u8, &[u8])]) {
    let ring = HeapRing::<N>::new(SLOTS);
    let publisher = Publisher::join(ring.clone()).expect("a new ring is open");
    let mut retained = VecDeque::new();
    for (count, &(len, pattern)) in events.iter().enumerate() {
        let len = usize::from(len) % (N + 2);
        let data: Vec<u8> = pattern.iter().chain(&[0xFF]).copied().cycle().take(len).collect();
        if publisher.try_publish(&data, count as u32).is_err() {
            assert!(len > N, "an event of {len} bytes was refused by slots of {N}");
            continue;
        }
        assert!(len <= N, "an event of {len} bytes was taken by slots of {N}");
        retained.push_back((count as u32, data));
        if retained.len() > SLOTS {
            retained.pop_front();
        }
        let mut owned = Subscriber::join(ring.clone(), Start::Oldest);
        let mut copied = Subscriber::join(ring.clone(), Start::Oldest);
        for (event_type, data) in &retained {
            let event = owned.try_recv().expect("it is retained");
            assert_eq!((event.event_type, event.bytes()), (*event_type, &data[..]));
            assert!(event.data[data.len()..].iter().all(|&byte| byte == 0));
            let mut buffer = [0xA5; N];
            let event = copied.try_read(&mut buffer).expect("it is retained");
            assert_eq!((event.event_type, event.data), (*event_type, &data[..]));
        }
        assert!(owned.try_recv().is_err() && copied.try_recv().is_err());
        // It may begin up to an eighth of the ring, at least one event, younger.
        let mut lent = Consumer::join(ring.clone(), Start::Oldest).expect("the table has room");
        let behind = lent.lag() as usize;
        assert!(behind + 1 >= retained.len());
        for (event_type, data) in retained.iter().skip(retained.len() - behind) {
            let event = lent.try_recv().expect("it is retained");
            assert_eq!((event.event_type(), &*event), (*event_type, &data[..]));
        }
        assert!(lent.try_recv().is_err());
    }
}
