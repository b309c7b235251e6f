//! One thread waits for four rings at once: a feed that floods it does not starve the quiet ones, and a feed that ends leaves
//! the set.

use std::{error::Error, thread, time::Duration};

use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Start,
    consumer::TryRecvError,
    wait::{Member, WaitSet, Waitable},
};

struct Feed {
    name: &'static str,
    prices: Consumer<HeapTypedRing<u64>>,
}

/// A type that contains an endpoint can be a member itself.
impl Waitable for Feed {
    fn member(&mut self) -> Member<'_> {
        self.prices.member()
    }
}

const FEEDS: [(&str, u64, Duration); 4] = [
    ("flood", 200_000, Duration::ZERO),
    ("fast", 2_000, Duration::from_micros(50)),
    ("slow", 20, Duration::from_millis(5)),
    ("silent", 0, Duration::from_millis(100)),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut feeds = Vec::new();
    for (name, prices, pause) in FEEDS {
        let ring = HeapTypedRing::new(256);
        feeds.push(Feed { name, prices: Consumer::join(ring.clone(), Start::Newest)? });
        let publisher = Publisher::join(ring)?;
        thread::spawn(move || {
            for price in 0..prices {
                publisher.send(&price);
                thread::sleep(pause);
            }
            // The ring closes with its publisher.
        });
    }

    let (mut set, mut ended) = (WaitSet::new(), Vec::new());
    while !feeds.is_empty() {
        let ready = set.wait(&mut feeds);
        match feeds[ready].prices.try_recv().map(|_price| ()) {
            Ok(()) => {}
            Err(TryRecvError::Closed) => ended.push(feeds.remove(ready)),
            Err(other) => return Err(other.into()),
        }
    }

    for (name, expected, _) in FEEDS {
        let feed = ended.iter().find(|feed| feed.name == name).ok_or("a feed that never ended")?;
        println!("{name}: received {}", feed.prices.received());
        assert_eq!(feed.prices.received(), expected);
    }
    Ok(())
}
