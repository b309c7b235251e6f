// Journals: every event of a ring in files, readers that have from there what the ring has overwritten, and places that readers confirmed.
#ifndef RUSTED_RING_JOURNAL_HPP
#define RUSTED_RING_JOURNAL_HPP

#include <rusted_ring/ring.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rring {

/// How a journal writes, and what it keeps: as rusted_ring_journal_options, where 0 is the default.
struct journal_options {
    /// A file ends with the first write after it came to so many bytes.
    std::uint64_t segment_bytes = 0;
    /// RUSTED_RING_SYNC_EVERY, RUSTED_RING_SYNC_EACH_BATCH or RUSTED_RING_SYNC_NEVER.
    std::uint32_t sync = RUSTED_RING_SYNC_EVERY;
    /// The time between two syncs, with RUSTED_RING_SYNC_EVERY.
    timeout sync_every = at_once;
    /// Old files are removed while all together have more bytes.
    std::uint64_t keep_bytes = 0;
    /// Files are removed that were last written longer ago.
    timeout keep_for = at_once;
    /// RUSTED_RING_FULL_DISK_HOLDS or RUSTED_RING_FULL_DISK_LOSES.
    std::uint32_t full_disk = RUSTED_RING_FULL_DISK_HOLDS;
};

/// The epoch that is recorded, or else the last one.
inline constexpr std::uint32_t this_epoch = 0;

/// How far a reader came, under a name: what it confirmed, and nothing else. One thread at a time may use it.
class position {
public:
    /// What was confirmed last, in this process or one before it, in whatever language; nothing, if nothing ever was.
    [[nodiscard]] result<std::optional<rusted_ring_confirmed>> confirmed() const {
        rusted_ring_confirmed last{};
        auto status = rusted_ring_position_confirmed(get(), &last);
        if (status == RUSTED_RING_EMPTY) {
            return std::optional<rusted_ring_confirmed>();
        }
        return detail::made(status, std::optional(last));
    }

    /// Confirms that everything of `epoch` below `next` is dealt with: it is not asked for again. Writes a file: confirm after a batch.
    result<void> confirm(std::uint32_t epoch, std::uint64_t next) {
        return detail::done(rusted_ring_position_confirm(get(), epoch, next));
    }

    [[nodiscard]] rusted_ring_position *get() const noexcept { return handle_.get(); }

private:
    friend class journal;

    explicit position(rusted_ring_position *handle) : handle_(handle) {}

    detail::handle<rusted_ring_position, rusted_ring_position_close> handle_;
};

/// A directory of kept events, which one process has open at a time. Any threads may use it at once. With its handle a recording stops.
class journal {
public:
    /// Opens the journal in `directory`, which is made if it is not there. Reads every file once.
    static result<journal> open(const std::string &directory, const journal_options &options = {}) {
        return detail::with_name(directory, [&](const char *text) -> result<journal> {
            rusted_ring_journal_options asked{};
            asked.segment_bytes = options.segment_bytes;
            asked.sync_every = options.sync_every.nanoseconds();
            asked.keep_bytes = options.keep_bytes;
            asked.keep_for = options.keep_for.nanoseconds();
            asked.sync = options.sync;
            asked.full_disk = options.full_disk;
            rusted_ring_journal *opened = nullptr;
            auto status = rusted_ring_journal_open(text, &asked, &opened);
            return detail::made(status, journal(opened));
        });
    }

    /// What was not whole when it was opened.
    [[nodiscard]] result<std::vector<rusted_ring_damage>> found() const {
        return listed<rusted_ring_damage>(rusted_ring_journal_found);
    }

    /// The epochs of which there are events, the oldest first.
    [[nodiscard]] result<std::vector<rusted_ring_epoch>> epochs() const {
        return listed<rusted_ring_epoch>(rusted_ring_journal_epochs);
    }

    /// A sequence from which on it has what was taken at `time` or later, about a second early.
    [[nodiscard]] result<std::uint64_t> since(std::chrono::system_clock::time_point time,
                                              std::uint32_t epoch = this_epoch) const {
        auto after = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
        std::uint64_t sequence = 0;
        auto status = rusted_ring_journal_since(get(), epoch, after < 0 ? 0 : static_cast<std::uint64_t>(after), &sequence);
        return detail::made(status, std::move(sequence));
    }

    /// Begins an epoch with what `from` has, as a Consumer that publishers wait for: of a ring in this process's memory.
    result<void> record(const ring &from, std::uint64_t start = RUSTED_RING_OLDEST, const std::string &name = "journal") {
        return detail::with_name(name, [&](const char *text) -> result<void> {
            return detail::done(rusted_ring_journal_record(get(), from.get(), text, start));
        });
    }

    /// Goes on with the last epoch, where it ends, or begins the first one: of a ring that outlived who recorded it.
    result<void> resume(const ring &from, const std::string &name = "journal") {
        return detail::with_name(name, [&](const char *text) -> result<void> {
            return detail::done(rusted_ring_journal_resume(get(), from.get(), text));
        });
    }

    /// Ends the recording, if there is one, once everything is written.
    result<void> stop() { return detail::done(rusted_ring_journal_stop(get())); }

    /// How far it is.
    [[nodiscard]] result<rusted_ring_journal_line> stats() const {
        rusted_ring_journal_line line{};
        auto status = rusted_ring_journal_stats(get(), &line);
        return detail::made(status, std::move(line));
    }

    /// Waits until all below `end` is synced.
    result<void> wait_durable(std::uint64_t end, timeout time = forever) const {
        return detail::done(rusted_ring_journal_wait_durable(get(), end, time.nanoseconds()));
    }

    /// Reads what it has of an epoch in its files now, for events of up to `event_bytes` bytes; closed at the end.
    [[nodiscard]] result<reader> replay(std::size_t event_bytes, std::uint64_t from = RUSTED_RING_OLDEST,
                                        std::uint32_t epoch = this_epoch) const {
        rusted_ring_reader *handle = nullptr;
        auto status = rusted_ring_journal_replay(get(), epoch, from, event_bytes, &handle);
        return detail::made(status, reader(handle));
    }

    /// Joins `to` as a Subscriber, which has from here what publishers overwrite.
    [[nodiscard]] result<reader> subscribe(const ring &to, const std::string &name = {},
                                           std::uint64_t from = RUSTED_RING_NEWEST,
                                           std::uint32_t epoch = this_epoch) const {
        return detail::with_name(name, [&](const char *text) -> result<reader> {
            rusted_ring_reader *handle = nullptr;
            auto status = rusted_ring_subscribe_repaired(to.get(), text, from, get(), epoch, &handle);
            return detail::made(status, reader(handle));
        });
    }

    /// The position of this name, which has one owner at a time.
    [[nodiscard]] result<rring::position> position(const std::string &name) const {
        return detail::with_name(name, [&](const char *text) -> result<rring::position> {
            rusted_ring_position *opened = nullptr;
            auto status = rusted_ring_position_open(get(), text, &opened);
            return detail::made(status, rring::position(opened));
        });
    }

    [[nodiscard]] rusted_ring_journal *get() const noexcept { return handle_.get(); }

private:
    explicit journal(rusted_ring_journal *handle) : handle_(handle) {}

    /// All that `call` lists; there may be more by the time that there is room.
    template <class T, class Call> result<std::vector<T>> listed(Call call) const {
        std::vector<T> list;
        for (std::size_t count = 0;; list.resize(count)) {
            auto status = call(get(), list.data(), list.size(), &count);
            if (status != RUSTED_RING_OK) {
                return detail::last_error(status);
            }
            if (count <= list.size()) {
                list.resize(count);
                return list;
            }
        }
    }

    detail::handle<rusted_ring_journal, rusted_ring_journal_close> handle_;
};

} // namespace rring

#endif
