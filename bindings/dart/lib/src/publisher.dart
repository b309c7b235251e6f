import 'dart:ffi' as ffi;
import 'dart:typed_data';

import 'package:ffi/ffi.dart';
import 'package:meta/meta.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'memory.dart';

/// Publishes events to a ring.
final class Publisher extends Handle<abi.rusted_ring_publisher> {
  /// On a handle of the library's.
  @internal
  Publisher.of(ffi.Pointer<abi.rusted_ring_publisher> handle) : super(handle, _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_publisher>)>>(
      abi.rusted_ring_publisher_close,
    ),
  );

  final Memory _memory = Memory();

  /// Publishes a copy of [bytes], if there is room now, and returns its sequence.
  ///
  /// Throws a [FullException], or a [RingException] for what is too large.
  int tryPublish(Uint8List bytes, {int type = 0}) => _told(
    (sequence) => abi.rusted_ring_try_publish(handle, _memory.copy(bytes), bytes.length, type, sequence),
  );

  /// As [tryPublish], and waits for room for up to [timeout]; without one as long as it takes. The isolate stands still meanwhile.
  int publish(Uint8List bytes, {int type = 0, Duration? timeout}) => _told(
    (sequence) => abi.rusted_ring_publish(handle, _memory.copy(bytes), bytes.length, type, nanoseconds(timeout), sequence),
  );

  /// Publishes the records of [bytes], each of [recordBytes] bytes, as an event each, if there is room now. Returns how many went out: fewer than there are, if the
  /// ring is full.
  int tryPublishRecords(Uint8List bytes, int recordBytes, {int type = 0}) {
    if (recordBytes <= 0 || bytes.length % recordBytes != 0) {
      throw ArgumentError('${bytes.length} bytes are not a whole number of records of $recordBytes bytes');
    }
    return using((arena) {
      final published = arena<ffi.Size>();
      final count = bytes.length ~/ recordBytes;
      final records = _memory.copy(bytes);
      final status = abi.rusted_ring_publish_records_at_once(handle, records, recordBytes, count, type, 0, published);
      if (status != abi.RUSTED_RING_FULL) {
        check(status);
      }
      return published.value;
    });
  }

  int _told(int Function(ffi.Pointer<ffi.Uint64> sequence) publish) => using((arena) {
    final sequence = arena<ffi.Uint64>();
    check(publish(sequence));
    return sequence.value;
  });

  @override
  int closeHandle() => abi.rusted_ring_publisher_close(handle);
}
