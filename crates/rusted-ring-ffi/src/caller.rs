//! What a foreign caller passes, checked as far as it can be known.

use std::{
    ffi::{CStr, c_char, c_void},
    mem::MaybeUninit,
    slice,
};

use crate::{
    cells::{AnyCells, AnyCellsReader, AnyCellsWriter},
    exclusive::Entered,
    failure::Failure,
    handles,
    journal::{Journal, Position},
    pools::AnyPools,
    rings::{AnyPublisher, AnyReader, AnyRing},
    types::{self, Slice},
    waiting::WaitSet,
};

/// The promise of the foreign caller of one call (invariant F of docs/SAFETY.md), on which the methods rely.
#[derive(Clone, Copy)]
pub(crate) struct Caller(());

/// Where a result goes.
pub(crate) struct Out<'c, T>(&'c mut MaybeUninit<T>);

impl<T> Out<'_, T> {
    #[inline(always)]
    pub(crate) fn put(self, value: T) {
        self.0.write(value);
    }
}

/// Where a result goes, if it is wanted.
pub(crate) struct Wanted<'c, T>(Option<Out<'c, T>>);

impl<T> Wanted<'_, T> {
    #[inline(always)]
    pub(crate) fn put(self, value: T) {
        if let Some(out) = self.0 {
            out.put(value);
        }
    }
}

/// Where a number goes.
pub(crate) struct Count<'c>(&'c mut usize);

impl Count<'_> {
    #[inline(always)]
    pub(crate) fn set(&mut self, count: usize) {
        *self.0 = count;
    }
}

fn misaligned<T>(pointer: *const T, what: &str) -> Failure {
    Failure::argument(format!(
        "`{what}` is {pointer:p}, which is null or no multiple of {}: pass the address of what it is to point to, of {} bytes",
        align_of::<T>(),
        size_of::<T>()
    ))
}

#[allow(clippy::mut_from_ref, reason = "the memory is the foreign caller's, of which F says that nobody else has it")]
impl Caller {
    /// # Safety
    ///
    /// Only arguments of one call are given to the result's methods, under their names, and its foreign caller promises what the header says (F): a pointer that is not null is
    /// valid for what it points to until the call returns, and written by nobody else; a handle is not closed meanwhile, and used as its kind allows.
    #[inline(always)]
    pub(crate) unsafe fn promises() -> Self {
        Caller(())
    }

    /// Where a result must be able to go.
    #[inline(always)]
    pub(crate) fn out<T>(&self, pointer: *mut T, what: &'static str) -> Result<Out<'_, T>, Failure> {
        if pointer.is_null() || !pointer.is_aligned() {
            return Err(misaligned(pointer, what));
        }
        // SAFETY: F; not null, and aligned, as just checked. Nothing is read.
        Ok(Out(unsafe { &mut *pointer.cast() }))
    }

    /// Where a result goes, unless that is null.
    #[inline(always)]
    pub(crate) fn wanted<T>(&self, pointer: *mut T, what: &'static str) -> Result<Wanted<'_, T>, Failure> {
        Ok(Wanted(if pointer.is_null() { None } else { Some(self.out(pointer, what)?) }))
    }

    /// Where a number goes, which is 0 until it is set.
    #[inline(always)]
    pub(crate) fn counted(&self, pointer: *mut usize, what: &'static str) -> Result<Count<'_>, Failure> {
        let Out(place) = self.out(pointer, what)?;
        Ok(Count(place.write(0)))
    }

    /// A value that is read.
    #[inline(always)]
    pub(crate) fn value<T>(&self, pointer: *const T, what: &'static str) -> Result<&T, Failure> {
        Ok(&self.values(pointer, 1, what)?[0])
    }

    /// Bytes that are read. Null will do for none.
    #[inline(always)]
    pub(crate) fn bytes(&self, pointer: *const c_void, len: usize, what: &'static str) -> Result<&[u8], Failure> {
        self.values(pointer.cast(), len, what)
    }

    /// Values that are read. Null will do for none.
    #[inline(always)]
    pub(crate) fn values<T>(&self, pointer: *const T, len: usize, what: &'static str) -> Result<&[T], Failure> {
        if len == 0 {
            return Ok(&[]);
        }
        check(pointer, len, what)?;
        // SAFETY: F; not null, aligned, and no longer than memory can be, as just checked. `T` is plain.
        Ok(unsafe { slice::from_raw_parts(pointer, len) })
    }

    /// Bytes that are written. Null will do for none.
    #[inline(always)]
    pub(crate) fn buffer(&self, pointer: *mut c_void, len: usize, what: &'static str) -> Result<&mut [u8], Failure> {
        if len == 0 {
            return Ok(&mut []);
        }
        check(pointer.cast::<u8>(), len, what)?;
        // SAFETY: as above; written by nobody else (F). Any bytes are a `u8`, also those that the caller never set.
        Ok(unsafe { slice::from_raw_parts_mut(pointer.cast(), len) })
    }

    /// Room for results. Null will do for none.
    #[inline(always)]
    pub(crate) fn room<T>(
        &self,
        pointer: *mut T,
        len: usize,
        what: &'static str,
    ) -> Result<&mut [MaybeUninit<T>], Failure> {
        if len == 0 {
            return Ok(&mut []);
        }
        check(pointer, len, what)?;
        // SAFETY: as above; nothing of it is read.
        Ok(unsafe { slice::from_raw_parts_mut(pointer.cast(), len) })
    }

    /// The bytes of an event that is to be published.
    #[inline(always)]
    pub(crate) fn event<'c>(&'c self, slice: &'c Slice) -> Result<(&'c [u8], u32), Failure> {
        Ok((self.bytes(slice.data, slice.len as usize, "events[..].data")?, slice.event_type))
    }

    /// Text that ends in a zero.
    pub(crate) fn text(&self, pointer: *const c_char, what: &'static str) -> Result<&str, Failure> {
        if pointer.is_null() {
            return Err(Failure::argument(format!("`{what}` is null: pass text that ends in a zero")));
        }
        // SAFETY: F: it ends in a zero.
        let text = unsafe { CStr::from_ptr(pointer) };
        text.to_str().map_err(|_| Failure::argument(format!("`{what}` is not UTF-8")))
    }

    /// The same, or none, if that is null.
    pub(crate) fn text_or_empty(&self, pointer: *const c_char, what: &'static str) -> Result<&str, Failure> {
        if pointer.is_null() { Ok("") } else { self.text(pointer, what) }
    }

    #[inline(always)]
    pub(crate) fn ring(&self, handle: *const types::Ring) -> Result<&dyn AnyRing, Failure> {
        // SAFETY: F.
        unsafe { handles::ring(handle.cast_mut()) }
    }

    #[inline(always)]
    pub(crate) fn pools(&self, handle: *const types::Pools) -> Result<&dyn AnyPools, Failure> {
        // SAFETY: F.
        unsafe { handles::pools(handle.cast_mut()) }
    }

    #[inline(always)]
    pub(crate) fn publisher(&self, handle: *mut types::Publisher) -> Result<&dyn AnyPublisher, Failure> {
        // SAFETY: F.
        unsafe { handles::publisher(handle) }
    }

    #[inline(always)]
    pub(crate) fn cells(&self, handle: *const types::Latest) -> Result<&dyn AnyCells, Failure> {
        // SAFETY: F.
        unsafe { handles::cells(handle.cast_mut()) }
    }

    #[inline(always)]
    pub(crate) fn reader(&self, handle: *mut types::Reader) -> Result<Entered<'_, dyn AnyReader>, Failure> {
        // SAFETY: F.
        unsafe { handles::reader(handle) }?.enter(*self)
    }

    pub(crate) fn journal(&self, handle: *const types::Journal) -> Result<&Journal, Failure> {
        // SAFETY: F.
        unsafe { handles::journal(handle.cast_mut()) }
    }

    pub(crate) fn position(&self, handle: *mut types::Position) -> Result<Entered<'_, Position>, Failure> {
        // SAFETY: F.
        unsafe { handles::position(handle) }?.enter(*self)
    }

    #[inline(always)]
    pub(crate) fn wait_set(&self, handle: *mut types::WaitSet) -> Result<Entered<'_, WaitSet>, Failure> {
        // SAFETY: F.
        unsafe { handles::wait_set(handle) }?.enter(*self)
    }

    #[inline(always)]
    pub(crate) fn cells_writer(
        &self,
        handle: *mut types::LatestWriter,
    ) -> Result<Entered<'_, dyn AnyCellsWriter>, Failure> {
        // SAFETY: F.
        unsafe { handles::cells_writer(handle) }?.enter(*self)
    }

    #[inline(always)]
    pub(crate) fn cells_reader(
        &self,
        handle: *mut types::LatestReader,
    ) -> Result<Entered<'_, dyn AnyCellsReader>, Failure> {
        // SAFETY: F.
        unsafe { handles::cells_reader(handle) }?.enter(*self)
    }
}

/// Refuses what can be no array of `len` values.
#[inline(always)]
fn check<T>(pointer: *const T, len: usize, what: &'static str) -> Result<(), Failure> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(misaligned(pointer, what));
    }
    if len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Failure::argument(format!(
            "`{what}` is said to have {len} elements, which exceeds the address space"
        )));
    }
    Ok(())
}
