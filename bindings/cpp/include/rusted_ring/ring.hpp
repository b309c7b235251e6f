// Rings, and those who publish to them and read them.
#ifndef RUSTED_RING_RING_HPP
#define RUSTED_RING_RING_HPP

#include <rusted_ring/handle.hpp>
#include <rusted_ring/result.hpp>

#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace rring {

/// What kind of ring is made: RUSTED_RING_SOLE, RUSTED_RING_LOSSLESS, RUSTED_RING_NEVER_CLOSES.
using flags = std::uint32_t;

/// A handle on a ring. Any threads may use it at once. The ring lives as long as a handle or an endpoint of it.
class ring {
public:
    /// Makes a ring in this process, of `slots` slots for events of up to `slot_bytes` bytes.
    static result<ring> make(std::size_t slot_bytes, std::size_t slots, flags kind = 0) {
        rusted_ring *made = nullptr;
        auto status = rusted_ring_new(slot_bytes, slots, kind, &made);
        return of(status, made);
    }

    /// Creates a ring between processes: `name` is one in /dev/shm, or a path, if there is a / in it.
    static result<ring> create(const std::string &name, std::size_t slot_bytes, std::size_t slots, flags kind = 0) {
        return detail::with_name(name, [&](const char *text) -> result<ring> {
            rusted_ring *made = nullptr;
            auto status = rusted_ring_create(text, slot_bytes, slots, kind, &made);
            return of(status, made);
        });
    }

    /// Opens a ring between processes.
    static result<ring> open(const std::string &name) {
        return detail::with_name(name, [&](const char *text) -> result<ring> {
            rusted_ring *made = nullptr;
            auto status = rusted_ring_open(text, &made);
            return of(status, made);
        });
    }

    /// Looks at a ring between processes, which has statistics then, and no endpoints.
    static result<ring> observe(const std::string &name) {
        return detail::with_name(name, [&](const char *text) -> result<ring> {
            rusted_ring *made = nullptr;
            auto status = rusted_ring_observe(text, &made);
            return of(status, made);
        });
    }

    /// Removes the file of a ring between processes; not while a process has it open, unless `even_in_use`.
    static result<void> remove(const std::string &name, bool even_in_use = false) {
        return detail::with_name(name, [&](const char *text) -> result<void> {
            return detail::done(rusted_ring_remove(text, even_in_use));
        });
    }

    /// What it is, and how it is.
    [[nodiscard]] result<rusted_ring_ring_stats> stats() const {
        rusted_ring_ring_stats stats{};
        auto status = rusted_ring_stats(get(), &stats);
        return detail::made(status, std::move(stats));
    }

    /// The lines of its ledger.
    [[nodiscard]] result<std::vector<rusted_ring_reader_line>> readers() const {
        std::vector<rusted_ring_reader_line> lines(64); // as many as a ring lists
        std::size_t count = 0;
        auto status = rusted_ring_readers(get(), lines.data(), lines.size(), &count);
        lines.resize(count < lines.size() ? count : lines.size());
        return detail::made(status, std::move(lines));
    }

    [[nodiscard]] rusted_ring *get() const noexcept { return handle_.get(); }

private:
    friend class pools;

    explicit ring(rusted_ring *handle) : handle_(handle) {}

    static result<ring> of(rusted_ring_status status, rusted_ring *handle) {
        return status == RUSTED_RING_OK ? result<ring>(ring(handle)) : result<ring>(detail::last_error(status));
    }

    detail::handle<rusted_ring, rusted_ring_close> handle_;
};

/// A slot that a publisher was lent. Unless it is committed, nothing is published.
class claim {
public:
    claim(claim &&other) noexcept
        : publisher_(std::exchange(other.publisher_, nullptr)), slot_(std::exchange(other.slot_, {})) {}
    claim &operator=(claim &&) = delete;
    ~claim() {
        if (publisher_ != nullptr) {
            rusted_ring_abandon(publisher_);
        }
    }

    /// The slot. It holds anything.
    [[nodiscard]] std::span<std::byte> slot() const noexcept { return slot_; }

    /// Publishes the first `len` bytes of it, and returns the event's sequence.
    result<std::uint64_t> commit(std::size_t len, std::uint32_t type) {
        std::uint64_t sequence = 0;
        auto status = rusted_ring_commit(publisher_, len, type, &sequence);
        if (status == RUSTED_RING_OK) {
            publisher_ = nullptr;
        }
        return detail::made(status, std::move(sequence));
    }

private:
    friend class publisher;
    claim(rusted_ring_publisher *publisher, std::span<std::byte> slot) : publisher_(publisher), slot_(slot) {}

    rusted_ring_publisher *publisher_;
    std::span<std::byte> slot_;
};

/// Publishes to a ring. Of a ring of many publishers, any threads may use it at once; of a sole ring, one at a time.
class publisher {
public:
    static result<publisher> join(const ring &to) {
        rusted_ring_publisher *handle = nullptr;
        auto status = rusted_ring_publisher_join(to.get(), &handle);
        return detail::made(status, publisher(handle));
    }

    /// Publishes a copy of `bytes`, if there is room now, and returns its sequence.
    result<std::uint64_t> try_publish(std::span<const std::byte> bytes, std::uint32_t type) {
        std::uint64_t sequence = 0;
        auto status = rusted_ring_try_publish(get(), bytes.data(), bytes.size(), type, &sequence);
        return detail::made(status, std::move(sequence));
    }

    /// Publishes a copy of `bytes`, if there is room within `time`.
    result<std::uint64_t> publish(std::span<const std::byte> bytes, std::uint32_t type, timeout time = forever) {
        std::uint64_t sequence = 0;
        auto status =
            rusted_ring_publish(get(), bytes.data(), bytes.size(), type, time.nanoseconds(), &sequence);
        return detail::made(status, std::move(sequence));
    }

    /// Publishes copies of `events`, in order. `published`, if given, says how many went out, also where not all did.
    result<void> publish_batch(std::span<const rusted_ring_slice> events, timeout time = forever,
                               std::size_t *published = nullptr) {
        detail::clear(published);
        return detail::done(
            rusted_ring_publish_batch(get(), events.data(), events.size(), time.nanoseconds(), published));
    }

    /// Publishes copies of `values`, such as a vector or a span, each an event of type `type`. `published` as above.
    template <std::ranges::contiguous_range Values>
        requires std::ranges::sized_range<Values> && plain<std::ranges::range_value_t<Values>>
    result<void> publish_values(const Values &values, std::uint32_t type, timeout time = forever,
                                std::size_t *published = nullptr) {
        detail::clear(published);
        return detail::done(rusted_ring_publish_records(get(), std::ranges::data(values),
                                                        sizeof(std::ranges::range_value_t<Values>),
                                                        std::ranges::size(values), type, time.nanoseconds(),
                                                        published));
    }

    /// Lends the next slot of a ring made with RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS.
    result<rring::claim> claim(timeout time = forever) {
        void *slot = nullptr;
        std::size_t bytes = 0;
        auto status = rusted_ring_claim(get(), time.nanoseconds(), &slot, &bytes);
        if (status != RUSTED_RING_OK) {
            return detail::last_error(status);
        }
        return rring::claim(get(), {static_cast<std::byte *>(slot), bytes});
    }

    [[nodiscard]] rusted_ring_publisher *get() const noexcept { return handle_.get(); }

private:
    explicit publisher(rusted_ring_publisher *handle) : handle_(handle) {}

    detail::handle<rusted_ring_publisher, rusted_ring_publisher_close> handle_;
};

/// An event that was received.
struct event : rusted_ring_event {
    /// Its bytes: in the buffer that it was copied to, or, if it is lent, in the ring.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        return {static_cast<const std::byte *>(data), len};
    }

    /// Its bytes as text.
    [[nodiscard]] std::string_view text() const noexcept { return {static_cast<const char *>(data), len}; }
};
static_assert(sizeof(event) == sizeof(rusted_ring_event));

/// Events that are lent by a Consumer: a range of them. They are released with it.
class batch {
public:
    batch(batch &&other) noexcept
        : reader_(std::exchange(other.reader_, nullptr)), events_(std::exchange(other.events_, {})) {}
    batch &operator=(batch &&) = delete;
    ~batch() {
        if (reader_ != nullptr) {
            rusted_ring_release(reader_);
        }
    }

    [[nodiscard]] auto begin() const noexcept { return events_.begin(); }
    [[nodiscard]] auto end() const noexcept { return events_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] const event &operator[](std::size_t index) const { return events_[index]; }

private:
    friend class reader;
    batch(rusted_ring_reader *reader, std::span<const event> events) : reader_(reader), events_(events) {}

    rusted_ring_reader *reader_;
    std::span<const event> events_;
};

/// Reads a ring: a Subscriber, which is never waited for and told what it lost, or a Consumer, which loses nothing. One thread at a time may use it.
class reader {
public:
    /// Joins as a Subscriber, at a sequence, RUSTED_RING_NEWEST or RUSTED_RING_OLDEST.
    static result<reader> subscribe(const ring &to, const std::string &name = {},
                                    std::uint64_t from = RUSTED_RING_NEWEST) {
        return detail::with_name(name, [&](const char *text) -> result<reader> {
            rusted_ring_reader *handle = nullptr;
            auto status = rusted_ring_subscribe(to.get(), text, from, &handle);
            return detail::made(status, reader(handle));
        });
    }

    /// Joins as a Consumer.
    static result<reader> consume(const ring &to, const std::string &name = {},
                                  std::uint64_t from = RUSTED_RING_NEWEST) {
        return detail::with_name(name, [&](const char *text) -> result<reader> {
            rusted_ring_reader *handle = nullptr;
            auto status = rusted_ring_consume(to.get(), text, from, &handle);
            return detail::made(status, reader(handle));
        });
    }

    /// Copies the next event to `buffer`, which holds the ring's longest, if there is one now.
    result<event> try_read(std::span<std::byte> buffer) {
        event read{};
        auto status = rusted_ring_try_read(get(), buffer.data(), buffer.size(), &read);
        return detail::made(status, std::move(read));
    }

    /// Copies the next event to `buffer`, if there is one within `time`.
    result<event> read(std::span<std::byte> buffer, timeout time = forever) {
        event read{};
        auto status = rusted_ring_read(get(), buffer.data(), buffer.size(), time.nanoseconds(), &read);
        return detail::made(status, std::move(read));
    }

    /// Copies up to as many events as `events` has room for to `buffer`, each to `stride` bytes of its own, and returns those that it noted.
    result<std::span<const event>> read_batch(std::span<std::byte> buffer, std::size_t stride, std::span<event> events,
                                              timeout time = forever) {
        auto room = stride == 0 ? 0 : buffer.size() / stride;
        std::size_t count = 0;
        auto status = rusted_ring_read_batch(get(), buffer.data(), stride, room < events.size() ? room : events.size(),
                                             time.nanoseconds(), events.data(), &count);
        return detail::made(status, std::span<const event>(events.first(count)));
    }

    /// Lends a Consumer's next events in place, up to as many as `events` has room for. This reader receives nothing else until the batch is gone.
    result<batch> borrow(std::span<event> events, timeout time = forever) {
        std::size_t count = 0;
        auto status = rusted_ring_borrow(get(), events.data(), events.size(), time.nanoseconds(), &count);
        if (status != RUSTED_RING_OK) {
            return detail::last_error(status);
        }
        return batch(get(), events.first(count));
    }

    /// Which sequences were lost when it was last told that it lagged.
    [[nodiscard]] result<rusted_ring_range> loss() const {
        rusted_ring_range range{};
        auto status = rusted_ring_reader_loss(get(), &range);
        return detail::made(status, std::move(range));
    }

    /// What it has received and lost.
    [[nodiscard]] result<rusted_ring_reader_line> stats() const {
        rusted_ring_reader_line line{};
        auto status = rusted_ring_reader_stats(get(), &line);
        return detail::made(status, std::move(line));
    }

    [[nodiscard]] rusted_ring_reader *get() const noexcept { return handle_.get(); }

private:
    friend class journal;

    explicit reader(rusted_ring_reader *handle) : handle_(handle) {}

    detail::handle<rusted_ring_reader, rusted_ring_reader_close> handle_;
};

/// Waits for several readers, on rings of any kinds. One thread at a time may use it.
class wait_set {
public:
    static result<wait_set> make() {
        rusted_ring_wait_set *handle = nullptr;
        auto status = rusted_ring_wait_set_new(&handle);
        return detail::made(status, wait_set(handle));
    }

    /// Waits until one of `readers` is ready, and returns its index.
    result<std::size_t> wait(std::span<reader *const> readers, timeout time = forever) {
        handles_.clear();
        for (const reader *member : readers) {
            handles_.push_back(member->get());
        }
        std::size_t ready = 0;
        auto status =
            rusted_ring_wait(handle_.get(), handles_.data(), handles_.size(), time.nanoseconds(), &ready);
        return detail::made(status, std::move(ready));
    }

private:
    explicit wait_set(rusted_ring_wait_set *handle) : handle_(handle) {}

    detail::handle<rusted_ring_wait_set, rusted_ring_wait_set_close> handle_;
    std::vector<rusted_ring_reader *> handles_;
};

} // namespace rring

#endif
