import 'dart:ffi' as ffi;
import 'dart:typed_data';

import 'package:ffi/ffi.dart';

/// Memory outside of Dart that grows as it is needed, for bytes on their way across. It is freed with its owner.
final class Memory implements ffi.Finalizable {
  static final ffi.NativeFinalizer _free = ffi.NativeFinalizer(malloc.nativeFree);

  ffi.Pointer<ffi.Uint8> _bytes = ffi.nullptr;
  int _length = 0;

  /// At least `length` bytes, which hold anything.
  ffi.Pointer<ffi.Uint8> of(int length) {
    if (length > _length) {
      if (_length > 0) {
        _free.detach(this);
        malloc.free(_bytes);
        _length = 0;
      }
      _bytes = malloc<ffi.Uint8>(length);
      _length = length;
      _free.attach(this, _bytes.cast(), detach: this, externalSize: length);
    }
    return _bytes;
  }

  /// A copy of `bytes`; null for none.
  ffi.Pointer<ffi.Void> copy(Uint8List bytes) {
    if (bytes.isEmpty) {
      return ffi.nullptr;
    }
    final place = of(bytes.length);
    place.asTypedList(bytes.length).setAll(0, bytes);
    return place.cast();
  }
}
