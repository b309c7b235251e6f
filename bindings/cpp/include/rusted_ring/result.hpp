// What a call came to: a value, or why it did nothing.
#ifndef RUSTED_RING_RESULT_HPP
#define RUSTED_RING_RESULT_HPP

#include <rusted_ring.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace rring {

/// Who was in the way at this thread's last RUSTED_RING_FULL, if somebody was.
inline std::optional<rusted_ring_blocker> last_blocker() noexcept {
    rusted_ring_blocker blocker;
    return rusted_ring_last_blocker(&blocker) == RUSTED_RING_OK ? std::optional(blocker) : std::nullopt;
}

class error;

namespace detail {
/// The error of the call that this thread has just made, whose text it keeps. What is tried again at once, a full or an empty ring, allocates nothing.
inline error last_error(rusted_ring_status status);
} // namespace detail

/// Why a call did nothing. One that was moved from keeps its status, and of its text the status's name.
class error {
public:
    /// Of these headers, which the library knows nothing of: `text` is a literal.
    error(rusted_ring_status status, const char *text) noexcept : status_(status), text_(text) {}

    /// Its number, such as RUSTED_RING_FULL.
    [[nodiscard]] rusted_ring_status status() const noexcept { return status_; }

    /// Its name, such as "FULL".
    [[nodiscard]] const char *name() const noexcept { return rusted_ring_status_name(status_); }

    /// What happened, what was expected, and what to do. It stays what it is, whatever this thread or another does next.
    [[nodiscard]] std::string text() const {
        if (text_ != nullptr) {
            return text_;
        }
        if (kept_ != nullptr) {
            return *kept_;
        }
        if (is_empty()) {
            return "no event is ready: look again later, or wait for one";
        }
        return is_full() ? text_of_full() : name();
    }

    /// Who was in the way, if the ring was full, and somebody was.
    [[nodiscard]] const std::optional<rusted_ring_blocker> &blocker() const noexcept { return full_; }

    /// Nothing was ready, or came in time.
    [[nodiscard]] bool is_empty() const noexcept { return status_ == RUSTED_RING_EMPTY; }
    /// The ring has no room.
    [[nodiscard]] bool is_full() const noexcept { return status_ == RUSTED_RING_FULL; }
    /// Events were lost: see `reader::loss`.
    [[nodiscard]] bool is_lagged() const noexcept { return status_ == RUSTED_RING_LAGGED; }
    /// No event will come any more.
    [[nodiscard]] bool is_closed() const noexcept { return status_ == RUSTED_RING_CLOSED; }

    friend bool operator==(const error &one, const error &other) noexcept { return one.status_ == other.status_; }

private:
    friend error detail::last_error(rusted_ring_status status);

    explicit error(rusted_ring_status status) noexcept : status_(status) {}

    [[nodiscard]] std::string text_of_full() const {
        const auto *blocker = full_ ? &*full_ : nullptr;
        std::size_t len = 0;
        rusted_ring_full_text(blocker, nullptr, 0, &len);
        std::string text(len + 1, '\0');
        rusted_ring_full_text(blocker, text.data(), text.size(), &len);
        text.resize(len);
        return text;
    }

    rusted_ring_status status_;
    const char *text_ = nullptr;
    std::shared_ptr<const std::string> kept_;
    std::optional<rusted_ring_blocker> full_;
};

/// An error that was not looked at: thrown by `result::value` alone.
class exception : public std::runtime_error {
public:
    explicit exception(rring::error why)
        : std::runtime_error(std::string(why.name()) + ": " + why.text()), why_(why) {}

    [[nodiscard]] rring::error error() const noexcept { return why_; }

private:
    rring::error why_;
};

/// A value, or an error: as `std::expected` of C++23.
template <class T> class [[nodiscard]] result {
public:
    result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    result(rring::error why) : held_(std::in_place_index<1>, why) {}

    [[nodiscard]] bool has_value() const noexcept { return held_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value, which must be there.
    T &operator*() & { return std::get<0>(held_); }
    const T &operator*() const & { return std::get<0>(held_); }
    T operator*() && { return std::get<0>(std::move(held_)); }
    T *operator->() { return &std::get<0>(held_); }
    const T *operator->() const { return &std::get<0>(held_); }

    /// The error, which must be there.
    [[nodiscard]] rring::error error() const { return std::get<1>(held_); }

    /// The value. Throws `exception` if there is an error.
    T value() && {
        if (!has_value()) {
            throw exception(error());
        }
        return std::get<0>(std::move(held_));
    }
    T &value() & {
        if (!has_value()) {
            throw exception(error());
        }
        return std::get<0>(held_);
    }

    /// The value, or another one.
    T value_or(T other) && { return has_value() ? std::get<0>(std::move(held_)) : std::move(other); }

private:
    std::variant<T, rring::error> held_;
};

/// Nothing, or an error.
template <> class [[nodiscard]] result<void> {
public:
    result() = default;
    result(rring::error why) : why_(why) {}

    [[nodiscard]] bool has_value() const noexcept { return !why_; }
    explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] rring::error error() const { return why_.value(); }

    /// Throws `exception` if there is an error.
    void value() const {
        if (why_) {
            throw exception(*why_);
        }
    }

private:
    std::optional<rring::error> why_;
};

namespace detail {

inline error last_error(rusted_ring_status status) {
    rring::error last(status);
    if (last.is_full()) {
        last.full_ = last_blocker();
    } else if (!last.is_empty()) {
        last.kept_ = std::make_shared<const std::string>(rusted_ring_error_text());
    }
    return last;
}

inline result<void> done(rusted_ring_status status) {
    return status == RUSTED_RING_OK ? result<void>() : result<void>(last_error(status));
}

/// `value`, if the call that made it returned 0.
template <class T> result<T> made(rusted_ring_status status, T &&value) {
    return status == RUSTED_RING_OK ? result<T>(std::forward<T>(value)) : result<T>(last_error(status));
}

/// Calls `call`, which returns a result, with a name as C has it; refuses one with a zero in it, of which C would see the part before.
template <class Call> auto with_name(const std::string &name, Call call) -> decltype(call("")) {
    if (name.find('\0') != std::string::npos) {
        return error(RUSTED_RING_BAD_ARGUMENT, "the name has a zero byte in it: names are text without one");
    }
    return call(name.c_str());
}

} // namespace detail
} // namespace rring

#endif
