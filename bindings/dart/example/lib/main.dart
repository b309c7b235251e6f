// A canvas that emits what a pen does, and paints what comes back, whoever drew it: the painting never waits for the ring, nor the ring for the painting.
import 'dart:async';
import 'dart:typed_data';

import 'package:flutter/material.dart';
import 'package:rusted_ring/rusted_ring.dart';

const move = 1;

void main() => runApp(const MaterialApp(home: Scaffold(body: StrokeCanvas())));

class StrokeCanvas extends StatefulWidget {
  const StrokeCanvas({super.key});

  @override
  State<StrokeCanvas> createState() => _StrokeCanvasState();
}

class _StrokeCanvasState extends State<StrokeCanvas> {
  final Pools _pools = Pools();
  late final Reader _screen = _pools.ring(Pool.xs).subscribe(name: 'screen');
  late final StreamSubscription<List<Event>> _events;
  final List<Offset> _points = [];
  int _lost = 0;

  @override
  void initState() {
    super.initState();
    _events = _screen.batches(every: const Duration(milliseconds: 8)).listen(
      (batch) => setState(() => _points.addAll(batch.map((event) => _point(event.bytes)))),
      onError: (Object error) {
        if (error is LaggedException) {
          setState(() => _lost += error.to - error.from);
        }
      },
    );
  }

  @override
  void dispose() {
    _events.cancel();
    _screen.close();
    _pools.close();
    super.dispose();
  }

  void _emit(PointerEvent event) {
    final bytes = ByteData(8)
      ..setFloat32(0, event.localPosition.dx, Endian.little)
      ..setFloat32(4, event.localPosition.dy, Endian.little);
    _pools.emit(bytes.buffer.asUint8List(), type: move);
  }

  static Offset _point(Uint8List bytes) {
    final data = ByteData.sublistView(bytes);
    return Offset(data.getFloat32(0, Endian.little), data.getFloat32(4, Endian.little));
  }

  @override
  Widget build(BuildContext context) => Listener(
    onPointerMove: _emit,
    child: CustomPaint(
      painter: _Strokes(_points, _points.length),
      child: SizedBox.expand(child: Text('${_points.length} points, $_lost lost')),
    ),
  );
}

class _Strokes extends CustomPainter {
  const _Strokes(this.points, this.length);

  final List<Offset> points;
  final int length;

  @override
  void paint(Canvas canvas, Size size) {
    final paint = Paint()..strokeWidth = 2;
    for (var index = 0; index < length; index++) {
      canvas.drawCircle(points[index], 2, paint);
    }
  }

  @override
  bool shouldRepaint(_Strokes old) => old.length != length;
}
