//! A burst of strokes through a C call into a shared library that is loaded at run time.

use super::Task;
use crate::laps::Laps;
use crate::sample::{Figure, Measured, Unit};
use crate::words;
use anyhow::Context;
use libloading::{Library, Symbol};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Half of the XS pool, so that a burst is still there when it is read back.
const BURST: usize = 1000;

/// `int32_t (*)(const uint8_t *data, size_t len, uint32_t event_type)`
type Emit = unsafe extern "C" fn(*const u8, usize, u32) -> i32;
/// `uint64_t (*)(void)`
type Count = unsafe extern "C" fn() -> u64;

/// The functions measured. The last one is the new library's alone; the first emits nothing.
const EMPTY: (&str, &str) = ("empty call", "empty");
const EMITTING: [(&str, &str); 3] =
    [("create XS, add", "emit_sized"), ("create auto-sized, emit", "emit_auto"), ("emit bytes", "emit_bytes")];

pub(super) fn measure(task: &Task) -> anyhow::Result<Measured> {
    // SAFETY: the file is a package of this workspace, which runs nothing when it is loaded.
    let library = unsafe { Library::new(&task.library) }.context("loading the shared library")?;
    let mut caller = Caller { calls: 0, faults: Vec::new(), strokes: (0..BURST as u64).map(words::event).collect() };
    let mut figures = Vec::new();

    // SAFETY: this is its signature in ffi/interface.rs, in both libraries.
    let read_back: Symbol<'_, Count> = unsafe { library.get(b"read_back") }?;
    // SAFETY: as above.
    let empty: Symbol<'_, Emit> = unsafe { library.get(EMPTY.1.as_bytes()) }?;
    let nanos = caller.bursts(EMPTY.0, *empty, None, task.time());
    figures.extend(nanos.map(|nanos| Figure::new(EMPTY.0, Unit::Nanos, nanos)));
    for (name, symbol) in EMITTING {
        // SAFETY: as above; a name that the old library has not is an error, and no function.
        let Ok(emit) = (unsafe { library.get::<Emit>(symbol.as_bytes()) }) else { continue };
        let Some(nanos) = caller.bursts(name, *emit, Some(*read_back), task.time()) else { continue };
        figures.push(Figure::new(name, Unit::Nanos, nanos));
        figures.push(Figure::new(name, Unit::Rate, 1e9 / nanos));
    }

    // SAFETY: this is its signature in ffi/interface.rs, in both libraries.
    let calls: Symbol<'_, Count> = unsafe { library.get(b"calls") }?;
    // SAFETY: it takes nothing, and only looks.
    let counted = unsafe { calls() };
    if counted != caller.calls {
        caller.faults.push(format!("the caller made {} calls, the library counted {counted}", caller.calls));
    }
    figures.insert(0, Figure::new("calls made", Unit::Calls, caller.calls as f64));
    figures.insert(1, Figure::new("calls not counted", Unit::Calls, caller.calls.abs_diff(counted) as f64));
    Ok(Measured { figures, faults: caller.faults })
}

struct Caller {
    calls: u64,
    faults: Vec<String>,
    strokes: Vec<[u64; words::WORDS]>,
}

impl Caller {
    /// Calls in bursts for this long, reading back between them; nanoseconds a call, if all that was emitted arrived.
    fn bursts(&mut self, name: &str, emit: Emit, read_back: Option<Count>, time: Duration) -> Option<f64> {
        let mut bursts = Laps::during(time);
        while bursts.go_on() {
            let start = Instant::now();
            let mut published = 0;
            for (stroke, event_type) in self.strokes.iter().zip(0..) {
                let bytes: &[u8] = bytemuck::bytes_of(black_box(stroke));
                // SAFETY: a slice is valid for reads of its length, and is borrowed for the call.
                published += usize::from(unsafe { emit(bytes.as_ptr(), bytes.len(), event_type) } == 0);
            }
            bursts.push(start.elapsed());
            self.calls += BURST as u64;
            // SAFETY: it takes nothing, and locks what it reads with.
            let arrived = read_back.map_or(BURST as u64, |read_back| unsafe { read_back() });
            if (published, arrived) != (BURST, BURST as u64) {
                let burst = format!("{name}: of a burst of {BURST}, {published} were accepted and {arrived} arrived");
                self.faults.push(burst);
                return None;
            }
        }
        Some(bursts.nanos_each(BURST))
    }
}
