//! Small messages and whole documents in one set of pools: an event beyond 16 KiB takes several slots of the XL pool.

use rusted_ring::{
    Consumer, Subscriber,
    pool::{PoolId, PoolSet},
    publisher::PublishError,
};

rusted_ring::pools! {
    /// Documents of up to 128 KiB, among small messages.
    struct Office { xs: 256, s: 64, m: 16, l: 16, xl: 32, longest: 131_072 }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The store is lent the event in place, in one piece; the copy goes into a buffer on the heap, because it is large.
    let mut store = Consumer::new(Office.xl())?;
    let mut preview = Subscriber::new(Office.xl());
    let mut buffer: Box<[u8; 131_072]> = vec![0; 131_072].try_into().expect("of that length");

    let sizes = [20_000, 131_072, 5_000, 70_001, 16_384, 99_999];
    for (number, size) in (0..).zip(sizes) {
        let document: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let (pool, _) = Office.emit(&document, number)?;
        assert_eq!(pool, PoolId::XL);
        assert!(*store.recv()? == document[..]);
        let copy = preview.try_read(&mut buffer)?;
        assert!(copy.data == document && copy.event_type == number);
    }
    assert_eq!((store.received(), preview.received(), preview.lost()), (6, 6, 0));
    println!("{} documents in {} slots", store.received(), store.next_sequence());

    // An event beyond the bound is refused with the bound.
    let refused = Office.emit(&[0; 131_073], 0).unwrap_err();
    assert!(matches!(refused, PublishError::TooLarge(it) if (it.data_len, it.max_size) == (131_073, 131_072)));
    println!("{refused}");
    Ok(())
}
