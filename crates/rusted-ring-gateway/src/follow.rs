//! A mirror: what its source publishes comes in, and what is missing is asked for.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use zenoh::{
    Session, Wait,
    qos::CongestionControl,
    query::{ConsolidationMode, QueryTarget},
};

use crate::{
    mirror::{Mirror, Question, Sinks, Via},
    name::Keys,
    session::{Links, said},
    wire::{Body, Frame, LONGEST_FRAME},
};

/// Frames between the network and the mirror, at most: then the network waits, and with it the source.
const WAITING: usize = 64;
/// How long it waits before it looks at the time.
const LOOK: Duration = Duration::from_millis(50);
/// How long zenoh keeps a question: longer than the mirror waits for any frame of its answer.
const ANSWER: Duration = Duration::from_secs(120);
/// Refusals are told at most so often.
const TOLD: Duration = Duration::from_secs(5);

/// What comes from the network.
enum Came {
    /// A frame, and how it came.
    Frame(Via, Vec<u8>),
    /// No more of the answer to the question of this number comes.
    Ended(u64),
}

/// Says that an answer has ended, once zenoh lets go of it.
struct Ending {
    frames: SyncSender<Came>,
    number: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // It may be the mirror's own thread that lets go, which does not wait for itself: then the question's time ends it.
        let _ = self.frames.try_send(Came::Ended(self.number));
    }
}

/// After how long a silence the links are opened anew: a source says five times a second that it lives, so either it does not, or they are not what they seem. A source
/// whose zenoh closes a link twice, for it was silent and for a frame found no room on it within five seconds, forgets the next link of the same session: that is there, and
/// carries nothing. Another session is another peer to it.
const SILENCE: Duration = Duration::from_secs(15);
/// How long after links could not be opened anew it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows the source of `keys` over `links`, until it is asked to stop.
///
/// # Errors
///
/// If the links cannot be opened to begin with, or the mirror cannot go on.
pub fn follow<S: Sinks>(links: &Links, keys: &Keys, mirror: &mut Mirror<S>, stop: &AtomicBool) -> anyhow::Result<()> {
    follow_while_heard(&links.open()?, keys, mirror, stop)?;
    let mut is_told = false;
    while !stop.load(Relaxed) {
        match links.open() {
            Ok(session) => {
                is_told = false;
                follow_while_heard(&session, keys, mirror, stop)?;
            }
            // Zenoh opens no client while its router is away, which may come again, as a source may.
            Err(error) => {
                if !is_told {
                    eprintln!("rring-mirror: trying again and again, since nothing was heard of the source: {error:#}");
                    is_told = true;
                }
                thread::sleep(AGAIN);
            }
        }
    }
    Ok(())
}

/// The same, until nothing was heard for a while.
fn follow_while_heard<S: Sinks>(
    session: &Session,
    keys: &Keys,
    mirror: &mut Mirror<S>,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let (frames, coming) = sync_channel::<Came>(WAITING);
    let live = frames.clone();
    let subscriber = session.declare_subscriber(&keys.live).callback(move |sample| {
        pass_on(&live, Via::Live, sample.payload());
    });
    let _subscriber = subscriber.wait().map_err(said).context("subscribing to the source")?;
    let (mut told, mut heard) = (None::<Instant>, Instant::now());
    while !stop.load(Relaxed) && heard.elapsed() < SILENCE {
        match coming.recv_timeout(LOOK) {
            Ok(Came::Ended(number)) => mirror.end_answer(number, Instant::now()),
            Ok(Came::Frame(via, bytes)) => match mirror.take(&bytes, via, Instant::now())? {
                None => heard = Instant::now(),
                Some(refused) if told.is_none_or(|told| told.elapsed() > TOLD) => {
                    eprintln!("rring-mirror: a frame was refused: {refused}");
                    told = Some(Instant::now());
                }
                Some(_) => {}
            },
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        let now = Instant::now();
        mirror.tick(now)?;
        if let Some(question) = mirror.question(now) {
            ask(session, keys, &frames, question)?;
        }
    }
    Ok(())
}

/// Asks for sequences. The answer comes as frames do.
fn ask(session: &Session, keys: &Keys, frames: &SyncSender<Came>, question: Question) -> anyhow::Result<()> {
    let Question { number, origin, from, to } = question;
    let question = Frame { origin, from, to, body: Body::Question }.encode();
    let ending = Ending { frames: frames.clone(), number };
    let get = session.get(&keys.past).payload(question).target(QueryTarget::BestMatching).timeout(ANSWER);
    let get = get.consolidation(ConsolidationMode::None).congestion_control(CongestionControl::Block).express(true);
    let get = get.callback(move |reply| {
        if let Ok(sample) = reply.result() {
            pass_on(&ending.frames, Via::Answer(ending.number), sample.payload());
        }
    });
    get.wait().map_err(said).context("asking the source")
}

fn pass_on(frames: &SyncSender<Came>, via: Via, payload: &zenoh::bytes::ZBytes) {
    // Whatever exceeds a frame is none: one byte more is enough to see it.
    if payload.len() > LONGEST_FRAME {
        return;
    }
    // Once nobody receives, nobody misses it.
    let _ = frames.send(Came::Frame(via, payload.to_bytes().into_owned()));
}
