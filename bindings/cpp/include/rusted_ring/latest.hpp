// Latest-value cells: what the value of a key is now.
#ifndef RUSTED_RING_LATEST_HPP
#define RUSTED_RING_LATEST_HPP

#include <rusted_ring/handle.hpp>
#include <rusted_ring/result.hpp>

namespace rring {

/// A value, and which one it is: of two, the one with the larger version is the later.
template <class T> struct versioned {
    T value;
    std::uint64_t version;
};

/// The writer of cells. One thread at a time may use it.
template <plain T> class latest_writer {
public:
    /// Updates the value of `key`, and returns the update's number.
    result<std::uint64_t> update(std::size_t key, const T &value) {
        std::uint64_t version = 0;
        auto status = rusted_ring_latest_update(handle_.get(), key, &value, sizeof(T), &version);
        return detail::made(status, std::move(version));
    }

private:
    template <plain> friend class latest;
    explicit latest_writer(rusted_ring_latest_writer *handle) : handle_(handle) {}

    detail::handle<rusted_ring_latest_writer, rusted_ring_latest_writer_close> handle_;
};

/// A reader of cells. One thread at a time may use it.
template <plain T> class latest_reader {
public:
    /// The value of `key`, if it is newer than the version `than`.
    result<versioned<T>> get(std::size_t key, std::uint64_t than = 0) {
        versioned<T> found{};
        auto status = rusted_ring_latest_get(handle_.get(), key, than, &found.value, sizeof(T), &found.version);
        return detail::made(status, std::move(found));
    }

private:
    template <plain> friend class latest;
    explicit latest_reader(rusted_ring_latest_reader *handle) : handle_(handle) {}

    detail::handle<rusted_ring_latest_reader, rusted_ring_latest_reader_close> handle_;
};

/// Cells for `keys` keys and up to `readers` readers. Any threads may use them at once.
template <plain T> class latest {
public:
    static result<latest> make(std::size_t keys, std::size_t readers) {
        rusted_ring_latest *handle = nullptr;
        auto status = rusted_ring_latest_new(sizeof(T), keys, readers, &handle);
        return detail::made(status, latest(handle));
    }

    result<latest_writer<T>> writer() const {
        rusted_ring_latest_writer *handle = nullptr;
        auto status = rusted_ring_latest_writer_join(handle_.get(), &handle);
        return detail::made(status, latest_writer<T>(handle));
    }

    result<latest_reader<T>> reader() const {
        rusted_ring_latest_reader *handle = nullptr;
        auto status = rusted_ring_latest_reader_join(handle_.get(), &handle);
        return detail::made(status, latest_reader<T>(handle));
    }

private:
    explicit latest(rusted_ring_latest *handle) : handle_(handle) {}

    detail::handle<rusted_ring_latest, rusted_ring_latest_close> handle_;
};

} // namespace rring

#endif
