// Sets of five pools, one for each size of event.
#ifndef RUSTED_RING_POOLS_HPP
#define RUSTED_RING_POOLS_HPP

#include <rusted_ring/ring.hpp>

#include <array>

namespace rring {

/// Where an event went.
struct emitted {
    std::uint32_t pool;
    std::uint64_t sequence;

    friend bool operator==(const emitted &, const emitted &) = default;
};

/// A handle on a set of pools. Any threads may use it at once.
class pools {
public:
    static result<pools> make(const rusted_ring_capacities &capacities) {
        rusted_ring_pools *handle = nullptr;
        auto status = rusted_ring_pools_new(&capacities, &handle);
        return detail::made(status, pools(handle));
    }

    /// One of the library's static sets: RUSTED_RING_MOBILE, RUSTED_RING_PRODUCTION, RUSTED_RING_SERVER.
    static result<pools> statics(std::uint32_t set) {
        rusted_ring_pools *handle = nullptr;
        auto status = rusted_ring_pools_static(set, &handle);
        return detail::made(status, pools(handle));
    }

    /// Creates a set between processes: `name` as in `ring::create`.
    static result<pools> create(const std::string &name, const rusted_ring_capacities &capacities) {
        return detail::with_name(name, [&](const char *text) -> result<pools> {
            rusted_ring_pools *handle = nullptr;
            auto status = rusted_ring_pools_create(text, &capacities, &handle);
            return detail::made(status, pools(handle));
        });
    }

    static result<pools> open(const std::string &name) {
        return detail::with_name(name, [&](const char *text) -> result<pools> {
            rusted_ring_pools *handle = nullptr;
            auto status = rusted_ring_pools_open(text, &handle);
            return detail::made(status, pools(handle));
        });
    }

    static result<void> remove(const std::string &name, bool even_in_use = false) {
        return detail::with_name(name, [&](const char *text) -> result<void> {
            return detail::done(rusted_ring_pools_remove(text, even_in_use));
        });
    }

    /// Publishes a copy of `bytes` in the smallest pool that holds them. Never waits.
    result<emitted> emit(std::span<const std::byte> bytes, std::uint32_t type) const {
        emitted where{};
        auto status =
            rusted_ring_emit(handle_.get(), bytes.data(), bytes.size(), type, &where.pool, &where.sequence);
        return detail::made(status, std::move(where));
    }

    /// The ring of one pool: RUSTED_RING_POOL_XS to RUSTED_RING_POOL_XL.
    [[nodiscard]] result<rring::ring> ring(std::uint32_t pool) const {
        rusted_ring *made = nullptr;
        auto status = rusted_ring_pools_ring(handle_.get(), pool, &made);
        return rring::ring::of(status, made);
    }

    /// How full they are, smallest slots first.
    [[nodiscard]] result<std::array<rusted_ring_pool_stats, 5>> stats() const {
        std::array<rusted_ring_pool_stats, 5> stats{};
        auto status = rusted_ring_pools_stats(handle_.get(), stats.data());
        return detail::made(status, std::move(stats));
    }

private:
    explicit pools(rusted_ring_pools *handle) : handle_(handle) {}

    detail::handle<rusted_ring_pools, rusted_ring_pools_close> handle_;
};

} // namespace rring

#endif
