//! An emit function for a caller in another language: bytes in, a code out. It allocates nothing and never waits.

use rusted_ring::{EventPoolFactory, M_CAPACITY, XL_TSHIRT_SIZE, publisher::PublishError};

const EMITTED: i32 = 0;
const FULL: i32 = -1;
const TOO_LARGE: i32 = -2;
const NULL: i32 = -3;

/// Copies `len` bytes at `data` into the smallest pool that holds them. Never waits, never unwinds, keeps no pointer.
///
/// Returns 0 when the event is published; -1 when a consumer has not made room yet, so try again; -2 when `len` exceeds
/// 16,384; -3 when `data` is null.
///
/// # Safety
///
/// Unless `data` is null, it is valid for reads of `len` bytes, and nobody writes them during the call.
#[unsafe(no_mangle)]
unsafe extern "C" fn emit_drawing_stroke(data: *const u8, len: usize, event_type: u32) -> i32 {
    if data.is_null() {
        return NULL;
    }
    if len > XL_TSHIRT_SIZE {
        return TOO_LARGE;
    }
    // SAFETY: not null, and by the caller's promise valid for `len` bytes that do not change; `len` is far below `isize::MAX`.
    let bytes = unsafe { std::slice::from_raw_parts(data, len) };
    match EventPoolFactory::emit(bytes, event_type) {
        Ok(_) => EMITTED,
        Err(PublishError::TooLarge(_)) => TOO_LARGE,
        Err(_) => FULL,
    }
}

/// The type in C: `int32_t (*)(const uint8_t *data, size_t len, uint32_t event_type)`.
type Emit = unsafe extern "C" fn(*const u8, usize, u32) -> i32;

fn main() {
    let emit: Emit = emit_drawing_stroke;
    let call = |bytes: &[u8]| {
        // SAFETY: a slice is valid for reads of its length, and is borrowed for the call.
        unsafe { emit(bytes.as_ptr(), bytes.len(), 7) }
    };
    let mut screen = EventPoolFactory::get_xs_reader();
    let mut disk = EventPoolFactory::get_m_consumer().expect("the table of readers has room");

    assert_eq!((call(b"a stroke"), call(b"")), (EMITTED, EMITTED));
    assert_eq!(screen.recv().expect("it was emitted").bytes(), b"a stroke");
    assert_eq!(call(&[0; XL_TSHIRT_SIZE + 1]), TOO_LARGE);
    // SAFETY: null is allowed, with any length.
    assert_eq!(unsafe { emit(std::ptr::null(), 8, 7) }, NULL);
    println!("0: published; -2: more than {XL_TSHIRT_SIZE} bytes; -3: a null pointer");

    // The disk loses nothing, so a pool that it has not read from is full after its capacity, and then says so.
    let stroke = [1; 1000];
    let answers: Vec<i32> = (0..M_CAPACITY + 2).map(|_| call(&stroke)).collect();
    assert!(answers[..M_CAPACITY].iter().all(|&answer| answer == EMITTED));
    assert_eq!(answers[M_CAPACITY..], [FULL, FULL]);
    println!("-1: after {M_CAPACITY} strokes of 1,000 bytes, with a consumer that has read none");

    while disk.try_recv().is_ok() {}
    assert_eq!((disk.received(), call(&stroke)), (M_CAPACITY as u64, EMITTED));
    println!("0: it has read all {M_CAPACITY}, and there is room again");
}
