/// A broadcast event ring with lossy and lossless readers, in one process and between processes.
///
/// One [Publisher] or many write a [Ring], and any number of [Reader]s each see every event in order: a Subscriber, which is never waited for and told
/// what it lost, or a Consumer, which publishers wait for. [Pools] are five rings, for events of five sizes. Events are copied on their way in and out.
library;

export 'src/errors.dart' show Blocker, FullException, LaggedException, RingException;
export 'src/journal.dart' show Damage, Epoch, Journal, JournalStats, Position, Sync;
export 'src/latest.dart' show Latest, LatestReader, LatestWriter;
export 'src/pools.dart' show Emitted, Pool, Pools;
export 'src/publisher.dart' show Publisher;
export 'src/reader.dart' show Event, Reader;
export 'src/ring.dart' show Ledger, Ring, RingStats, newest, oldest;
