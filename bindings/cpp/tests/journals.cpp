// Journals, repaired readers and positions; a reader that is killed between two confirmations has a successor.
#include <rusted_ring.hpp>

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

/// A directory of its own, and what every test leaves: no open handle.
class Journals : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "journals-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory = pattern;
    }
    void TearDown() override {
        EXPECT_EQ(rusted_ring_open_handles(), 0U);
        std::filesystem::remove_all(directory);
    }

    std::string directory;
};

std::uint64_t payload(std::uint64_t number) { return number * 0x9e3779b97f4a7c15U; }

void publish(rring::publisher &pen, std::uint64_t from, std::uint64_t to) {
    for (; from < to; from++) {
        auto number = payload(from);
        ASSERT_EQ(pen.publish(std::as_bytes(std::span(&number, 1)), 1, 60s).value(), from);
    }
}

/// Whether the next events are these, each whole.
bool has(rring::reader &reader, std::uint64_t from, std::uint64_t to) {
    std::uint64_t number = 0;
    for (; from < to; from++) {
        auto event = reader.read(std::as_writable_bytes(std::span(&number, 1)), 60s);
        if (!event || event->sequence != from || number != payload(from)) {
            return false;
        }
    }
    return true;
}

void until_written(const rring::journal &journal, std::uint64_t end) {
    for (int n = 0; journal.stats().value().written < end && n < 6000; n++) {
        std::this_thread::sleep_for(10ms);
    }
}

TEST_F(Journals, RecordRepairAndReplay) {
    auto ring = rring::ring::make(8, 16, RUSTED_RING_SOLE).value();
    auto pen = rring::publisher::join(ring).value();
    auto before = std::chrono::system_clock::now() - 1h;
    {
        auto journal = rring::journal::open(directory, {.segment_bytes = 1024, .sync = RUSTED_RING_SYNC_EACH_BATCH}).value();
        EXPECT_EQ(rring::journal::open(directory).error().status(), RUSTED_RING_IN_USE);
        EXPECT_EQ(journal.subscribe(ring).error().status(), RUSTED_RING_NOT_FOUND);
        journal.record(ring).value();
        EXPECT_EQ(journal.resume(ring).error().status(), RUSTED_RING_OCCUPIED);
        auto screen = journal.subscribe(ring, "screen").value();
        publish(pen, 0, 100);
        auto set = rring::wait_set::make().value();
        std::array<rring::reader *, 1> members{&screen};
        EXPECT_EQ(set.wait(members, 60s).value(), 0U);
        EXPECT_TRUE(has(screen, 0, 100));
        auto books = screen.stats().value();
        EXPECT_EQ(books.received + books.repaired, 100U);
        EXPECT_GE(books.repaired, 84U);
        EXPECT_EQ(books.lost, 0U);
        journal.wait_durable(100, 60s).value();
        EXPECT_TRUE(journal.wait_durable(101, 1ms).error().is_empty());
        EXPECT_EQ(journal.since(before).value(), 0U);
        journal.stop().value();
        EXPECT_TRUE(journal.wait_durable(101).error().is_closed());
    }
    auto journal = rring::journal::open(directory).value();
    EXPECT_TRUE(journal.found().value().empty());
    auto epochs = journal.epochs().value();
    ASSERT_EQ(epochs.size(), 1U);
    EXPECT_EQ(epochs[0].end, 100U);
    auto replay = journal.replay(8, 90).value();
    EXPECT_TRUE(has(replay, 90, 100));
    std::array<std::byte, 8> buffer{};
    EXPECT_TRUE(replay.read(buffer).error().is_closed());
    auto mail = journal.position("mail").value();
    EXPECT_FALSE(mail.confirmed().value().has_value());
    mail.confirm(1, 50).value();
    EXPECT_EQ(mail.confirm(1, 49).error().status(), RUSTED_RING_BAD_ARGUMENT);
    EXPECT_EQ(mail.confirmed().value()->next, 50U);
    EXPECT_EQ(journal.position("mail").error().status(), RUSTED_RING_OCCUPIED);
}

constexpr std::uint64_t slots = 16, confirmed = 30, handled = 37, first = 50, all = first + slots / 2;

/// The program that is killed: it confirms twice, and deals with some more.
[[noreturn]] void deal_and_wait(const std::string &directory) {
    auto ring = rring::ring::open(directory + "/ring").value();
    auto journal = rring::journal::open(directory + "/kept").value();
    journal.resume(ring).value();
    auto mail = journal.position("mail").value();
    auto reader = journal.subscribe(ring, "mail", 0).value();
    bool is_right = has(reader, 0, 20) && mail.confirm(1, 20) && has(reader, 20, confirmed) && mail.confirm(1, confirmed) &&
                    has(reader, confirmed, handled);
    until_written(journal, first);
    std::filesystem::create_directory(directory + (is_right ? "/ready" : "/wrong"));
    for (;;) {
        pause();
    }
}

TEST_F(Journals, ASuccessorGoesOnWhereTheKilledOneConfirmed) {
    auto ring = rring::ring::create(directory + "/ring", 8, slots, RUSTED_RING_SOLE).value();
    auto pen = rring::publisher::join(ring).value();
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        execl("/proc/self/exe", "journals", directory.c_str(), static_cast<char *>(nullptr));
        _exit(1);
    }
    for (int n = 0; ring.stats().value().readers < 2 && n < 6000; n++) {
        std::this_thread::sleep_for(10ms);
    }
    publish(pen, 0, first);
    for (int n = 0; !std::filesystem::exists(directory + "/ready") && n < 6000; n++) {
        std::this_thread::sleep_for(10ms);
    }
    ASSERT_TRUE(std::filesystem::exists(directory + "/ready"));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    publish(pen, first, all); // which the ring keeps while nobody records

    auto journal = rring::journal::open(directory + "/kept").value();
    journal.resume(ring).value();
    auto mail = journal.position("mail").value();
    auto last = mail.confirmed().value();
    ASSERT_TRUE(last && last->epoch == 1 && last->next == confirmed);
    auto reader = journal.subscribe(ring, "mail", last->next).value();
    EXPECT_TRUE(has(reader, confirmed, all));
    auto books = reader.stats().value();
    EXPECT_EQ(books.received + books.repaired, all - confirmed);
    EXPECT_EQ(books.lost, 0U);
    mail.confirm(last->epoch, all).value();
}

} // namespace

int main(int argc, char **argv) {
    if (argc == 2 && argv[1][0] == '/') {
        deal_and_wait(argv[1]);
    }
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
