//! A source: what its ring publishes goes out, and what mirrors ask for is answered.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rusted_ring_shm::{FileError, RingFile};
use serde_json::{Value, json};
use zenoh::{Session, Wait, qos::CongestionControl, query::Query};

use crate::{
    name::Keys,
    session::{BEAT, said},
    source::{Frames, Kept, Opened, answer, beat, open},
    wire::{Body, Frame, Origin},
};

/// Questions that wait, at most: who asks more is not answered, and asks again.
const WAITING: usize = 16;
/// How often it is looked whether the ring is there, while it is not.
const LOOK: Duration = Duration::from_millis(100);

/// What a source is to do.
#[derive(Clone, Debug)]
pub struct Serve {
    /// Its ring.
    pub file: RingFile,
    /// Under which keys.
    pub keys: Keys,
    /// Where the ring is recorded, if it is.
    pub journal: Option<PathBuf>,
}

/// What a source has sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// The sequence behind the last frame.
    pub next: u64,
    /// Events.
    pub sent: u64,
    /// Sequences that its reader lost, because the links or the mirrors were slower than the ring: mirrors ask for them.
    pub lost: u64,
    /// Questions that were answered.
    pub answered: u64,
    /// Rings that it had, one after the other.
    pub rings: u64,
}

impl Sent {
    /// The same, for programs.
    pub fn json(&self) -> Value {
        json!({ "next": self.next, "sent": self.sent, "lost": self.lost, "answered": self.answered, "rings": self.rings })
    }
}

/// What is there to be asked for.
#[derive(Clone)]
struct Past {
    origin: Origin,
    capacity: u64,
    slot_bytes: u32,
    kept: Arc<dyn Kept>,
}

impl Serve {
    /// Serves, until it is asked to stop: the ring that has the name, and the next one that has it.
    ///
    /// # Errors
    ///
    /// If the ring cannot be mirrored, its journal ends, or the links do.
    pub fn run(&self, session: &Session, stop: &AtomicBool) -> anyhow::Result<Sent> {
        let (questions, asked) = sync_channel(WAITING);
        let _queryable = self.answer_at(session, questions)?;
        let past = Mutex::new(None);
        let mut sent = Sent::default();
        let answered = Mutex::new(0);
        thread::scope(|scope| {
            let (past, answered) = (&past, &answered);
            scope.spawn(move || answer_all(&asked, past, stop, answered));
            let outcome = self.serve_all(session, stop, past, &mut sent);
            stop.store(true, Relaxed);
            sent.answered = *answered.lock().unwrap_or_else(PoisonError::into_inner);
            outcome
        })?;
        Ok(sent)
    }

    fn answer_at(
        &self,
        session: &Session,
        questions: SyncSender<Query>,
    ) -> anyhow::Result<zenoh::query::Queryable<()>> {
        let key = self.keys.past.clone();
        let queryable = session.declare_queryable(&self.keys.past).callback(move |query| {
            // A wildcard that reaches this key does not ask this source; nor does more than is answered.
            if query.key_expr().as_str() == key {
                let _ = questions.try_send(query);
            }
        });
        queryable.wait().map_err(said).context("declaring where to ask")
    }

    fn serve_all(
        &self,
        session: &Session,
        stop: &AtomicBool,
        past: &Mutex<Option<Past>>,
        sent: &mut Sent,
    ) -> anyhow::Result<()> {
        while !stop.load(Relaxed) {
            match open(&self.file, self.journal.as_deref()) {
                Ok(opened) => {
                    sent.rings += 1;
                    self.serve_one(session, stop, past, opened, sent)?;
                }
                // It comes again, or for the first time.
                Err(error) if matches!(error.downcast_ref(), Some(FileError::NotFound(_))) => thread::sleep(LOOK),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Serves a ring, while the file's name leads to it.
    fn serve_one(
        &self,
        session: &Session,
        stop: &AtomicBool,
        past: &Mutex<Option<Past>>,
        opened: Opened,
        sent: &mut Sent,
    ) -> anyhow::Result<()> {
        let publisher = session.declare_publisher(&self.keys.live);
        // What is lost is lost in our own reader, where it is counted; and a frame goes out at once.
        let publisher = publisher.congestion_control(CongestionControl::Block).express(true);
        let publisher = publisher.wait().map_err(said).context("declaring what is published")?;
        let put = |bytes: Vec<u8>| publisher.put(bytes).wait().map_err(said);
        let Opened { origin, capacity, slot_bytes, mut live, kept } = opened;
        let here = Past { origin, capacity, slot_bytes, kept: Arc::from(kept) };
        *past.lock().unwrap_or_else(PoisonError::into_inner) = Some(here.clone());
        let mut frames = Frames::new(&mut *live, origin);
        let (before, mut beaten) = (*sent, None::<Instant>);
        while !stop.load(Relaxed) {
            if beaten.is_none_or(|beaten| beaten.elapsed() >= BEAT) {
                if here.kept.has_failed() {
                    anyhow::bail!(
                        "the journal has ended, so that nobody keeps what mirrors may ask for: see its directory, and the disk"
                    );
                }
                put(here.beat(frames.position()))?;
                beaten = Some(Instant::now());
                if !here.kept.has_name(&self.file) && here.kept.next() <= frames.position() {
                    break;
                }
            }
            if let Some(frame) = frames.make(u64::MAX, BEAT / 4)?.frame {
                put(frame)?;
            }
            (sent.next, sent.sent, sent.lost) =
                (frames.position(), before.sent + frames.sent, before.lost + frames.lost);
        }
        // The end is heard of, too.
        put(here.beat(frames.position()))
    }
}

impl Past {
    fn beat(&self, next: u64) -> Vec<u8> {
        beat(self.origin, (self.capacity, self.slot_bytes), self.kept.oldest(), next)
    }

    fn answer(&self, query: &Query) -> anyhow::Result<()> {
        let payload = query.payload().context("a question has no payload")?;
        let bytes = payload.to_bytes();
        let Frame { origin, from, to, body: Body::Question } = Frame::decode(&bytes)? else {
            anyhow::bail!("what was asked is no question");
        };
        let reply = |bytes: Vec<u8>| query.reply(query.key_expr(), bytes).express(true).wait().map_err(said);
        let next = self.kept.next();
        if origin == self.origin && from < next {
            answer(&mut *self.kept.read_from(from), origin, from, to.min(next), reply)?;
        }
        // After all that: whoever has more has it from somebody else.
        reply(self.beat(self.kept.next()))
    }
}

fn answer_all(asked: &Receiver<Query>, past: &Mutex<Option<Past>>, stop: &AtomicBool, answered: &Mutex<u64>) {
    while !stop.load(Relaxed) {
        let Ok(query) = asked.recv_timeout(LOOK) else { continue };
        let Some(past) = past.lock().unwrap_or_else(PoisonError::into_inner).clone() else { continue };
        match past.answer(&query) {
            Ok(()) => *answered.lock().unwrap_or_else(PoisonError::into_inner) += 1,
            Err(error) => eprintln!("rring-mirror: a question was not answered: {error:#}"),
        }
    }
}
