#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wire/channel.hpp>

namespace agent {
namespace {

struct Line {
  Line() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    here = Channel(fds[0], fds[0]);
    there = Channel(fds[1], fds[1]);
  }
  Channel here{-1, -1}, there{-1, -1};
};

TEST(AChannel, BringsMessagesInOrder) {
  Line line;
  line.here.send(Map{{"n", 1}});
  line.here.send(Map{{"n", 2}});
  EXPECT_EQ(line.there.receive()->find("n")->integer(), 1);
  EXPECT_EQ(line.there.receive()->find("n")->integer(), 2);
}

TEST(AChannel, SaysThatTheOtherSideClosedBetweenMessages) {
  Line line;
  line.here.close();
  EXPECT_FALSE(line.there.receive().has_value());
}

TEST(AChannel, ThrowsWhenTheOtherSideGoesAwayInsideAMessage) {
  Line line;
  const unsigned char half[] = {0, 0, 1, 0, 0xa1};
  ASSERT_EQ(::write(line.here.out(), half, sizeof half), static_cast<ssize_t>(sizeof half));
  line.here.close();
  EXPECT_THROW(line.there.receive(), Error);
}

TEST(AChannel, RefusesAnAnnouncedFrameThatIsTooLarge) {
  Line line;
  const unsigned char huge[] = {0xff, 0xff, 0xff, 0xff, 0};
  ASSERT_EQ(::write(line.here.out(), huge, sizeof huge), static_cast<ssize_t>(sizeof huge));
  EXPECT_THROW(line.there.receive(), Error);
}

TEST(AChannel, ThrowsInsteadOfDyingWhenNobodyListens) {
  Line line;
  line.there.close();
  EXPECT_THROW(
      {
        for (int i = 0; i < 100; ++i) line.here.send(Value(std::string(10000, 'x')));
      },
      Error);
}

TEST(AChannel, CarriesMessagesLargerThanTheSocketsBuffer) {
  Line line;
  const std::string large(5'000'000, 'x');
  std::thread sender([&] { line.here.send(Value(large)); });
  EXPECT_EQ(line.there.receive()->string(), large);
  sender.join();
}

}  // namespace
}  // namespace agent
