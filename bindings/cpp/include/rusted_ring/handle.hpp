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

/// How long a call may wait: any duration. A negative one is none, and one of more than 584 years is as long as it takes.
class timeout {
public:
    template <class Rep, class Period>
    constexpr timeout(std::chrono::duration<Rep, Period> time) noexcept
        : nanoseconds_(saturated(std::chrono::duration<long double, std::nano>(time).count())) {}

    /// In nanoseconds, as the library takes it.
    [[nodiscard]] constexpr std::uint64_t nanoseconds() const noexcept { return nanoseconds_; }

private:
    static constexpr std::uint64_t saturated(long double nanoseconds) noexcept {
        if (!(nanoseconds > 0)) {
            return 0;
        }
        return nanoseconds < static_cast<long double>(RUSTED_RING_FOREVER) ? static_cast<std::uint64_t>(nanoseconds)
                                                                           : RUSTED_RING_FOREVER;
    }

    std::uint64_t nanoseconds_;
};

/// As long as it takes.
inline constexpr timeout forever = std::chrono::duration<long double, std::nano>::max();
/// Not at all.
inline constexpr timeout at_once = std::chrono::nanoseconds::zero();

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

} // namespace detail
} // namespace rring

#endif
