// Rings of plain values: an event is one value.
#ifndef RUSTED_RING_TYPED_HPP
#define RUSTED_RING_TYPED_HPP

#include <rusted_ring/ring.hpp>

#include <cstring>
#include <iterator>

namespace rring {

namespace detail {

/// The value of an event; of another size it is of another type.
template <plain T> result<T> value_of(const event &from) {
    if (from.len != sizeof(T)) {
        return error(RUSTED_RING_MISMATCH);
    }
    T value;
    std::memcpy(&value, from.data, sizeof(T));
    return value;
}

} // namespace detail

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

    [[nodiscard]] iterator begin() const { return iterator(std::to_address(lent_.begin())); }
    [[nodiscard]] iterator end() const { return iterator(std::to_address(lent_.end())); }
    [[nodiscard]] std::size_t size() const noexcept { return lent_.size(); }

private:
    template <plain> friend class typed_reader;
    explicit typed_batch(batch &&lent) : lent_(std::move(lent)) {}

    batch lent_;
};

/// Reads values.
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
        auto read = reader_.read(slots_of(1), time);
        if (!read) {
            return read.error();
        }
        return detail::value_of<T>(*read);
    }

    /// The next value, if there is one now.
    result<T> try_receive() { return receive(at_once); }

    /// Copies values to `values`, at least one, if there is one within `time`. Returns those that were copied.
    result<std::span<T>> receive_batch(std::span<T> values, timeout time = forever) {
        events_.resize(values.size());
        auto read = reader_.read_batch(slots_of(values.size()), stride_, events_, time);
        if (!read) {
            return read.error();
        }
        std::size_t count = 0;
        for (const event &each : *read) {
            auto value = detail::value_of<T>(each);
            if (!value) {
                return value.error();
            }
            values[count++] = *value;
        }
        return values.first(count);
    }

    /// Lends a Consumer's next values in place, at most `most`.
    result<typed_batch<T>> borrow(std::size_t most, timeout time = forever) {
        events_.resize(most);
        auto lent = reader_.borrow(events_, time);
        if (!lent) {
            return lent.error();
        }
        for (const event &each : *lent) {
            if (each.len != sizeof(T)) {
                return error(RUSTED_RING_MISMATCH);
            }
        }
        return typed_batch<T>(std::move(*lent));
    }

    /// The reader under it.
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
            return error(RUSTED_RING_MISMATCH);
        }
        return typed_reader(std::move(*joined), stats->slot_bytes);
    }

    std::span<std::byte> slots_of(std::size_t values) {
        slots_.resize(values * stride_);
        return slots_;
    }

    reader reader_;
    std::size_t stride_;
    std::vector<std::byte> slots_;
    std::vector<event> events_;
};

} // namespace rring

#endif
