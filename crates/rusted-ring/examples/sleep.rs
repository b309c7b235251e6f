//! A reader sleeps in `recv()` without using the processor, and wakes within microseconds.

use std::{thread, time::Duration, time::Instant};

use rusted_ring::{HeapRing, Publisher, Start, Subscriber};
use rustix::time::{ClockId, clock_gettime};

fn main() {
    let ring = HeapRing::<16>::new(64);
    let (mut reader, publisher) = (Subscriber::join(ring.clone(), Start::Newest), Publisher::join(ring).unwrap());
    let begun = Instant::now();
    let sleeper = thread::spawn(move || {
        let event = reader.recv().unwrap();
        let sent = u128::from_le_bytes(event.data);
        (begun.elapsed().as_nanos() - sent, clock_gettime(ClockId::ThreadCPUTime))
    });
    thread::sleep(Duration::from_secs(2));
    publisher.publish(&begun.elapsed().as_nanos().to_le_bytes(), 0).unwrap();

    let (woke_after, used) = sleeper.join().unwrap();
    let used = Duration::new(used.tv_sec as u64, used.tv_nsec as u32);
    let share = used.as_secs_f64() / 2.0 * 100.0;
    println!("slept 2 s on {used:?} of processor time ({share:.3} %), woke {} µs after the event", woke_after / 1000);
    assert!(share < 1.0, "an idle reader uses no processor");
}
