// Every class, with what it promises; under AddressSanitizer and UndefinedBehaviorSanitizer.
#include <rusted_ring.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <ranges>
#include <thread>

#include <unistd.h>

using namespace std::chrono_literals;

namespace {

/// What every test leaves: no open handle.
class Rings : public ::testing::Test {
protected:
    void TearDown() override { EXPECT_EQ(rusted_ring_open_handles(), 0U); }
};

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

struct point {
    float x, y;
    std::uint32_t pen;

    friend bool operator==(const point &, const point &) = default;
};

static_assert(std::ranges::forward_range<rring::typed_batch<point>>);
static_assert(std::ranges::range<rring::batch>);
static_assert(!std::is_copy_constructible_v<rring::reader> && std::is_nothrow_move_constructible_v<rring::reader>);
static_assert(!rring::plain<std::string>);
// An error without a text of its own is made by the call that failed alone.
static_assert(!std::is_constructible_v<rring::error, rusted_ring_status>);
static_assert(std::is_nothrow_constructible_v<rring::error, rusted_ring_status, const char *>);
static_assert(std::is_nothrow_move_constructible_v<rring::error>);

TEST_F(Rings, CarryBytesToBothKindsOfReaders) {
    auto ring = rring::ring::make(64, 16).value();
    auto disk = rring::reader::consume(ring, "disk").value();
    auto screen = rring::reader::subscribe(ring, "screen").value();
    auto pen = rring::publisher::join(ring).value();
    EXPECT_EQ(*pen.try_publish(bytes("a stroke"), 7), 0U);
    EXPECT_EQ(*pen.publish(bytes("another"), 8, 1s), 1U);
    std::array<std::byte, 64> buffer{};
    auto first = disk.try_read(buffer).value();
    EXPECT_EQ(first.text(), "a stroke");
    EXPECT_EQ(first.event_type, 7U);
    std::vector<std::byte> room(4 * 64);
    std::array<rring::event, 4> events{};
    auto both = screen.read_batch(room, 64, events).value();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[1].text(), "another");
    EXPECT_EQ(both[1].sequence, 1U);
    auto lines = ring.readers().value();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_STREQ(lines[1].name, "screen");
    EXPECT_EQ(ring.stats()->claimed, 2U);
}

TEST_F(Rings, SayWhatIsWrong) {
    auto none = rring::ring::make(0, 16);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().status(), RUSTED_RING_BAD_ARGUMENT);
    EXPECT_NE(none.error().text().find("`slot_bytes` is 0"), std::string::npos);
    EXPECT_THROW(std::move(none).value(), rring::exception);
    auto ring = rring::ring::make(8, 1).value();
    auto disk = rring::reader::consume(ring, "disk").value();
    auto pen = rring::publisher::join(ring).value();
    EXPECT_EQ(pen.try_publish(bytes("nine bytes"), 1).error().status(), RUSTED_RING_TOO_LARGE);
    ASSERT_TRUE(pen.try_publish(bytes("one"), 1));
    auto full = pen.publish(bytes("two"), 1, 1ms);
    ASSERT_TRUE(full.error().is_full());
    EXPECT_STREQ(rring::last_blocker()->name, "disk");
    std::array<std::byte, 8> buffer{};
    ASSERT_TRUE(disk.read(buffer));
    EXPECT_TRUE(disk.try_read(buffer).error().is_empty());
    EXPECT_TRUE(disk.read(buffer, -5s).error().is_empty());
    { auto gone = std::move(pen); }
    EXPECT_TRUE(disk.read(buffer).error().is_closed());
    try {
        rring::publisher::join(ring).value();
        FAIL() << "a closed ring takes no publisher";
    } catch (const rring::exception &error) {
        EXPECT_TRUE(error.error().is_closed());
        EXPECT_EQ(std::string_view(error.what()).substr(0, 7), "CLOSED:");
    }
}

TEST_F(Rings, KeepTheTextsOfTheirErrors) {
    auto ring = rring::ring::make(8, 1).value();
    auto disk = rring::reader::consume(ring, "disk").value();
    auto pen = rring::publisher::join(ring).value();
    const auto none = rring::ring::make(0, 16).error();
    const auto large = pen.try_publish(bytes("nine bytes"), 1).error();
    ASSERT_TRUE(pen.try_publish(bytes("one"), 1));
    const auto full = pen.try_publish(bytes("two"), 1).error();
    EXPECT_EQ(full.text(), rusted_ring_error_text());
    const auto waited = pen.publish(bytes("two"), 1, 2ms).error();
    EXPECT_EQ(waited.text(), rusted_ring_error_text());
    EXPECT_NE(waited.text().find("no room came in"), std::string::npos) << waited.text();
    const auto missing = rring::ring::open("/dev/shm/there-is-no-such-ring").error();
    auto copy = none;
    EXPECT_NE(none.text().find("`slot_bytes` is 0"), std::string::npos) << none.text();
    EXPECT_EQ(copy.text(), none.text());
    EXPECT_NE(large.text().find("10 bytes were given"), std::string::npos) << large.text();
    EXPECT_NE(full.text().find("disk"), std::string::npos) << full.text();
    ASSERT_TRUE(full.blocker());
    EXPECT_EQ(full.blocker()->position, 0U);
    EXPECT_FALSE(large.blocker());
    EXPECT_NE(missing.text().find("there-is-no-such-ring"), std::string::npos) << missing.text();
    std::string elsewhere;
    std::thread([&] { elsewhere = large.text(); }).join();
    EXPECT_EQ(elsewhere, large.text());
    auto given = none;
    auto taken = std::move(given);
    EXPECT_EQ(taken.text(), none.text());
    EXPECT_EQ(given.text(), "BAD_ARGUMENT"); // and no full ring's text
    auto nothing = rring::ring::make(0, 16);
    auto moved = std::move(nothing);
    EXPECT_EQ(moved.error().text(), none.text());
    EXPECT_EQ(nothing.error().text(), "BAD_ARGUMENT");
}

TEST_F(Rings, LendEventsInPlaceUntilTheBatchIsGone) {
    auto ring = rring::ring::make(64, 4).value();
    auto disk = rring::reader::consume(ring).value();
    auto pen = rring::publisher::join(ring).value();
    std::array<rusted_ring_slice, 4> strokes{{{"a", 1, 1}, {"bc", 2, 2}, {"def", 3, 3}, {"ghij", 4, 4}}};
    ASSERT_TRUE(pen.publish_batch(strokes));
    std::array<rring::event, 8> events{};
    {
        auto lent = disk.borrow(events).value();
        ASSERT_EQ(lent.size(), 4U);
        EXPECT_EQ(lent[3].text(), "ghij");
        auto lengths = lent | std::views::transform([](const rring::event &event) { return event.len; });
        EXPECT_EQ(std::accumulate(lengths.begin(), lengths.end(), 0U), 10U);
        EXPECT_TRUE(pen.try_publish(bytes("no"), 1).error().is_full());
        EXPECT_EQ(disk.borrow(events, 0s).error().status(), RUSTED_RING_LENT);
        auto moved = std::move(lent);
        EXPECT_EQ(moved.size(), 4U);
    }
    EXPECT_TRUE(pen.try_publish(bytes("yes"), 1));
}

TEST_F(Rings, LendASlotToAPublisher) {
    auto ring = rring::ring::make(1024, 4, RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS).value();
    auto disk = rring::reader::consume(ring).value();
    auto pen = rring::publisher::join(ring).value();
    { auto abandoned = pen.claim().value(); }
    {
        auto claim = pen.claim(0s).value();
        std::ranges::fill(claim.slot(), std::byte{'x'});
        EXPECT_EQ(claim.commit(1025, 1).error().status(), RUSTED_RING_TOO_LARGE);
        EXPECT_EQ(*claim.commit(1000, 1), 0U);
    }
    std::array<rring::event, 1> events{};
    EXPECT_EQ(disk.borrow(events)->operator[](0).text(), std::string(1000, 'x'));
    EXPECT_EQ(rring::reader::subscribe(ring).error().status(), RUSTED_RING_UNSUPPORTED);
}

TEST_F(Rings, OfValues) {
    auto ring = rring::make_ring<point>(64).value();
    auto disk = rring::typed_reader<point>::consume(ring).value();
    auto pen = rring::typed_publisher<point>::join(ring).value();
    std::vector<point> stroke(10);
    for (std::uint32_t n = 0; n < stroke.size(); n++) {
        stroke[n] = {static_cast<float>(n), 0.5F, n};
    }
    ASSERT_TRUE(pen.send({1, 2, 3}));
    ASSERT_TRUE(pen.send_batch(stroke));
    EXPECT_EQ(disk.receive().value(), (point{1, 2, 3}));
    std::vector<point> room(4);
    auto some = disk.receive_batch(room).value();
    EXPECT_TRUE(std::ranges::equal(some, stroke | std::views::take(4)));
    {
        auto lent = disk.borrow(100).value();
        EXPECT_TRUE(std::ranges::equal(lent, stroke | std::views::drop(4)));
    }
    EXPECT_TRUE(disk.try_receive().error().is_empty());
    // Another type's event is told from this one's.
    auto other = rring::publisher::join(ring).value();
    ASSERT_TRUE(other.try_publish(bytes("text"), 0));
    EXPECT_EQ(disk.receive().error().status(), RUSTED_RING_MISMATCH);
    // The values around it are received, whichever way.
    for (bool borrows : {false, true}) {
        ASSERT_TRUE(pen.send_batch(std::span(stroke).first(2)));
        ASSERT_TRUE(other.try_publish(bytes("text"), 0));
        ASSERT_TRUE(pen.send_batch(std::span(stroke).subspan(2, 2)));
        if (borrows) {
            EXPECT_TRUE(std::ranges::equal(disk.borrow(100).value(), stroke | std::views::take(4)));
            EXPECT_EQ(disk.borrow(100, 0s).error().status(), RUSTED_RING_MISMATCH);
        } else {
            std::vector<point> more(100);
            EXPECT_TRUE(std::ranges::equal(disk.receive_batch(more).value(), stroke | std::views::take(4)));
            EXPECT_EQ(disk.receive_batch(more, 0s).error().status(), RUSTED_RING_MISMATCH);
        }
        EXPECT_TRUE(disk.try_receive().error().is_empty());
    }
    // What is lent stays, whatever is asked of its reader meanwhile; a result's value outlives the result.
    ASSERT_TRUE(pen.send_batch(std::span(stroke).first(4)));
    {
        auto lent = disk.borrow(4).value();
        EXPECT_EQ(disk.borrow(1000, 0s).error().status(), RUSTED_RING_LENT);
        EXPECT_EQ(disk.try_receive().error().status(), RUSTED_RING_LENT);
        EXPECT_TRUE(std::ranges::equal(lent, stroke | std::views::take(4)));
    }
    ASSERT_TRUE(pen.send({4, 5, 6}));
    for (auto value : *disk.borrow(4)) {
        EXPECT_EQ(value, (point{4, 5, 6}));
    }
    // What is moved away is empty.
    ASSERT_TRUE(pen.send({7, 8, 9}));
    {
        auto lent = disk.borrow(4).value();
        auto moved = std::move(lent);
        EXPECT_EQ(lent.size(), 0U); // NOLINT: that is what is asked.
        EXPECT_TRUE(lent.begin() == lent.end());
        EXPECT_EQ(moved.size(), 1U);
    }
    // However long the time is, in whatever unit, it is not over at once.
    static_assert(rring::timeout(std::chrono::hours::max()).nanoseconds() == RUSTED_RING_FOREVER);
    static_assert(rring::timeout(std::chrono::seconds::max()).nanoseconds() == RUSTED_RING_FOREVER);
    static_assert(rring::forever.nanoseconds() == RUSTED_RING_FOREVER);
    static_assert(rring::timeout(-1s).nanoseconds() == 0 && rring::at_once.nanoseconds() == 0);
    static_assert(rring::timeout(1500us).nanoseconds() == 1'500'000);
    // What these headers say is not what the library said last.
    EXPECT_EQ(other.try_publish(std::vector<std::byte>(100), 0).error().status(), RUSTED_RING_TOO_LARGE);
    ASSERT_TRUE(other.try_publish(bytes("text"), 0));
    EXPECT_NE(disk.receive().error().text().find("size of a value"), std::string::npos);
    std::size_t sent = 77;
    EXPECT_FALSE(other.publish_values(std::vector<std::array<char, 100>>(2), 0, 0s, &sent));
    EXPECT_EQ(sent, 0U);
    ASSERT_TRUE(other.publish_values(stroke, 0, 0s, &sent));
    EXPECT_EQ(sent, stroke.size());
    EXPECT_EQ(rring::ring::open(std::string("a\0b", 3)).error().status(), RUSTED_RING_BAD_ARGUMENT);
    EXPECT_EQ(rring::reader::subscribe(ring, std::string("a\0b", 3)).error().status(), RUSTED_RING_BAD_ARGUMENT);
    auto small = rring::ring::make(8, 8).value();
    EXPECT_EQ(rring::typed_reader<point>::subscribe(small).error().status(), RUSTED_RING_MISMATCH);
}

TEST_F(Rings, TellASubscriberWhatItLost) {
    auto ring = rring::make_ring<std::uint64_t>(8).value();
    auto screen = rring::typed_reader<std::uint64_t>::subscribe(ring).value();
    auto pen = rring::typed_publisher<std::uint64_t>::join(ring).value();
    std::vector<std::uint64_t> numbers(20);
    std::iota(numbers.begin(), numbers.end(), 0);
    ASSERT_TRUE(pen.send_batch(numbers));
    ASSERT_TRUE(screen.receive().error().is_lagged());
    auto loss = screen.untyped().loss().value();
    EXPECT_EQ(loss.from, 0U);
    EXPECT_EQ(screen.receive().value(), loss.to);
    EXPECT_EQ(screen.untyped().stats()->lost, loss.to);
}

TEST_F(Rings, InPools) {
    auto pools = rring::pools::make({4, 4, 4, 4, 4}).value();
    auto ring = pools.ring(RUSTED_RING_POOL_S).value();
    auto disk = rring::reader::consume(ring).value();
    EXPECT_EQ(pools.emit(bytes(std::string(100, 'x')), 1).value(), (rring::emitted{RUSTED_RING_POOL_S, 0}));
    std::array<std::byte, 256> buffer{};
    EXPECT_EQ(disk.read(buffer)->len, 100U);
    EXPECT_EQ(pools.emit(bytes(std::string(16385, 'x')), 1).error().status(), RUSTED_RING_TOO_LARGE);
    EXPECT_EQ(pools.stats()->at(1).claimed, 1U);
    EXPECT_EQ(rring::pools::statics(RUSTED_RING_MOBILE)->stats()->at(0).slots, 500U);
}

TEST_F(Rings, BetweenProcesses) {
    const std::string path = ::testing::TempDir() + "rusted-ring-cpp-" + std::to_string(::getpid());
    auto ring = rring::ring::create(path, 64, 8).value();
    auto again = rring::ring::open(path).value();
    auto disk = rring::reader::consume(again, "disk").value();
    auto pen = rring::publisher::join(ring).value();
    ASSERT_TRUE(pen.publish(bytes("a stroke"), 1));
    EXPECT_EQ(rring::ring::observe(path)->readers()->at(0).ahead, 1U);
    std::array<std::byte, 64> buffer{};
    EXPECT_EQ(disk.read(buffer)->text(), "a stroke");
    EXPECT_EQ(rring::ring::remove(path).error().status(), RUSTED_RING_IN_USE);
    EXPECT_TRUE(rring::ring::remove(path, true));
    EXPECT_EQ(rring::ring::open(path).error().status(), RUSTED_RING_NOT_FOUND);
    auto pools = rring::pools::create(path, {2, 2, 2, 2, 2}).value();
    EXPECT_TRUE(rring::pools::open(path)->emit(bytes("a"), 1));
    EXPECT_TRUE(rring::pools::remove(path, true));
}

TEST_F(Rings, SeveralAtOnce) {
    auto strokes = rring::ring::make(64, 8).value();
    auto prices = rring::make_ring<double>(8, RUSTED_RING_SOLE).value();
    auto disk = rring::reader::consume(strokes).value();
    auto ticker = rring::typed_reader<double>::subscribe(prices).value();
    auto market = rring::typed_publisher<double>::join(prices).value();
    auto set = rring::wait_set::make().value();
    std::array<rring::reader *, 2> readers{&disk, &ticker.untyped()};
    EXPECT_TRUE(set.wait(readers, 1ms).error().is_empty());
    std::thread later([&] { EXPECT_TRUE(market.send(1.5)); });
    EXPECT_EQ(set.wait(readers, 60s).value(), 1U);
    later.join();
    EXPECT_EQ(ticker.receive().value(), 1.5);
}

TEST_F(Rings, BesideWhatTheValueIsNow) {
    auto prices = rring::latest<point>::make(3, 1).value();
    auto writer = prices.writer().value();
    auto reader = prices.reader().value();
    EXPECT_EQ(prices.writer().error().status(), RUSTED_RING_OCCUPIED);
    EXPECT_TRUE(reader.get(2).error().is_empty());
    auto version = writer.update(2, {1, 2, 3}).value();
    auto now = reader.get(2).value();
    EXPECT_EQ(now.value, (point{1, 2, 3}));
    EXPECT_EQ(now.version, version);
    EXPECT_TRUE(reader.get(2, version).error().is_empty());
}

TEST_F(Rings, AmongThreads) {
    constexpr std::uint64_t each = 20'000;
    auto ring = rring::make_ring<std::uint64_t>(256).value();
    auto store = rring::typed_reader<std::uint64_t>::consume(ring).value();
    auto pen = std::make_unique<rring::typed_publisher<std::uint64_t>>(
        rring::typed_publisher<std::uint64_t>::join(ring).value());
    std::thread reading([&] {
        std::uint64_t sum = 0, count = 0;
        for (;;) {
            auto lent = store.borrow(64, 60s);
            if (!lent) {
                EXPECT_TRUE(lent.error().is_closed()) << lent.error().text();
                break;
            }
            for (std::uint64_t number : *lent) {
                sum += number;
                count++;
            }
        }
        EXPECT_EQ(count, 2 * each);
        EXPECT_EQ(sum, each * (each - 1));
    });
    auto publish = [&] {
        for (std::uint64_t number = 0; number < each; number++) {
            ASSERT_TRUE(pen->send(number, 60s));
        }
    };
    std::thread one(publish), two(publish);
    one.join();
    two.join();
    pen.reset();
    reading.join();
}

TEST_F(Rings, LargeEventsArePackedAndUnpacked) {
    auto ring = rring::ring::make(4096, 4).value();
    auto pen = rring::publisher::join(ring).value();
    auto reader = rring::reader::subscribe(ring, "reader").value();
    const std::string stroke(4000, 's');
    std::array<std::byte, 4096> room{}, buffer{};
    auto packed = rring::pack({bytes(stroke), 7}, room).value();
    EXPECT_LT(packed.bytes.size(), 100U);
    EXPECT_EQ(packed.event_type, 7U | RUSTED_RING_PACKED);
    ASSERT_TRUE(pen.publish(packed.bytes, packed.event_type));
    auto event = reader.try_read(buffer).value();
    auto unpacked = rring::unpack({event.bytes(), event.event_type}, room).value();
    EXPECT_TRUE(std::ranges::equal(unpacked.bytes, bytes(stroke)));
    EXPECT_EQ(unpacked.event_type, 7U);
    // One that is not packed is what it was, and there is a bound.
    auto plain = rring::unpack({bytes("short"), 7}, room).value();
    EXPECT_TRUE(std::ranges::equal(plain.bytes, bytes("short")));
    EXPECT_EQ(rring::unpack(packed, std::span(buffer).first(3999)).error().status(), RUSTED_RING_TOO_LARGE);
    EXPECT_EQ(rring::pack({bytes(stroke), RUSTED_RING_PACKED}, room).error().status(), RUSTED_RING_BAD_ARGUMENT);
}

} // namespace
