//! Assembles the parts, runs them, and stops them in order.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{anyhow, bail};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout_at};

use crate::actors::analytics::{self, Traffic};
use crate::actors::network::{Inbox, Network};
use crate::actors::storage::{Storage, Waking};
use crate::actors::{spawn, validation};
use crate::backup;
use crate::boards::Boards;
use crate::cli::Args;
use crate::farewells::{self, Farewells};
use crate::fullness;
use crate::history::{self, History};
use crate::hub::{Declined, Dropped, Hub};
use crate::journal;
use crate::limits::throttle;
use crate::log::Log;
use crate::net::address;
use crate::net::sockets;
use crate::order::ingest::{Ingest, Request};
use crate::order::watermark::Watermark;
use crate::phase::Phase;
#[cfg(target_os = "linux")]
use crate::redraw::{Incoming, Redraw};
use crate::rings::books::Books;
use crate::rings::pools::{Pools, Set};
use crate::rings::shown::Shown;
use crate::rings::stages::{Feeds, Stages};
use crate::rings::wakeup;
use crate::rings::writers::Writers;
use crate::signals::{self, Signals};
use crate::store::Store;
use crate::terminal;
use crate::token::{self, Token};
use crate::warnings;
use crate::web::{self, Doors, Names};

/// Actions that may wait for the ingest thread; a page whose action exceeds it is told busy.
const SUBMISSIONS: usize = 1024;
/// From this port on, any user may listen.
const FREE_PORTS: u16 = 1024;
/// How long the whole shutdown may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// A running board and what is needed to end it.
struct Running {
    hub: Arc<Hub>,
    phase: watch::Sender<Phase>,
    pace: watch::Sender<u16>,
    /// Ends first: the others may end only after it.
    storage: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
    /// Ends last: as long as others receive events, it judges them.
    validation: JoinHandle<()>,
    /// Go last.
    _names: SharedNames,
}

/// Everybody's ends of the pools, wherever these lie.
struct Rings {
    books: Books,
    stages: Stages,
    shown: Shown,
    feeds: Feeds,
    writers: Writers,
}

impl Rings {
    fn over(pools: &impl Set) -> anyhow::Result<Self> {
        let (stages, feeds) = Stages::over(pools)?;
        let shown = Shown::of(pools, &stages)?;
        Ok(Rings { books: Books::of(pools), stages, shown, feeds, writers: Writers::join(pools)? })
    }
}

/// Names in shared memory that the server has while it runs.
#[cfg(target_os = "linux")]
type SharedNames = Option<crate::shared::Names>;
#[cfg(not(target_os = "linux"))]
type SharedNames = ();

/// The pools: in shared memory, if they are to have a name there.
#[cfg(target_os = "linux")]
fn rings(args: &Args) -> anyhow::Result<(Rings, SharedNames)> {
    let Some(name) = &args.shm else { return Ok((Rings::over(&Pools::noted(args.capacities()))?, None)) };
    let (pools, names) = crate::shared::create(name, args.capacities())?;
    Ok((Rings::over(&pools)?, Some(names)))
}

#[cfg(not(target_os = "linux"))]
fn rings(args: &Args) -> anyhow::Result<(Rings, SharedNames)> {
    Ok((Rings::over(&Pools::noted(args.capacities()))?, ()))
}

/// Serves until a signal to stop; returns `Ok` when everything that was accepted is on disk.
pub(crate) fn run(args: &Args, log: &Log) -> anyhow::Result<()> {
    let listener = bind(args.listen.address()?)?;
    let bound = listener.local_addr()?;
    let token = Token::choose(
        std::env::var_os(token::VARIABLE),
        args.token_file.as_deref(),
        !bound.ip().to_canonical().is_loopback(),
    )?;
    let mut names = Names::of(bound, &args.host);
    names.extend(args.listen.name(bound.port()));
    let doors = Doors::new(names, args.base.clone(), token.as_ref());
    let directory = args.data_directory()?;
    let store = Arc::new(Store::open(&directory)?);
    store.bound_ids(args.max_store());
    if store.damaged() > 0 {
        tracing::warn!(
            "{} of the store cannot be read: nobody is shown what was damaged, and it stays in the file; an older \
             copy may have it (whiteboard backup makes them)",
            terminal::count(store.damaged(), "action")
        );
    }
    for warning in warnings::of(bound, !args.host.is_empty(), token.is_some(), &directory) {
        tracing::warn!("{warning}");
    }
    let journal = journal::open(&args.journal, &directory, &store)?;
    let stored = store.last_revision()?;
    let copies = backup::serve(&store, &directory);
    let held = Arc::clone(&store);
    let running = start(args, store, journal, log)?;
    let input = args.until_input_ends.then(signals::input_end).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let signals = Signals::install()?;
        // A reader who closed the pipe does not want to know; the board serves all the same.
        let others = args
            .host
            .iter()
            .map(|name| format!("\nothers open {}", address::of_name(name, bound.port(), &args.base, token.as_ref())));
        let _ = terminal::address(format_args!(
            "whiteboard with {} in {}\nopen {}  (Ctrl-C stops){}",
            terminal::count(stored, "action"),
            terminal::line(&directory.display().to_string()),
            address::of_page(bound, &args.base, token.as_ref()),
            others.collect::<String>()
        ));
        serve(listener, doors, running, stop(signals, input)).await
    });
    // Dropped while nobody else can have the store, and so nobody else can serve copies in the same place.
    drop(copies);
    drop(held);
    runtime.shutdown_background();
    log.end();
    // A program that started this one for itself reports the result.
    if result.is_ok() && !args.until_input_ends {
        tracing::info!("stopped; everything that was taken is saved");
    }
    result
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address) {
        Ok(listener) => {
            listener.set_nonblocking(true)?;
            Ok(listener)
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} on {} is taken, perhaps by another whiteboard; open that one, or let the system pick a port: \
             --listen {}",
            address.port(),
            address.ip(),
            SocketAddr::new(address.ip(), 0)
        ),
        Err(error) => Err(match error.kind() {
            ErrorKind::PermissionDenied if address.port() < FREE_PORTS => anyhow!(
                "cannot listen on {address}: {error}; ports below {FREE_PORTS} are the system's: take another, \
                 --listen {}, and let a proxy have that one",
                SocketAddr::new(address.ip(), 7878)
            ),
            ErrorKind::AddrNotAvailable => anyhow!(
                "cannot listen on {address}: {error}; {} is no address of this machine: name one that is, or all of them: \
                 --listen 0.0.0.0:{}",
                address.ip(),
                address.port()
            ),
            _ => anyhow!("cannot listen on {address}: {error}"),
        }),
    }
}

/// Starts each actor on its thread.
fn start(args: &Args, store: Arc<Store>, journal: Option<journal::Opened>, log: &Log) -> anyhow::Result<Running> {
    let (rings, names) = rings(args)?;
    let Rings { books, stages, shown, feeds, writers } = rings;
    let (keeper, journal) = journal.map(|opened| opened.keep(&store)).transpose()?.unzip();
    if let Some(journal) = &journal {
        shown.journal(journal)?;
    }
    let boards = Boards::numbered_from(fastrand::u32(..));
    let (wake_storage, storage_wakes) = wakeup::pair();
    let (wake_network, network_wakes) = wakeup::pair();
    let watermark = Watermark::at(store.last_revision()?);
    let (phase, watch_phase) = watch::channel(Phase::Running);
    let (pace, watch_pace) = watch::channel(throttle::NORMAL);
    let (ingest, submissions) = mpsc::channel(SUBMISSIONS);
    let (network, commands) = std::sync::mpsc::channel();
    let traffic = Arc::new(Traffic::default());
    let last = Arc::new(OnceLock::new());
    let bad = Arc::new(AtomicU64::new(0));

    let judging = {
        let (bad, phase) = (Arc::clone(&bad), watch_phase.clone());
        move || validation::run(feeds.validation, &bad, &phase)
    };
    let storing = Storage::new(
        feeds.storage,
        Arc::clone(&store),
        boards.clone(),
        watermark.clone(),
        Waking { storage: storage_wakes, network: wake_network.clone() },
        Arc::clone(&last),
        args.keep(),
        keeper,
    );
    let sending = Network::new(
        feeds.network,
        Arc::clone(&store),
        boards.clone(),
        watermark.clone(),
        commands,
        watch_phase.clone(),
        network_wakes,
    );
    let counting = {
        let (traffic, phase) = (Arc::clone(&traffic), watch_phase.clone());
        move || analytics::run(feeds.analytics, &traffic, &phase)
    };
    let ordering =
        Ingest::new(Arc::clone(&store), boards.clone(), writers.clone(), watermark.clone(), args.max_store());
    let order = move || {
        // Set once, only by this thread.
        let _ = last.set(ordering.run(submissions));
        // Storage ends when it has the last one.
        wake_storage.send();
    };
    #[cfg(target_os = "linux")]
    let redraw = match args.shm.as_deref().filter(|_| args.inbox) {
        Some(name) => {
            let incoming = Incoming::create(name, args.capacities())?;
            Some(Redraw::new(incoming, store.run(), boards.clone(), ingest.clone(), watch_phase.clone()))
        }
        None => None,
    };
    let validation = spawn("validation", watermark.clone(), judging)?;
    let storage = spawn("storage", watermark.clone(), move || storing.run())?;
    #[cfg_attr(not(target_os = "linux"), expect(unused_mut))]
    let mut others = vec![
        spawn("network", watermark.clone(), move || sending.run())?,
        spawn("analytics", watermark.clone(), counting)?,
        spawn("ingest", watermark.clone(), order)?,
    ];
    #[cfg(target_os = "linux")]
    if let Some(redraw) = redraw {
        others.push(spawn("inbox", watermark.clone(), move || redraw.run())?);
    }
    let hub = Hub {
        history: History::of(&books),
        books,
        stages,
        shown,
        writers,
        farewells: Farewells::default(),
        dropped: Dropped::default(),
        declined: Declined::default(),
        missed: Arc::default(),
        ingest,
        network: Inbox { commands: network, wake_up: wake_network },
        store,
        journal,
        max_store: args.max_store(),
        readers: Arc::new(Semaphore::new(
            std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(4)),
        )),
        boards,
        watermark,
        traffic,
        bad,
        pace: watch_pace,
        log: log.clone(),
        phase: watch_phase,
        connections: AtomicU32::new(0),
        present: AtomicUsize::new(0),
    };
    Ok(Running { hub: Arc::new(hub), phase, pace, storage, others, validation, _names: names })
}

/// Waits for a signal, or for the end of the input if that counts.
async fn stop(mut signals: Signals, input: Option<oneshot::Receiver<()>>) {
    let ended = async {
        match input {
            Some(end) => drop(end.await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = signals.stop() => {}
        () = ended => {}
    }
}

async fn serve(
    listener: TcpListener,
    doors: Doors,
    running: Running,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = web::router(Arc::clone(&running.hub), Arc::new(doors));
    let server = tokio::spawn(sockets::serve(listener, router, running.hub.phase.clone()));
    let throttle = tokio::spawn(throttle::run(running.hub.books.clone(), running.pace.clone()));
    tokio::spawn(history::record(Arc::clone(&running.hub)));
    tokio::spawn(fullness::watch(Arc::clone(&running.hub)));
    tokio::spawn(journal::watch(Arc::clone(&running.hub)));
    tokio::spawn(farewells::run(Arc::clone(&running.hub)));
    tokio::spawn(running.hub.log.clone().tell());
    stop.await;
    let result = running.drain().await;
    throttle.abort();
    server.abort();
    result
}

impl Running {
    /// Accepts no more actions, lets the storage actor commit the accepted ones, closes the connections, and ends the threads,
    /// validation last.
    async fn drain(self) -> anyhow::Result<()> {
        let deadline = Instant::now() + DRAIN_TIME;
        let Running { hub, phase, storage, others, validation, .. } = self;
        phase.send_replace(Phase::Stopping);
        hub.store.give_up_waiting();
        // The ingest thread may have failed already; then there is nothing to stop.
        let _ = timeout_at(deadline, hub.ingest.send(Request::Stop)).await;
        let stored = until(deadline, || storage.is_finished()).await;
        phase.send_replace(Phase::Drained);
        let closed = until(deadline, || hub.present.load(Ordering::Relaxed) == 0).await;
        let ended = until(deadline, || others.iter().all(JoinHandle::is_finished)).await;
        phase.send_replace(Phase::Over);
        let judged = until(deadline, || validation.is_finished()).await;
        let is_well = hub.watermark.now().trouble.is_none();
        // Nobody writes any more. A file that was not closed is checked at the next start, and has everything all the same.
        if stored
            && let Err(error) = hub.store.close()
            && is_well
        {
            tracing::warn!("the store was not closed; the next start mends it: {error}");
        }
        if !is_well {
            bail!("stopped after a failure; what was not acknowledged may be missing");
        }
        if !(stored && closed && ended && judged) {
            bail!("did not stop in {DRAIN_TIME:?}; what was acknowledged is on disk");
        }
        Ok(())
    }
}

/// Waits for a condition that nobody signals; returns whether it came in time.
async fn until(deadline: Instant, mut condition: impl FnMut() -> bool) -> bool {
    while !condition() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(Duration::from_millis(1)).await;
    }
    true
}
