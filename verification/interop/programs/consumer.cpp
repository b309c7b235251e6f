// Receives every event of a ring until the one of type 9, and says what it received: consumer NAME
#include <cstdio>
#include <vector>

#include <rusted_ring.hpp>

namespace {

// Whether the event is a number, and the bytes that follow from it.
bool is_whole(std::span<const std::byte> bytes) {
    if (bytes.size() < 8) {
        return false;
    }
    std::uint64_t n = 0;
    std::memcpy(&n, bytes.data(), 8);
    if (bytes.size() != 8 + n % 49) {
        return false;
    }
    for (std::size_t at = 8; at < bytes.size(); at++) {
        if (std::to_integer<std::uint64_t>(bytes[at]) != ((n * 31 + at - 8) & 0xff)) {
            return false;
        }
    }
    return true;
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: consumer NAME\n");
        return 2;
    }
    auto ring = rring::ring::open(argv[1]).value();
    auto reader = rring::reader::consume(ring, "c++").value();
    auto stride = ring.stats().value().slot_bytes;
    std::vector<std::byte> buffer(64 * stride);
    std::vector<rring::event> events(64);
    std::printf("ready\n");
    std::fflush(stdout);
    std::uint64_t received = 0, sum = 0, broken = 0, steps_back = 0, last = 0;
    for (;;) {
        for (const auto &event : reader.read_batch(buffer, stride, events).value()) {
            if (event.event_type == 9) {
                // As it counts itself; the event that ends this is one of what it received.
                auto lost = reader.stats().value().lost;
                std::printf("received %llu lost %llu sum %llu broken %llu back %llu\n", static_cast<unsigned long long>(received),
                            static_cast<unsigned long long>(lost), static_cast<unsigned long long>(sum),
                            static_cast<unsigned long long>(broken), static_cast<unsigned long long>(steps_back));
                return 0;
            }
            std::uint64_t n = 0;
            std::memcpy(&n, event.data, sizeof n);
            broken += !is_whole(event.bytes());
            steps_back += received > 0 && n <= last;
            last = n;
            sum += n;
            received++;
        }
    }
}
