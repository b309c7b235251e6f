import 'dart:ffi' as ffi;
import 'dart:typed_data';

import 'package:ffi/ffi.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'memory.dart';

/// Latest-value cells: what the value of each key is now.
final class Latest extends Handle<abi.rusted_ring_latest> {
  /// Makes cells in this process for [keys] keys, each with a value of [valueBytes] bytes, and for up to [readers] readers at a time.
  Latest(this.valueBytes, int keys, {int readers = 64})
    : super(made((place) => abi.rusted_ring_latest_new(valueBytes, keys, readers, place)), _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_latest>)>>(
      abi.rusted_ring_latest_close,
    ),
  );

  /// Bytes of a value.
  final int valueBytes;

  /// The writer, of which there is one at a time.
  LatestWriter writer() => LatestWriter._(made((place) => abi.rusted_ring_latest_writer_join(handle, place)));

  /// A reader.
  LatestReader reader() => LatestReader._(made((place) => abi.rusted_ring_latest_reader_join(handle, place)), valueBytes);

  @override
  int closeHandle() => abi.rusted_ring_latest_close(handle);
}

/// Writes latest-value cells.
final class LatestWriter extends Handle<abi.rusted_ring_latest_writer> {
  LatestWriter._(ffi.Pointer<abi.rusted_ring_latest_writer> handle) : super(handle, _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_latest_writer>)>>(
      abi.rusted_ring_latest_writer_close,
    ),
  );

  final Memory _memory = Memory();

  /// Updates the value of [key], and returns the update's number.
  int update(int key, Uint8List value) => using((arena) {
    final version = arena<ffi.Uint64>();
    check(abi.rusted_ring_latest_update(handle, key, _memory.copy(value), value.length, version));
    return version.value;
  });

  @override
  int closeHandle() => abi.rusted_ring_latest_writer_close(handle);
}

/// Reads latest-value cells.
final class LatestReader extends Handle<abi.rusted_ring_latest_reader> {
  LatestReader._(ffi.Pointer<abi.rusted_ring_latest_reader> handle, this._valueBytes) : super(handle, _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_latest_reader>)>>(
      abi.rusted_ring_latest_reader_close,
    ),
  );

  final int _valueBytes;
  final Memory _memory = Memory();

  /// The value of [key] and its version, if that is newer than [than]; null if it is not.
  ({Uint8List value, int version})? get(int key, {int than = 0}) => using((arena) {
    final version = arena<ffi.Uint64>();
    final value = _memory.of(_valueBytes);
    final status = abi.rusted_ring_latest_get(handle, key, than, value.cast(), _valueBytes, version);
    if (status == abi.RUSTED_RING_EMPTY) {
      return null;
    }
    check(status);
    return (value: Uint8List.fromList(value.asTypedList(_valueBytes)), version: version.value);
  });

  @override
  int closeHandle() => abi.rusted_ring_latest_reader_close(handle);
}
