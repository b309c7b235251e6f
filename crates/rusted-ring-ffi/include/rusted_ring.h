// rusted-ring: a broadcast event ring with lossy and lossless readers, in one process and between processes.
//
// Generated from crates/rusted-ring-ffi by `cargo xtask header --write`. Every function says what it returns; what holds for all of them:
//
// - A call returns RUSTED_RING_OK, which is 0, or a number below 0 that says why it did nothing; rusted_ring_error_text() then says it in words, to the
//   thread that called. What a call stores, it stores only if it returns 0, unless it says otherwise.
// - Handles are numbers in the guise of pointers: never read what they seem to point to. One that is null, was closed, is of another kind or was never
//   made is RUSTED_RING_BAD_HANDLE, always: the number of a handle is never used again.
// - Handles on rings, pools, cells, journals, and on publishers of rings of many, may be used by any threads at once; all others by one at a time,
//   whichever that is. A second one that is noticed is told RUSTED_RING_BUSY; otherwise the behaviour is undefined. No handle may be closed while a call uses it.
// - Pointers are null or valid for as long as the call lasts; a length of 0 allows null. What is null or misaligned is RUSTED_RING_BAD_ARGUMENT. No call
//   keeps a pointer of the caller's.
// - No call calls back. A panic of the library ends at its boundary, as RUSTED_RING_PANIC.
// - Time-outs are nanoseconds: 0 does not wait, RUSTED_RING_FOREVER waits as long as it takes. Functions whose name begins with rusted_ring_try_, and those of
//   emitting, never wait.
// - A child of a fork uses none of the handles that it inherits. One that was forked while no other thread was inside the library may open rings of its
//   own; any other executes another program first, because locks of the library may stay held for ever in it.

#ifndef RUSTED_RING_H
#define RUSTED_RING_H

#include <stddef.h>
#include <stdint.h>


// The ABI's version that this header is of: see `rusted_ring_abi_version`.
#define RUSTED_RING_ABI_VERSION 65537

// The bit of an event's type that says that the event is packed, by `rusted_ring_pack` or by what does the same in Rust.
#define RUSTED_RING_PACKED 2147483648

// Bytes of a reader's name, with a zero behind it.
#define RUSTED_RING_NAME_BYTES 32

// A journal syncs when so much time went by since the last time.
#define RUSTED_RING_SYNC_EVERY 0

// A journal syncs after each write, which takes all events that were ready.
#define RUSTED_RING_SYNC_EACH_BATCH 1

// A journal does not sync, and neither does a position of it.
#define RUSTED_RING_SYNC_NEVER 2

// While the disk is full, no event is taken from the ring, and its publishers come to wait.
#define RUSTED_RING_FULL_DISK_HOLDS 0

// While the disk is full, events are taken, lost and counted.
#define RUSTED_RING_FULL_DISK_LOSES 1

// In what is reported of a journal: events are taken.
#define RUSTED_RING_RECORDING 1

// In what is reported of a journal: the last write failed.
#define RUSTED_RING_DISK_FULL 2

// In what is reported of a journal: the recording ended by an error, which `rusted_ring_journal_stop` tells.
#define RUSTED_RING_RECORDING_FAILED 4

// One publisher at a time: a ring that is faster, and has no holes.
#define RUSTED_RING_SOLE 1

// No Subscribers, and one publisher at a time, which is lent the slot to make an event in: see `rusted_ring_claim`. With `RUSTED_RING_SOLE`.
#define RUSTED_RING_LOSSLESS 2

// The ring does not close when its last publisher leaves.
#define RUSTED_RING_NEVER_CLOSES 4

// In what is reported of a ring: it lies in a file, between processes.
#define RUSTED_RING_SHARED 8

// In what is reported of a ring: it is only looked at.
#define RUSTED_RING_OBSERVED 16

// A reader begins at the next event to be published.
#define RUSTED_RING_NEWEST UINT64_MAX

// A reader begins at the oldest event that the ring retains.
#define RUSTED_RING_OLDEST (UINT64_MAX - 1)

// Wait as long as it takes.
#define RUSTED_RING_FOREVER UINT64_MAX

// The pool of events up to 64 bytes.
#define RUSTED_RING_POOL_XS 0

// The pool of events up to 256 bytes.
#define RUSTED_RING_POOL_S 1

// The pool of events up to 1,024 bytes.
#define RUSTED_RING_POOL_M 2

// The pool of events up to 4,096 bytes.
#define RUSTED_RING_POOL_L 3

// The pool of events up to 16,384 bytes.
#define RUSTED_RING_POOL_XL 4

// The set of static pools for mobile devices: 500, 250, 100, 20 and 5 slots.
#define RUSTED_RING_MOBILE 0

// The set of static pools for production: 2000, 1000, 300, 60 and 15 slots.
#define RUSTED_RING_PRODUCTION 1

// The set of static pools for servers: 4000, 2000, 600, 120 and 30 slots.
#define RUSTED_RING_SERVER 2

// A journal, whatever it is doing.
typedef struct rusted_ring_journal rusted_ring_journal;

// A handle on latest-value cells. Any thread may use it at any time.
typedef struct rusted_ring_latest rusted_ring_latest;

// A handle on a reader of latest-value cells. One thread at a time may use it.
typedef struct rusted_ring_latest_reader rusted_ring_latest_reader;

// A handle on the writer of latest-value cells. One thread at a time may use it.
typedef struct rusted_ring_latest_writer rusted_ring_latest_writer;

// A handle on a set of five pools. Any thread may use it at any time.
typedef struct rusted_ring_pools rusted_ring_pools;

// A handle on a named position. One thread at a time may use it.
typedef struct rusted_ring_position rusted_ring_position;

// A handle on a publisher. Of a ring of many publishers, any thread may use it at any time; of a sole ring, one at a time.
typedef struct rusted_ring_publisher rusted_ring_publisher;

// A handle on a reader, which is a Subscriber or a Consumer. One thread at a time may use it.
typedef struct rusted_ring_reader rusted_ring_reader;

// A handle on a ring. Any thread may use it at any time.
typedef struct rusted_ring rusted_ring;

// A handle on a wait set. One thread at a time may use it.
typedef struct rusted_ring_wait_set rusted_ring_wait_set;

// What a call returns: 0, or why it did nothing, which is below 0.
typedef int32_t rusted_ring_status;

// How a journal writes, and what it keeps. All zeros are the defaults.
typedef struct rusted_ring_journal_options {
  // A file ends with the first write after it came to so many bytes; 0 for 64 MiB.
  uint64_t segment_bytes;
  // Nanoseconds between two syncs, with `RUSTED_RING_SYNC_EVERY`; 0 for a tenth of a second.
  uint64_t sync_every;
  // Old files are removed while all together have more bytes; 0 for never.
  uint64_t keep_bytes;
  // Files are removed that were last written so many nanoseconds ago; 0 for never.
  uint64_t keep_for;
  // When what was written is made to outlast the machine's sudden end: `RUSTED_RING_SYNC_EVERY`, `RUSTED_RING_SYNC_EACH_BATCH` or `RUSTED_RING_SYNC_NEVER`. What was written
  // outlasts the end of the process in any case.
  uint32_t sync;
  // What is done while the disk is full: `RUSTED_RING_FULL_DISK_HOLDS` or `RUSTED_RING_FULL_DISK_LOSES`.
  uint32_t full_disk;
} rusted_ring_journal_options;

// What was not whole when a journal was opened.
typedef struct rusted_ring_damage {
  // The epoch.
  uint32_t epoch;
  // 1 for a torn tail, which a sudden end left and which was cut off; 0 for what is damaged elsewhere, stays there, and is gone past.
  uint32_t cut;
  // The first sequence that is damaged; of a tail, the sequence at which the journal ends now.
  uint64_t from;
  // The sequence behind the last one that is; the same as `from`, if only bytes are damaged that stand for no sequence.
  uint64_t to;
  // Of a tail, the bytes that were cut off.
  uint64_t bytes;
} rusted_ring_damage;

// An epoch of a journal: the events of one ring, under their sequences.
typedef struct rusted_ring_epoch {
  // Its number, from 1 on.
  uint32_t number;
  // 0.
  uint32_t reserved;
  // Its oldest sequence that is still there.
  uint64_t oldest;
  // The sequence behind its last.
  uint64_t end;
} rusted_ring_epoch;

// How far a journal is. Sequences are those behind the last one that is so far, of the epoch that is recorded, or was last.
typedef struct rusted_ring_journal_line {
  // The epoch; 0, if nothing was recorded since the journal was opened.
  uint32_t epoch;
  // `RUSTED_RING_RECORDING`, `RUSTED_RING_DISK_FULL`, `RUSTED_RING_RECORDING_FAILED`, as they apply.
  uint32_t flags;
  // The first sequence that it was to record.
  uint64_t began;
  // The oldest sequence of the epoch that is kept.
  uint64_t oldest;
  // What is in files: it outlasts the end of the process.
  uint64_t written;
  // What is synced: it outlasts the end of the machine.
  uint64_t durable;
  // Sequences that a full disk lost, or that came while nobody recorded.
  uint64_t lost;
  // Files, of all epochs.
  uint64_t segments;
  // Their bytes.
  uint64_t bytes;
} rusted_ring_journal_line;

// The Consumer that a publisher found in its way.
typedef struct rusted_ring_blocker {
  // Its name, with a zero behind it; empty if it has none.
  char name[RUSTED_RING_NAME_BYTES];
  // Its entry in the ring's table of readers.
  uint32_t entry;
  // The process that it belongs to, to be shown to people; 0 if that is this one, or not known.
  uint32_t process;
  // The first sequence that it has not released.
  uint64_t position;
  // How far that is behind the sequence to be claimed.
  uint64_t lag;
  // Nanoseconds that the publisher waited; 0 if it did not.
  uint64_t waited;
} rusted_ring_blocker;

// How many slots each pool of a set has.
typedef struct rusted_ring_capacities {
  // Slots of 64 bytes.
  size_t xs;
  // Slots of 256 bytes.
  size_t s;
  // Slots of 1,024 bytes.
  size_t m;
  // Slots of 4,096 bytes.
  size_t l;
  // Slots of 16,384 bytes.
  size_t xl;
} rusted_ring_capacities;

// An event to be published: where its bytes are, how many, and its type.
typedef struct rusted_ring_slice {
  // Its bytes. May be null if there are none.
  const void *data;
  // How many.
  uint32_t len;
  // What it means, to its users.
  uint32_t event_type;
} rusted_ring_slice;

// How full a pool is.
typedef struct rusted_ring_pool_stats {
  // Bytes that a slot holds.
  uint64_t slot_bytes;
  // Slots.
  uint64_t slots;
  // The next sequence to be claimed.
  uint64_t claimed;
  // The largest lag of its readers as a part of the slots, from 0 to 1.
  float pressure;
  // 0.
  uint32_t reserved;
} rusted_ring_pool_stats;

// What a reader confirmed: everything of the epoch below `next`, and all of the epochs before.
typedef struct rusted_ring_confirmed {
  // The epoch.
  uint32_t epoch;
  // 0.
  uint32_t reserved;
  // The next sequence that the reader wants.
  uint64_t next;
} rusted_ring_confirmed;

// An event that was received.
typedef struct rusted_ring_event {
  // Its bytes: in the caller's buffer, or, if it is lent, in the ring.
  const void *data;
  // How many.
  uint32_t len;
  // What it means, to its users.
  uint32_t event_type;
  // Its number on the ring, counted from 0 and never reused.
  uint64_t sequence;
} rusted_ring_event;

// Sequences from `from` up to, not including, `to`.
typedef struct rusted_ring_range {
  // The first.
  uint64_t from;
  // The one behind the last.
  uint64_t to;
} rusted_ring_range;

// A line of the ledger: what one reader received and lost. It balances: `claimed` of the ring - `joined` = `received` + `repaired` + `lost` + `holes` +
// `shared` + `ahead`.
typedef struct rusted_ring_reader_line {
  // Its name, with a zero behind it; empty if it has none.
  char name[RUSTED_RING_NAME_BYTES];
  // Its entry in the ring's table of readers.
  uint32_t entry;
  // 1 for a Consumer, which publishers wait for; 0 for a Subscriber.
  uint32_t gating;
  // The sequence at which it joined.
  uint64_t joined;
  // The next sequence that it wants.
  uint64_t position;
  // Events that it received.
  uint64_t received;
  // Sequences that were overwritten before it came to them.
  uint64_t lost;
  // Events that were overwritten before it came to them, and that a history, such as a journal, gave it back.
  uint64_t repaired;
  // Sequences that carried no event.
  uint64_t holes;
  // How often it was overtaken.
  uint64_t laps;
  // Events that fellow workers of a stage took.
  uint64_t shared;
  // Sequences that were claimed and that it has not come to: its lag.
  uint64_t ahead;
  // The process that it belongs to, to be shown to people; 0 if that is this one, or not known.
  uint32_t process;
  // 0.
  uint32_t reserved;
} rusted_ring_reader_line;

// What a ring is, and how it is.
typedef struct rusted_ring_ring_stats {
  // Bytes that an event has at most.
  uint64_t slot_bytes;
  // Slots.
  uint64_t slots;
  // The next sequence to be claimed: how many were claimed since the ring was made.
  uint64_t claimed;
  // Slots that publishers hold in the middle of a publish.
  uint64_t held;
  // Readers in the table.
  uint32_t readers;
  // Subscribers that found the table full.
  uint32_t unlisted;
  // `RUSTED_RING_SOLE`, `RUSTED_RING_LOSSLESS`, `RUSTED_RING_SHARED`, `RUSTED_RING_OBSERVED`, as they apply.
  uint32_t flags;
  // The largest lag of the listed readers as a part of the slots, from 0 to 1.
  float pressure;
} rusted_ring_ring_stats;

// Done.
#define RUSTED_RING_OK 0

// The ring has no room: a Consumer has not left the slot that is needed. `rusted_ring_last_blocker` says which.
#define RUSTED_RING_FULL -1

// The event has more bytes than the ring, or the claim, has room for.
#define RUSTED_RING_TOO_LARGE -2

// No event is ready, or none came in the time given. Leaves `rusted_ring_error_text` as it was.
#define RUSTED_RING_EMPTY -3

// Publishers overtook this Subscriber; `rusted_ring_reader_loss` says which sequences are lost. The next call goes on behind them.
#define RUSTED_RING_LAGGED -4

// The ring is closed: to a reader, no event will come any more; to a publisher, it cannot join. The recording has ended, or the journal by an error before.
#define RUSTED_RING_CLOSED -5

// The handle is null, closed, of another kind than is wanted here, or no handle of this library.
#define RUSTED_RING_BAD_HANDLE -6

// Another argument cannot be: a null or misaligned pointer, a number out of range, text that is not UTF-8.
#define RUSTED_RING_BAD_ARGUMENT -7

// This kind of ring or reader cannot do that.
#define RUSTED_RING_UNSUPPORTED -8

// There is one already, where there is one at a time: a publisher of a sole ring, a writer of cells, a recording of a journal, an owner of a position.
#define RUSTED_RING_OCCUPIED -9

// The table of readers is full.
#define RUSTED_RING_TOO_MANY_READERS -10

// Another thread is using this handle now, which may be used by one thread at a time.
#define RUSTED_RING_BUSY -11

// Events or a slot are lent by this handle: give them back first.
#define RUSTED_RING_LENT -12

// Nothing is lent by this handle.
#define RUSTED_RING_NOT_LENT -13

// There is no memory, or no space in the file system.
#define RUSTED_RING_NO_MEMORY -14

// More than 65,536 handles would be open.
#define RUSTED_RING_TOO_MANY_HANDLES -15

// There is a file of that name already.
#define RUSTED_RING_EXISTS -16

// There is no file of that name, or no epoch of that number.
#define RUSTED_RING_NOT_FOUND -17

// The file is no ring, and nothing of a journal, that can be used: another kind, another user's, damaged, or of another version of the library; or the journal has more
// of the ring than was published.
#define RUSTED_RING_MISMATCH -18

// A process has the ring open, or the journal.
#define RUSTED_RING_IN_USE -19

// The operating system refused.
#define RUSTED_RING_SYSTEM -20

// A process has written over the ring: its words cannot be. Nothing in this process was harmed.
#define RUSTED_RING_CORRUPT -21

// A panic was stopped at this boundary: a fault of the library, which should be reported.
#define RUSTED_RING_PANIC -22

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Opens the journal in `directory`, which is made if it is not there, and stores a handle on it. One process has it at a time, until its handle and its positions are closed.
// `options` may be null, for the defaults.
//
// Reads every file once, and cuts off the torn tail that a sudden end has left: `rusted_ring_journal_found`. A child of a fork keeps the directory in use until it
// ends or executes another program.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_IN_USE`, `RUSTED_RING_MISMATCH` for files of another version, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`,
// `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_journal_open(const char *directory,
                                            const struct rusted_ring_journal_options *options,
                                            struct rusted_ring_journal **journal);

// Closes a handle on a journal. A recording stops as by `rusted_ring_journal_stop`, and what went wrong is not told. Readers keep what they know. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
rusted_ring_status rusted_ring_journal_close(struct rusted_ring_journal *journal);

// Stores what was not whole when the journal was opened, up to `capacity` places, and in `count` how many there are, which may be more. `damages` may be null if `capacity` is 0.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_CLOSED` after a recording that ended by an error, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_journal_found(const struct rusted_ring_journal *journal,
                                             struct rusted_ring_damage *damages,
                                             size_t capacity,
                                             size_t *count);

// Stores the epochs of which there are events, the oldest first, up to `capacity` of them, and in `count` how many there are, which may be more. `epochs` may be null if `capacity` is 0.
//
// Returns as `rusted_ring_journal_found`.
rusted_ring_status rusted_ring_journal_epochs(const struct rusted_ring_journal *journal,
                                              struct rusted_ring_epoch *epochs,
                                              size_t capacity,
                                              size_t *count);

// Stores a sequence from which on the journal has everything of an epoch that was taken at `time` or later, in nanoseconds since 1970. It is about a second early; earlier, where
// the clock was set back; and the oldest, if more was removed. `epoch` 0 is the one that is recorded, or else the last one.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` if it has nothing of it yet, `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error,
// `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_journal_since(const struct rusted_ring_journal *journal,
                                             uint32_t epoch,
                                             uint64_t time,
                                             uint64_t *sequence);

// Begins an epoch with what the ring has from `from` on, which a Consumer called `name` receives, on a thread of the library's; null for "journal". It gates the ring: publishers never
// overwrite what was not taken. `from` is as in `rusted_ring_consume`.
//
// For a ring in this process's memory. One that lives on is recorded by `rusted_ring_journal_resume`.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` if it records already, `RUSTED_RING_TOO_MANY_READERS`, `RUSTED_RING_UNSUPPORTED` for a ring that is observed, `RUSTED_RING_BAD_HANDLE`,
// `RUSTED_RING_BAD_ARGUMENT`: the journal is as it was. `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_CLOSED`: it can only be closed.
rusted_ring_status rusted_ring_journal_record(const struct rusted_ring_journal *journal,
                                              const struct rusted_ring *ring,
                                              const char *name,
                                              uint64_t from);

// Goes on with the last epoch, where it ends, or begins the first one with what the ring still has: for a ring that outlived who recorded it, such as one between processes. What the
// ring has no more is lost, and counted; the oldest eighth of a ring counts as such, where publishers may be about to overwrite it. Else as `rusted_ring_journal_record`.
//
// Returns as `rusted_ring_journal_record`; `RUSTED_RING_MISMATCH`, if the journal has more than was ever published: it is another ring's.
rusted_ring_status rusted_ring_journal_resume(const struct rusted_ring_journal *journal,
                                              const struct rusted_ring *ring,
                                              const char *name);

// Ends the recording, if there is one, once what was published until now is written, and synced unless the journal never syncs. Publishers are free then.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`; why the recording ended before, or what it could not write: `RUSTED_RING_NO_MEMORY` for a disk that is full, `RUSTED_RING_SYSTEM`, `RUSTED_RING_CORRUPT`,
// `RUSTED_RING_PANIC`, and from then on `RUSTED_RING_CLOSED`: the journal can only be closed, and opened again.
rusted_ring_status rusted_ring_journal_stop(const struct rusted_ring_journal *journal);

// Stores how far the journal is. May be old at once.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_journal_stats(const struct rusted_ring_journal *journal, struct rusted_ring_journal_line *stats);

// Waits until the recording has synced all below the sequence `end`, for up to `timeout` nanoseconds: with a time of 0 it only looks.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` when the time is over, `RUSTED_RING_CLOSED` if nothing is recorded any more, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_journal_wait_durable(const struct rusted_ring_journal *journal,
                                                    uint64_t end,
                                                    uint64_t timeout);

// Makes a reader of what the journal has of an epoch in its files now, without a ring, and stores a handle on it. It is read as any reader is, and closed by `rusted_ring_reader_close`;
// it never waits, and at the end it says `RUSTED_RING_CLOSED`. What was removed, damaged or not kept is `RUSTED_RING_LAGGED`.
//
// `epoch` 0 is the one that is recorded, or else the last one. `from` is a sequence, or `RUSTED_RING_OLDEST`. `event_bytes` is how many bytes an event has at most, for which each place has to
// have room; a longer one is `RUSTED_RING_TOO_LARGE`, and stays.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`,
// `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_journal_replay(const struct rusted_ring_journal *journal,
                                              uint32_t epoch,
                                              uint64_t from,
                                              size_t event_bytes,
                                              struct rusted_ring_reader **reader);

// Joins a ring as a Subscriber that a journal repairs, and stores a handle on it: what publishers overwrite it has from the journal, as one stream, in order, and nothing twice.
// `RUSTED_RING_LAGGED` is said for what the journal lacks, too. Where the journal is behind, this reader waits for it; if it is overtaken between a
// `rusted_ring_wait` and its read, that may say `RUSTED_RING_EMPTY`.
//
// `epoch` is that of the ring; 0 is the one that is recorded, or else the last one. `from` is as in `rusted_ring_subscribe`, or a sequence that the ring has no more. `name` is as there.
//
// Returns as `rusted_ring_subscribe`, and `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error.
rusted_ring_status rusted_ring_subscribe_repaired(const struct rusted_ring *ring,
                                                  const char *name,
                                                  uint64_t from,
                                                  const struct rusted_ring_journal *journal,
                                                  uint32_t epoch,
                                                  struct rusted_ring_reader **reader);

// Makes cells in this process for `keys` keys, each with a value of `value_bytes` bytes, up to 4,096, and for up to `readers` readers at a time; stores a handle on them.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_latest_new(size_t value_bytes,
                                          size_t keys,
                                          size_t readers,
                                          struct rusted_ring_latest **latest);

// Closes a handle on cells. Their writer and readers keep them. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
rusted_ring_status rusted_ring_latest_close(struct rusted_ring_latest *latest);

// Makes the writer of cells, and stores a handle on it.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` while there is one, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_latest_writer_join(const struct rusted_ring_latest *latest,
                                                  struct rusted_ring_latest_writer **writer);

// Closes a writer of cells. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_latest_writer_close(struct rusted_ring_latest_writer *writer);

// Makes a reader of cells, and stores a handle on it.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_TOO_MANY_READERS`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_latest_reader_join(const struct rusted_ring_latest *latest,
                                                  struct rusted_ring_latest_reader **reader);

// Closes a reader of cells. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_latest_reader_close(struct rusted_ring_latest_reader *reader);

// Updates the value of `key` to a copy of the `len` bytes at `value`, which are as many as the cells were made for, and stores the update's number, if `version` is not
// null. Wait-free.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_latest_update(struct rusted_ring_latest_writer *writer,
                                             size_t key,
                                             const void *value,
                                             size_t len,
                                             uint64_t *version);

// Copies the value of `key` to the `len` bytes at `value`, as many as the cells were made for, if it is newer than `than`: with 0 if it has a value at all. Stores its version,
// if `version` is not null. Wait-free.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` if there is no newer one, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_latest_get(struct rusted_ring_latest_reader *reader,
                                          size_t key,
                                          uint64_t than,
                                          void *value,
                                          size_t len,
                                          uint64_t *version);

// The version of the ABI that is linked: the major number times 65,536, and the minor one. A program works with any minor number from that of
// its header on, and with its header's major number alone.
uint32_t rusted_ring_abi_version(void);

// The version of the library that is linked, such as "0.6.0". The text is constant.
const char *rusted_ring_version(void);

// Says of the last call in this thread that failed what happened, what was expected, and what to do. The text, UTF-8, stays until the next
// call in this thread that fails; it is empty if none has. `RUSTED_RING_EMPTY` does not change it.
const char *rusted_ring_error_text(void);

// The name of a status, such as "FULL". The text is constant.
const char *rusted_ring_status_name(rusted_ring_status status);

// Stores which Consumer was in the way, if the last call in this thread that failed said `RUSTED_RING_FULL`.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_EMPTY`, if it did not, or if the Consumer had gone on by the time that it was looked for; `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_last_blocker(struct rusted_ring_blocker *blocker);

// Writes to `text` what `rusted_ring_error_text` says of a ring that is full because of this Consumer, UTF-8 with a zero behind it, as much as `room`
// bytes hold, and stores how many bytes all of it has, without the zero: a program that keeps a blocker has its words later, too. Null will do for no
// blocker, and for a `text` of which `room` is 0. The text of this thread's last failure stays.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_full_text(const struct rusted_ring_blocker *blocker,
                                         char *text,
                                         size_t room,
                                         size_t *len);

// How many handles are open in this process: for tests that nothing is leaked.
size_t rusted_ring_open_handles(void);

// Writes to `packed` the event of `len` bytes at `data` as it is to be published: compressed by LZ4, with `RUSTED_RING_PACKED` in the type that it stores; or as
// it is, if it has less than 1,025 bytes, or does not shrink. Stores in `packed_len` how many bytes that are, which is `len` at most, and so much `room` is needed.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_TOO_LARGE`, if `room` is less than `len`; `RUSTED_RING_BAD_ARGUMENT`, also if the type has the bit already.
rusted_ring_status rusted_ring_pack(const void *data,
                                    size_t len,
                                    uint32_t event_type,
                                    void *packed,
                                    size_t room,
                                    size_t *packed_len,
                                    uint32_t *packed_type);

// Writes to `event` what was packed in the `len` bytes at `data`, of an event of this type, and stores its length, and its type without `RUSTED_RING_PACKED`. An event
// that is not packed is copied as it is, so that any event may be given. `room` is the most that is taken, whatever the bytes say.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_TOO_LARGE`, if it has more bytes than `room`, which the text tells; `RUSTED_RING_UNSUPPORTED`, if it was packed by what this
// library does not have; `RUSTED_RING_BAD_ARGUMENT`, also if the bytes are not what was packed. `event` may be written to in any case.
rusted_ring_status rusted_ring_unpack(const void *data,
                                      size_t len,
                                      uint32_t event_type,
                                      void *event,
                                      size_t room,
                                      size_t *event_len,
                                      uint32_t *unpacked_type);

// Makes a set of pools in this process, of these capacities, and stores a handle on it. Its rings never close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_pools_new(const struct rusted_ring_capacities *capacities, struct rusted_ring_pools **pools);

// Stores a handle on one of the sets of static pools of this library: `RUSTED_RING_MOBILE`, `RUSTED_RING_PRODUCTION` or `RUSTED_RING_SERVER`. All handles on
// a set are on the same pools, which take memory only once they are used.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_pools_static(uint32_t set,
                                            struct rusted_ring_pools **pools);

// Creates a set of pools between processes, in five files whose names end in .xs to .xl, and stores a handle on it. `name` is as in `rusted_ring_create`.
//
// Returns as `rusted_ring_create`.
rusted_ring_status rusted_ring_pools_create(const char *name,
                                            const struct rusted_ring_capacities *capacities,
                                            struct rusted_ring_pools **pools);

// Opens a set of pools that a process of any language has created, and stores a handle on it.
//
// Returns as `rusted_ring_open`.
rusted_ring_status rusted_ring_pools_open(const char *name, struct rusted_ring_pools **pools);

// Removes the files of a set of pools. With `even_in_use` 0 not while a process has one of them open.
//
// Returns as `rusted_ring_remove`.
rusted_ring_status rusted_ring_pools_remove(const char *name, uint32_t even_in_use);

// Closes a handle on a set of pools. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
rusted_ring_status rusted_ring_pools_close(struct rusted_ring_pools *pools);

// Publishes a copy of the `len` bytes at `data` in the smallest pool that holds them. Never waits, and needs no publisher. Stores the pool and the
// sequence there, where `pool` and `sequence` are not null.
//
// Returns `RUSTED_RING_OK`, which is 0; `RUSTED_RING_FULL`, which is -1; `RUSTED_RING_TOO_LARGE`, which is -2, if `len` exceeds 16,384; `RUSTED_RING_BAD_HANDLE`,
// `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_CORRUPT`.
rusted_ring_status rusted_ring_emit(const struct rusted_ring_pools *pools,
                                    const void *data,
                                    size_t len,
                                    uint32_t event_type,
                                    uint32_t *pool,
                                    uint64_t *sequence);

// Emits `count` events, each as `rusted_ring_emit` does, in order, up to the first that is refused. Stores in `emitted`, if that is not null, how many went out.
//
// Returns as `rusted_ring_emit`, for the first that is refused.
rusted_ring_status rusted_ring_emit_batch(const struct rusted_ring_pools *pools,
                                          const struct rusted_ring_slice *events,
                                          size_t count,
                                          size_t *emitted);

// Stores a handle on the ring of one pool, `RUSTED_RING_POOL_XS` to `RUSTED_RING_POOL_XL`, to be joined as any other.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_pools_ring(const struct rusted_ring_pools *pools, uint32_t pool, struct rusted_ring **ring);

// Stores how full the five pools are, smallest slots first: `stats` is an array of five.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_pools_stats(const struct rusted_ring_pools *pools, struct rusted_ring_pool_stats *stats);

// Opens the position of this name in a journal, and stores a handle on it. `name` is 1 to 64 ASCII letters, digits, `-` and `_`; one owner at a time has it.
//
// The journal's directory is in use until the position is closed, too.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` while somebody has it, `RUSTED_RING_MISMATCH` if its file is not what was written, and stays as it is, `RUSTED_RING_CLOSED` after
// a recording that ended by an error, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_position_open(const struct rusted_ring_journal *journal,
                                             const char *name,
                                             struct rusted_ring_position **position);

// Closes a position. What was confirmed stays. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_position_close(struct rusted_ring_position *position);

// Stores what was confirmed last, by this process or one before it, in whatever language.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_EMPTY`, if nothing ever was; `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_position_confirmed(struct rusted_ring_position *position,
                                                  struct rusted_ring_confirmed *confirmed);

// Confirms that everything of `epoch` below the sequence `next` is dealt with, and all of the epochs before. When it returns, this outlasts the end of the process; and that of the
// machine, unless the journal never syncs. A process that ends meanwhile leaves what was confirmed before, or this.
//
// Writes a small file: confirm after a batch rather than after an event.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_BAD_ARGUMENT`, also if more was confirmed before; `RUSTED_RING_NO_MEMORY` for a full disk, `RUSTED_RING_SYSTEM`: what was confirmed before
// stays; `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_position_confirm(struct rusted_ring_position *position,
                                                uint32_t epoch,
                                                uint64_t next);

// Joins a ring as a publisher, and stores a handle on it.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_CLOSED`, `RUSTED_RING_OCCUPIED` if the ring has its sole publisher, `RUSTED_RING_UNSUPPORTED` for a ring that is observed,
// `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_publisher_join(const struct rusted_ring *ring,
                                              struct rusted_ring_publisher **publisher);

// Closes a publisher. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_publisher_close(struct rusted_ring_publisher *publisher);

// Publishes a copy of the `len` bytes at `data`, if there is room now, and stores its sequence, if `sequence` is not null. Never waits.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_FULL`, `RUSTED_RING_TOO_LARGE`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`, `RUSTED_RING_LENT`,
// `RUSTED_RING_CORRUPT`.
rusted_ring_status rusted_ring_try_publish(struct rusted_ring_publisher *publisher,
                                           const void *data,
                                           size_t len,
                                           uint32_t event_type,
                                           uint64_t *sequence);

// As `rusted_ring_try_publish`, and waits for room for up to `timeout` nanoseconds. Sleeps in the kernel after some microseconds.
//
// Returns as `rusted_ring_try_publish`; `RUSTED_RING_FULL`, when the time is over.
rusted_ring_status rusted_ring_publish(struct rusted_ring_publisher *publisher,
                                       const void *data,
                                       size_t len,
                                       uint32_t event_type,
                                       uint64_t timeout,
                                       uint64_t *sequence);

// Publishes copies of `count` events, in order, waiting for room for up to `timeout` nanoseconds in all: with a time of 0 never. Stores in
// `published`, if that is not null, how many went out, which is all of them if this returns `RUSTED_RING_OK`.
//
// Other publishers' events may come in between. If an event is too large, or null with a length, nothing goes out.
//
// Returns as `rusted_ring_try_publish`; with `RUSTED_RING_FULL` the first `published` events went out.
rusted_ring_status rusted_ring_publish_batch(struct rusted_ring_publisher *publisher,
                                             const struct rusted_ring_slice *events,
                                             size_t count,
                                             uint64_t timeout,
                                             size_t *published);

// Publishes copies of `count` events of `record_bytes` bytes each, which lie one behind the other at `records`, all of type `event_type`. Otherwise as
// `rusted_ring_publish_batch`.
rusted_ring_status rusted_ring_publish_records(struct rusted_ring_publisher *publisher,
                                               const void *records,
                                               size_t record_bytes,
                                               size_t count,
                                               uint32_t event_type,
                                               uint64_t timeout,
                                               size_t *published);

// Lends the next slot of a ring made with `RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS`, once there is room, for up to `timeout` nanoseconds: with a time of 0 at once or not at
// all. Stores where it is and how many bytes it has. It holds anything, such as parts of earlier events.
//
// Write the event there, and commit it. Until then, or until it is abandoned, this handle publishes nothing else.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_FULL`, `RUSTED_RING_LENT`, `RUSTED_RING_UNSUPPORTED`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_claim(struct rusted_ring_publisher *publisher,
                                     uint64_t timeout,
                                     void **slot,
                                     size_t *slot_bytes);

// Publishes the first `len` bytes of the slot that is lent, and stores the event's sequence, if `sequence` is not null.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_TOO_LARGE`, after which it is still lent, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_commit(struct rusted_ring_publisher *publisher,
                                      size_t len,
                                      uint32_t event_type,
                                      uint64_t *sequence);

// Takes back the slot that is lent. Nothing is published, and the next event has its sequence.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_abandon(struct rusted_ring_publisher *publisher);

// Joins a ring as a Subscriber, and stores a handle on it. It is never waited for, and is told what it lost.
//
// `name` is shown in the ledger, cut to 24 bytes; null for none. `from` is the sequence at which it begins, `RUSTED_RING_NEWEST` or `RUSTED_RING_OLDEST`.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_UNSUPPORTED` for a ring without Subscribers, or one that is observed, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`,
// `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_subscribe(const struct rusted_ring *ring,
                                         const char *name,
                                         uint64_t from,
                                         struct rusted_ring_reader **reader);

// Joins a ring as a Consumer, and stores a handle on it. It receives every event, and publishers wait for it: until it is closed, or its process ends.
//
// Returns as `rusted_ring_subscribe`, and `RUSTED_RING_TOO_MANY_READERS`.
rusted_ring_status rusted_ring_consume(const struct rusted_ring *ring,
                                       const char *name,
                                       uint64_t from,
                                       struct rusted_ring_reader **reader);

// Closes a reader. What it has lent ends with it. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_reader_close(struct rusted_ring_reader *reader);

// Copies the next event to the `capacity` bytes at `buffer`, if there is one now, and stores in `event` where it is, how long, its type and its sequence. Never waits.
//
// The buffer must hold the ring's longest event: `slot_bytes` of `rusted_ring_stats`. Its bytes behind the event, and on an error, are unspecified.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY`, `RUSTED_RING_LAGGED`, `RUSTED_RING_CLOSED`, `RUSTED_RING_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`,
// `RUSTED_RING_CORRUPT`.
rusted_ring_status rusted_ring_try_read(struct rusted_ring_reader *reader,
                                        void *buffer,
                                        size_t capacity,
                                        struct rusted_ring_event *event);

// As `rusted_ring_try_read`, and waits for an event for up to `timeout` nanoseconds. Sleeps in the kernel after some microseconds.
//
// Returns as `rusted_ring_try_read`; `RUSTED_RING_EMPTY`, when the time is over.
rusted_ring_status rusted_ring_read(struct rusted_ring_reader *reader,
                                    void *buffer,
                                    size_t capacity,
                                    uint64_t timeout,
                                    struct rusted_ring_event *event);

// Copies up to `most` events that are ready to `buffer`, each to `stride` bytes of its own, one behind the other; waits for the first for up to
// `timeout` nanoseconds: with a time of 0 never. Stores in `count` how many there are, and in `events`, which has room for `most`, what each of them is; `events` may be
// null.
//
// `stride` must hold the ring's longest event: `slot_bytes` of `rusted_ring_stats`. A loss is told by a call of its own, when it comes first.
//
// Returns as `rusted_ring_try_read`; unless it is `RUSTED_RING_OK`, `count` is 0.
rusted_ring_status rusted_ring_read_batch(struct rusted_ring_reader *reader,
                                          void *buffer,
                                          size_t stride,
                                          size_t most,
                                          uint64_t timeout,
                                          struct rusted_ring_event *events,
                                          size_t *count);

// Lends a Consumer's next events in place, up to `most`, without a copy; waits for the first for up to `timeout` nanoseconds: with a time of 0 never. Stores in `events`
// what they are, and in `count` how many.
//
// Their bytes may be read, by any thread, until they are released, or the reader is closed. Until then this reader receives nothing else, and publishers wait. Of rings in
// this process alone.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY`, `RUSTED_RING_CLOSED`, `RUSTED_RING_LENT`, `RUSTED_RING_UNSUPPORTED`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
// Unless it is `RUSTED_RING_OK`, `count` is 0.
rusted_ring_status rusted_ring_borrow(struct rusted_ring_reader *reader,
                                      struct rusted_ring_event *events,
                                      size_t most,
                                      uint64_t timeout,
                                      size_t *count);

// Gives back the events that are lent: publishers may write their slots again.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_release(struct rusted_ring_reader *reader);

// Stores which sequences a Subscriber lost when it was last told `RUSTED_RING_LAGGED`: from 0 to 0, if it never was.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_reader_loss(struct rusted_ring_reader *reader, struct rusted_ring_range *loss);

// Stores what this reader has received and lost, as it knows it itself: without its name, and with 2^32 - 1 for its entry.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_reader_stats(struct rusted_ring_reader *reader, struct rusted_ring_reader_line *stats);

// Makes a ring in this process, of `slots` slots for events of up to `slot_bytes` bytes, and stores a handle on it.
//
// A slot has the next power of two from 8 to 65,536. `flags` are 0, or `RUSTED_RING_SOLE`,
// `RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS`, and `RUSTED_RING_NEVER_CLOSES`. The ring lives as long as its handle or an endpoint. Without `RUSTED_RING_NEVER_CLOSES` it
// closes when its last publisher is closed.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_new(size_t slot_bytes,
                                   size_t slots,
                                   uint32_t flags,
                                   struct rusted_ring **ring);

// Creates a ring between processes, in a file, and stores a handle on it. `name` is that of a ring in /dev/shm, or a path, if there is a `/` in it.
//
// Sizes are as in `rusted_ring_new`; `flags` may be `RUSTED_RING_SOLE`. All space is reserved, and the file appears whole or not at all. It stays until
// it is removed. Its events are copied, not lent: `rusted_ring_borrow` and `rusted_ring_claim` are not for it.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EXISTS`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_NOT_FOUND` for its directory, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`,
// `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_create(const char *name,
                                      size_t slot_bytes,
                                      size_t slots,
                                      uint32_t flags,
                                      struct rusted_ring **ring);

// Opens a ring of bytes that a process of any language has created, and stores a handle on it. Sizes and mode are those of the file.
// Of a pool with a number beside each event, such as the whiteboard's, it can only be read.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_MISMATCH` for what is no ring that can be used, `RUSTED_RING_UNSUPPORTED` for a ring of values, of
// other notes, of long events, or whose slots are no power of two from 8 to 65,536, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_open(const char *name,
                                    struct rusted_ring **ring);

// Looks at a ring between processes, of any kind: the handle has its statistics and its readers', and no endpoints. Nobody notices.
//
// Returns as `rusted_ring_open`, without `RUSTED_RING_UNSUPPORTED`.
rusted_ring_status rusted_ring_observe(const char *name, struct rusted_ring **ring);

// Removes the file of a ring between processes. With `even_in_use` 0 not while a process has it open; those that do keep it.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_IN_USE`, `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`.
rusted_ring_status rusted_ring_remove(const char *name,
                                      uint32_t even_in_use);

// Closes a handle on a ring. Endpoints keep the ring. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`; `RUSTED_RING_BAD_HANDLE`, also if it was closed before.
rusted_ring_status rusted_ring_close(struct rusted_ring *ring);

// Stores what the ring is, and how it is. Looks at every slot.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`; of an observed ring also `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`.
rusted_ring_status rusted_ring_stats(const struct rusted_ring *ring,
                                     struct rusted_ring_ring_stats *stats);

// Stores the lines of the ring's ledger, up to `capacity` of them, and in `count` how many readers there are, which may be more.
//
// Each line balances by itself. `readers` may be null if `capacity` is 0.
//
// Returns as `rusted_ring_stats`.
rusted_ring_status rusted_ring_readers(const struct rusted_ring *ring,
                                       struct rusted_ring_reader_line *readers,
                                       size_t capacity,
                                       size_t *count);

// Makes a wait set, and stores a handle on it. It has no members of its own: each wait is given its readers.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
rusted_ring_status rusted_ring_wait_set_new(struct rusted_ring_wait_set **set);

// Closes a wait set. No thread may be using it. Null is nothing to close.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
rusted_ring_status rusted_ring_wait_set_close(struct rusted_ring_wait_set *set);

// Waits until one of `count` readers, on rings of any kinds, is ready, for up to `timeout` nanoseconds: with a time of 0 it only looks. Stores in
// `ready` which one, by its index.
//
// A reader is ready when its next read would return something other than `RUSTED_RING_EMPTY`. That of a closed ring stays ready: leave it out. As long as the readers stay
// the same, at the same places, each that is ready is returned after at most `count - 1` others. A reader that has lent events gets them released by this call, so it is
// refused.
//
// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` when the time is over, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`, also if a reader is given twice,
// `RUSTED_RING_LENT`.
rusted_ring_status rusted_ring_wait(struct rusted_ring_wait_set *set,
                                    struct rusted_ring_reader *const *readers,
                                    size_t count,
                                    uint64_t timeout,
                                    size_t *ready);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RUSTED_RING_H */
