//! An executor that is hard to please: a waker that is not of the last poll wakes nobody, some polls have no reason, and some
//! tasks are dropped.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Condvar, Mutex, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use crate::{
    case::{Case, Choose, PATIENCE, lock, rng},
    rng::Rng,
};

pub(super) type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Executor {
    tasks: RwLock<Vec<Arc<Task>>>,
    queue: Mutex<VecDeque<usize>>,
    bell: Condvar,
    /// Tasks that are neither done nor dropped.
    left: AtomicUsize,
    polls: AtomicU64,
    /// Wakers that somebody holds.
    wakers: Arc<AtomicUsize>,
    timers: Mutex<Vec<(Instant, Waker)>>,
}

struct Task {
    name: String,
    future: Mutex<Option<BoxFuture>>,
    is_queued: AtomicBool,
    /// Of its last poll.
    generation: AtomicU64,
    /// It is dropped at this poll.
    aborted_at: Option<u64>,
}

struct Bell {
    executor: Arc<Executor>,
    task: usize,
    generation: u64,
    wakers: Arc<AtomicUsize>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = Arc::clone(&self.executor.tasks.read().expect("no publisher panics")[self.task]);
        if task.generation.load(SeqCst) == self.generation {
            self.executor.enqueue(self.task, &task);
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.wakers.fetch_sub(1, SeqCst);
    }
}

impl Executor {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Executor {
            tasks: RwLock::default(),
            queue: Mutex::default(),
            bell: Condvar::new(),
            left: AtomicUsize::new(0),
            polls: AtomicU64::new(0),
            wakers: Arc::default(),
            timers: Mutex::default(),
        })
    }

    pub(super) fn add(&self, name: String, aborted_at: Option<u64>, future: BoxFuture) {
        let task = Arc::new(Task {
            name,
            future: Mutex::new(Some(future)),
            is_queued: AtomicBool::new(true),
            generation: AtomicU64::new(0),
            aborted_at,
        });
        let mut tasks = self.tasks.write().expect("no publisher panics");
        tasks.push(task);
        self.left.fetch_add(1, SeqCst);
        lock(&self.queue).push_back(tasks.len() - 1);
    }

    fn enqueue(&self, number: usize, task: &Task) {
        if !task.is_queued.swap(true, SeqCst) {
            lock(&self.queue).push_back(number);
            self.bell.notify_one();
        }
    }

    /// The tasks that are not done.
    pub(super) fn asleep(&self) -> String {
        let tasks = self.tasks.read().expect("no publisher panics").clone();
        let asleep = tasks.iter().filter(|task| task.future.try_lock().is_ok_and(|future| future.is_some()));
        asleep.map(|task| format!("{} (polled {}) ", task.name, task.generation.load(SeqCst))).collect()
    }

    /// Runs all to their ends, on this many threads.
    pub(super) fn run(self: &Arc<Self>, case: &Case, threads: usize, spurious: u64) {
        thread::scope(|scope| {
            for nth in 0..threads as u64 {
                scope.spawn(move || self.work(case, rng(case.seed, 700 + nth), spurious));
            }
            let (mut polls, mut since) = (0, Instant::now());
            while self.left.load(SeqCst) > 0 {
                thread::sleep(Duration::from_micros(200));
                let now = Instant::now();
                let mut timers = lock(&self.timers);
                let (due, later) = timers.drain(..).partition(|(at, _)| *at <= now);
                *timers = later;
                drop(timers);
                due.into_iter().for_each(|(_, waker): (Instant, Waker)| waker.wake());
                let polled = self.polls.load(SeqCst);
                if polled != polls {
                    (polls, since) = (polled, now);
                } else if since.elapsed() > PATIENCE {
                    case.fault(format_args!("nobody was polled for {PATIENCE:?}; asleep: {}", self.asleep()));
                    break;
                }
                if case.has_failed() {
                    break;
                }
            }
            // Those that are left are dropped here.
            let tasks = self.tasks.read().expect("no publisher panics").clone();
            for task in &tasks {
                if lock(&task.future).take().is_some() {
                    self.left.fetch_sub(1, SeqCst);
                }
            }
            self.bell.notify_all();
        });
        lock(&self.timers).clear();
        self.tasks.write().expect("no publisher panics").clear();
        let held = self.wakers.load(SeqCst);
        case.check(held == 0, || format!("{held} wakers are held by nobody's futures"));
    }

    fn work(self: &Arc<Self>, case: &Case, mut rng: Rng, spurious: u64) {
        while self.left.load(SeqCst) > 0 && !case.has_failed() {
            let mut queue = lock(&self.queue);
            if queue.is_empty() {
                queue =
                    self.bell.wait_timeout(queue, Duration::from_millis(2)).map_or_else(|e| e.into_inner().0, |q| q.0);
            }
            // Not always the one that was woken first.
            let next = if rng.one_in(4) { queue.pop_back() } else { queue.pop_front() };
            drop(queue);
            let tasks = self.tasks.read().expect("no publisher panics");
            let number = match next {
                Some(number) => number,
                None if spurious > 0 && rng.one_in(spurious) => rng.below(tasks.len() as u64) as usize,
                None => continue,
            };
            let task = Arc::clone(&tasks[number]);
            drop(tasks);
            if next.is_some() {
                task.is_queued.store(false, SeqCst);
                self.polls.fetch_add(1, SeqCst);
            }
            self.poll(number, &task);
        }
    }

    fn poll(self: &Arc<Self>, number: usize, task: &Task) {
        let mut future = lock(&task.future);
        let Some(running) = future.as_mut() else { return };
        let generation = task.generation.fetch_add(1, SeqCst) + 1;
        self.wakers.fetch_add(1, SeqCst);
        let wakers = Arc::clone(&self.wakers);
        let waker = Waker::from(Arc::new(Bell { executor: Arc::clone(self), task: number, generation, wakers }));
        let is_aborted = task.aborted_at.is_some_and(|at| generation > at);
        if is_aborted || running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            *future = None;
            self.left.fetch_sub(1, SeqCst);
        }
    }

    /// What `future` comes to, unless it is given up: at some poll, or after some time.
    pub(super) async fn impatiently<F: Future>(&self, rng: &mut Rng, gives_up: u64, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        if gives_up == 0 || !rng.one_in(gives_up) {
            return Some(future.await);
        }
        let mut polls = if rng.one_in(2) { rng.below(3) } else { u64::MAX };
        let until = Instant::now() + Duration::from_micros(rng.below(1500));
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            if polls == 0 || Instant::now() >= until {
                return Poll::Ready(None);
            }
            polls -= 1;
            lock(&self.timers).push((until, context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// Lets others run.
    pub(super) async fn rest(&self) {
        let mut rested = false;
        poll_fn(|context| {
            if rested {
                return Poll::Ready(());
            }
            rested = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    pub(super) async fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        poll_fn(|context| {
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            lock(&self.timers).push((until, context.waker().clone()));
            Poll::Pending
        })
        .await
    }
}
