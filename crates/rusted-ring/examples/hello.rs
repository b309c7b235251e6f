//! One ring, one publisher, and the two contracts for who reads it.

use rusted_ring::{Closing, Consumer, Many, Publisher, RingBuffer, Subscriber};

static STROKES: RingBuffer<64, 256, Many, Closing> = RingBuffer::closing();

fn main() {
    let mut disk = Consumer::new(&STROKES).unwrap(); // loses nothing: the publisher waits for it
    let mut screen = Subscriber::new(&STROKES); // is never waited for, and told what it missed
    let pen = Publisher::join(&STROKES).unwrap();
    std::thread::spawn(move || (0..10_000u32).for_each(|x| _ = pen.publish(&x.to_le_bytes(), 1).unwrap()));
    let mut stored = 0;
    while let Ok(_stroke) = disk.recv() {
        stored += 1;
    }
    let shown = screen.by_ref().count() as u64;
    println!("stored {stored}; showed {shown}, missed {}", screen.lost());
    assert_eq!((stored, shown + screen.lost()), (10_000, 10_000));
}
