// Rings of plain values: an event is one value.
#ifndef RUSTED_RING_TYPED_HPP
#define RUSTED_RING_TYPED_HPP

#include <rusted_ring/ring.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace rring {

/// Makes a ring in this process of `slots` values.
template <plain T> result<ring> make_ring(std::size_t slots, flags kind = 0) {
    return ring::make(sizeof(T), slots, kind);
}

/// Publishes values.
template <plain T> class typed_publisher {
public:
    static result<typed_publisher> join(const ring &to) {
        auto joined = publisher::join(to);
        if (!joined) {
            return joined.error();
        }
        return typed_publisher(std::move(*joined));
    }

    /// Publishes `value`, if there is room now, and returns its sequence.
    result<std::uint64_t> try_send(const T &value) { return publisher_.try_publish(std::as_bytes(std::span(&value, 1)), 0); }

    /// Publishes `value`, if there is room within `time`.
    result<std::uint64_t> send(const T &value, timeout time = forever) {
        return publisher_.publish(std::as_bytes(std::span(&value, 1)), 0, time);
    }

    /// Publishes `values`, in order. `sent`, if given, says how many went out, also where not all did.
    result<void> send_batch(std::span<const T> values, timeout time = forever, std::size_t *sent = nullptr) {
        return publisher_.publish_values(values, 0, time, sent);
    }

private:
    explicit typed_publisher(publisher &&joined) : publisher_(std::move(joined)) {}

    publisher publisher_;
};

/// Values that are lent by a Consumer: a range of them. They are released with it.
template <plain T> class typed_batch {
public:
    /// Goes over the values, which it copies out.
    class iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::forward_iterator_tag;

        iterator() = default;
        explicit iterator(const event *at) : at_(at) {}

        T operator*() const {
            T value;
            std::memcpy(&value, at_->data, sizeof(T));
            return value;
        }
        iterator &operator++() {
            ++at_;
            return *this;
        }
        iterator operator++(int) { return iterator(at_++); }
        friend bool operator==(const iterator &, const iterator &) = default;

    private:
        const event *at_ = nullptr;
    };

    typed_batch(typed_batch &&other) noexcept
        : events_(std::move(other.events_)), values_(std::exchange(other.values_, 0)), lent_(std::move(other.lent_)) {}
    typed_batch &operator=(typed_batch &&) = delete;

    [[nodiscard]] iterator begin() const { return iterator(events_.data()); }
    [[nodiscard]] iterator end() const { return iterator(events_.data() + values_); }
    [[nodiscard]] std::size_t size() const noexcept { return values_; }

private:
    template <plain> friend class typed_reader;
    typed_batch(std::vector<event> &&events, std::size_t values, batch &&lent)
        : events_(std::move(events)), values_(values), lent_(std::move(lent)) {}

    std::vector<event> events_;
    std::size_t values_;
    batch lent_;
};

/// Reads values. An event of another size is of another type: it is passed over, and told by RUSTED_RING_MISMATCH. If it came among values, those are
/// returned first, and the next call tells it.
template <plain T> class typed_reader {
public:
    /// Joins as a Subscriber.
    static result<typed_reader> subscribe(const ring &to, const std::string &name = {},
                                          std::uint64_t from = RUSTED_RING_NEWEST) {
        return of(to, reader::subscribe(to, name, from));
    }

    /// Joins as a Consumer.
    static result<typed_reader> consume(const ring &to, const std::string &name = {},
                                        std::uint64_t from = RUSTED_RING_NEWEST) {
        return of(to, reader::consume(to, name, from));
    }

    /// The next value, if there is one within `time`.
    result<T> receive(timeout time = forever) {
        T value;
        auto received = receive_batch({&value, 1}, time);
        if (!received) {
            return received.error();
        }
        return value;
    }

    /// The next value, if there is one now.
    result<T> try_receive() { return receive(at_once); }

    /// Copies values to `values`, at least one, if there is one within `time`. Returns those that were copied.
    result<std::span<T>> receive_batch(std::span<T> values, timeout time = forever) {
        if (std::exchange(owes_mismatch_, false)) {
            return of_another_size();
        }
        events_.resize(values.size());
        slots_.resize(values.size() * stride_);
        auto read = reader_.read_batch(slots_, stride_, events_, time);
        if (!read) {
            return read.error();
        }
        auto kept = keep_values(events_, read->size());
        if (!kept) {
            return kept.error();
        }
        for (std::size_t n = 0; n < *kept; n++) {
            std::memcpy(&values[n], events_[n].data, sizeof(T));
        }
        return values.first(*kept);
    }

    /// Lends a Consumer's next values in place, at most `most`.
    result<typed_batch<T>> borrow(std::size_t most, timeout time = forever) {
        if (std::exchange(owes_mismatch_, false)) {
            return of_another_size();
        }
        std::vector<event> events(most);
        auto lent = reader_.borrow(events, time);
        if (!lent) {
            return lent.error();
        }
        auto kept = keep_values(events, lent->size());
        if (!kept) {
            return kept.error();
        }
        return typed_batch<T>(std::move(events), *kept, *std::move(lent));
    }

    /// The reader under it. To wait for it in a wait set is to wait for events, not for the telling of one that was passed over.
    [[nodiscard]] reader &untyped() noexcept { return reader_; }

private:
    typed_reader(reader &&joined, std::size_t stride) : reader_(std::move(joined)), stride_(stride) {}

    static result<typed_reader> of(const ring &to, result<reader> joined) {
        if (!joined) {
            return joined.error();
        }
        auto stats = to.stats();
        if (!stats) {
            return stats.error();
        }
        if (stats->slot_bytes < sizeof(T)) {
            return error(RUSTED_RING_MISMATCH, "the ring's slots are smaller than a value of this type");
        }
        return typed_reader(std::move(*joined), stats->slot_bytes);
    }

    static error of_another_size() {
        return error(RUSTED_RING_MISMATCH, "an event had not the size of a value of this type: it was passed over");
    }

    /// Leaves in front of the first `read` events those that are values, in order. Returns how many they are.
    result<std::size_t> keep_values(std::vector<event> &events, std::size_t read) {
        auto first = events.begin();
        auto last = std::remove_if(first, first + read, [](const event &each) { return each.len != sizeof(T); });
        std::size_t kept = last - first;
        if (kept == 0 && read != 0) {
            return of_another_size();
        }
        owes_mismatch_ = kept != read;
        return kept;
    }

    reader reader_;
    std::size_t stride_;
    std::vector<std::byte> slots_;
    std::vector<event> events_;
    bool owes_mismatch_ = false;
};

} // namespace rring

#endif
