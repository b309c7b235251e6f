//! Large events through a pool set: packed where that helps, read by who asks, and seen as they are by who does not.

use rusted_ring::{Capacities, HeapPools, PoolSet, Start, Subscriber, ledger::Ledger};
use rusted_ring_compression::{Compression, PACKED, Packer, Unpacker};

const BOARD: u32 = 7;

#[test]
fn a_packed_event_is_what_lies_on_the_ring_and_what_it_was_to_who_asks() {
    let pools: HeapPools = HeapPools::new(Capacities::MOBILE);
    let mut small = Subscriber::join(pools.s(), Start::Oldest);
    let mut large = Subscriber::join(pools.xl(), Start::Oldest);
    let (mut packer, mut unpacker) = (Packer::new(&Compression::Lz4), Unpacker::new(16_384));

    // It shrinks to a smaller pool's slot.
    let board = b"a stroke, and again ".repeat(800);
    let (bytes, event_type) = packer.pack_event(&board, BOARD).unwrap();
    let on_the_ring = bytes.len();
    assert!(on_the_ring <= 256 && event_type == BOARD | PACKED);
    pools.emit(bytes, event_type).unwrap();
    // It does not shrink.
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture: Vec<u8> = (0..16_000).map(|_| next()).collect();
    let (bytes, event_type) = packer.pack_event(&picture, BOARD).unwrap();
    assert_eq!((bytes, event_type), (&picture[..], BOARD));
    pools.emit(bytes, event_type).unwrap();

    let claimed = [Ledger::of(&pools.s()).claimed(), Ledger::of(&pools.xl()).claimed()];
    assert_eq!(claimed.map(|next| next.get()), [1, 1]);
    let event = small.recv().unwrap();
    // Who does not ask sees a type that it does not know, and the bytes that are there.
    assert_eq!((event.bytes().len(), event.event_type), (on_the_ring, BOARD | PACKED));
    assert_eq!(unpacker.unpack_event(event.bytes(), event.event_type).unwrap(), (&board[..], BOARD));
    let event = large.recv().unwrap();
    assert_eq!(unpacker.unpack_event(event.bytes(), event.event_type).unwrap(), (&picture[..], BOARD));
}
