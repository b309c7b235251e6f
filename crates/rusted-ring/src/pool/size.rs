//! Size classes, and how many slots a pool of each has.

use core::{error::Error, fmt};

/// Bytes an XS event holds: heartbeats, cursors, control signals.
pub const XS_TSHIRT_SIZE: usize = 64;
/// Bytes an S event holds: chat messages, operations, user actions.
pub const S_TSHIRT_SIZE: usize = 256;
/// Bytes an M event holds: document edits, strokes, structured data.
pub const M_TSHIRT_SIZE: usize = 1024;
/// Bytes an L event holds: complex objects, batches, file chunks.
pub const L_TSHIRT_SIZE: usize = 4096;
/// Bytes an XL event holds: documents, diagrams, small media.
pub const XL_TSHIRT_SIZE: usize = 16384;

/// Slots of the XS pool in the production preset.
pub const XS_CAPACITY: usize = Capacities::PRODUCTION.xs;
/// Slots of the S pool in the production preset.
pub const S_CAPACITY: usize = Capacities::PRODUCTION.s;
/// Slots of the M pool in the production preset.
pub const M_CAPACITY: usize = Capacities::PRODUCTION.m;
/// Slots of the L pool in the production preset.
pub const L_CAPACITY: usize = Capacities::PRODUCTION.l;
/// Slots of the XL pool in the production preset.
pub const XL_CAPACITY: usize = Capacities::PRODUCTION.xl;

/// How many slots each pool of a set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacities {
    /// Slots of 64 bytes.
    pub xs: usize,
    /// Slots of 256 bytes.
    pub s: usize,
    /// Slots of 1,024 bytes.
    pub m: usize,
    /// Slots of 4,096 bytes.
    pub l: usize,
    /// Slots of 16,384 bytes.
    pub xl: usize,
}

impl Capacities {
    /// About 1.2 MB of payload: 128 + 256 + 307 + 246 + 246 KB.
    pub const PRODUCTION: Self = Capacities { xs: 2000, s: 1000, m: 300, l: 60, xl: 15 };
    /// About 0.4 MB of payload: 32 + 64 + 102 + 82 + 82 KB.
    pub const MOBILE: Self = Capacities { xs: 500, s: 250, m: 100, l: 20, xl: 5 };
    /// About 2.4 MB of payload: 256 + 512 + 614 + 492 + 492 KB.
    pub const SERVER: Self = Capacities { xs: 4000, s: 2000, m: 600, l: 120, xl: 30 };

    /// Slots of one pool.
    pub const fn of(&self, pool: PoolId) -> usize {
        match pool {
            PoolId::XS => self.xs,
            PoolId::S => self.s,
            PoolId::M => self.m,
            PoolId::L => self.l,
            PoolId::XL => self.xl,
        }
    }

    /// The bytes that the payloads of such a set take, at most `usize::MAX`; the tags take 16 more a slot.
    pub const fn payload_bytes(&self) -> usize {
        let (mut bytes, mut pool) = (0usize, 0);
        while pool < PoolId::ALL.len() {
            let id = PoolId::ALL[pool];
            bytes = bytes.saturating_add(self.of(id).saturating_mul(id.max_size()));
            pool += 1;
        }
        bytes
    }
}

/// The size class of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventSize {
    /// Up to 64 bytes.
    XS,
    /// Up to 256 bytes.
    S,
    /// Up to 1,024 bytes.
    M,
    /// Up to 4,096 bytes.
    L,
    /// Up to 16,384 bytes.
    XL,
    /// Larger than any pool's slots: goes to the XL pool in [a set for long events](super::PoolSet#long-events), and to none elsewhere.
    XXL,
}

impl EventSize {
    /// Returns the smallest class that holds `len` bytes.
    pub const fn of(len: usize) -> Self {
        if len <= XS_TSHIRT_SIZE {
            EventSize::XS
        } else if len <= S_TSHIRT_SIZE {
            EventSize::S
        } else if len <= M_TSHIRT_SIZE {
            EventSize::M
        } else if len <= L_TSHIRT_SIZE {
            EventSize::L
        } else if len <= XL_TSHIRT_SIZE {
            EventSize::XL
        } else {
            EventSize::XXL
        }
    }

    /// Returns the pool whose slots hold this class; `None` for XXL.
    pub const fn pool(self) -> Option<PoolId> {
        match self {
            EventSize::XS => Some(PoolId::XS),
            EventSize::S => Some(PoolId::S),
            EventSize::M => Some(PoolId::M),
            EventSize::L => Some(PoolId::L),
            EventSize::XL => Some(PoolId::XL),
            EventSize::XXL => None,
        }
    }
}

/// One of a set's five pools.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolId {
    /// Slots of 64 bytes.
    XS = 0,
    /// Slots of 256 bytes.
    S = 1,
    /// Slots of 1,024 bytes.
    M = 2,
    /// Slots of 4,096 bytes.
    L = 3,
    /// Slots of 16,384 bytes.
    XL = 4,
}

impl PoolId {
    /// Every pool, smallest slots first.
    pub const ALL: [PoolId; 5] = [PoolId::XS, PoolId::S, PoolId::M, PoolId::L, PoolId::XL];

    /// The pool of a size class.
    ///
    /// # Panics
    ///
    /// For `XXL`, which no pool's slot holds; [`EventSize::pool`] returns `None` instead.
    pub fn from_size(size: EventSize) -> Self {
        match size.pool() {
            Some(pool) => pool,
            None => panic!("no pool's slot holds an event of class XXL: the largest have {XL_TSHIRT_SIZE} bytes"),
        }
    }

    /// The pool numbered `id`, from 0 for XS to 4 for XL; `None` beyond.
    pub fn from_u8(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// Bytes that a slot of this pool holds.
    pub const fn max_size(&self) -> usize {
        match self {
            PoolId::XS => XS_TSHIRT_SIZE,
            PoolId::S => S_TSHIRT_SIZE,
            PoolId::M => M_TSHIRT_SIZE,
            PoolId::L => L_TSHIRT_SIZE,
            PoolId::XL => XL_TSHIRT_SIZE,
        }
    }

    /// Slots of this pool in the production preset.
    pub const fn capacity(&self) -> usize {
        Capacities::PRODUCTION.of(*self)
    }
}

impl From<PoolId> for u8 {
    fn from(pool: PoolId) -> u8 {
        pool as u8
    }
}

impl TryFrom<u8> for PoolId {
    type Error = UnknownPool;

    fn try_from(id: u8) -> Result<Self, UnknownPool> {
        Self::from_u8(id).ok_or(UnknownPool { id })
    }
}

/// A number that is no pool's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownPool {
    /// The number.
    pub id: u8,
}

impl fmt::Display for UnknownPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no pool: pools are numbered from 0 (XS) to 4 (XL)", self.id)
    }
}

impl Error for UnknownPool {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_begin_where_the_smaller_one_ends() {
        for pool in PoolId::ALL {
            assert_eq!(EventSize::of(pool.max_size()).pool(), Some(pool));
            assert_ne!(EventSize::of(pool.max_size() + 1).pool(), Some(pool));
            assert_eq!(PoolId::try_from(u8::from(pool)), Ok(pool));
        }
        assert_eq!(EventSize::of(0), EventSize::XS);
        assert_eq!(EventSize::of(usize::MAX), EventSize::XXL);
        for id in 5..=u8::MAX {
            assert_eq!((PoolId::from_u8(id), PoolId::try_from(id)), (None, Err(UnknownPool { id })));
        }
        assert!(UnknownPool { id: 9 }.to_string().starts_with("9 is no pool"));
    }

    #[test]
    fn payloads_take_the_published_bytes() {
        assert_eq!(Capacities::PRODUCTION.payload_bytes(), 128_000 + 256_000 + 307_200 + 245_760 + 245_760);
        assert_eq!(Capacities::MOBILE.payload_bytes(), 32_000 + 64_000 + 102_400 + 81_920 + 81_920);
        assert_eq!(Capacities::SERVER.payload_bytes(), 2 * Capacities::PRODUCTION.payload_bytes());
    }
}
