//! A stream of trades, and beside it the current price of each symbol, for readers that do not need the stream.

use std::thread;

use rusted_ring::{Consumer, HeapTypedRing, Latest, Publisher, Start};

const SYMBOLS: usize = 100;
const TRADES: u64 = 200_000;

fn main() {
    let trades = HeapTypedRing::<[u64; 2]>::new(1024);
    let prices = Latest::<u64>::new(SYMBOLS, 4);

    // It follows every trade, and keeps the prices.
    let mut feed = Consumer::join(trades.clone(), Start::Newest).expect("there is an entry");
    let mut writer = prices.writer().expect("nobody else writes them");
    let keeper = thread::spawn(move || {
        let mut followed = 0;
        while let Ok(trade) = feed.recv() {
            let [symbol, price] = *trade;
            writer.update(symbol as usize, &price);
            followed += 1;
        }
        followed
    });

    // The screen draws when it likes, and only what has changed since it last drew.
    let mut screen = prices.reader().expect("4 may read them");
    let drawing = thread::spawn(move || {
        let (mut seen, mut newest, mut frames, mut drawn) = ([0; SYMBOLS], 0, 0, 0);
        while newest < TRADES - 1 {
            for (symbol, seen) in seen.iter_mut().enumerate() {
                if let Some(now) = screen.newer(symbol, *seen) {
                    assert!(now.version > *seen && now.value % SYMBOLS as u64 == symbol as u64);
                    (*seen, newest) = (now.version, newest.max(now.value));
                    drawn += 1;
                }
            }
            frames += 1;
            thread::yield_now();
        }
        (frames, drawn)
    });

    let publisher = Publisher::join(trades).expect("the ring is open");
    for price in 0..TRADES {
        publisher.send(&[price % SYMBOLS as u64, price]);
    }
    drop(publisher);

    assert_eq!(keeper.join().expect("the keeper ends with the stream"), TRADES);
    let (frames, drawn) = drawing.join().expect("the screen has drawn the last price");

    // A late reader finds the prices there.
    let mut late = prices.reader().expect("4 may read them");
    let known = (0..SYMBOLS).filter(|&symbol| late.get(symbol).is_some()).count();
    println!("{TRADES} trades; {frames} frames drew {drawn} prices; a late reader finds {known} of {SYMBOLS} at once");
    assert_eq!(known, SYMBOLS);
}
