import 'dart:ffi' as ffi;

import 'package:ffi/ffi.dart';

import 'abi.g.dart' as abi;
import 'errors.dart';
import 'handle.dart';
import 'reader.dart';
import 'ring.dart';

/// When a journal makes what was written outlast the machine. What was written outlasts the process in any case.
enum Sync {
  /// When some time went by since the last time.
  every(abi.RUSTED_RING_SYNC_EVERY),

  /// After each write.
  eachBatch(abi.RUSTED_RING_SYNC_EACH_BATCH),

  /// Never, and a position neither.
  never(abi.RUSTED_RING_SYNC_NEVER);

  const Sync(this._number);

  final int _number;
}

/// A directory of kept events, which one process has open at a time, until it and its positions are closed.
///
/// What it does to files it does while the isolate stands still.
final class Journal extends Handle<abi.rusted_ring_journal> {
  Journal._(ffi.Pointer<abi.rusted_ring_journal> handle) : super(handle, _finalizer);

  /// Opens the journal in [directory], which is made if it is not there. Reads every file once.
  ///
  /// A file ends when it has [segmentBytes]; old ones go beyond [keepBytes] and [keepFor]. While the disk is full publishers wait, or, if it is [lossy], events
  /// are lost and counted.
  factory Journal.open(
    String directory, {
    int segmentBytes = 0,
    Sync sync = Sync.every,
    Duration syncTime = Duration.zero,
    int keepBytes = 0,
    Duration keepFor = Duration.zero,
    bool lossy = false,
  }) => using((arena) {
    final text = named(directory, arena);
    final options = arena<abi.rusted_ring_journal_options>();
    options.ref
      ..segment_bytes = segmentBytes
      ..sync_every = nanoseconds(syncTime)
      ..keep_bytes = keepBytes
      ..keep_for = nanoseconds(keepFor)
      ..sync = sync._number
      ..full_disk = lossy ? abi.RUSTED_RING_FULL_DISK_LOSES : abi.RUSTED_RING_FULL_DISK_HOLDS;
    return Journal._(made((place) => abi.rusted_ring_journal_open(text, options, place)));
  });

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_journal>)>>(
      abi.rusted_ring_journal_close,
    ),
  );

  /// Begins an epoch with what [ring] has from [from] on, as a Consumer that publishers wait for: of a ring in this process's memory.
  void record(Ring ring, {int from = oldest, String name = 'journal'}) => using((arena) {
    check(abi.rusted_ring_journal_record(handle, ring.handle, named(name, arena), from));
  });

  /// Goes on with the last epoch, where it ends, or begins the first one: of a ring that outlived who recorded it.
  void resume(Ring ring, {String name = 'journal'}) => using((arena) {
    check(abi.rusted_ring_journal_resume(handle, ring.handle, named(name, arena)));
  });

  /// Ends the recording, if there is one, once what was published until now is written.
  void stop() => check(abi.rusted_ring_journal_stop(handle));

  /// Joins [ring] as a Subscriber that has from here what publishers overwrite. [from] may be a sequence that the ring has no more; [epoch] 0 is the one that is
  /// recorded, or else the last one.
  Reader subscribe(Ring ring, {String name = '', int from = newest, int epoch = 0}) => using((arena) {
    final text = named(name, arena);
    final slotBytes = ring.stats().slotBytes;
    return Reader.of(
      made((place) => abi.rusted_ring_subscribe_repaired(ring.handle, text, from, handle, epoch, place)),
      slotBytes,
    );
  });

  /// Reads what is in files of an epoch now, without a ring, for events of up to [eventBytes] bytes. It never waits, and is closed at the end.
  Reader replay(int eventBytes, {int from = oldest, int epoch = 0}) =>
      Reader.of(made((place) => abi.rusted_ring_journal_replay(handle, epoch, from, eventBytes, place)), eventBytes);

  /// The position of this name: 1 to 64 ASCII letters, digits, `-` and `_`. One owner at a time has it.
  Position position(String name) => using((arena) {
    final text = named(name, arena);
    return Position._(made((place) => abi.rusted_ring_position_open(handle, text, place)));
  });

  /// A sequence from which on it has everything of an epoch that was taken at [time] or later, about a second early; null if it has nothing yet.
  int? since(DateTime time, {int epoch = 0}) => using((arena) {
    final sequence = arena<ffi.Uint64>();
    final after = time.microsecondsSinceEpoch;
    final status = abi.rusted_ring_journal_since(handle, epoch, after < 0 ? 0 : after * 1000, sequence);
    if (status == abi.RUSTED_RING_EMPTY) {
      return null;
    }
    check(status);
    return sequence.value;
  });

  /// What was not whole when it was opened.
  List<Damage> found() => using((arena) {
    final count = arena<ffi.Size>();
    check(abi.rusted_ring_journal_found(handle, ffi.nullptr, 0, count));
    final room = count.value;
    final list = arena<abi.rusted_ring_damage>(room + 1);
    check(abi.rusted_ring_journal_found(handle, list, room, count));
    return [for (var index = 0; index < room; index++) Damage._(list[index])];
  });

  /// The epochs of which there are events, the oldest first.
  List<Epoch> epochs() => using((arena) {
    final count = arena<ffi.Size>();
    check(abi.rusted_ring_journal_epochs(handle, ffi.nullptr, 0, count));
    final room = count.value;
    final list = arena<abi.rusted_ring_epoch>(room + 1);
    check(abi.rusted_ring_journal_epochs(handle, list, room, count));
    final known = count.value < room ? count.value : room;
    return [for (var index = 0; index < known; index++) Epoch._(list[index])];
  });

  /// How far it is.
  JournalStats stats() => using((arena) {
    final line = arena<abi.rusted_ring_journal_line>();
    check(abi.rusted_ring_journal_stats(handle, line));
    return JournalStats._(line.ref);
  });

  /// Whether all below [end] is synced.
  bool isDurable(int end) {
    final status = abi.rusted_ring_journal_wait_durable_at_once(handle, end, 0);
    if (status == abi.RUSTED_RING_EMPTY || status == abi.RUSTED_RING_CLOSED) {
      return false;
    }
    check(status);
    return true;
  }

  @override
  int closeHandle() => abi.rusted_ring_journal_close(handle);
}

/// How far a reader came, under a name: what it confirmed, and nothing else.
final class Position extends Handle<abi.rusted_ring_position> {
  Position._(ffi.Pointer<abi.rusted_ring_position> handle) : super(handle, _finalizer);

  static final ffi.NativeFinalizer _finalizer = finalizerOf(
    ffi.Native.addressOf<ffi.NativeFunction<ffi.Int32 Function(ffi.Pointer<abi.rusted_ring_position>)>>(
      abi.rusted_ring_position_close,
    ),
  );

  /// What was confirmed last, in this process or one before it, in whatever language; null if nothing ever was.
  ({int epoch, int next})? get confirmed => using((arena) {
    final last = arena<abi.rusted_ring_confirmed>();
    final status = abi.rusted_ring_position_confirmed(handle, last);
    if (status == abi.RUSTED_RING_EMPTY) {
      return null;
    }
    check(status);
    return (epoch: last.ref.epoch, next: last.ref.next);
  });

  /// Confirms that everything of [epoch] below [next] is dealt with. Writes a file: confirm after a batch.
  void confirm(int epoch, int next) => check(abi.rusted_ring_position_confirm(handle, epoch, next));

  @override
  int closeHandle() => abi.rusted_ring_position_close(handle);
}

/// An epoch of a journal: the events of one ring, under their sequences.
final class Epoch {
  Epoch._(abi.rusted_ring_epoch epoch) : number = epoch.number, oldest = epoch.oldest, end = epoch.end;

  /// Its number, from 1 on.
  final int number;

  /// Its oldest sequence that is still there.
  final int oldest;

  /// The sequence behind its last.
  final int end;
}

/// What was not whole when a journal was opened.
final class Damage {
  Damage._(abi.rusted_ring_damage damage)
    : epoch = damage.epoch,
      isCut = damage.cut != 0,
      from = damage.from,
      to = damage.to,
      bytes = damage.bytes;

  /// The epoch.
  final int epoch;

  /// Whether it is a torn tail, which was cut off. What is damaged elsewhere stays there.
  final bool isCut;

  /// The first sequence that is damaged; of a tail, the one at which the journal ends now.
  final int from;

  /// The sequence behind the last one that is.
  final int to;

  /// Of a tail, the bytes that were cut off.
  final int bytes;
}

/// How far a journal is: sequences behind the last one that is so far.
final class JournalStats {
  JournalStats._(abi.rusted_ring_journal_line line)
    : epoch = line.epoch,
      began = line.began,
      oldest = line.oldest,
      written = line.written,
      durable = line.durable,
      lost = line.lost,
      segments = line.segments,
      bytes = line.bytes,
      isRecording = line.flags & abi.RUSTED_RING_RECORDING != 0,
      isDiskFull = line.flags & abi.RUSTED_RING_DISK_FULL != 0,
      hasFailed = line.flags & abi.RUSTED_RING_RECORDING_FAILED != 0;

  /// The epoch that is recorded, or was last; 0, if nothing was recorded since it was opened.
  final int epoch;

  /// The first sequence that it was to record.
  final int began;

  /// The oldest sequence of the epoch that is kept.
  final int oldest;

  /// What is in files: it outlasts the process.
  final int written;

  /// What is synced: it outlasts the machine.
  final int durable;

  /// Sequences that a full disk lost, or that came while nobody recorded.
  final int lost;

  /// Files, of all epochs.
  final int segments;

  /// Their bytes.
  final int bytes;

  /// Whether events are taken.
  final bool isRecording;

  /// Whether the last write failed.
  final bool isDiskFull;

  /// Whether the recording ended by an error, which [Journal.stop] throws.
  final bool hasFailed;
}
