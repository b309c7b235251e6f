//! One ring, one publisher, and a reader of each kind: a `Consumer` that loses nothing, a `Subscriber` that is told what it lost.

use rusted_ring::{Consumer, HeapRing, Publisher, Start, Subscriber};

fn main() {
    let ring = HeapRing::<64>::new(256); // 256 slots, each for an event of up to 64 bytes
    let mut disk = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let mut screen = Subscriber::join(ring.clone(), Start::Newest);
    let pen = Publisher::join(ring).unwrap();
    std::thread::spawn(move || {
        for x in 0..10_000_u32 {
            pen.publish(&x.to_le_bytes(), 1).unwrap(); // 1 is the event's type: any number you like
        }
    }); // the last publisher is dropped here, which closes the ring
    let mut stored = 0;
    while let Ok(_stroke) = disk.recv() {
        stored += 1;
    }
    let shown = screen.by_ref().count() as u64;
    println!("stored {stored}; showed {shown}, missed {}", screen.lost());
    assert_eq!((stored, shown + screen.lost()), (10_000, 10_000));
}
