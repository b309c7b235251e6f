//! Three publishers that nobody holds up, and Subscribers that they overtake again and again.

use std::sync::Arc;

use super::{Ring, Subscriber, books::Published, explore_sleeping, glance, joined, publishing, read_to_the_end};
use crate::{Start, ledger::Ledger, subscriber::Resync, sync::thread, wait::WaitStrategy};

#[test]
fn each_reader_counts_what_it_lost() {
    explore_sleeping(3, || {
        let ring = Arc::new(Ring::<4, _, _>::closing());
        let readers = [Resync::Margin, Resync::Newest]
            .map(|resync| Subscriber::<4, _, _>::join(ring.clone(), Start::Newest).resyncing(resync));
        let publishing = publishing(&ring, 3, 6, WaitStrategy::Park);
        let reading = readers.map(|reader| thread::spawn(move || read_to_the_end(reader)));
        let inner = ring.clone();
        let glancing = thread::spawn(move || [Start::Oldest, Start::Newest].map(|start| glance(&inner, start, 3)));
        let published = Published::by(joined(publishing));
        let claimed = Ledger::of(&ring).claimed().get();
        for read in joined(reading) {
            published.is_partly_in(&read, claimed);
            assert_eq!(read.0.lag(), 0, "it read to the end");
        }
        glancing.join().unwrap().iter().for_each(|glanced| published.is_partly_in(glanced, claimed));
    });
}
