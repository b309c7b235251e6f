import 'dart:ffi' as ffi;

import 'package:ffi/ffi.dart';
import 'package:meta/meta.dart';

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
  @internal
  ffi.Pointer<T> get handle => _handle;

  /// Calls the function that closes it.
  @internal
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

/// Fails unless the library is of the version that the declarations are of: a call of another one might damage memory.
void _checkVersion() {
  final (ours, found) = (abi.RUSTED_RING_ABI_VERSION, abi.rusted_ring_abi_version());
  if (found >> 16 != ours >> 16 || found & 0xffff < ours & 0xffff) {
    throw StateError(
      'rusted_ring: the library has version ${found >> 16}.${found & 0xffff} of the C ABI, and this package needs ${ours >> 16}.${ours & 0xffff} '
      'or a later minor one: name the library that was built with this package',
    );
  }
}

/// Calls `make` with a place for a handle, and returns what it stores there. Whatever there is begins with this.
ffi.Pointer<T> made<T extends ffi.NativeType>(int Function(ffi.Pointer<ffi.Pointer<T>> place) make) => using((arena) {
  _checkVersion();
  final place = arena<ffi.Pointer<ffi.Void>>();
  check(make(place.cast()));
  return place.value.cast();
});

/// A name as C has it. One with a zero in it is refused: C would see the part before.
ffi.Pointer<ffi.Char> named(String name, Arena arena) {
  if (name.contains('\x00')) {
    throw ArgumentError.value(name, 'name', 'there is a zero byte in it: names are text without one');
  }
  return name.toNativeUtf8(allocator: arena).cast();
}

/// A time-out in nanoseconds; null is as long as it takes.
int nanoseconds(Duration? timeout) {
  if (timeout == null) {
    return abi.RUSTED_RING_FOREVER;
  }
  return timeout.isNegative ? 0 : timeout.inMicroseconds * 1000;
}
