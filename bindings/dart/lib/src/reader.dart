import 'dart:async';
import 'dart:ffi' as ffi;
import 'dart:typed_data';

import 'package:ffi/ffi.dart';
import 'package:meta/meta.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'memory.dart';
import 'ring.dart';

/// An event that was received.
final class Event {
  const Event(this.sequence, this.type, this.bytes);

  /// Its number on the ring, counted from 0 and never reused.
  final int sequence;

  /// What it means, to its users.
  final int type;

  /// A copy of its bytes.
  final Uint8List bytes;
}

/// Reads a ring: a Subscriber, which is never waited for and told what it lost, or a Consumer, which loses nothing.
final class Reader extends Handle<abi.rusted_ring_reader> {
  /// On a handle of the library's, on a ring of such slots.
  @internal
  Reader.of(ffi.Pointer<abi.rusted_ring_reader> handle, this._slotBytes) : super(handle, _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_reader>)>>(
      abi.rusted_ring_reader_close,
    ),
  );

  final int _slotBytes;
  final Memory _bytes = Memory();
  final Memory _events = Memory();

  /// The events that are ready now, at most [most]; none if there are none.
  ///
  /// Throws a [LaggedException] if events were lost before the next, and a [RingException] once the ring is closed and everything in it was received.
  List<Event> read({int most = 64}) => _batch(most, 0, abi.rusted_ring_read_batch_at_once);

  /// As [read], and waits for an event for up to [timeout]; without one as long as it takes. The isolate stands still meanwhile: in one that has something else to
  /// do, use [batches].
  List<Event> wait({int most = 64, Duration? timeout}) => _batch(most, nanoseconds(timeout), abi.rusted_ring_read_batch);

  /// What comes, looked for each [every] while somebody listens, in batches of at most [most] events. What was lost is an error of the stream, which goes on behind
  /// it; the stream ends when the ring is closed. Nothing is read while it is paused.
  ///
  /// A look that brings a batch is followed by another at once, but by way of the event loop: whatever else the isolate has to do comes between.
  Stream<List<Event>> batches({Duration every = const Duration(milliseconds: 4), int most = 256}) {
    _checkMost(most);
    Timer? next;
    late final StreamController<List<Event>> controller;
    late final void Function() look;
    void again(Duration after) => next = Timer(after, look);
    void stop() {
      next?.cancel();
      next = null;
    }

    look = () {
      next = null;
      try {
        final batch = read(most: most);
        again(batch.isEmpty ? every : Duration.zero);
        if (batch.isNotEmpty) {
          controller.add(batch);
        }
      } on LaggedException catch (lagged) {
        again(Duration.zero);
        controller.addError(lagged);
      } on RingException catch (error) {
        if (error.status != abi.RUSTED_RING_CLOSED) {
          controller.addError(error);
        }
        controller.close();
      }
    };
    controller = StreamController(
      onListen: () => again(Duration.zero),
      onPause: stop,
      onResume: () => again(Duration.zero),
      onCancel: stop,
      sync: true,
    );
    return controller.stream;
  }

  static void _checkMost(int most) {
    if (most < 1) {
      throw ArgumentError.value(most, 'most', 'a batch has room for at least one event');
    }
  }

  List<Event> _batch(
    int most,
    int timeout,
    int Function(
      ffi.Pointer<abi.rusted_ring_reader>,
      ffi.Pointer<ffi.Void>,
      int,
      int,
      int,
      ffi.Pointer<abi.rusted_ring_event>,
      ffi.Pointer<ffi.Size>,
    )
    read,
  ) {
    _checkMost(most);
    return using((arena) {
      final count = arena<ffi.Size>();
      final bytes = _bytes.of(most * _slotBytes);
      final events = _events.of(most * ffi.sizeOf<abi.rusted_ring_event>()).cast<abi.rusted_ring_event>();
      final status = read(handle, bytes.cast(), _slotBytes, most, timeout, events, count);
      if (status == abi.RUSTED_RING_EMPTY) {
        return const <Event>[];
      }
      if (status != abi.RUSTED_RING_OK) {
        throw failure(status, _loss);
      }
      final slots = bytes.asTypedList(count.value * _slotBytes);
      return [
        for (var index = 0; index < count.value; index++)
          Event(
            events[index].sequence,
            events[index].event_type,
            slots.sublist(index * _slotBytes, index * _slotBytes + events[index].len),
          ),
      ];
    });
  }

  (int, int) _loss() => using((arena) {
    final range = arena<abi.rusted_ring_range>();
    check(abi.rusted_ring_reader_loss(handle, range));
    return (range.ref.from, range.ref.to);
  });

  /// What it has received and lost, without its name.
  Ledger stats() => using((arena) {
    final line = arena<abi.rusted_ring_reader_line>();
    check(abi.rusted_ring_reader_stats(handle, line));
    return Ledger.of(line.ref);
  });

  @override
  int closeHandle() => abi.rusted_ring_reader_close(handle);
}
