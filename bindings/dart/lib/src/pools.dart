import 'dart:ffi' as ffi;
import 'dart:typed_data';

import 'package:ffi/ffi.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'memory.dart';
import 'ring.dart';

/// A pool of events of up to [slotBytes] bytes.
enum Pool {
  xs(64),
  s(256),
  m(1024),
  l(4096),
  xl(16384);

  const Pool(this.slotBytes);

  final int slotBytes;
}

/// Where an event went that was emitted.
typedef Emitted = ({Pool pool, int sequence});

/// Five rings, for events of five sizes.
final class Pools extends Handle<abi.rusted_ring_pools> {
  Pools._(ffi.Pointer<abi.rusted_ring_pools> handle) : super(handle, _finalizer);

  /// Makes pools in this process, of so many slots each.
  factory Pools({int xs = 500, int s = 250, int m = 100, int l = 20, int xl = 5}) => using((arena) {
    final capacities = _capacities(arena, xs, s, m, l, xl);
    return Pools._(made((place) => abi.rusted_ring_pools_new(capacities, place)));
  });

  /// Creates pools between processes, in five files whose names end in .xs to .xl.
  factory Pools.create(String name, {int xs = 500, int s = 250, int m = 100, int l = 20, int xl = 5}) => using((arena) {
    final text = named(name, arena);
    final capacities = _capacities(arena, xs, s, m, l, xl);
    return Pools._(made((place) => abi.rusted_ring_pools_create(text, capacities, place)));
  });

  /// Opens pools that a process of any language has created.
  factory Pools.open(String name) => using((arena) {
    final text = named(name, arena);
    return Pools._(made((place) => abi.rusted_ring_pools_open(text, place)));
  });

  static ffi.Pointer<abi.rusted_ring_capacities> _capacities(Arena arena, int xs, int s, int m, int l, int xl) {
    final capacities = arena<abi.rusted_ring_capacities>();
    capacities.ref
      ..xs = xs
      ..s = s
      ..m = m
      ..l = l
      ..xl = xl;
    return capacities;
  }

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_pools>)>>(
      abi.rusted_ring_pools_close,
    ),
  );

  final Memory _memory = Memory();

  /// Removes the files of pools between processes; unless [evenInUse], not while a process has one of them open.
  static void remove(String name, {bool evenInUse = false}) => using((arena) {
    final text = named(name, arena);
    check(abi.rusted_ring_pools_remove(text, evenInUse ? 1 : 0));
  });

  /// Publishes a copy of [bytes] in the smallest pool that holds them. Never waits.
  ///
  /// Throws a [FullException], or a [RingException] for more than 16,384 bytes.
  Emitted emit(Uint8List bytes, {int type = 0}) => using((arena) {
    final (pool, sequence) = (arena<ffi.Uint32>(), arena<ffi.Uint64>());
    check(abi.rusted_ring_emit(handle, _memory.copy(bytes), bytes.length, type, pool, sequence));
    return (pool: Pool.values[pool.value], sequence: sequence.value);
  });

  /// The ring of one pool.
  Ring ring(Pool pool) => Ring.of(made((place) => abi.rusted_ring_pools_ring(handle, pool.index, place)));

  @override
  int closeHandle() => abi.rusted_ring_pools_close(handle);
}
