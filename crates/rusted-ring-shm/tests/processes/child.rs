//! What the other process does.

use std::{
    env, fs,
    os::{fd::AsRawFd, unix::fs::FileExt},
    process, thread,
    time::Duration,
};

use rusted_ring::{
    Bytes, Capacities, Consumer, HeapRing, Many, PoolSet, Publisher, SolePublisher, Start, Subscriber, consumer,
    ledger::Ledger,
    pool::PoolId,
    wait::{WaitSet, Waitable},
};
use rusted_ring_shm::{FileError, LatestFile, PoolFiles, Pools, RingFile, SharedLatest};

use crate::{
    LONG, ManyRing, PATH, ROLE, SoleRing,
    statics::{has_statics, places_statics},
    stream::block_on,
};

/// The number of an event, as its bytes.
pub(crate) fn event(n: u64) -> [u8; 8] {
    n.to_le_bytes()
}

pub(crate) fn say(word: &str, more: impl ToString) {
    println!("<{word}> {}", more.to_string());
}

/// Until it is killed.
pub(crate) fn for_ever() -> ! {
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

#[test]
#[ignore = "what the other tests start as a process"]
fn child() {
    let (Ok(role), Ok(path)) = (env::var(ROLE), env::var(PATH)) else { return };
    // Should the test be gone, nobody else ends this one.
    thread::spawn(|| {
        thread::sleep(2 * LONG);
        process::exit(3);
    });
    let file = RingFile::at(path);
    let (role, count) = role.split_once(' ').unwrap_or((&role, "0"));
    let count: u64 = count.parse().unwrap();
    match role {
        "creates" => creates(&file),
        "holds" => holds(&file),
        "forks" => forks(&file),
        "sleeps" => sleeps(&file),
        "churns" => churns(&file),
        "claims" => claims(&file),
        "claims-batch" => claims_batch(&file),
        "claims-batch-alone" => claims_batch_alone(&file),
        "publishes-when-told" => publishes_when_told(&file),
        "fills" => fills(&file),
        "counts-unlisted" => counts_unlisted(&file),
        "claims-alone" => claims_alone(&file),
        "publishes" => publishes(&file, count),
        "publishes-late" => publishes_late(&file, count),
        "publishes-alone" => publishes_alone(&file, count),
        "counts" => counts(&file, count),
        "echoes" => echoes(&file, count),
        "places-statics" => places_statics(&file),
        "has-statics" => has_statics(&file),
        "answers-by-set" => answers_by_set(&file, count),
        "idles" => idles(&file),
        "sleeps-in-set" => sleeps_in_set(&file),
        "sleeps-in-task" => sleeps_in_task(&file),
        "updates" => updates(&LatestFile::at(file.path())),
        "reads-cells" => reads_cells(&LatestFile::at(file.path())),
        "creates-pools" => creates_pools(&PoolFiles::at(file.path())),
        "names-pools" => names_pools(&PoolFiles::at(file.path())),
        "opens-pools" => opens_pools(&PoolFiles::at(file.path())),
        "holds-pool" => holds_pool(&PoolFiles::at(file.path())),
        _ => panic!("nobody is `{role}`"),
    }
}

/// Creates rings, and removes them.
fn creates(file: &RingFile) {
    say("ready", "");
    loop {
        let _: ManyRing = file.create(100).unwrap();
        file.remove().unwrap();
    }
}

/// A value of which every word is the same: a number, and in its lowest byte the key.
pub(crate) type Cell = [u64; 32];

/// Whether all of the value was written at once, for this key.
pub(crate) fn is_whole(value: &Cell, key: usize) -> bool {
    value.iter().all(|word| *word == value[0]) && value[0] & 0xff == key as u64
}

/// The writer of cells, which updates each key in turn, without end.
fn updates(file: &LatestFile) {
    let cells: SharedLatest<Cell> = file.open().unwrap();
    let mut writer = cells.writer().unwrap();
    say("ready", "");
    for n in 0.. {
        let key = n % cells.keys();
        writer.update(key, &[(n << 8 | key) as u64; 32]);
    }
}

/// A reader of key 0, which reads without end.
fn reads_cells(file: &LatestFile) {
    let cells: SharedLatest<Cell> = file.open().unwrap();
    let mut reader = cells.reader().unwrap();
    say("ready", "");
    loop {
        let now = reader.get(0).unwrap();
        assert!(now.is_none_or(|now| is_whole(&now.value, 0)));
    }
}

/// The capacities of small pools.
pub(crate) const FEW: Capacities = Capacities { xs: 4, s: 4, m: 4, l: 4, xl: 4 };

/// Creates sets, and removes them.
fn creates_pools(files: &PoolFiles) {
    say("ready", "");
    loop {
        let _: Pools = files.create(FEW).unwrap();
        files.remove().unwrap();
    }
}

/// A creator of a set that has given two of the five names.
fn names_pools(files: &PoolFiles) {
    let _: Pools = files.create(FEW).unwrap();
    for pool in [PoolId::XL, PoolId::L, PoolId::M] {
        files.file(pool).remove().unwrap();
    }
    // The lock that it would have.
    let xs = fs::OpenOptions::new().read(true).write(true).open(files.file(PoolId::XS).path()).unwrap();
    let mut lock = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 130,
        l_len: 1,
        l_pid: 0,
    };
    // SAFETY: the descriptor is open, and the command reads and writes one `flock`.
    assert_eq!(unsafe { libc::fcntl(xs.as_raw_fd(), libc::F_OFD_SETLK, &raw mut lock) }, 0);
    say("ready", "");
    for_ever();
}

/// One of several that create the same set, unless it is there.
fn opens_pools(files: &PoolFiles) {
    let pools: Pools = files.open_or_create(FEW).unwrap();
    pools.emit(b"an event", 1).unwrap();
    say("ready", pools.xs().peers().properties().set.unwrap());
    for_ever();
}

/// A Consumer of one pool that reads nothing.
fn holds_pool(files: &PoolFiles) {
    let pools: Pools = files.open().unwrap();
    let _store = Consumer::join(pools.s(), Start::Newest).unwrap().named("holds-pool");
    say("ready", "");
    for_ever();
}

/// A Consumer that reads nothing until it is told to, and then all that there is.
fn holds(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap().named("holds");
    say("ready", "");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let mut sum = 0;
    while let Ok(event) = consumer.copy_timeout(Duration::from_millis(500)) {
        sum += u64::from_le_bytes(event.bytes().try_into().unwrap());
    }
    say("sum", sum);
    for_ever();
}

/// A Consumer whose process forks: the fork has the same description of the file.
fn forks(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let consumer = Consumer::join(ring.clone(), Start::Newest).unwrap();
    // SAFETY: the fork takes no lock that another thread may have had, and ends without running anything else of this program.
    match unsafe { libc::fork() } {
        0 => {
            let refused = Consumer::join(ring, Start::Newest).is_err();
            thread::sleep(if refused { LONG } else { Duration::ZERO });
            // SAFETY: it ends the fork, and drops nothing of what is its parent's.
            unsafe { libc::_exit(0) };
        }
        fork => say("ready", fork),
    }
    std::mem::forget(consumer);
    for_ever();
}

/// A Consumer that sleeps until there is an event, and never has one.
fn sleeps(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let mut consumer = Consumer::join(ring, Start::Newest).unwrap();
    let mut screen = Subscriber::join(consumer.ring().clone(), Start::Newest);
    thread::spawn(move || while screen.recv().is_ok() {});
    say("ready", "");
    assert!(consumer.copy().is_err(), "it was killed before");
}

/// Consumers that join, and leave, without end.
fn churns(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    say("ready", "");
    loop {
        let several: Vec<_> = (0..3).map(|_| Consumer::join(ring.clone(), Start::Oldest)).collect();
        drop(several);
    }
}

/// Two readers of a ring whose table is full.
fn counts_unlisted(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let _readers = [(); 2].map(|()| Subscriber::join(ring.clone(), Start::Newest));
    say("ready", "");
    for_ever();
}

/// Bytes of the file system on which [`fills`] is.
pub(crate) const SMALL: u64 = 1 << 20;

/// Uses a file system of [`SMALL`] bytes up, while a ring is there.
fn fills(file: &RingFile) {
    let beside = |name: &str| RingFile::at(file.path().with_file_name(name));
    // Half of it, and then more than is left.
    let ring: ManyRing = file.create(6000).unwrap();
    let refused = beside("more").create::<Bytes<64>, Many>(8000).unwrap_err();
    assert!(matches!(refused, FileError::NoSpace { .. }), "{refused}");
    assert_eq!(fs::read_dir(file.path().parent().unwrap()).unwrap().count(), 1, "nothing is left of the refused");
    // A copy with holes, which only a full disk would show.
    let sparse = fs::File::create(beside("sparse").path()).unwrap();
    sparse.write_all_at(&fs::read(file.path()).unwrap()[..4096], 0).unwrap();
    sparse.set_len(fs::metadata(file.path()).unwrap().len()).unwrap();
    let mut rest = fs::File::create(beside("rest").path()).unwrap();
    while std::io::Write::write_all(&mut rest, &[1; 4096]).is_ok() {}
    let refused = beside("sparse").open::<Bytes<64>, Many>().unwrap_err();
    assert!(matches!(refused, FileError::Sparse { .. }), "{refused}");
    // Each page of the ring is written for the first time, now that there is none left.
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap();
    let publisher = Publisher::join(ring).unwrap();
    for n in 0..20_000 {
        publisher.publish(&event(n), 1).unwrap();
        assert_eq!(store.try_copy().unwrap().bytes(), event(n));
    }
    say("ready", "all was as promised");
    for_ever();
}

/// A publisher that waits until it is told to publish.
fn publishes_when_told(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    say("ready", "");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    publisher.publish(&event(0), 1).unwrap();
    for_ever();
}

/// A publisher in the middle of a batch, of which the first two events are out.
fn claims_batch(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let mut claims = publisher.claim_batch(5);
    for n in 0..2 {
        let mut claim = claims.next().unwrap();
        claim.append(&event(n)).unwrap();
        claim.publish(1).unwrap();
    }
    say("ready", claims.len());
    for_ever();
}

/// The same, of a sole publisher.
fn claims_batch_alone(file: &RingFile) {
    let ring: SoleRing = file.open().unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut claims = publisher.claim_batch(5);
    for n in 0..2 {
        let mut claim = claims.next_claim().unwrap();
        claim.append(&event(n)).unwrap();
        claim.publish(1);
    }
    let mut half = claims.next_claim().unwrap();
    half.append(b"half of").unwrap();
    say("ready", "");
    for_ever();
}

/// A publisher in the middle of a publish.
fn claims(file: &RingFile) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let mut claim = publisher.claim();
    claim.append(b"half of").unwrap();
    say("ready", claim.sequence());
    for_ever();
}

/// A sole publisher in the middle of its sixth publish.
fn claims_alone(file: &RingFile) {
    let ring: SoleRing = file.open().unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    for n in 0..5 {
        publisher.publish(&event(n), 1).unwrap();
    }
    let mut claim = publisher.claim();
    claim.append(b"half of").unwrap();
    say("ready", "");
    for_ever();
}

/// A publisher of `count` events, which waits where it has to; without a count it does not end.
fn publishes(file: &RingFile, count: u64) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..if count == 0 { u64::MAX } else { count } {
        publisher.publish(&event(n), 1).unwrap();
    }
    say("done", "");
    for_ever();
}

/// A publisher whose readers sleep before each event.
fn publishes_late(file: &RingFile, count: u64) {
    let ring: ManyRing = file.open().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..count {
        thread::sleep(Duration::from_millis(100));
        publisher.publish(&event(n), 1).unwrap();
    }
    for_ever();
}

fn publishes_alone(file: &RingFile, count: u64) {
    let ring: SoleRing = file.open().unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    say("ready", "");
    for n in 0..if count == 0 { u64::MAX } else { count } {
        publisher.publish(&event(n), 1).unwrap();
    }
    say("done", "");
    for_ever();
}

/// A Subscriber that reads up to sequence `count`, and then says its books.
fn counts(file: &RingFile, count: u64) {
    let ring: SoleRing = file.open().unwrap();
    let mut reader = Subscriber::join(ring.clone(), Start::Newest).named("counts");
    say("ready", "");
    let mut last = None;
    while reader.next_sequence().get() < count {
        if let Ok(event) = reader.recv_timeout(LONG) {
            let n = u64::from_le_bytes(event.bytes().try_into().unwrap());
            assert!(last < Some(n), "in order, and nothing twice");
            last = Some(n);
        }
    }
    let books = Ledger::of(&ring).readers().find(|books| books.name.as_str() == "counts").unwrap();
    say("books", format!("{} {} {} {}", books.received, books.lost, books.holes, books.ahead));
    for_ever();
}

/// Answers each event of the ring on a second ring beside it.
fn echoes(file: &RingFile, count: u64) {
    let there: ManyRing = file.open().unwrap();
    let back: ManyRing = RingFile::at(file.path().with_extension("back")).open().unwrap();
    let mut consumer = Consumer::join(there, Start::Newest).unwrap();
    let publisher = Publisher::join(back).unwrap();
    say("ready", "");
    for _ in 0..count {
        match consumer.copy_timeout(LONG) {
            Ok(event) => publisher.publish(event.bytes(), event.event_type).unwrap(),
            Err(consumer::TryRecvError::Empty) => panic!("nothing came"),
            Err(error) => panic!("{error}"),
        };
    }
    for_ever();
}

/// As [`echoes`], on two rings in turn, through a set that also has rings on which nothing comes.
fn answers_by_set(file: &RingFile, count: u64) {
    let there: ManyRing = file.open().unwrap();
    let beside = |name: &str| RingFile::at(file.path().with_extension(name)).open::<Bytes<64>, Many>().unwrap();
    let backs = ["back", "other"].map(beside);
    let mut silent = backs.clone().map(|ring| Subscriber::join(ring, Start::Newest));
    let publishers = backs.map(|ring| Publisher::join(ring).unwrap());
    let mut consumer = Consumer::join(there, Start::Newest).unwrap();
    let own = HeapRing::<64>::new(8);
    let _keeps_it_open = Publisher::join(own.clone()).unwrap();
    let mut own = Subscriber::join(own, Start::Newest);
    let mut set = WaitSet::new();
    say("ready", "");
    for n in 0..count {
        let [first, second] = &mut silent;
        loop {
            match set.wait_timeout(&mut [own.member(), consumer.member(), first.member(), second.member()], LONG) {
                Some(1) => break,
                // What this process has published itself.
                Some(2) => drop(first.try_recv()),
                Some(3) => drop(second.try_recv()),
                other => panic!("{other:?}"),
            }
        }
        publishers[(n % 2) as usize].publish(consumer.try_copy().unwrap().bytes(), 1).unwrap();
    }
    for_ever();
}

/// How long this process has used a processor.
pub(crate) fn busy_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A set and a task that wait for three rings each, on which nothing comes.
fn idles(file: &RingFile) {
    let rings = ["one", "two", "three"].map(|name| RingFile::at(file.path().with_extension(name)).open().unwrap());
    let readers = || rings.clone().map(|ring: ManyRing| Subscriber::join(ring, Start::Newest));
    let (mut of_set, mut of_task, mut alone) = (readers(), readers(), readers()[0].clone().into_async());
    thread::spawn(move || WaitSet::new().wait(&mut of_set));
    thread::spawn(move || block_on(WaitSet::new().into_async().wait(&mut of_task)));
    thread::spawn(move || block_on(alone.recv()));
    say("ready", "");
    thread::sleep(Duration::from_millis(100));
    let before = busy_time();
    thread::sleep(Duration::from_millis(1500));
    say("used", (busy_time() - before).as_micros());
    for_ever();
}

/// A Consumer that waits in a set for nine events, beside a ring on which nothing comes.
fn sleeps_in_set(file: &RingFile) {
    let mut consumer = Consumer::join(file.open::<Bytes<64>, Many>().unwrap(), Start::Newest).unwrap();
    let own = HeapRing::<64>::new(8);
    let _keeps_it_open = Publisher::join(own.clone()).unwrap();
    let mut own = Subscriber::join(own, Start::Newest);
    say("ready", "");
    let (mut set, mut sum) = (WaitSet::new(), 0);
    for _ in 0..9 {
        assert_eq!(set.wait(&mut [own.member(), consumer.member()]), 1);
        sum += u64::from_le_bytes(consumer.try_copy().unwrap().bytes().try_into().unwrap());
    }
    say("sum", sum);
    for_ever();
}

/// The same, of a task.
fn sleeps_in_task(file: &RingFile) {
    let ring = file.open::<Bytes<64>, Many>().unwrap();
    let mut consumers = [Consumer::join(ring, Start::Newest).unwrap()];
    say("ready", "");
    let (mut set, mut sum) = (WaitSet::new().into_async(), 0);
    for _ in 0..9 {
        assert_eq!(block_on(set.wait(&mut consumers)), 0);
        sum += u64::from_le_bytes(consumers[0].try_copy().unwrap().bytes().try_into().unwrap());
    }
    say("sum", sum);
    for_ever();
}
