//! What a contender must be able to do. The verbs that both crates have are written once, for both.

/// A writing end.
pub(crate) trait Put: Send + 'static {
    /// Publishes a copy of the bytes; false if there is no room.
    fn try_put(&mut self, bytes: &[u8], event_type: u32) -> bool;
}

/// A reading end.
pub(crate) trait Take: Send + 'static {
    /// Shows the next event's bytes, if there is one; returns whether there was.
    fn try_take(&mut self, look: impl FnOnce(&[u8])) -> bool;
    /// Whether the writer should slow down.
    fn should_throttle(&self) -> bool;
    /// How many events it says it lost.
    fn told_lost(&self) -> u64;
}

/// Rings of a contender.
pub(crate) trait Rings {
    /// A new ring: its writer, and its reader.
    fn open<const N: usize, const CAP: usize>() -> (impl Put, impl Take);
}

/// The five pools of a contender. What reads only checks what was written.
pub(crate) trait Pools {
    fn xs() -> (impl Put, impl Take);
    fn s() -> (impl Put, impl Take);
    fn m() -> (impl Put, impl Take);
    fn l() -> (impl Put, impl Take);
    fn xl() -> (impl Put, impl Take);
    /// The writer that finds the size, and the reader of the pool for small events.
    fn auto() -> (impl Put, impl Take);
}

/// The verbs of rusted-ring 0.5, for whichever crate: events by value, created, added, and read by an iterator.
macro_rules! verbs_of_0_5 {
    ($library:ident, $told_lost:expr, rings: $rings:ty, pools: $pools:ty) => {
        impl<const N: usize, const CAP: usize> $crate::endpoints::Put for $library::Writer<N, CAP> {
            #[inline]
            fn try_put(&mut self, bytes: &[u8], event_type: u32) -> bool {
                let event = $library::EventUtils::create_pooled_event::<N>(bytes, event_type);
                event.is_ok_and(|event| self.add(event))
            }
        }

        impl<const N: usize, const CAP: usize> $crate::endpoints::Take for $library::Reader<N, CAP> {
            #[inline]
            fn try_take(&mut self, look: impl FnOnce(&[u8])) -> bool {
                let event = self.next();
                // A torn event's length may be anything.
                event.map(|event| look(event.data.get(..event.len as usize).unwrap_or_default())).is_some()
            }

            fn should_throttle(&self) -> bool {
                $library::Reader::should_throttle(self)
            }

            fn told_lost(&self) -> u64 {
                $told_lost(self)
            }
        }

        impl $crate::endpoints::Rings for $rings {
            fn open<const N: usize, const CAP: usize>() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                let ring: &'static _ = Box::leak(Box::new($library::RingBuffer::<N, CAP>::new()));
                // Another thread might look: without this, the compiler leaves out non-atomic stores where nobody reads.
                let ring = std::hint::black_box(ring);
                ($library::Writer::new(ring), $library::Reader::new(ring))
            }
        }

        impl $crate::endpoints::Pools for $pools {
            fn xs() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                ($library::EventPoolFactory::get_xs_writer(), $library::EventPoolFactory::get_xs_reader())
            }
            fn s() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                ($library::EventPoolFactory::get_s_writer(), $library::EventPoolFactory::get_s_reader())
            }
            fn m() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                ($library::EventPoolFactory::get_m_writer(), $library::EventPoolFactory::get_m_reader())
            }
            fn l() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                ($library::EventPoolFactory::get_l_writer(), $library::EventPoolFactory::get_l_reader())
            }
            fn xl() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                ($library::EventPoolFactory::get_xl_writer(), $library::EventPoolFactory::get_xl_reader())
            }
            fn auto() -> (impl $crate::endpoints::Put, impl $crate::endpoints::Take) {
                (AutoSized, $library::EventPoolFactory::get_xs_reader())
            }
        }

        /// Makes each event of the size that its bytes need.
        struct AutoSized;

        impl $crate::endpoints::Put for AutoSized {
            #[inline]
            fn try_put(&mut self, bytes: &[u8], event_type: u32) -> bool {
                let event = $library::EventUtils::create_auto_sized_event(bytes, event_type);
                event.is_ok_and(|event| event.emit_to_ring().is_ok())
            }
        }
    };
}
pub(crate) use verbs_of_0_5;
