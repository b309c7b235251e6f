//! What is known of a ring by looking at it: the ledger's numbers, and which process holds what.

use std::time::{SystemTime, UNIX_EPOCH};

use rusted_ring::{Incident, Lease, Sequence, ledger::ReaderStatus};
use rusted_ring_shm::{AnyObserver, FileError, Noted, Properties, RingFile};
use serde_json::{Value, json};

use crate::{place, sets::Membership, text};

/// How often the books are read, at most, that do not balance.
pub(crate) const READS: usize = 4;

/// A ring, as it was found at one moment.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) name: String,
    pub(crate) properties: Properties,
    /// Of which set it is a pool, if it is one.
    pub(crate) set: Option<Membership>,
    /// Whether somebody has it open to take part; none, if the file system cannot say.
    pub(crate) alive: Option<bool>,
    pub(crate) claimed: u64,
    pub(crate) pressure: f32,
    pub(crate) readers: Vec<Reader>,
    pub(crate) unlisted: u64,
    /// Slots that publishers hold in the middle of a publish.
    pub(crate) held: u64,
    /// What went wrong since the ring was created.
    pub(crate) noted: Vec<Noted>,
    /// The process of the sole publisher, if there is one now.
    pub(crate) publisher: Option<u32>,
}

/// A reader's account, and the process that holds its lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) status: ReaderStatus,
    pub(crate) holder: Option<u32>,
}

impl Survey {
    /// The ring of `file`. If an account does not balance, because its reader moved while it was read, all are read again, a few times.
    pub(crate) fn of(file: &RingFile) -> Result<Self, FileError> {
        let mut observer = file.observe_any()?;
        for _ in 1..READS {
            let survey = Self::by(file, &observer);
            if survey.balances() {
                return Ok(survey);
            }
            observer.look()?;
        }
        Ok(Self::by(file, &observer))
    }

    /// The ring of `file`, as `observer` last saw it.
    pub(crate) fn by(file: &RingFile, observer: &AnyObserver) -> Self {
        let reader = |status: ReaderStatus| Reader { status, holder: observer.holder(Lease::Reader(status.entry)) };
        let readers = observer.readers().into_iter().map(reader).collect();
        Survey {
            name: text::escaped(place::name(file.path()).as_bytes()),
            properties: observer.properties().clone(),
            set: observer.properties().set.and_then(|set| Membership::of(file.path(), set)),
            alive: observer.is_in_use().ok(),
            // After the readers: none of them is ahead of it.
            claimed: observer.claimed().get(),
            pressure: observer.pressure(),
            readers,
            unlisted: observer.unlisted(),
            held: observer.held(),
            noted: observer.noted(),
            publisher: observer.holder(Lease::Publisher),
        }
    }

    pub(crate) fn state(&self) -> &'static str {
        state(self.alive)
    }

    pub(crate) fn mode(&self) -> &'static str {
        if self.properties.many { "many" } else { "sole" }
    }

    /// Publishers, where they are counted: a ring of many keeps no count.
    pub(crate) fn publishers(&self) -> Option<u64> {
        (!self.properties.many).then(|| self.publisher.is_some().into())
    }

    /// Readers whose processes have not ended, and those whose have.
    pub(crate) fn living_and_dead(&self) -> (u64, u64) {
        let living = self.readers.iter().filter(|reader| reader.holder.is_some()).count() as u64;
        (living + self.unlisted, self.readers.len() as u64 - living)
    }

    /// What lies in a slot.
    pub(crate) fn slots(&self) -> String {
        let Properties { typed, ref event, longest, .. } = self.properties;
        let (slot, in_slot) = (self.properties.slot_bytes(), self.properties.event_bytes());
        let slot = match slot.checked_sub(in_slot) {
            Some(notes @ 1..) => format!("{} + {}", text::bytes(in_slot), text::bytes(notes)),
            _ => text::bytes(slot),
        };
        match typed {
            true => format!("{slot} {}", text::escaped(event.as_bytes())),
            false if longest > self.properties.event_bytes() => {
                format!("{slot}, events up to {}", text::bytes(longest))
            }
            false => slot,
        }
    }

    pub(crate) fn json(&self) -> Value {
        let Properties { identity, capacity, typed, ref event, longest, bytes, .. } = self.properties;
        json!({
            "ring": self.name,
            "state": self.state(),
            "mode": self.mode(),
            "id": format!("{:032x}", identity.id),
            "epoch": identity.epoch,
            "content": if typed { "values" } else { "bytes" },
            "event": event,
            "slot_bytes": self.properties.slot_bytes(),
            "event_bytes": self.properties.event_bytes(),
            "longest_event": longest,
            "capacity": capacity,
            "file_bytes": bytes,
            "set": self.set.as_ref().map(|set| json!({ "name": set.name, "pools_there": set.there })),
            "claimed": self.claimed,
            "pressure": self.pressure,
            "publishers": self.publishers(),
            "publisher_process": self.publisher,
            "unlisted_readers": self.unlisted,
            "slots_in_mid_publish": self.held,
            "noted": self.noted.iter().map(incident_json).collect::<Vec<_>>(),
            "balances": self.balances(),
            "readers": self.readers.iter().map(Reader::json).collect::<Vec<_>>(),
        })
    }

    pub(crate) fn balances(&self) -> bool {
        self.readers.iter().all(Reader::balances)
    }
}

/// What to call it that somebody has a file open to take part, or nobody has.
pub(crate) fn state(alive: Option<bool>) -> &'static str {
    match alive {
        Some(true) => "alive",
        Some(false) => "dead",
        None => "unknown",
    }
}

/// What an incident is called in JSON, and what it says to people.
pub(crate) fn words(incident: Incident) -> (&'static str, &'static str) {
    match incident {
        Incident::Corrupt => ("corrupt", "the ring was found corrupt"),
        Incident::DeadReader => ("dead_reader", "a reader was freed whose process had ended"),
        Incident::DeadPublisher => ("dead_publisher", "a sole publisher was succeeded whose process had ended"),
        Incident::GivenUp => ("given_up", "a sequence was given up whose publisher was stopped or killed in it"),
        Incident::FreedSlot => ("freed_slot", "a slot was freed in which a publisher had been killed"),
        _ => ("other", "something that this version does not know"),
    }
}

/// Nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64
}

fn incident_json(noted: &Noted) -> Value {
    json!({
        "incident": words(noted.incident).0,
        "count": noted.count,
        "first": nanoseconds(noted.first),
        "last": nanoseconds(noted.last),
    })
}

/// Whether what was claimed since a reader joined is accounted for: received, repaired, lost, holes, left to fellow workers, or ahead.
pub(crate) fn balances(reader: &ReaderStatus) -> bool {
    let ReaderStatus { joined, position, received, repaired, lost, holes, shared, .. } = *reader;
    let parts = [received, repaired, lost, holes, shared];
    parts.iter().try_fold(joined.get(), |sum, part| sum.checked_add(*part)) == Some(position.get())
}

impl Reader {
    pub(crate) fn kind(&self) -> &'static str {
        if self.status.gating { "consumer" } else { "subscriber" }
    }

    pub(crate) fn name(&self) -> String {
        match text::escaped(self.status.name.as_str().as_bytes()) {
            name if name.is_empty() => format!("(entry {})", self.status.entry),
            name => name,
        }
    }

    pub(crate) fn balances(&self) -> bool {
        balances(&self.status)
    }

    fn json(&self) -> Value {
        let status = self.status;
        json!({
            "entry": status.entry,
            "name": status.name.as_str(),
            "kind": self.kind(),
            "alive": self.holder.is_some(),
            "process": self.holder,
            "joined": status.joined.get(),
            "position": status.position.get(),
            "received": status.received,
            "repaired": status.repaired,
            "lost": status.lost,
            "holes": status.holes,
            "laps": status.laps,
            "shared": status.shared,
            "failed": status.failed,
            "restarts": status.restarts,
            "durable": status.durable.map(Sequence::get),
            "lag": status.ahead,
            "balances": self.balances(),
        })
    }
}
