//! The header of a ring's file: what the ring is, for the programs that open it. It never changes once the file has a name.

use std::{any::type_name, ops::Range};

use rusted_ring::{Mode, Notes, Sole};

use crate::{FileError, fingerprint::Fingerprint, log};

/// The version of all that lies in a file: this header, and the layout of `rusted-ring`.
pub(crate) const VERSION: u32 = 4;
/// Bytes that the header takes.
pub(crate) const LEN: usize = 512;
/// Where the ring begins in the file, on a page of its own.
pub(crate) const RING_AT: usize = 4096;
/// Entries of a ring's table of readers.
pub(crate) const READERS: usize = 64;
/// Where in the file the numbers of the processes are that hold leases; for display alone.
pub(crate) const PROCESSES_AT: usize = 1024;
/// How many these are: one for each entry, one for the sole publisher, and one for each place of a reader that is not in the table.
pub(crate) const PROCESSES: usize = 2 * READERS + 1;
/// Where in the file is noted what went wrong.
pub(crate) const LOG_AT: usize = 2048;
const _: () = assert!(PROCESSES_AT >= LEN && PROCESSES_AT + PROCESSES * 4 <= LOG_AT);
const _: () = assert!(LOG_AT + log::LEN * 8 <= RING_AT);

/// What is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ring,
    /// Latest-value cells.
    Cells,
}

impl Kind {
    fn magic(self) -> [u8; 8] {
        match self {
            Kind::Ring => *b"rustring",
            Kind::Cells => *b"rustcell",
        }
    }
}

const WORD: u8 = size_of::<usize>() as u8;
/// 1 where the little end comes first, else 2.
const ENDIAN: u8 = if cfg!(target_endian = "little") { 1 } else { 2 };

const MAGIC_AT: Range<usize> = 0..8;
const VERSION_AT: usize = 8;
const WORD_AT: usize = 12;
const ENDIAN_AT: usize = 13;
const MODE_AT: usize = 14;
/// A bit for values, and one for a static.
const KIND_AT: usize = 15;
const CAPACITY_AT: usize = 16;
const EVENT_AT: usize = 24;
const LONGEST_AT: usize = 32;
const STRIDE_AT: usize = 40;
const ALIGN_AT: usize = 48;
const TOTAL_AT: usize = 56;
const ID_AT: Range<usize> = 64..80;
const EPOCH_AT: usize = 80;
const NAME_LEN_AT: usize = 88;
const NAME_HASH_AT: usize = 96;
const NAME_AT: Range<usize> = 104..488;
/// Of a ring.
const SET_AT: Range<usize> = 488..504;
/// Of cells.
const READERS_AT: usize = 488;
const CHECK_AT: usize = 504;

/// Which ring it is: another one under the same name has another. A [mirror](crate::RingFile::create_mirror) has its source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Random.
    pub id: u128,
    /// When it was created, in nanoseconds since 1970: of two rings that had one name, the later has more.
    pub epoch: u64,
}

/// What a ring's file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Properties {
    /// Which ring it is.
    pub identity: Identity,
    /// Slots.
    pub capacity: u64,
    /// Whether many may publish at a time.
    pub many: bool,
    /// Whether its slots hold values of one type, and not bytes.
    pub typed: bool,
    /// What the slots hold: `bytes`, or a type's path; [cut](Self::is_event_cut) at 384 bytes.
    pub event: String,
    /// Bytes of an event, at most.
    pub longest: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// The set of which it is one of five pools, by a random number that they share: see [`PoolFiles`](crate::PoolFiles).
    pub set: Option<u128>,
    /// Whether it is a static of one process, which was [placed](crate::place_static) there: others look at it, and read and publish, and are not
    /// Consumers.
    pub in_static: bool,
    pub(crate) kind: Kind,
    /// Readers that cells were made for; 0 for a ring.
    pub(crate) readers: u64,
    pub(crate) len: u64,
    pub(crate) stride: u64,
    pub(crate) align: u64,
    name_len: u64,
    name_hash: u64,
}

impl Properties {
    /// Bytes from one slot to the next: an event's, and behind them those of its notes, if there are any.
    pub fn slot_bytes(&self) -> u64 {
        self.stride
    }

    /// Bytes of an event in one slot, at most; less than [`longest`](Self::longest) where an event may take several slots.
    pub fn event_bytes(&self) -> u64 {
        self.len
    }

    /// Whether it is a ring of bytes, none longer than a slot, with notes of type `A` beside each event: as pools with notes are.
    pub fn has_notes<A: Notes>(&self) -> bool {
        self.longest == self.len && self.event == format!("bytes with {}", type_name::<A>())
    }

    /// Whether [`event`](Self::event) is only the beginning of the type's path, so that no other ring can be made of it.
    pub fn is_event_cut(&self) -> bool {
        self.name_len != self.event.len() as u64
    }

    /// The alignment of an event; 1, if it is bytes.
    pub fn align_bytes(&self) -> u64 {
        self.align
    }

    pub(crate) fn new<M: Mode>(fingerprint: &Fingerprint, capacity: u64, bytes: u64, identity: Identity) -> Self {
        Properties {
            identity,
            capacity,
            many: M::MANY,
            typed: fingerprint.typed,
            event: cut(&fingerprint.name).to_owned(),
            longest: fingerprint.longest,
            bytes,
            set: None,
            in_static: false,
            kind: Kind::Ring,
            readers: 0,
            len: fingerprint.len,
            stride: fingerprint.stride,
            align: fingerprint.align,
            name_len: fingerprint.name.len() as u64,
            name_hash: hash(fingerprint.name.as_bytes()),
        }
    }

    /// The same, of a pool of `set`.
    pub(crate) fn of_set(self, set: Option<u128>) -> Self {
        Properties { set, ..self }
    }

    /// The same, of a static.
    pub(crate) fn of_static(self) -> Self {
        Properties { in_static: true, ..self }
    }

    /// The same, of cells for so many readers: what is said of slots is said of keys.
    pub(crate) fn of_cells(self, readers: u64) -> Self {
        Properties { kind: Kind::Cells, readers, ..self }
    }

    /// Refuses cells for other numbers of keys and readers, or of other values, than a program expects.
    pub(crate) fn expect_cells(
        &self,
        fingerprint: &Fingerprint,
        keys_and_readers: Option<(u64, u64)>,
    ) -> Result<(), FileError> {
        let (keys, readers) = keys_and_readers.unwrap_or((self.capacity, self.readers));
        same("number of keys", self.capacity, keys)?;
        same("number of readers", self.readers, readers)?;
        self.expect::<Sole>(fingerprint, None)
    }

    /// Refuses a ring that is not what a program expects.
    pub(crate) fn expect<M: Mode>(&self, fingerprint: &Fingerprint, capacity: Option<u64>) -> Result<(), FileError> {
        let expected = Self::new::<M>(fingerprint, capacity.unwrap_or(self.capacity), self.bytes, self.identity);
        self.expect_kind::<M>(fingerprint.typed)?;
        same("type", self.event.clone(), expected.event.clone())?;
        same("type's full name", (self.name_len, self.name_hash), (expected.name_len, expected.name_hash))?;
        same("slot size", self.stride, expected.stride)?;
        same("event size in a slot", self.len, expected.len)?;
        same("longest event", self.longest, expected.longest)?;
        same("alignment", self.align, expected.align)?;
        same("capacity", self.capacity, expected.capacity)
    }

    /// Refuses a ring that does not hold values of `len` bytes, without notes.
    pub(crate) fn expect_values_of<M: Mode>(&self, len: u64) -> Result<(), FileError> {
        self.expect_kind::<M>(true)?;
        same("slot size", self.stride, len)?;
        same("event size in a slot", self.len, len)
    }

    fn expect_kind<M: Mode>(&self, typed: bool) -> Result<(), FileError> {
        let kind = |typed| if typed { "values" } else { "bytes" }.to_owned();
        let mode = |many| if many { "many publishers" } else { "one publisher" }.to_owned();
        same("mode", mode(self.many), mode(M::MANY))?;
        same("content", kind(self.typed), kind(typed))
    }

    /// The header, as it lies in the file.
    pub(crate) fn encode(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[MAGIC_AT].copy_from_slice(&self.kind.magic());
        bytes[VERSION_AT..][..4].copy_from_slice(&VERSION.to_le_bytes());
        bytes[WORD_AT] = WORD;
        bytes[ENDIAN_AT] = ENDIAN;
        bytes[MODE_AT] = self.many.into();
        bytes[KIND_AT] = u8::from(self.typed) | u8::from(self.in_static) << 1;
        bytes[ID_AT].copy_from_slice(&self.identity.id.to_le_bytes());
        match self.kind {
            Kind::Ring => bytes[SET_AT].copy_from_slice(&self.set.unwrap_or(0).to_le_bytes()),
            Kind::Cells => bytes[READERS_AT..][..8].copy_from_slice(&self.readers.to_le_bytes()),
        }
        bytes[NAME_AT][..self.event.len()].copy_from_slice(self.event.as_bytes());
        for (at, number) in [
            (CAPACITY_AT, self.capacity),
            (EVENT_AT, self.len),
            (LONGEST_AT, self.longest),
            (STRIDE_AT, self.stride),
            (ALIGN_AT, self.align),
            (TOTAL_AT, self.bytes),
            (EPOCH_AT, self.identity.epoch),
            (NAME_LEN_AT, self.name_len),
            (NAME_HASH_AT, self.name_hash),
        ] {
            bytes[at..][..8].copy_from_slice(&number.to_le_bytes());
        }
        let check = hash(&bytes[..CHECK_AT]);
        bytes[CHECK_AT..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// What a header says, or why it cannot be read: its version is judged before all else. None, if it is not of this kind.
    pub(crate) fn decode(bytes: &[u8; LEN], kind: Kind) -> Result<Option<Self>, FileError> {
        let number = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
        let random = |at: Range<usize>| u128::from_le_bytes(core::array::from_fn(|i| bytes[at.start + i]));
        if bytes[MAGIC_AT] != kind.magic() {
            return Ok(None);
        }
        let version = number(VERSION_AT) as u32;
        if version != VERSION {
            return Err(FileError::Version { found: version, expected: VERSION });
        }
        same("word size", bytes[WORD_AT], WORD)?;
        same("byte order", bytes[ENDIAN_AT], ENDIAN)?;
        if number(CHECK_AT) != hash(&bytes[..CHECK_AT]) {
            return Err(FileError::Damaged("its header has another checksum than it says"));
        }
        let name = &bytes[NAME_AT];
        let name = &name[..name.iter().position(|byte| *byte == 0).unwrap_or(name.len())];
        Ok(Some(Properties {
            identity: Identity { id: random(ID_AT), epoch: number(EPOCH_AT) },
            capacity: number(CAPACITY_AT),
            many: bytes[MODE_AT] == 1,
            typed: bytes[KIND_AT] & 1 != 0,
            in_static: bytes[KIND_AT] & 2 != 0,
            event: String::from_utf8_lossy(name).into_owned(),
            longest: number(LONGEST_AT),
            bytes: number(TOTAL_AT),
            set: (kind == Kind::Ring).then(|| random(SET_AT)).filter(|set| *set != 0),
            kind,
            readers: if kind == Kind::Cells { number(READERS_AT) } else { 0 },
            len: number(EVENT_AT),
            stride: number(STRIDE_AT),
            align: number(ALIGN_AT),
            name_len: number(NAME_LEN_AT),
            name_hash: number(NAME_HASH_AT),
        }))
    }

    /// Where the header keeps what is written last.
    pub(crate) fn magic_at() -> Range<usize> {
        MAGIC_AT
    }
}

fn same<T: PartialEq + ToDisplay>(what: &'static str, found: T, expected: T) -> Result<(), FileError> {
    if found == expected {
        return Ok(());
    }
    Err(FileError::Mismatch { what, found: found.display(), expected: expected.display() })
}

/// What an error shows of a property.
trait ToDisplay {
    fn display(&self) -> String;
}

impl ToDisplay for String {
    fn display(&self) -> String {
        self.clone()
    }
}

impl ToDisplay for u8 {
    fn display(&self) -> String {
        self.to_string()
    }
}

impl ToDisplay for u64 {
    fn display(&self) -> String {
        self.to_string()
    }
}

impl ToDisplay for (u64, u64) {
    fn display(&self) -> String {
        format!("of {} bytes, hash {:016x}", self.0, self.1)
    }
}

/// `name`, as much as there is room for.
fn cut(name: &str) -> &str {
    let end = (0..=name.len().min(NAME_AT.len())).rev().find(|&i| name.is_char_boundary(i)).unwrap_or(0);
    &name[..end]
}

/// FNV-1a: a change of one byte always changes it.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use rusted_ring::{Bytes, Many, Sole, Typed};

    use super::*;
    use crate::Described;

    fn properties() -> Properties {
        Properties::new::<Many>(&Bytes::<64>::fingerprint(), 1000, 77_000, Identity { id: 5 << 100, epoch: 9 })
    }

    #[test]
    fn a_header_says_what_was_written() {
        assert_eq!(Properties::decode(&properties().encode(), Kind::Ring).unwrap(), Some(properties()));
        assert_eq!(properties().event, "bytes");
        let pool = properties().of_set(Some(7 << 90));
        assert_eq!(Properties::decode(&pool.encode(), Kind::Ring).unwrap(), Some(pool));
        let of_static = properties().of_static();
        assert_eq!(Properties::decode(&of_static.encode(), Kind::Ring).unwrap(), Some(of_static));
        let cells = properties().of_cells(9);
        assert_eq!(Properties::decode(&cells.encode(), Kind::Cells).unwrap(), Some(cells.clone()));
        assert_eq!(Properties::decode(&cells.encode(), Kind::Ring).unwrap(), None);
    }

    #[test]
    fn every_bit_that_is_flipped_is_noticed() {
        for bit in 0..LEN * 8 {
            let mut bytes = properties().encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = Properties::decode(&bytes, Kind::Ring);
            match bit / 8 {
                byte if MAGIC_AT.contains(&byte) => assert!(matches!(read, Ok(None)), "byte {byte}"),
                byte if (VERSION_AT..WORD_AT).contains(&byte) => {
                    assert!(matches!(read, Err(FileError::Version { expected: VERSION, .. })), "byte {byte}");
                }
                byte => assert!(read.is_err(), "byte {byte}"),
            }
        }
    }

    #[test]
    fn the_version_is_judged_before_what_another_version_may_have_elsewhere() {
        let mut bytes = [0xaa; LEN];
        bytes[MAGIC_AT].copy_from_slice(&Kind::Ring.magic());
        bytes[VERSION_AT..][..4].copy_from_slice(&7u32.to_le_bytes());
        assert!(matches!(
            Properties::decode(&bytes, Kind::Ring),
            Err(FileError::Version { found: 7, expected: VERSION })
        ));
    }

    #[test]
    fn what_differs_is_named() {
        let differs = |result: Result<(), FileError>| match result {
            Err(FileError::Mismatch { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        let ring = properties();
        assert!(ring.expect::<Many>(&Bytes::<64>::fingerprint(), Some(1000)).is_ok());
        assert_eq!(differs(ring.expect::<Sole>(&Bytes::<64>::fingerprint(), None)), "mode");
        assert_eq!(differs(ring.expect::<Many>(&Typed::<[u8; 64]>::fingerprint(), None)), "content");
        assert_eq!(differs(ring.expect::<Many>(&Bytes::<65>::fingerprint(), None)), "slot size");
        assert_eq!(differs(ring.expect::<Many>(&Bytes::<128, 64>::fingerprint(), None)), "longest event");
        assert_eq!(differs(ring.expect::<Many>(&Bytes::<64>::fingerprint(), Some(999))), "capacity");
        let values = Properties::new::<Many>(&Typed::<u64>::fingerprint(), 8, 0, ring.identity);
        assert_eq!(differs(values.expect::<Many>(&Typed::<i64>::fingerprint(), None)), "type");
    }
}
