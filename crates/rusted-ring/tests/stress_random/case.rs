//! A case: a seed, what it is in words, and what went wrong; how cases are run, and what becomes of one that hangs.

use std::{
    any::Any,
    env, fmt,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::rng::Rng;

/// The longest wait of a case: a thread that waits longer was forgotten.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// After how long without any change a case hangs: its waits come first, which say more.
const LIMIT: Duration = Duration::from_secs(45);
/// Faults of one case that are told.
const TOLD: usize = 12;

/// What a case that hangs has to say of itself.
type State = Box<dyn Fn() -> String + Send + Sync>;

pub(crate) struct Case {
    pub(crate) seed: u64,
    words: Mutex<String>,
    faults: Mutex<Vec<String>>,
    has_failed: AtomicBool,
    state: Mutex<Option<Arc<State>>>,
}

impl Case {
    fn new(seed: u64) -> Arc<Self> {
        let (words, faults, state) = Default::default();
        Arc::new(Case { seed, words, faults, has_failed: AtomicBool::new(false), state })
    }

    /// Says in words what the case is.
    pub(crate) fn is(&self, words: impl fmt::Display) {
        *lock(&self.words) = words.to_string();
    }

    /// Makes a hang print `state`.
    pub(crate) fn tells(&self, state: impl Fn() -> String + Send + Sync + 'static) {
        *lock(&self.state) = Some(Arc::new(Box::new(state)));
    }

    /// Something went wrong.
    pub(crate) fn fault(&self, what: impl fmt::Display) {
        self.has_failed.store(true, Relaxed);
        lock(&self.faults).push(what.to_string());
    }

    /// `what` went wrong, unless `right`.
    pub(crate) fn check(&self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.fault(what());
        }
    }

    /// Whether anything went wrong, so that nobody need go on.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Relaxed)
    }

    /// Looks again and again until `done`; false, and a fault, if that is not to be.
    pub(crate) fn wait_until(&self, what: &str, mut done: impl FnMut() -> bool) -> bool {
        let begun = Instant::now();
        while !done() {
            if begun.elapsed() > PATIENCE {
                self.fault(format_args!("waited {PATIENCE:?} for {what}"));
                return false;
            }
            thread::sleep(Duration::from_micros(100));
        }
        true
    }

    /// What its state says, if it can still say that.
    fn state(&self) -> String {
        let Some(state) = lock(&self.state).clone() else { return String::new() };
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(state()));
        told.recv_timeout(Duration::from_secs(2)).unwrap_or_else(|_| String::from("its state cannot be had"))
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// With what every panic begins that a case plans: these are not printed.
pub(crate) const PLANNED: &str = "planned: ";

/// What a panic says.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| String::from(*text));
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Runs cases of `model`, which is called `name`, for as long as the environment says.
pub(crate) fn run(name: &str, model: fn(&Arc<Case>)) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !message(info.payload()).starts_with(PLANNED) {
                usual(info);
            }
        }));
    });
    let deep = env::var("RUSTED_RING_DEEP").as_deref() == Ok("1");
    let (only, seconds) = (number("RUSTED_RING_SEED"), number("RUSTED_RING_SECONDS"));
    let length = Duration::from_secs(seconds.unwrap_or(if deep { 600 } else { 10 }));
    // In its long form every run sees cases that none has seen.
    let clock =
        || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 1_000_000 * 1_000_000);
    let mut seed = only.unwrap_or_else(|| if deep { clock() } else { 1 });
    let first = seed;
    let may_fail = number("RUSTED_RING_FAILURES").unwrap_or(1).max(1);
    let (mut cases, mut failures) = (0_u64, Vec::new());
    let begun = Instant::now();
    loop {
        cases += 1;
        if let Some(failure) = fails(name, seed, model) {
            println!("{failure}");
            failures.push(seed);
        }
        let once = only.is_some() && seconds.is_none();
        if once || failures.len() as u64 >= may_fail || begun.elapsed() >= length {
            break;
        }
        seed += u64::from(only.is_none());
    }
    println!("{name}: {cases} cases from seed {first} on, in {:?}; failed: {failures:?}", begun.elapsed());
    assert!(failures.is_empty(), "{name}: the cases of seeds {failures:?} failed, see above");
}

/// How the case of this seed fails, if it does.
fn fails(name: &str, seed: u64, model: fn(&Arc<Case>)) -> Option<String> {
    let case = Case::new(seed);
    let (tell, told) = mpsc::channel();
    let this = Arc::clone(&case);
    let running = thread::Builder::new().name(format!("{name} {seed}")).spawn(move || {
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| model(&this)));
        // Nobody listens any more to a case that hung.
        _ = tell.send(outcome);
    });
    running.expect("a thread for a case");
    let (mut state, mut changed) = (String::new(), Instant::now());
    loop {
        match told.recv_timeout(LIMIT / 10) {
            Ok(Ok(())) => {}
            Ok(Err(payload)) => case.fault(format_args!("a panic: {}", message(&*payload))),
            Err(RecvTimeoutError::Timeout) => {
                let now = case.state();
                if now != state {
                    (state, changed) = (now, Instant::now());
                }
                if changed.elapsed() < LIMIT {
                    continue;
                }
                case.fault(format_args!("it hangs: nothing has changed for {LIMIT:?}\n{state}"));
            }
            Err(RecvTimeoutError::Disconnected) => case.fault("its thread is gone"),
        }
        break;
    }
    let faults = lock(&case.faults);
    if faults.is_empty() {
        return None;
    }
    let mut text = format!("\n{name}, seed {seed}: {}", lock(&case.words));
    faults.iter().take(TOLD).for_each(|fault| text += &format!("\n  - {fault}"));
    if faults.len() > TOLD {
        text += &format!("\n  - and {} more", faults.len() - TOLD);
    }
    let again = "cargo test -p rusted-ring --release --all-features --test stress_random -- --nocapture";
    Some(text + &format!("\n  again: RUSTED_RING_SEED={seed} RUSTED_RING_SECONDS=60 {again} {name}\n"))
}

/// More ways to choose.
pub(crate) trait Choose {
    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64;
    /// One of `these`.
    fn one_of<T: Copy>(&mut self, these: &[T]) -> T;
    /// A generator of its own.
    fn fork(&mut self) -> Rng;
}

impl Choose for Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.up_to(n) - 1
    }

    fn one_of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len() as u64) as usize]
    }

    fn fork(&mut self) -> Rng {
        Rng::new(self.below(1 << 40))
    }
}

/// A generator whose numbers are this seed's and this salt's.
pub(crate) fn rng(seed: u64, salt: u64) -> Rng {
    let mixed = (seed ^ salt.wrapping_mul(0xA24B_AED4_963E_E407)).wrapping_mul(0x9FB2_1C65_1E98_DF25);
    let mut rng = Rng::new(mixed ^ (mixed >> 32));
    (0..4).for_each(|_| _ = rng.below(2));
    rng
}
