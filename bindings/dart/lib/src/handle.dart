import 'dart:ffi' as ffi;

import 'package:ffi/ffi.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';

/// Something of the library's that is closed by [close], or else when nobody knows it any more.
abstract base class Handle<T extends ffi.NativeType> implements ffi.Finalizable {
  Handle(this._handle, this._finalizer) {
    _finalizer.attach(this, _handle.cast(), detach: this);
  }

  final ffi.Pointer<T> _handle;
  final ffi.NativeFinalizer _finalizer;
  bool _isClosed = false;

  /// What is passed to the library, which refuses it once it is closed.
  ffi.Pointer<T> get handle => _handle;

  /// Calls the function that closes it.
  int closeHandle();

  /// Closes it. To close it again does nothing.
  void close() {
    if (_isClosed) {
      return;
    }
    check(closeHandle());
    _isClosed = true;
    _finalizer.detach(this);
  }
}

/// What calls `close`, which takes a handle, when one is forgotten.
ffi.NativeFinalizer finalizerOf<T extends ffi.NativeType>(
  ffi.Pointer<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<T>)>> close,
) => ffi.NativeFinalizer(close.cast());

/// Calls `make` with a place for a handle, and returns what it stores there.
ffi.Pointer<T> made<T extends ffi.NativeType>(int Function(ffi.Pointer<ffi.Pointer<T>> place) make) => using((arena) {
  final place = arena<ffi.Pointer<ffi.Void>>();
  check(make(place.cast()));
  return place.value.cast();
});

/// A time-out in nanoseconds; null is as long as it takes.
int nanoseconds(Duration? timeout) {
  if (timeout == null) {
    return abi.RUSTED_RING_FOREVER;
  }
  return timeout.isNegative ? 0 : timeout.inMicroseconds * 1000;
}
