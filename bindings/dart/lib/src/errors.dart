import 'dart:convert';
import 'dart:ffi' as ffi;

import 'package:ffi/ffi.dart';

import 'abi.g.dart' as abi;

/// Why a call did nothing.
class RingException implements Exception {
  const RingException(this.status, this.name, this.message);

  /// The number of the C ABI, below 0.
  final int status;

  /// Its name there, such as `MISMATCH`.
  final String name;

  /// What happened, what was expected, and what to do.
  final String message;

  @override
  String toString() => '$name: $message';
}

/// The ring has no room: a Consumer has not left the slot that is needed.
final class FullException extends RingException {
  const FullException(super.status, super.name, super.message, this.blocker);

  /// The Consumer in the way; null if it had gone on by the time that it was looked for.
  final Blocker? blocker;
}

/// Publishers overtook a Subscriber. Its next read goes on behind what is lost.
final class LaggedException extends RingException {
  const LaggedException(super.status, super.name, super.message, this.from, this.to);

  /// The first sequence that is lost.
  final int from;

  /// The one behind the last.
  final int to;
}

/// The Consumer that a publisher found in its way.
final class Blocker {
  const Blocker({required this.name, required this.process, required this.position, required this.lag});

  /// Empty if it has none.
  final String name;

  /// The process that it belongs to; 0 if that is this one, or not known.
  final int process;

  /// The first sequence that it has not released.
  final int position;

  /// How far that is behind the sequence to be claimed.
  final int lag;
}

/// Throws what `status` says, unless that is nothing.
void check(int status) {
  if (status != abi.RUSTED_RING_OK) {
    throw failure(status);
  }
}

/// What the call says that returned `status`, which is below 0, just now. [loss] says what was lost, if it is that.
RingException failure(int status, [(int, int) Function()? loss]) {
  final name = text(abi.rusted_ring_status_name(status));
  final message = text(abi.rusted_ring_error_text());
  if (status == abi.RUSTED_RING_FULL) {
    return FullException(status, name, message, _blocker());
  }
  if (status == abi.RUSTED_RING_LAGGED && loss != null) {
    final (from, to) = loss();
    return LaggedException(status, name, message, from, to);
  }
  return RingException(status, name, message);
}

Blocker? _blocker() => using((arena) {
  final blocker = arena<abi.rusted_ring_blocker>();
  if (abi.rusted_ring_last_blocker(blocker) != abi.RUSTED_RING_OK) {
    return null;
  }
  final found = blocker.ref;
  return Blocker(name: nameOf(found.name), process: found.process, position: found.position, lag: found.lag);
});

/// A text of the library's.
String text(ffi.Pointer<ffi.Char> of) => of.cast<Utf8>().toDartString();

/// A reader's name.
String nameOf(ffi.Array<ffi.Char> of) {
  final units = <int>[];
  for (var index = 0; index < abi.RUSTED_RING_NAME_BYTES && of[index] != 0; index++) {
    units.add(of[index] & 0xff);
  }
  return utf8.decode(units, allowMalformed: true);
}
