//! Payloads in models: their words are the checker's, made one by one, and each has a shadow cell, read while the payload is lent and
//! written while it is stored. A checker sees no race between atomics; the shadow shows a loan that meets an owner.

use alloc::{boxed::Box, vec, vec::Vec};
use core::{marker::PhantomData, ops::Deref};

use shadow::{Read, Shadow};

use crate::{
    ring::{
        memory::slot::Slot,
        storage::room::{NoMemory, Room, given},
    },
    sync::AtomicU64,
    words::{Word, word_size},
};

/// One modelled payload.
pub(in crate::ring) struct Modelled {
    words: Box<[AtomicU64]>,
    shadow: Shadow,
}

/// Modelled payloads, on the heap wherever they would lie.
pub(crate) struct Boxed(Box<[Modelled]>);

impl Boxed {
    pub(in crate::ring) fn room(capacity: usize, _stride: usize) -> Result<Room<Modelled>, NoMemory> {
        Room::of(capacity)
    }

    pub(in crate::ring) fn zeroed(room: Room<Modelled>, _capacity: usize, stride: usize) -> Self {
        assert_eq!(word_size(stride), 8, "models use strides of whole 8-byte words");
        let payload =
            || Modelled { words: (0..stride / 8).map(|_| AtomicU64::new(0)).collect(), shadow: Shadow::default() };
        Boxed(room.filled(payload))
    }

    pub(crate) fn plane(&self) -> PayloadPlane<'_> {
        PayloadPlane(&self.0)
    }
}

pub(crate) struct Inline<C, const CAP: usize>(Boxed, PhantomData<C>);

impl<C, const CAP: usize> Inline<C, CAP> {
    pub(crate) fn zeroed() -> Self {
        let room = given(Boxed::room(CAP, size_of::<C>()));
        Inline(Boxed::zeroed(room, CAP, size_of::<C>()), PhantomData)
    }

    pub(crate) fn plane(&self) -> PayloadPlane<'_> {
        self.0.plane()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct PayloadPlane<'a>(&'a [Modelled]);

impl<'a> PayloadPlane<'a> {
    pub(crate) unsafe fn payload<S: Slot>(self, index: usize) -> Payload<'a, S> {
        Payload(&self.0[index], PhantomData)
    }

    pub(crate) unsafe fn store_run<S: Slot>(self, index: usize, bytes: &[u8]) {
        for (slot, bytes) in self.0[index..].iter().zip(bytes.chunks(S::STRIDE)) {
            // SAFETY: the caller's promise.
            unsafe { Payload::<S>(slot, PhantomData).store(0, bytes) };
        }
    }

    pub(crate) unsafe fn lend_long<S: Slot>(self, index: usize, len: usize) -> Lent<'a> {
        let slots = &self.0[index..index + len.div_ceil(S::STRIDE)];
        let mut words = vec![0u64; len.div_ceil(8)];
        let shadows = slots.iter().map(|slot| slot.shadow.read()).collect();
        for (slot, bytes) in slots.iter().zip(bytemuck::cast_slice_mut(&mut words)[..len].chunks_mut(S::STRIDE)) {
            u64::load(&slot.words, bytes);
        }
        Lent { words, len, _shadows: shadows, _payload: PhantomData }
    }
}

pub(crate) struct Payload<'a, S>(&'a Modelled, PhantomData<S>);

impl<S> Clone for Payload<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Payload<'_, S> {}

impl<'a, S: Slot> Payload<'a, S> {
    /// Nothing: models have no cache.
    pub(crate) fn fetch_by(self, _fetch: impl Fn(*const u8)) {}

    pub(crate) fn load(self, bytes: &mut [u8]) {
        u64::load(&self.0.words, bytes);
    }

    pub(crate) unsafe fn own_lines(self, _count: usize) {}

    pub(crate) unsafe fn store(self, first: usize, bytes: &[u8]) {
        let _shadow = self.0.shadow.written();
        u64::store(&self.0.words[first..], bytes);
    }

    pub(crate) unsafe fn lend(self, len: usize) -> Lent<'a> {
        let mut words = vec![0u64; len.div_ceil(8)];
        let shadows = vec![self.0.shadow.read()];
        u64::load(&self.0.words, &mut bytemuck::cast_slice_mut(&mut words)[..len]);
        Lent { words, len, _shadows: shadows, _payload: PhantomData }
    }
}

pub(crate) struct Lent<'a> {
    /// A copy, aligned as a payload is.
    words: Vec<u64>,
    len: usize,
    _shadows: Vec<Read<'a>>,
    _payload: PhantomData<&'a Modelled>,
}

impl Deref for Lent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

#[cfg(loom)]
mod shadow {
    use loom::cell::{ConstPtr, MutPtr, UnsafeCell};

    pub(in crate::ring) type Read<'a> = ConstPtr<()>;
    pub(in crate::ring) type Written<'a> = MutPtr<()>;

    /// A cell of which loom reports two accesses that nothing orders, one of them a writing one.
    #[derive(Default)]
    pub(in crate::ring) struct Shadow(UnsafeCell<()>);

    // SAFETY: the cell is only touched through loom's tracked pointers, which are what detects a race.
    unsafe impl Sync for Shadow {}

    impl Shadow {
        pub(in crate::ring) fn read(&self) -> Read<'_> {
            self.0.get()
        }

        pub(in crate::ring) fn written(&self) -> Written<'_> {
            self.0.get_mut()
        }
    }
}

#[cfg(shuttle)]
mod shadow {
    use core::cell::{Ref, RefCell, RefMut};

    pub(in crate::ring) type Read<'a> = Ref<'a, ()>;
    pub(in crate::ring) type Written<'a> = RefMut<'a, ()>;

    /// A cell that panics at two accesses at one time, one of them a writing one.
    #[derive(Default)]
    pub(in crate::ring) struct Shadow(RefCell<()>);

    // SAFETY: shuttle runs all threads of a model on one thread, and switches between them only at its own operations.
    unsafe impl Sync for Shadow {}

    impl Shadow {
        pub(in crate::ring) fn read(&self) -> Read<'_> {
            self.0.try_borrow().expect("a loan meets no owner")
        }

        pub(in crate::ring) fn written(&self) -> Written<'_> {
            self.0.try_borrow_mut().expect("an owner meets no loan, and no other owner")
        }
    }
}
