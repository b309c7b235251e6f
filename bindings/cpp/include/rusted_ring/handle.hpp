// Handles that are closed when they go out of scope, and times.
#ifndef RUSTED_RING_HANDLE_HPP
#define RUSTED_RING_HANDLE_HPP

#include <rusted_ring.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace rring {

/// How long a call may wait. A negative time is none.
using timeout = std::chrono::nanoseconds;

/// As long as it takes.
inline constexpr timeout forever = timeout::max();
/// Not at all.
inline constexpr timeout at_once = timeout::zero();

/// Plain data, which a ring carries byte by byte.
template <class T>
concept plain = std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && sizeof(T) <= 65536;

namespace detail {

template <auto Close> struct closer {
    template <class T> void operator()(T *handle) const noexcept { Close(handle); }
};

/// A handle that is closed with its owner.
template <class T, auto Close> using handle = std::unique_ptr<T, closer<Close>>;

/// A count that the library stores only once its arguments are right.
inline void clear(std::size_t *count) {
    if (count != nullptr) {
        *count = 0;
    }
}

inline std::uint64_t nanoseconds(timeout time) {
    return time == forever ? RUSTED_RING_FOREVER : time < at_once ? 0 : static_cast<std::uint64_t>(time.count());
}

} // namespace detail
} // namespace rring

#endif
