//! Publishers.

use std::{
    any::type_name,
    marker::PhantomData,
    sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64},
    time::{Duration, Instant},
};

use anyhow::bail;
use rusted_ring::{
    Bytes, Lease, Many, Notes, Publisher, Sequence, Sole, SolePublisher, Typed, Value, publisher::PublishError,
};
use rusted_ring_recording::Origin;
use rusted_ring_shm::{
    Ring, RingFile,
    sizes::{AtSize, SIZES, with, with_pool},
};

use super::{Publish, unreadable};
use crate::{exit::End, stop::Stop};

/// A publisher of the ring in `file`.
pub(crate) fn publisher(file: &RingFile) -> anyhow::Result<Box<dyn Publish>> {
    let properties = file.properties()?;
    let whole = properties.slot_bytes() == properties.longest && !properties.typed;
    let opened = with(
        if whole { properties.slot_bytes() } else { 0 },
        OpenPublisher { file, many: properties.many, create: None },
    );
    opened.unwrap_or_else(|| Err(unreadable(file.path(), &properties)))
}

/// A publisher of the ring in `file`, which is created, unless it is there.
pub(crate) fn creator(
    file: &RingFile,
    slot_bytes: u64,
    capacity: usize,
    many: bool,
) -> anyhow::Result<Box<dyn Publish>> {
    with(slot_bytes, OpenPublisher { file, many, create: Some(capacity) }).unwrap_or_else(|| {
        let text = format!(
            "slots of {slot_bytes} bytes were asked for, and this program has those of {SIZES}: choose one of these"
        );
        Err(End::Unreadable(text).into())
    })
}

/// Bytes of a ring that is made because a recording says so, at most.
const MOST_BYTES: u64 = 1 << 30;

/// What a recording has behind the beginning of a type's path: no path has it.
pub(crate) const CUT: &str = "…";

/// A publisher of a ring like the one that was recorded, in `file`; it is created, unless it is there.
pub(crate) fn like(file: &RingFile, origin: &Origin) -> anyhow::Result<Box<dyn Publish>> {
    fn noted<A: Notes>(open: OpenLike<'_>) -> Result<anyhow::Result<Box<dyn Publish>>, OpenLike<'_>> {
        let is_it = open.origin.event == format!("bytes with {}", type_name::<A>());
        with_pool(if is_it { open.origin.event_bytes } else { 0 }, LikeNoted::<A>(open, PhantomData)).ok_or(open)
    }
    // Whoever made the recording said how large the ring was. A larger one is made by whoever is asked for it.
    let bytes = origin.capacity.saturating_mul(origin.event_bytes.saturating_add(64));
    if bytes > MOST_BYTES {
        bail!(
            "the ring that was recorded had {} slots of {} bytes: create one that large by `rring pub --create`, if it is wanted, and replay into it",
            origin.capacity,
            origin.event_bytes
        );
    }
    if origin.typed && !(origin.align.is_power_of_two() && origin.event_bytes.is_multiple_of(origin.align)) {
        bail!(
            "the recording says of its values that they have {} bytes, aligned to {}, which no type has",
            origin.event_bytes,
            origin.align
        );
    }
    if origin.typed && origin.event.ends_with(CUT) {
        bail!(
            "the path of the values' type is longer than a ring's file has room for, and the recording has only its beginning, {}: publish them by a program that has the type",
            origin.event
        );
    }
    let open = OpenLike { file, origin, capacity: origin.capacity.try_into().unwrap_or(usize::MAX) };
    let opened = match origin.event.as_str() {
        _ if origin.typed => with(origin.event_bytes, LikeValues(open)),
        "bytes" => with(origin.event_bytes, OpenPublisher { file, many: origin.many, create: Some(open.capacity) }),
        _ => noted::<AtomicU8>(open)
            .or_else(noted::<AtomicU16>)
            .or_else(noted::<AtomicU32>)
            .or_else(noted::<AtomicU64>)
            .ok(),
    };
    opened.unwrap_or_else(|| {
        let Origin { ring, event, event_bytes, .. } = origin;
        let text = format!(
            "the ring that was recorded, {ring}, had slots of {event_bytes} bytes ({event}), and this program makes those of {SIZES} bytes, and with notes \
             those of pools"
        );
        Err(End::Unreadable(text).into())
    })
}

/// How long it waits for room before it looks whether it was asked to stop.
const STEP: Duration = Duration::from_millis(50);

/// Waits for room in steps, until the time is over or the program is asked to stop.
pub(crate) fn publish(
    publisher: &mut dyn Publish,
    data: &[u8],
    event_type: u32,
    timeout: Duration,
    stop: &Stop,
) -> Result<Sequence, PublishError> {
    let begun = Instant::now();
    loop {
        let left = timeout.saturating_sub(begun.elapsed());
        match publisher.publish(data, event_type, STEP.min(left)) {
            Err(PublishError::Full(mut full)) => {
                if left <= STEP || stop.is_asked() {
                    full.waited = Some(begun.elapsed());
                    return Err(PublishError::Full(full));
                }
            }
            outcome => return outcome,
        }
    }
}

/// The publishers of both modes differ in their names alone.
macro_rules! publishes {
    ($publisher:ident, $mode:ident) => {
        impl<const N: usize, A: Notes> Publish for $publisher<Ring<Bytes<N, N, A>, $mode>> {
            fn publish(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<Sequence, PublishError> {
                self.publish_timeout(data, event_type, timeout)
            }

            fn longest(&self) -> usize {
                N
            }

            fn process_of(&self, entry: usize) -> Option<u32> {
                self.ring().peers().holder(Lease::Reader(entry))
            }
        }

        impl<const N: usize> Publish for $publisher<Ring<Typed<[u8; N]>, $mode>>
        where
            [u8; N]: Value,
        {
            fn publish(&mut self, data: &[u8], _: u32, timeout: Duration) -> Result<Sequence, PublishError> {
                let value =
                    data.try_into().expect("a recording has only values of as many bytes as it says, which are N");
                Ok(self.send_timeout(value, timeout)?)
            }

            fn longest(&self) -> usize {
                N
            }

            fn process_of(&self, entry: usize) -> Option<u32> {
                self.ring().peers().holder(Lease::Reader(entry))
            }
        }
    };
}

publishes!(Publisher, Many);
publishes!(SolePublisher, Sole);

struct OpenPublisher<'a> {
    file: &'a RingFile,
    many: bool,
    /// The capacity of the ring to be created.
    create: Option<usize>,
}

impl AtSize for OpenPublisher<'_> {
    type Output = anyhow::Result<Box<dyn Publish>>;

    fn at<const N: usize>(self) -> Self::Output {
        let file = self.file;
        Ok(match (self.many, self.create) {
            (true, None) => Box::new(Publisher::join(file.open::<Bytes<N>, Many>()?)?),
            (true, Some(capacity)) => Box::new(Publisher::join(file.open_or_create::<Bytes<N>, Many>(capacity)?)?),
            (false, None) => Box::new(SolePublisher::join(file.open::<Bytes<N>, Sole>()?)?),
            (false, Some(capacity)) => Box::new(SolePublisher::join(file.open_or_create::<Bytes<N>, Sole>(capacity)?)?),
        })
    }
}

#[derive(Clone, Copy)]
struct OpenLike<'a> {
    file: &'a RingFile,
    origin: &'a Origin,
    capacity: usize,
}

struct LikeValues<'a>(OpenLike<'a>);

impl AtSize for LikeValues<'_> {
    type Output = anyhow::Result<Box<dyn Publish>>;

    fn at<const N: usize>(self) -> Self::Output {
        let OpenLike { file, origin: Origin { event, align, many, .. }, capacity } = self.0;
        Ok(match many {
            true => Box::new(Publisher::join(file.open_or_create_as_bytes::<N, Many>(event, *align, capacity)?)?),
            false => Box::new(SolePublisher::join(file.open_or_create_as_bytes::<N, Sole>(event, *align, capacity)?)?),
        })
    }
}

/// As [`OpenPublisher`], of slots with notes `A`.
struct LikeNoted<'a, A>(OpenLike<'a>, PhantomData<A>);

impl<A: Notes> AtSize for LikeNoted<'_, A> {
    type Output = anyhow::Result<Box<dyn Publish>>;

    fn at<const N: usize>(self) -> Self::Output {
        let OpenLike { file, origin, capacity } = self.0;
        Ok(match origin.many {
            true => Box::new(Publisher::join(file.open_or_create::<Bytes<N, N, A>, Many>(capacity)?)?),
            false => Box::new(SolePublisher::join(file.open_or_create::<Bytes<N, N, A>, Sole>(capacity)?)?),
        })
    }
}
