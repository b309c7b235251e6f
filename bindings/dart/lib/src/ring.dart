import 'dart:ffi' as ffi;

import 'package:ffi/ffi.dart';
import 'package:meta/meta.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'publisher.dart';
import 'reader.dart';

/// Where a reader begins: at the next event to be published.
const int newest = abi.RUSTED_RING_NEWEST;

/// Where a reader begins: at the oldest event that the ring retains.
const int oldest = abi.RUSTED_RING_OLDEST;

/// A ring of events of up to so many bytes.
final class Ring extends Handle<abi.rusted_ring> {
  /// On a handle of the library's.
  @internal
  Ring.of(ffi.Pointer<abi.rusted_ring> handle) : super(handle, _finalizer);

  /// Makes a ring in this process, of [slots] slots for events of up to [slotBytes] bytes. With [sole] one publisher at a time writes it, and it is faster.
  factory Ring(int slotBytes, int slots, {bool sole = false}) =>
      Ring.of(made((place) => abi.rusted_ring_new(slotBytes, slots, sole ? abi.RUSTED_RING_SOLE : 0, place)));

  /// Creates a ring between processes: in /dev/shm, or at a path, if there is a `/` in [name]. It stays until it is removed.
  factory Ring.create(String name, int slotBytes, int slots, {bool sole = false}) => using((arena) {
    final text = named(name, arena);
    final flags = sole ? abi.RUSTED_RING_SOLE : 0;
    return Ring.of(made((place) => abi.rusted_ring_create(text, slotBytes, slots, flags, place)));
  });

  /// Opens a ring that a process of any language has created.
  factory Ring.open(String name) => using((arena) {
    final text = named(name, arena);
    return Ring.of(made((place) => abi.rusted_ring_open(text, place)));
  });

  /// Looks at a ring between processes: [stats] and [readers] alone.
  factory Ring.observe(String name) => using((arena) {
    final text = named(name, arena);
    return Ring.of(made((place) => abi.rusted_ring_observe(text, place)));
  });

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring>)>>(abi.rusted_ring_close),
  );

  /// Removes the file of a ring between processes; unless [evenInUse], not while a process has it open.
  static void remove(String name, {bool evenInUse = false}) => using((arena) {
    final text = named(name, arena);
    check(abi.rusted_ring_remove(text, evenInUse ? 1 : 0));
  });

  /// Joins as a publisher.
  Publisher join() => Publisher.of(made((place) => abi.rusted_ring_publisher_join(handle, place)));

  /// Joins as a Subscriber, which is never waited for and told what it lost.
  Reader subscribe({String name = '', int from = newest}) => _read(abi.rusted_ring_subscribe, name, from);

  /// Joins as a Consumer. Publishers wait for it, until it is closed: it loses nothing.
  Reader consume({String name = '', int from = newest}) => _read(abi.rusted_ring_consume, name, from);

  Reader _read(
    int Function(ffi.Pointer<abi.rusted_ring>, ffi.Pointer<ffi.Char>, int, ffi.Pointer<ffi.Pointer<abi.rusted_ring_reader>>) join,
    String name,
    int from,
  ) => using((arena) {
    final text = named(name, arena);
    return Reader.of(made((place) => join(handle, text, from, place)), stats().slotBytes);
  });

  /// What the ring is, and how it is.
  RingStats stats() => using((arena) {
    final stats = arena<abi.rusted_ring_ring_stats>();
    check(abi.rusted_ring_stats(handle, stats));
    return RingStats._(stats.ref);
  });

  /// The ledger: what each reader received and lost.
  List<Ledger> readers() => using((arena) {
    final count = arena<ffi.Size>();
    var room = 16;
    while (true) {
      final lines = arena<abi.rusted_ring_reader_line>(room);
      check(abi.rusted_ring_readers(handle, lines, room, count));
      if (count.value <= room) {
        return [for (var index = 0; index < count.value; index++) Ledger.of(lines[index])];
      }
      room = count.value + 16;
    }
  });

  @override
  int closeHandle() => abi.rusted_ring_close(handle);
}

/// What a ring is, and how it is.
final class RingStats {
  RingStats._(abi.rusted_ring_ring_stats of)
    : slotBytes = of.slot_bytes,
      slots = of.slots,
      claimed = of.claimed,
      held = of.held,
      readers = of.readers,
      pressure = of.pressure;

  /// Bytes that an event has at most.
  final int slotBytes;

  final int slots;

  /// The next sequence to be claimed.
  final int claimed;

  /// Slots that publishers hold in the middle of a publish.
  final int held;

  final int readers;

  /// The largest lag of the readers as a part of the slots, from 0 to 1.
  final double pressure;
}

/// What one reader received and lost: `claimed` of the ring - [joined] = [received] + [repaired] + [lost] + [holes] + [shared] + [ahead].
final class Ledger {
  /// A line as the library has it.
  @internal
  Ledger.of(abi.rusted_ring_reader_line of)
    : name = nameOf(of.name),
      isConsumer = of.gating != 0,
      joined = of.joined,
      position = of.position,
      received = of.received,
      lost = of.lost,
      repaired = of.repaired,
      holes = of.holes,
      laps = of.laps,
      shared = of.shared,
      ahead = of.ahead,
      process = of.process;

  /// Empty if it has none.
  final String name;

  /// Whether publishers wait for it.
  final bool isConsumer;

  /// The sequence at which it joined.
  final int joined;

  /// The next sequence that it wants.
  final int position;

  final int received;

  /// Sequences that were overwritten before it came to them.
  final int lost;

  /// Events that a history gave it back.
  final int repaired;

  /// Sequences that carried no event.
  final int holes;

  /// How often it was overtaken.
  final int laps;

  /// Events that fellow workers of a stage took.
  final int shared;

  /// Sequences that were claimed and that it has not come to: its lag.
  final int ahead;

  /// The process that it belongs to; 0 if that is this one, or not known.
  final int process;
}
