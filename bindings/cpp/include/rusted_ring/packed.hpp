// Large events, compressed because their publisher wants it.
#ifndef RUSTED_RING_PACKED_HPP
#define RUSTED_RING_PACKED_HPP

#include <rusted_ring/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace rring {

/// The bytes of an event and its type, which has RUSTED_RING_PACKED if they are compressed.
struct packable {
    std::span<const std::byte> bytes;
    std::uint32_t event_type;
};

/// `event` as it is to be published: compressed by LZ4, or as it is, if it has less than 1,025 bytes, or does not shrink. The bytes lie in `room`, which has at least as many as
/// `event`.
inline result<packable> pack(packable event, std::span<std::byte> room) {
    std::size_t len = 0;
    std::uint32_t type = 0;
    auto status =
        rusted_ring_pack(event.bytes.data(), event.bytes.size(), event.event_type, room.data(), room.size(), &len, &type);
    return detail::made(status, packable{room.first(len), type});
}

/// `event` as it was before `pack`, whether it is packed or not. The bytes lie in `room`, which is the most that is taken, whatever the event says.
inline result<packable> unpack(packable event, std::span<std::byte> room) {
    std::size_t len = 0;
    std::uint32_t type = 0;
    auto status =
        rusted_ring_unpack(event.bytes.data(), event.bytes.size(), event.event_type, room.data(), room.size(), &len, &type);
    return detail::made(status, packable{room.first(len), type});
}

} // namespace rring

#endif
