//! The rings of a program, under the names by which it registers them.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text},
    registry::Registry,
};
use rusted_ring::{RingRef, pool::PoolSet};

use crate::{
    account::Account,
    families::{Family, RINGS},
    openmetrics,
    source::{Handle, Source},
};

/// The series of readers that a ring has at most, unless [`RingCollector::with_max_readers`] says otherwise: as many as its table has entries.
pub const DEFAULT_MAX_READERS: usize = 64;

/// The rings that are shown, for a [`Registry`] or for [`encode`]. A clone is another handle on the same rings.
///
/// It reads the rings' ledgers when it is scraped: see the [crate](crate). Scrapes and registrations wait for each other, and for nobody else, except
/// a reader that is counting a loss at that moment.
#[derive(Clone)]
pub struct RingCollector {
    rings: Arc<Mutex<Vec<Registered>>>,
    max_readers: usize,
}

struct Registered {
    name: String,
    source: Box<dyn Source>,
    account: Account,
}

/// A ring is registered under this name already.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameTaken {
    /// The name.
    pub name: String,
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a ring is registered as {:?} already: choose another name, or unregister that ring first", self.name)
    }
}

impl Error for NameTaken {}

impl Default for RingCollector {
    fn default() -> Self {
        Self::new()
    }
}

impl RingCollector {
    /// Returns a collector without rings.
    pub fn new() -> Self {
        Self::with_max_readers(DEFAULT_MAX_READERS)
    }

    /// Returns a collector without rings, which shows at most `max_readers` series of readers for each ring: the first that come. All
    /// others are summed under `reader="other"`.
    pub fn with_max_readers(max_readers: usize) -> Self {
        RingCollector { rings: Arc::default(), max_readers }
    }

    /// Shows `ring` as `name`, from now until it is [unregistered](Self::unregister).
    ///
    /// The collector has a handle on the ring, which keeps its memory, and does not keep it open: a ring that was closed stays with its last
    /// figures.
    ///
    /// # Errors
    ///
    /// If a ring has this name already.
    pub fn register<R: RingRef + Send + 'static>(&self, name: &str, ring: R) -> Result<(), NameTaken> {
        self.register_source(name, Handle(ring))
    }

    /// Shows the five rings of `pools` as `name.xs`, `name.s`, `name.m`, `name.l` and `name.xl`.
    ///
    /// # Errors
    ///
    /// If a ring has one of these names already. Then none of the five is registered.
    pub fn register_pools<const LONGEST: usize, P>(&self, name: &str, pools: &P) -> Result<(), NameTaken>
    where
        P: PoolSet<
                LONGEST,
                Xs: Send + 'static,
                S: Send + 'static,
                M: Send + 'static,
                L: Send + 'static,
                Xl: Send + 'static,
            >,
    {
        let mut rings = self.lock();
        let names = ["xs", "s", "m", "l", "xl"].map(|pool| format!("{name}.{pool}"));
        names.iter().try_for_each(|name| is_free(&rings, name))?;
        let sources: [Box<dyn Source>; 5] = [
            Box::new(Handle(pools.xs())),
            Box::new(Handle(pools.s())),
            Box::new(Handle(pools.m())),
            Box::new(Handle(pools.l())),
            Box::new(Handle(pools.xl())),
        ];
        for (name, source) in names.into_iter().zip(sources) {
            rings.push(Registered::new(name, source, self.max_readers));
        }
        Ok(())
    }

    /// Shows the ring that `source` knows as `name`, from now until it is [unregistered](Self::unregister).
    ///
    /// # Errors
    ///
    /// If a ring has this name already.
    pub fn register_source(&self, name: &str, source: impl Source + 'static) -> Result<(), NameTaken> {
        let mut rings = self.lock();
        is_free(&rings, name)?;
        rings.push(Registered::new(name.to_owned(), Box::new(source), self.max_readers));
        Ok(())
    }

    /// Forgets the ring that is registered as `name`, with what was seen of readers that have left. Returns whether there was one.
    pub fn unregister(&self, name: &str) -> bool {
        let mut rings = self.lock();
        let at = rings.iter().position(|ring| ring.name == name);
        // Its handle may be the ring's last: the memory is freed when others do not wait any more.
        let gone = at.map(|at| rings.remove(at));
        drop(rings);
        gone.is_some()
    }

    /// A source that panicked in a scrape leaves the figures as they were before, or after: both are sound.
    fn lock(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_free(rings: &[Registered], name: &str) -> Result<(), NameTaken> {
    match rings.iter().any(|ring| ring.name == name) {
        true => Err(NameTaken { name: name.to_owned() }),
        false => Ok(()),
    }
}

impl Registered {
    fn new(name: String, source: Box<dyn Source>, max_readers: usize) -> Self {
        let account = Account::new(source.properties(), max_readers);
        Registered { name, source, account }
    }
}

/// What is shown at one moment.
pub(crate) struct Shown<'a> {
    /// The rings under their names.
    pub(crate) rings: &'a [(&'a str, &'a Account)],
}

impl Shown<'_> {
    /// The metrics of what there is.
    pub(crate) fn families(&self) -> impl Iterator<Item = &'static Family> {
        RINGS.iter().filter(|_| !self.rings.is_empty())
    }
}

impl Collector for RingCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut rings = self.lock();
        for ring in rings.iter_mut() {
            if let Some(books) = ring.source.books() {
                ring.account.update(&books, Instant::now());
            }
        }
        let rings: Vec<_> = rings.iter().map(|ring| (&*ring.name, &ring.account)).collect();
        openmetrics::write(&mut encoder, &Shown { rings: &rings })
    }
}

impl fmt::Debug for RingCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rings = self.lock();
        f.debug_struct("RingCollector")
            .field("rings", &rings.iter().map(|ring| &*ring.name).collect::<Vec<_>>())
            .field("max_readers", &self.max_readers)
            .finish()
    }
}

/// Reads the rings' ledgers, and returns the metrics in the text format of OpenMetrics 1.0, whose media type is
/// `application/openmetrics-text; version=1.0.0; charset=utf-8`.
pub fn encode(rings: &RingCollector) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(rings.clone()));
    let mut text = String::new();
    text::encode(&mut text, &registry).expect("a String takes any text");
    text
}
