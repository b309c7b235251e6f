//! Looking at a ring without taking part.

use rusted_ring::{Lease, Many, Mode, Slot, ledger::Ledger};

use crate::{Properties, Ring};

/// A ring that is only looked at: mapped for reading, listed nowhere, and at no cost to the processes that use it.
#[derive(Debug)]
pub struct Observer<S: Slot, M: Mode = Many>(Ring<S, M>);

impl<S: Slot, M: Mode> Observer<S, M> {
    pub(crate) fn new(ring: Ring<S, M>) -> Self {
        Observer(ring)
    }

    /// The ring's books. A reader whose process was killed is among them until somebody frees its entry: see
    /// [`holder`](Self::holder).
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let file = rusted_ring_shm::RingFile::at(directory.path().join("ring"));
    /// use rusted_ring::{Bytes, Publisher, Start, Subscriber};
    /// use rusted_ring_shm::Observer;
    ///
    /// let ring = file.create::<Bytes<64>, _>(1024)?;
    /// let _screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    /// Publisher::join(ring)?.publish(b"a stroke", 1)?;
    ///
    /// let observer: Observer<Bytes<64>> = file.observe()?;
    /// let screen = observer.ledger().readers().next().unwrap();
    /// assert_eq!((screen.name.as_str(), screen.ahead), ("screen", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ledger(&self) -> Ledger<'_, Ring<S, M>> {
        Ledger::of(&self.0)
    }

    /// What the file says of itself.
    pub fn properties(&self) -> &Properties {
        self.0.peers().properties()
    }

    /// The number of the process that holds `lease`, to be shown to people; none, if nobody does.
    pub fn holder(&self, lease: Lease) -> Option<u32> {
        self.0.peers().holder(lease)
    }
}
