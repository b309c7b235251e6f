//! The rings of a program, under the names by which it registers them.

use std::{error::Error, fmt, sync::Arc, time::Instant};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text},
    registry::Registry,
};
use rusted_ring::{
    RingRef,
    pool::{PoolId, PoolSet},
    topology::Graph,
};

use crate::{
    account::Account,
    families::{CELLS, Family, JOURNALS, RINGS, STAGES, UNSHOWN, pool_name},
    journals::JournalAccount,
    openmetrics,
    owned::{Guard, Owned},
    source::{CellSource, Cells, Handle, JournalSource, Journaled, Source},
    stages::{Stages, Watched},
};

/// The series of readers that a ring has at most, and of stages a topology, unless [`RingCollector::with_max_readers`] says otherwise: as many as its table has entries.
pub const DEFAULT_MAX_READERS: usize = 64;

/// The rings that are shown, for a [`Registry`] or for [`encode`]. A clone is another handle on the same rings.
///
/// It reads the rings' ledgers when it is scraped: see the [crate](crate). Scrapes and registrations wait for each other, and for nobody else, except
/// a reader that is counting a loss at that moment.
///
/// # Panics
///
/// Every method, a scrape and `Debug` included, if a [`Source`], [`CellSource`] or [`JournalSource`] calls it while this collector is reading it. One that
/// waits for another thread that does so waits for ever.
#[derive(Clone)]
pub struct RingCollector {
    shown: Arc<Owned<Registered>>,
    max_readers: usize,
}

/// All that is registered.
#[derive(Default)]
struct Registered {
    rings: Vec<Ring>,
    topologies: Vec<Topology>,
    journals: Vec<Journal>,
    cells: Vec<Latest>,
    /// How much is not shown, if anybody counts that.
    unshown: Option<u64>,
}

struct Ring {
    name: String,
    source: Box<dyn Source>,
    account: Account,
}

struct Topology {
    name: String,
    watched: Box<dyn Watched>,
    stages: Stages,
}

struct Journal {
    name: String,
    source: Box<dyn JournalSource>,
    account: JournalAccount,
}

struct Latest {
    name: String,
    source: Box<dyn CellSource>,
    /// As they were when they were last looked at.
    cells: Option<Cells>,
}

/// Something of the same kind is registered under this name already.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameTaken {
    /// The name.
    pub name: String,
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is registered already: choose another name, or unregister what has it first", self.name)
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

    /// Returns a collector without rings, which shows at most `max_readers` series of readers for each ring, and as many of stages for each topology: the
    /// first that come. All others are summed under `reader="other"` and `stage="other"`.
    pub fn with_max_readers(max_readers: usize) -> Self {
        RingCollector { shown: Arc::default(), max_readers }
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
        self.register_source(name, Handle(ring, None))
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
        let names = PoolId::ALL.map(|pool| format!("{name}.{}", pool_name(pool)));
        let of = |pool| Some((name.to_owned(), pool));
        let sources: [Box<dyn Source>; 5] = [
            Box::new(Handle(pools.xs(), of(PoolId::XS))),
            Box::new(Handle(pools.s(), of(PoolId::S))),
            Box::new(Handle(pools.m(), of(PoolId::M))),
            Box::new(Handle(pools.l(), of(PoolId::L))),
            Box::new(Handle(pools.xl(), of(PoolId::XL))),
        ];
        let mut shown = self.lock();
        names.iter().try_for_each(|name| is_free(&shown.rings, name))?;
        shown
            .rings
            .extend(names.into_iter().zip(sources).map(|(name, source)| Ring::new(name, source, self.max_readers)));
        Ok(())
    }

    /// Shows the ring that `source` knows as `name`, from now until it is [unregistered](Self::unregister).
    ///
    /// # Errors
    ///
    /// If a ring has this name already.
    pub fn register_source(&self, name: &str, source: impl Source + 'static) -> Result<(), NameTaken> {
        let ring = Ring::new(name.to_owned(), Box::new(source), self.max_readers);
        let mut shown = self.lock();
        is_free(&shown.rings, name)?;
        shown.rings.push(ring);
        Ok(())
    }

    /// Shows the stages of `graph` as those of the topology `name`, until it is [unregistered](Self::unregister_topology).
    ///
    /// What is shown is how far the stages have *finished* what they received; what they received is in the series of their ring's readers, under the
    /// same names. The collector does not keep the graph: one that has ended stays with its counters, as far as they were scraped. Its
    /// [`Watch`](rusted_ring::topology::Watch) is read while the collector is locked; should that free what the graph has left, then in the same place.
    ///
    /// ```
    /// use rusted_ring::{HeapTypedRing, topology::Topology};
    /// use rusted_ring_metrics::{RingCollector, encode};
    ///
    /// let graph = Topology::over(HeapTypedRing::<u64>::new(64)).stage("journal").each(|_, _| ()).start()?;
    /// let rings = RingCollector::new();
    /// rings.register_topology("orders", &graph)?;
    /// assert!(encode(&rings).contains(r#"rusted_ring_stage_lag_sequences{topology="orders",stage="journal"} 0"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a topology has this name already. A ring may have it.
    pub fn register_topology<R>(&self, name: &str, graph: &Graph<R>) -> Result<(), NameTaken>
    where
        R: RingRef + Send + Sync + 'static,
    {
        let mut shown = self.lock();
        is_free(&shown.topologies, name)?;
        let watched = Box::new(graph.watch());
        shown.topologies.push(Topology { name: name.to_owned(), watched, stages: Stages::default() });
        Ok(())
    }

    /// Shows the journal that `source` knows as `name`, from now until it is [unregistered](Self::unregister_journal).
    ///
    /// With the feature `journal`, a ring and its journal's watch are such a source:
    ///
    #[cfg_attr(feature = "journal", doc = "```")]
    #[cfg_attr(not(feature = "journal"), doc = "```ignore")]
    /// use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
    /// use rusted_ring_journal::{Journal, Options};
    /// use rusted_ring_metrics::{RingCollector, encode};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let ring = HeapTypedRing::<u64>::new(64);
    /// let journal = Journal::open(&directory, Options::default())?;
    /// let recording = journal.record(Consumer::join(ring.clone(), Start::Oldest)?)?;
    /// let rings = RingCollector::new();
    /// rings.register_journal("orders", (ring, recording.watch()))?;
    /// assert!(encode(&rings).contains(r#"rusted_ring_journal_recording{journal="orders"} 1"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a journal has this name already. A ring may have it.
    pub fn register_journal(&self, name: &str, source: impl JournalSource + 'static) -> Result<(), NameTaken> {
        let mut shown = self.lock();
        is_free(&shown.journals, name)?;
        let journal = Journal { name: name.to_owned(), source: Box::new(source), account: JournalAccount::default() };
        shown.journals.push(journal);
        Ok(())
    }

    /// Shows the latest-value cells that `source` knows as `name`, until they are [unregistered](Self::unregister_cells).
    ///
    /// # Errors
    ///
    /// If cells have this name already. A ring may have it.
    pub fn register_cells(&self, name: &str, source: impl CellSource + 'static) -> Result<(), NameTaken> {
        let mut shown = self.lock();
        is_free(&shown.cells, name)?;
        shown.cells.push(Latest { name: name.to_owned(), source: Box::new(source), cells: None });
        Ok(())
    }

    /// Shows how many rings and cells there are that are not registered, as a metric that is not there before this is called: for programs that
    /// bound what they register.
    pub fn set_unshown(&self, count: u64) {
        self.lock().unshown = Some(count);
    }

    /// Forgets the ring that is registered as `name`, with what was seen of readers that have left. Returns whether there was one.
    pub fn unregister(&self, name: &str) -> bool {
        remove(&self.shown, |shown| &mut shown.rings, name)
    }

    /// Forgets the topology that is registered as `name`. Returns whether there was one.
    pub fn unregister_topology(&self, name: &str) -> bool {
        remove(&self.shown, |shown| &mut shown.topologies, name)
    }

    /// Forgets the journal that is registered as `name`. Returns whether there was one.
    pub fn unregister_journal(&self, name: &str) -> bool {
        remove(&self.shown, |shown| &mut shown.journals, name)
    }

    /// Forgets the latest-value cells that are registered as `name`. Returns whether there were any.
    pub fn unregister_cells(&self, name: &str) -> bool {
        remove(&self.shown, |shown| &mut shown.cells, name)
    }

    /// A source that panicked in a scrape leaves the figures as they were before, or after: both are sound.
    fn lock(&self) -> Guard<'_, Registered> {
        self.shown.lock()
    }

    /// Reads everything, and passes it on.
    pub(crate) fn look<T>(&self, pass: impl FnOnce(&Shown<'_>) -> T) -> T {
        let mut shown = self.lock();
        let Registered { rings, topologies, journals, cells, unshown } = &mut *shown;
        for ring in rings.iter_mut() {
            if let Some(books) = ring.source.books() {
                ring.account.update(&books, Instant::now());
            }
        }
        for topology in topologies.iter_mut() {
            topology.stages.update(topology.watched.status().as_ref(), self.max_readers);
        }
        for journal in journals.iter_mut() {
            if let Some(now) = journal.source.journal() {
                journal.account.update(&now, Instant::now());
            }
        }
        for latest in cells.iter_mut() {
            latest.cells = latest.source.cells().or(latest.cells);
        }
        let rings: Vec<_> = rings.iter().map(|ring| (&*ring.name, &ring.account)).collect();
        let topologies: Vec<_> = topologies.iter().map(|topology| (&*topology.name, &topology.stages)).collect();
        let journals: Vec<_> =
            journals.iter().filter_map(|one| Some((&*one.name, &one.account, one.account.last?))).collect();
        let cells: Vec<_> = cells.iter().filter_map(|latest| Some((&*latest.name, latest.cells?))).collect();
        pass(&Shown { rings: &rings, topologies: &topologies, journals: &journals, cells: &cells, unshown: *unshown })
    }
}

trait Named {
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($of:ty)*) => {
        $(impl Named for $of {
            fn name(&self) -> &str {
                &self.name
            }
        })*
    };
}
named!(Ring Topology Journal Latest);

fn is_free(among: &[impl Named], name: &str) -> Result<(), NameTaken> {
    match among.iter().any(|other| other.name() == name) {
        true => Err(NameTaken { name: name.to_owned() }),
        false => Ok(()),
    }
}

fn remove<T: Named>(shown: &Owned<Registered>, among: fn(&mut Registered) -> &mut Vec<T>, name: &str) -> bool {
    let mut shown = shown.lock();
    let among = among(&mut shown);
    let at = among.iter().position(|other| other.name() == name);
    // Its handle may be the ring's last: the memory is freed when others do not wait any more.
    let gone = at.map(|at| among.remove(at));
    drop(shown);
    gone.is_some()
}

impl Ring {
    fn new(name: String, source: Box<dyn Source>, max_readers: usize) -> Self {
        let account = Account::new(source.properties(), max_readers);
        Ring { name, source, account }
    }
}

/// What is shown at one moment, under the names by which it is registered.
pub(crate) struct Shown<'a> {
    pub(crate) rings: &'a [(&'a str, &'a Account)],
    pub(crate) topologies: &'a [(&'a str, &'a Stages)],
    pub(crate) journals: &'a [(&'a str, &'a JournalAccount, Journaled)],
    pub(crate) cells: &'a [(&'a str, Cells)],
    pub(crate) unshown: Option<u64>,
}

impl Shown<'_> {
    /// The metrics of what there is.
    pub(crate) fn families(&self) -> impl Iterator<Item = &'static Family> {
        let if_any = |is_any: bool, families: &'static [Family]| families.iter().filter(move |_| is_any);
        if_any(!self.rings.is_empty(), &RINGS)
            .chain(if_any(!self.topologies.is_empty(), &STAGES))
            .chain(if_any(!self.journals.is_empty(), &JOURNALS))
            .chain(if_any(!self.cells.is_empty(), &CELLS))
            .chain(if_any(self.unshown.is_some(), &UNSHOWN))
    }
}

impl Collector for RingCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.look(|shown| openmetrics::write(&mut encoder, shown))
    }
}

impl fmt::Debug for RingCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.lock();
        f.debug_struct("RingCollector")
            .field("rings", &shown.rings.iter().map(Named::name).collect::<Vec<_>>())
            .field("topologies", &shown.topologies.iter().map(Named::name).collect::<Vec<_>>())
            .field("journals", &shown.journals.iter().map(Named::name).collect::<Vec<_>>())
            .field("cells", &shown.cells.iter().map(Named::name).collect::<Vec<_>>())
            .field("max_readers", &self.max_readers)
            .finish()
    }
}

/// The media type of what [`encode`] returns.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Reads the rings' ledgers, and returns the metrics in the text format of OpenMetrics 1.0, whose media type is [`MEDIA_TYPE`].
pub fn encode(rings: &RingCollector) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(rings.clone()));
    let mut text = String::new();
    text::encode(&mut text, &registry).expect("a String takes any text");
    text
}
