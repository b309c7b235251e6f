//! Reading a recording.

use std::{
    fmt, mem,
    path::{Path, PathBuf},
};

use mcap::records::op;

use crate::{
    Balance, Missing, Origin, ReadError, Unreadable, Why,
    channels::{Channel, Channels},
    fields::Fields,
    layout::Layout,
    origin::{BYTE_ORDER, VERSION, Wrong},
    recorder::BALANCE,
    records::Records,
};

/// Bytes of a record that says something of the recording, at most: a longer one is another program's, and is passed over.
const LONGEST: usize = 1 << 16;

/// What comes next in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// An event.
    Event(Event<'a>),
    /// Sequences without events.
    Missing(Missing),
}

/// An event of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// When the recorder received it, in nanoseconds since 1970, by a [`Clock`](crate::Clock) that was set when it began.
    pub time: u64,
    /// Its sequence in the ring that was recorded.
    pub sequence: u64,
    /// Its type; 0 for values.
    pub event_type: u32,
    /// Its bytes.
    pub data: &'a [u8],
}

/// A recording, read from its beginning to its end.
///
/// Nothing in the file is believed: memory is bounded whatever lengths it claims, each chunk's check is made before anything in it is shown, each
/// sequence must follow the one before, and at the end the sums must be those that the ring's ledger had.
pub struct Recording {
    path: PathBuf,
    records: Records,
    channels: Channels,
    origin: Origin,
    layout: Layout,
    counted: Balance,
    ledger: Option<Balance>,
    /// Whether something was wrong: nothing is read behind that.
    has_failed: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .field("origin", &self.origin)
            .field("counted", &self.counted)
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens the recording, finished or not.
    ///
    /// # Errors
    ///
    /// [`Unreadable::Io`], [`Unreadable::Foreign`], [`Unreadable::Version`] or [`Unreadable::ByteOrder`]; or whatever is wrong with its beginning.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Self::begin(path).map_err(|what| ReadError { path: path.to_owned(), what })
    }

    fn begin(path: &Path) -> Result<Self, Unreadable> {
        let (mut records, mut channels) = (Records::open(path)?, Channels::default());
        let origin = loop {
            match records.advance()? {
                Some(op::CHANNEL) => learn(&records, &mut channels)?,
                Some(_) => {}
                None => return Err(Unreadable::Foreign("it has no channel of a ring's events")),
            }
            if let Some(origin) = channels.origin() {
                break origin.clone();
            }
        };
        let counted = Balance { first: origin.first, next: origin.first, ..Balance::default() };
        let layout = Layout::of(&origin);
        Ok(Recording {
            path: path.to_owned(),
            records,
            channels,
            origin,
            layout,
            counted,
            ledger: None,
            has_failed: false,
        })
    }

    /// Which ring was recorded.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What was read so far.
    pub fn counted(&self) -> Balance {
        self.counted
    }

    /// Returns what comes next; none at the end, after the sums were compared with the ledger's.
    ///
    /// # Errors
    ///
    /// What is wrong with the file. All that was returned before is whole; nothing can be read behind it.
    pub fn read(&mut self) -> Result<Option<Entry<'_>>, ReadError> {
        let path = &self.path;
        let failed = |what| ReadError { path: path.clone(), what };
        // Until it is known to be well.
        if mem::replace(&mut self.has_failed, true) {
            return Err(failed(self.records.damaged("what is behind the damage is not read")));
        }
        let found = find(&mut self.records, &mut self.channels, &mut self.ledger);
        let Some((channel, time, data)) = found.map_err(failed)? else {
            check_end(self.counted, self.ledger, self.records.whole()).map_err(failed)?;
            self.has_failed = false;
            return Ok(None);
        };
        let entry = entry(channel, time, &self.records.bytes()[data..], self.layout)
            .ok_or_else(|| failed(self.records.damaged("a message is not laid out as its channel says")))?;
        count(&mut self.counted, &entry).map_err(|what| failed(self.records.damaged(what)))?;
        self.has_failed = false;
        Ok(Some(entry))
    }
}

/// Goes to the next message of the recording: its channel, its time, and where in its record its data begin. None at the end.
fn find(
    records: &mut Records,
    channels: &mut Channels,
    ledger: &mut Option<Balance>,
) -> Result<Option<(Channel, u64, usize)>, Unreadable> {
    while let Some(kind) = records.advance()? {
        match kind {
            op::CHANNEL => learn(records, channels)?,
            op::METADATA => {
                if let Some(balance) = balance(records.bytes()) {
                    *ledger = Some(balance);
                }
            }
            op::MESSAGE => {
                let mut fields = Fields(records.bytes());
                let mut head = || {
                    let (channel, _sequence) = (fields.u16()?, fields.u32()?);
                    let (time, _published) = (fields.u64()?, fields.u64()?);
                    Some((channel, time))
                };
                let (channel, time) = head().ok_or_else(|| records.damaged("a message is not whole"))?;
                if let Some(channel) = channels.find(channel) {
                    return Ok(Some((channel, time, records.bytes().len() - fields.0.len())));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

fn learn(records: &Records, channels: &mut Channels) -> Result<(), Unreadable> {
    match records.bytes() {
        record if record.len() > LONGEST => Ok(()),
        record => channels.add(record).map_err(|wrong| match wrong {
            Wrong::Version(found) => Unreadable::Version { found, expected: VERSION },
            Wrong::ByteOrder(found) => Unreadable::ByteOrder { found, expected: BYTE_ORDER },
            Wrong::Damaged(what) => records.damaged(what),
        }),
    }
}

/// The balance in a record of metadata, if it is that.
fn balance(record: &[u8]) -> Option<Balance> {
    let mut fields = Fields(record);
    (record.len() <= LONGEST && fields.text()? == BALANCE).then_some(())?;
    Balance::of_map(&fields.map()?)
}

fn entry(channel: Channel, time: u64, data: &[u8], layout: Layout) -> Option<Entry<'_>> {
    Some(match channel {
        Channel::Missing => Entry::Missing(Missing::decode(time, data)?),
        Channel::Events => {
            let (sequence, event_type, data) = layout.decode(data)?;
            Entry::Event(Event { time, sequence, event_type, data })
        }
    })
}

/// Counts what was found, if it is what must come next.
fn count(counted: &mut Balance, entry: &Entry<'_>) -> Result<(), String> {
    let (from, to, sum) = match entry {
        Entry::Event(event) => (event.sequence, event.sequence.checked_add(1), &mut counted.received),
        Entry::Missing(missing) => {
            let sum = match missing.why {
                Why::Lost => &mut counted.lost,
                Why::Hole => &mut counted.holes,
            };
            (missing.from, Some(missing.to), sum)
        }
    };
    let next = counted.next;
    if from != next {
        return Err(format!("the sequence {from} is there where {next} was expected"));
    }
    let to =
        to.filter(|to| *to > from).ok_or_else(|| format!("from the sequence {from} on it has none that can be"))?;
    // No sum exceeds what lies between two sequences.
    *sum += to - from;
    counted.next = to;
    Ok(())
}

/// Compares the sums with the ledger's. An event that was repaired was received, too.
fn check_end(counted: Balance, ledger: Option<Balance>, whole: u64) -> Result<(), Unreadable> {
    let ledger = ledger.ok_or(Unreadable::Unfinished { at: whole })?;
    let received = ledger.received.checked_add(ledger.repaired);
    let told = Balance { received: received.unwrap_or(u64::MAX), repaired: 0, ..ledger };
    if ledger.balances() && told == counted {
        return Ok(());
    }
    Err(Unreadable::Unbalanced { ledger: ledger.to_string(), found: counted.to_string() })
}
