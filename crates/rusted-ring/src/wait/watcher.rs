//! Waking what sleeps by a waker, a task or a thread in a wait set, at notifiers that processes share.
//!
//! Another process can change a word and wake the threads that sleep on it; it cannot call a waker of this one. So one thread of this process
//! sleeps on all the words at which somebody waits here, and calls the wakers. It starts when it is needed first, and ends when it was not needed
//! for a while.

use std::{
    mem, process,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    thread,
    time::Duration,
    vec::Vec,
};

use super::kernel::{Epoch, Watched, Woken, sleep_on_several};
use crate::foreign::{part_with, waking};

/// This process's watcher.
pub(super) static WATCHER: Watcher = Watcher::new(sleep_on_several);

/// How long the thread stays when nobody sleeps.
const UNNEEDED: Duration = Duration::from_secs(1);
/// How often all are woken in any case: the process that would wake them may have ended. Each time all of them look, and register anew.
const LONGEST_WATCH: Duration = Duration::from_millis(200);
/// How often all are woken where the kernel cannot wait for so many words.
const LOOK: Duration = Duration::from_millis(5);
/// Words that the kernel waits for at once, besides the list's own.
const MOST: usize = 127;

pub(super) struct Watcher {
    list: Mutex<List>,
    /// Changes with the list.
    changed: Epoch,
    sleep: Sleep,
}

/// Sleeps until a word changes: the list's, or one of others. None, if the kernel cannot.
type Sleep = fn((&Epoch, u32), &[Watched], Duration) -> Option<Woken>;

struct List {
    /// The process whose thread is there: a fork has the list, and no such thread.
    watched_by: Option<u32>,
    /// Whether the thread has been told, since it looked last, to look again.
    is_told: bool,
    asleep: Vec<Asleep>,
    next: u64,
}

struct Asleep {
    ticket: u64,
    at: Watched,
    waker: Waker,
}

impl Watcher {
    const fn new(sleep: Sleep) -> Self {
        let list = List { watched_by: None, is_told: false, asleep: Vec::new(), next: 0 };
        Watcher { list: Mutex::new(list), changed: Epoch::new(), sleep }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has `waker` woken when the word at `at` is another one; returns its ticket, which is `known` if that is the same sleep. None, if no thread could be
    /// started for that.
    pub(super) fn register(&'static self, at: Watched, known: Option<u64>, waker: &Waker) -> Option<u64> {
        let is_the_same =
            |asleep: &Asleep| Some(asleep.ticket) == known && asleep.at == at && asleep.waker.will_wake(waker);
        let list = self.list();
        if list.is_watched() && list.asleep.iter().any(is_the_same) {
            return known;
        }
        drop(list);
        let waker = waker.clone();
        let mut list = self.list();
        if !list.is_watched() {
            // Those of the process that forked, whose tasks are not this one's.
            mem::forget(mem::take(&mut list.asleep));
            let thread = thread::Builder::new().name("rusted-ring-watcher".into()).spawn(|| self.run());
            if thread.is_err() {
                drop(list);
                part_with(waker);
                return None;
            }
            list.watched_by = Some(process::id());
        }
        let ticket = list.next;
        list.next += 1;
        let replaced = known.and_then(|known| list.remove(known));
        list.asleep.push(Asleep { ticket, at, waker });
        let was_told = mem::replace(&mut list.is_told, true);
        drop(list);
        // Once is enough: what comes before it looks is on its list.
        if !was_told {
            self.changed.wake_all();
        }
        part_with(replaced);
        Some(ticket)
    }

    /// Ends a sleep; returns the waker if it was not woken.
    pub(super) fn remove(&self, ticket: u64) -> Option<Waker> {
        // The thread may go on to sleep on the word, which is nothing to it: the kernel says whether it is there.
        self.list().remove(ticket)
    }

    /// The thread.
    fn run(&self) {
        let mut has_lasted = false;
        loop {
            let changed = self.changed.now();
            let mut words = self.list().words();
            if words.is_empty() {
                if has_lasted && self.list().ends() {
                    return;
                }
                self.changed.sleep(changed, UNNEEDED);
                has_lasted = self.changed.now() == changed;
                continue;
            }
            has_lasted = false;
            // One that armed before a waking waits for another value of the same word than one that armed behind it.
            words.sort_unstable();
            words.dedup();
            let timeout = if words.len() > MOST { LOOK } else { LONGEST_WATCH };
            words.truncate(MOST);
            let woken = (self.sleep)((&self.changed, changed), &words, timeout);
            let woken = woken.unwrap_or_else(|| {
                self.changed.sleep(changed, LOOK);
                Woken::Perhaps
            });
            let is_woken = |at: &Watched| match woken {
                Woken::Nobody => false,
                Woken::At(index) => at.place() == words[index].place(),
                // Also when it has lasted so long that the process that would wake them may have ended.
                Woken::Perhaps => true,
            };
            let taken: Vec<Asleep> = self.list().asleep.extract_if(.., |asleep| is_woken(&asleep.at)).collect();
            for Asleep { waker, .. } in taken {
                waking(|| waker.wake());
            }
        }
    }
}

impl List {
    /// Whether this process has the thread.
    fn is_watched(&self) -> bool {
        self.watched_by == Some(process::id())
    }

    /// The words at which somebody sleeps; who comes from here on tells the thread.
    fn words(&mut self) -> Vec<Watched> {
        self.is_told = false;
        self.asleep.iter().map(|asleep| asleep.at).collect()
    }

    fn remove(&mut self, ticket: u64) -> Option<Waker> {
        let index = self.asleep.iter().position(|asleep| asleep.ticket == ticket)?;
        Some(self.asleep.swap_remove(index).waker)
    }

    /// Ends the watch, if nobody sleeps.
    fn ends(&mut self) -> bool {
        if self.asleep.is_empty() {
            self.watched_by = None;
        }
        self.watched_by.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering::Relaxed},
        },
        task::Wake,
        time::Instant,
    };

    use super::*;

    /// Counts its wakings.
    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    fn until(is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// A word that processes share.
    fn word() -> &'static Epoch {
        let word = Box::leak(Box::new(Epoch::new()));
        word.share(true);
        word
    }

    #[test]
    fn a_change_of_a_word_wakes_whoever_sleeps_there_with_the_kernels_help_or_without() {
        static WITH: Watcher = Watcher::new(sleep_on_several);
        static WITHOUT: Watcher = Watcher::new(|_, _, _| None);
        for watcher in [&WITH, &WITHOUT] {
            let words: Vec<_> = (0..3).map(|_| word()).collect();
            for round in 0..200 {
                let counts: [Arc<Count>; 3] = std::array::from_fn(|_| Arc::default());
                let tickets: Vec<_> = (words.iter().zip(&counts))
                    .map(|(word, count)| watcher.register(word.watched(), None, &Arc::clone(count).into()).unwrap())
                    .collect();
                let chosen = round % 3;
                words[chosen].wake_all();
                until(|| counts[chosen].0.load(Relaxed) == 1);
                for ticket in tickets {
                    drop(watcher.remove(ticket));
                }
                // The watcher may have taken the others, too, and be at waking them.
                until(|| counts.iter().all(|count| Arc::strong_count(count) == 1));
                assert!(counts.iter().all(|count| count.0.load(Relaxed) <= 1));
            }
        }
    }

    #[test]
    fn more_words_than_the_kernel_waits_for_are_waited_for() {
        static WATCHER: Watcher = Watcher::new(sleep_on_several);
        let words: Vec<_> = (0..MOST + 40).map(|_| word()).collect();
        let counts: Vec<Arc<Count>> = words.iter().map(|_| Arc::default()).collect();
        for (word, count) in words.iter().zip(&counts) {
            watcher_register(&WATCHER, word, count);
        }
        words[MOST + 20].wake_all();
        until(|| counts[MOST + 20].0.load(Relaxed) == 1);
    }

    fn watcher_register(watcher: &'static Watcher, word: &Epoch, count: &Arc<Count>) -> u64 {
        watcher.register(word.watched(), None, &Arc::clone(count).into()).unwrap()
    }

    #[test]
    fn who_armed_before_a_waking_is_woken_whoever_is_before_it_in_the_list() {
        // No sleep ends by its time-out.
        static WATCHER: Watcher =
            Watcher::new(|own, words, _| sleep_on_several(own, words, Duration::from_secs(1_000)));
        let (word, early, late) = (word(), Arc::<Count>::default(), Arc::<Count>::default());
        let before = word.watched();
        word.wake_all();
        watcher_register(&WATCHER, word, &late);
        WATCHER.register(before, None, &Arc::clone(&early).into()).unwrap();
        until(|| early.0.load(Relaxed) == 1);
    }

    #[test]
    fn of_many_that_sleep_at_few_words_none_is_woken_by_the_clock() {
        static LONGEST: AtomicU32 = AtomicU32::new(0);
        static WATCHER: Watcher = Watcher::new(|own, words, timeout| {
            LONGEST.fetch_max(words.len() as u32, Relaxed);
            assert_eq!(timeout, LONGEST_WATCH);
            sleep_on_several(own, words, timeout)
        });
        let words = [word(), word()];
        let counts: Vec<Arc<Count>> = (0..MOST + 40).map(|_| Arc::default()).collect();
        for (word, count) in words.iter().cycle().zip(&counts) {
            watcher_register(&WATCHER, word, count);
        }
        words[1].wake_all();
        until(|| counts.iter().skip(1).step_by(2).all(|count| count.0.load(Relaxed) == 1));
        assert!(LONGEST.load(Relaxed) <= 2);
    }

    #[test]
    fn a_fork_that_asks_for_the_same_sleep_again_has_a_watcher_of_its_own() {
        static WATCHER: Watcher = Watcher::new(sleep_on_several);
        let (word, count) = (word(), Arc::<Count>::default());
        let waker = Waker::from(Arc::clone(&count));
        // What a fork finds.
        let ticket = 7;
        *WATCHER.list() = List {
            watched_by: Some(process::id() + 1),
            is_told: true,
            asleep: std::vec![Asleep { ticket, at: word.watched(), waker: waker.clone() }],
            next: ticket + 1,
        };
        let again = WATCHER.register(word.watched(), Some(ticket), &waker).unwrap();
        assert_ne!(again, ticket);
        word.wake_all();
        until(|| count.0.load(Relaxed) == 1);
    }

    #[test]
    fn who_sleeps_long_is_woken_for_whoever_would_wake_it_may_have_ended() {
        static WATCHER: Watcher = Watcher::new(sleep_on_several);
        let (word, count) = (word(), Arc::<Count>::default());
        watcher_register(&WATCHER, word, &count);
        until(|| count.0.load(Relaxed) == 1);
    }

    #[test]
    fn a_word_that_is_gone_is_no_more_than_a_waking() {
        static WATCHER: Watcher = Watcher::new(sleep_on_several);
        let count = Arc::<Count>::default();
        let gone = Watched::nowhere();
        WATCHER.register(gone, None, &Arc::clone(&count).into()).unwrap();
        until(|| count.0.load(Relaxed) == 1);
    }
}
