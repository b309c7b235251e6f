// A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In Rust: src/main.rs; in C: stroke.c.
import 'dart:typed_data';

import 'package:rusted_ring/rusted_ring.dart';

const move = 1;
const stroke = 2;

/// Points of a stroke, of 12 bytes each, from the point [first] on.
Uint8List points(int first, int count) {
  final made = ByteData(12 * count);
  for (var index = 0; index < count; index++) {
    final n = first + index;
    final parts = [n * 3 % 1000, n * 7 % 1000, n];
    for (var part = 0; part < 3; part++) {
      made.setUint32(12 * index + 4 * part, parts[part], Endian.little);
    }
  }
  return made.buffer.asUint8List();
}

/// FNV-1a, so that programs in several languages can say what they read.
int checksum(int sum, Uint8List bytes) {
  for (final byte in bytes) {
    sum = (sum ^ byte) * 0x00000100000001b3;
  }
  return sum;
}

const begun = 0xcbf29ce484222325;

String hex(int sum) => BigInt.from(sum).toUnsigned(64).toRadixString(16).padLeft(16, '0');

/// Reads all that is ready, and says what was lost.
(int, int) drain(Reader reader, String name) {
  var (count, sum) = (0, begun);
  while (true) {
    try {
      final batch = reader.read(most: 32);
      if (batch.isEmpty) {
        return (count, sum);
      }
      for (final event in batch) {
        count++;
        sum = checksum(sum, event.bytes);
      }
    } on LaggedException catch (lagged) {
      print('$name: lost ${lagged.from} to ${lagged.to}');
    }
  }
}

void show(String pool, Ring ring) {
  for (final line in ring.readers()) {
    print('$pool: ${line.name} received ${line.received}, lost ${line.lost}, holes ${line.holes}, ahead ${line.ahead}');
  }
}

void main() {
  final pools = Pools(xs: 64, s: 16, m: 8, l: 4, xl: 2);
  final xs = pools.ring(Pool.xs);
  final s = pools.ring(Pool.s);
  final disk = s.consume(name: 'disk');
  final screen = xs.subscribe(name: 'screen');

  for (var n = 0; n < 100; n++) {
    pools.emit(points(n, 1), type: move);
  }
  final sent = pools.emit(points(0, 15), type: stroke);
  print('a stroke of 15 points is event ${sent.sequence} of pool ${sent.pool.index}');
  final large = points(0, 1500);
  try {
    pools.emit(large, type: stroke);
  } on RingException catch (refused) {
    if (refused.name == 'TOO_LARGE') {
      print('a stroke of 1500 points has ${large.length} bytes: refused');
    }
  }
  var emitted = 1;
  try {
    while (true) {
      pools.emit(points(0, 6 + emitted % 10), type: stroke);
      emitted++;
    }
  } on FullException catch (full) {
    print('$emitted strokes went out, then ${full.blocker?.name} was ${full.blocker?.lag} behind');
  }

  final (strokes, ofStrokes) = drain(disk, 'disk');
  print('disk: $strokes strokes, checksum ${hex(ofStrokes)}');
  final (moves, ofMoves) = drain(screen, 'screen');
  print('screen: $moves moves, checksum ${hex(ofMoves)}');
  show('xs', xs);
  show('s', s);

  for (final close in [disk.close, screen.close, xs.close, s.close, pools.close]) {
    close();
  }
}
