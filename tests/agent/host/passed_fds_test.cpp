#include <gmock/gmock.h>
#include <sys/socket.h>

#include <agent/host/passed_fds.hpp>

namespace agent {
namespace {

class PassedDescriptors : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    here_.reset(ends[0]);
    there_.reset(ends[1]);
    ASSERT_EQ(::pipe(ends), 0);
    read_.reset(ends[0]);
    write_.reset(ends[1]);
  }
  Fd here_, there_, read_, write_;
};

TEST_F(PassedDescriptors, ArriveWithWhatWasSaid) {
  ASSERT_TRUE(pass_fds(here_.get(), {read_.get(), write_.get()}, "hello"));
  const auto passed = take_fds(there_.get(), 2);
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->bytes, "hello");
  ASSERT_EQ(::write(passed->fds[1].get(), "x", 1), 1);
  char got = 0;
  ASSERT_EQ(::read(read_.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
}

TEST_F(PassedDescriptors, AreClosedWhenThereAreMoreThanWereAwaited) {
  ASSERT_TRUE(pass_fds(here_.get(), {read_.get(), write_.get()}, "hello"));
  EXPECT_FALSE(take_fds(there_.get(), 1));
  write_.reset();
  char got = 0;
  EXPECT_EQ(::read(read_.get(), &got, 1), 0) << "no other end of the pipe is open";
}

TEST_F(PassedDescriptors, AreAwaitedInVainOfOneThatOnlyTalksOrIsGone) {
  ASSERT_EQ(::send(here_.get(), "hello", 5, 0), 5);
  EXPECT_FALSE(take_fds(there_.get(), 1));
  here_.reset();
  EXPECT_FALSE(take_fds(there_.get(), 1));
}

TEST_F(PassedDescriptors, CannotBeSentWithoutAByteOrToNobody) {
  EXPECT_FALSE(pass_fds(here_.get(), {read_.get()}, ""));
  there_.reset();
  EXPECT_FALSE(pass_fds(here_.get(), {read_.get()}, "x"));
}

}  // namespace
}  // namespace agent
