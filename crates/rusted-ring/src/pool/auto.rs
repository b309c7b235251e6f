//! Events made from bytes, of a given size or of the size that fits.

use core::{error::Error, fmt};

use super::{EventSize, PoolId, PoolSet, Production, XL_TSHIRT_SIZE};
use crate::{PooledEvent, publisher::PublishError};

/// Makes events from bytes.
#[derive(Debug)]
pub struct EventUtils;

impl EventUtils {
    /// An event of `SIZE` bytes that carries a copy of `data`.
    ///
    /// # Errors
    ///
    /// [`EventCreationError::DataTooLarge`], if `data` exceeds `SIZE`.
    #[inline]
    pub fn create_pooled_event<const SIZE: usize>(
        data: &[u8],
        event_type: u32,
    ) -> Result<PooledEvent<SIZE>, EventCreationError> {
        if data.len() > SIZE {
            return Err(EventCreationError::DataTooLarge { data_len: data.len(), max_size: SIZE });
        }
        Ok(event_of(data, event_type))
    }

    /// An event of the smallest size class that holds `data`, with a copy of it.
    ///
    /// The enum is as large as its largest variant, so moving it costs a copy of 16 KiB that the compiler cannot always
    /// avoid. [`PoolSet::emit`] publishes bytes without building an event at all.
    ///
    /// # Errors
    ///
    /// [`EventCreationError::DataTooLarge`], if `data` exceeds the largest class.
    #[inline(always)] // Out of line, the result alone is a copy of 16 KiB.
    pub fn create_auto_sized_event(data: &[u8], event_type: u32) -> Result<AutoSizedEvent, EventCreationError> {
        match EventSize::of(data.len()) {
            EventSize::XS => Ok(AutoSizedEvent::Xs(event_of(data, event_type))),
            EventSize::S => Ok(AutoSizedEvent::S(event_of(data, event_type))),
            EventSize::M => Ok(AutoSizedEvent::M(event_of(data, event_type))),
            EventSize::L => Ok(AutoSizedEvent::L(event_of(data, event_type))),
            EventSize::XL => Ok(AutoSizedEvent::Xl(event_of(data, event_type))),
            EventSize::XXL => Err(EventCreationError::DataTooLarge { data_len: data.len(), max_size: XL_TSHIRT_SIZE }),
        }
    }
}

/// Returns an event that carries a copy of `data`, which must fit it.
#[inline]
fn event_of<const SIZE: usize>(data: &[u8], event_type: u32) -> PooledEvent<SIZE> {
    let mut event = PooledEvent { len: data.len() as u32, event_type, data: [0; SIZE] };
    event.data[..data.len()].copy_from_slice(data);
    event
}

/// An event of the size class that its data needs.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "an event on the stack is the point: nothing is allocated")]
pub enum AutoSizedEvent {
    /// Up to 64 bytes.
    Xs(PooledEvent<64>),
    /// Up to 256 bytes.
    S(PooledEvent<256>),
    /// Up to 1,024 bytes.
    M(PooledEvent<1024>),
    /// Up to 4,096 bytes.
    L(PooledEvent<4096>),
    /// Up to 16,384 bytes.
    Xl(PooledEvent<16384>),
}

/// The same expression over the event of each variant.
macro_rules! of_each {
    ($auto:expr, $event:ident => $value:expr) => {
        match $auto {
            AutoSizedEvent::Xs($event) => $value,
            AutoSizedEvent::S($event) => $value,
            AutoSizedEvent::M($event) => $value,
            AutoSizedEvent::L($event) => $value,
            AutoSizedEvent::Xl($event) => $value,
        }
    };
}

impl AutoSizedEvent {
    /// The event's bytes.
    #[inline]
    pub fn data(&self) -> &[u8] {
        of_each!(self, event => event.bytes())
    }

    /// The event's type: what it means to its users.
    #[inline]
    pub fn event_type(&self) -> u32 {
        of_each!(self, event => event.event_type)
    }

    /// How many bytes it carries.
    pub fn len(&self) -> u32 {
        self.data().len() as u32
    }

    /// Whether it carries none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pool it belongs to.
    #[inline]
    pub fn pool_id(&self) -> PoolId {
        match self {
            AutoSizedEvent::Xs(_) => PoolId::XS,
            AutoSizedEvent::S(_) => PoolId::S,
            AutoSizedEvent::M(_) => PoolId::M,
            AutoSizedEvent::L(_) => PoolId::L,
            AutoSizedEvent::Xl(_) => PoolId::XL,
        }
    }

    /// Publishes it in the production set. Copies the bytes it holds, not the size it could have. Never waits.
    ///
    /// # Errors
    ///
    /// [`EmitError::RingFull`], while a Consumer holds the pool's next slot.
    #[inline(always)] // Keeps the event in the caller's frame from its creation on.
    pub fn emit_to_ring(&self) -> Result<(), EmitError> {
        self.emit_to(&Production)
    }

    /// Publishes it in `pools`. Never waits.
    ///
    /// # Errors
    ///
    /// [`EmitError::RingFull`], while a Consumer holds the pool's next slot.
    ///
    /// # Panics
    ///
    /// If the pool is between processes, and [corrupt](crate::Corrupt), which [`PoolSet::emit`] says by an error.
    #[inline(always)] // As `emit_to_ring`.
    pub fn emit_to<const LONGEST: usize>(&self, pools: &impl PoolSet<LONGEST>) -> Result<(), EmitError> {
        let pool = self.pool_id();
        match pools.emit_in(pool, self.data(), self.event_type()) {
            Ok(_) => Ok(()),
            Err(PublishError::Full(_)) => Err(EmitError::RingFull(pool)),
            Err(PublishError::TooLarge(_)) => unreachable!("an event's bytes fit its own size class"),
            Err(PublishError::Corrupt(corrupt)) => panic!("{corrupt}"),
        }
    }
}

/// Why an event could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCreationError {
    /// The data exceeds the event's size.
    DataTooLarge {
        /// Bytes offered.
        data_len: usize,
        /// Bytes the event holds.
        max_size: usize,
    },
}

impl fmt::Display for EventCreationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EventCreationError::DataTooLarge { data_len, max_size } = self;
        write!(f, "the data has {data_len} bytes, and the event holds {max_size}: use a larger size class, or split it")
    }
}

impl Error for EventCreationError {}

/// Why an event was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmitError {
    /// A Consumer has not left the pool's next slot yet. [`PoolSet::emit`] names that Consumer.
    RingFull(PoolId),
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EmitError::RingFull(pool) = self;
        write!(
            f,
            "pool {pool:?} is full: its slowest consumer has not left the next slot yet; try again, speed it up, or drop it"
        )
    }
}

impl Error for EmitError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_made_in_the_smallest_class_that_holds_it() {
        for (len, pool) in [(0, PoolId::XS), (64, PoolId::XS), (65, PoolId::S), (1025, PoolId::L), (16384, PoolId::XL)]
        {
            let data = vec![7; len];
            let event = EventUtils::create_auto_sized_event(&data, 3).unwrap();
            assert_eq!((event.pool_id(), event.data(), event.event_type()), (pool, &data[..], 3));
            assert_eq!((event.len() as usize, event.is_empty()), (len, len == 0));
        }
        let error = EventUtils::create_auto_sized_event(&[0; 16385], 0).unwrap_err();
        assert_eq!(error, EventCreationError::DataTooLarge { data_len: 16385, max_size: 16384 });
    }
}
