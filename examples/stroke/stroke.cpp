// A pen emits moves and strokes, the disk loses none, and the screen is told what it lost. In Rust: src/main.rs; in C: stroke.c.
#include <rusted_ring.hpp>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <vector>

namespace {

enum : std::uint32_t { move = 1, stroke = 2 };

using bytes = std::vector<std::byte>;

/// Points of a stroke, of 12 bytes each, from the point `first` on.
bytes points(std::uint32_t first, std::uint32_t count) {
    bytes made;
    for (std::uint32_t n = first; n < first + count; n++) {
        for (std::uint32_t part : {n * 3 % 1000, n * 7 % 1000, n}) {
            for (int byte = 0; byte < 4; byte++) {
                made.push_back(static_cast<std::byte>(part >> (8 * byte)));
            }
        }
    }
    return made;
}

/// FNV-1a, so that programs in several languages can say what they read.
std::uint64_t checksum(std::uint64_t sum, std::span<const std::byte> of) {
    for (std::byte byte : of) {
        sum = (sum ^ static_cast<std::uint64_t>(byte)) * 0x0000'0100'0000'01b3;
    }
    return sum;
}

constexpr std::uint64_t begun = 0xcbf2'9ce4'8422'2325;

void show(const char *pool, const rring::ring &ring) {
    for (const auto &line : ring.readers().value()) {
        std::printf("%s: %s received %" PRIu64 ", lost %" PRIu64 ", holes %" PRIu64 ", ahead %" PRIu64 "\n", pool,
                    line.name, line.received, line.lost, line.holes, line.ahead);
    }
}

} // namespace

int main() {
    auto pools = rring::pools::make({64, 16, 8, 4, 2}).value();
    auto xs = pools.ring(RUSTED_RING_POOL_XS).value();
    auto s = pools.ring(RUSTED_RING_POOL_S).value();
    auto disk = rring::reader::consume(s, "disk").value();
    auto screen = rring::reader::subscribe(xs, "screen").value();

    for (std::uint32_t n = 0; n < 100; n++) {
        pools.emit(points(n, 1), move).value();
    }
    auto [pool, sequence] = pools.emit(points(0, 15), stroke).value();
    std::printf("a stroke of 15 points is event %" PRIu64 " of pool %" PRIu32 "\n", sequence, pool);
    auto large = points(0, 1500);
    if (auto refused = pools.emit(large, stroke); !refused && refused.error().status() == RUSTED_RING_TOO_LARGE) {
        std::printf("a stroke of 1500 points has %zu bytes: refused\n", large.size());
    }
    std::uint32_t emitted = 1;
    while (pools.emit(points(0, 6 + emitted % 10), stroke)) {
        emitted++;
    }
    auto blocker = rring::last_blocker().value();
    std::printf("%" PRIu32 " strokes went out, then %s was %" PRIu64 " behind\n", emitted, blocker.name, blocker.lag);

    std::uint64_t count = 0, sum = begun;
    std::array<rring::event, 32> events;
    while (auto lent = disk.borrow(events, rring::at_once)) {
        for (const auto &each : *lent) {
            count++;
            sum = checksum(sum, each.bytes());
        }
    }
    std::printf("disk: %" PRIu64 " strokes, checksum %016" PRIx64 "\n", count, sum);

    count = 0, sum = begun;
    std::array<std::byte, 64> buffer;
    for (;;) {
        auto read = screen.try_read(buffer);
        if (read) {
            count++;
            sum = checksum(sum, read->bytes());
        } else if (read.error().is_lagged()) {
            auto lost = screen.loss().value();
            std::printf("screen: lost %" PRIu64 " to %" PRIu64 "\n", lost.from, lost.to);
        } else {
            break;
        }
    }
    std::printf("screen: %" PRIu64 " moves, checksum %016" PRIx64 "\n", count, sum);
    show("xs", xs);
    show("s", s);
}
