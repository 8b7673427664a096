#include "wait_for.hpp"

#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>
#include <unistd.h>

namespace agent::wait_for {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TestedModule tested(manifest());

/// A port of this machine that listens, and says `greeting` to the first who connects.
class Listener {
 public:
  explicit Listener(std::string greeting = "") : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    static_cast<void>(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size));
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(fd_, 8);
    port_ = ntohs(address.sin_port);
    if (greeting.empty()) return;
    speaker_ = std::thread([this, greeting] {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      [[maybe_unused]] const auto sent = ::send(client, greeting.data(), greeting.size(), MSG_NOSIGNAL);
      ::close(client);
    });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(); }
  void close() {
    if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
    if (speaker_.joinable()) speaker_.join();
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
  std::thread speaker_;
};

TEST(WaitForAPort, HasNothingToDoWhereItAnswers) {
  const Listener listener;
  const Plan plan = tested.check({{"port", listener.port()}}, FakeHost());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(*plan.result.find("state"), Value("started"));
}

TEST(WaitForAPort, WaitsWithoutAChangeWhereItDoesNot) {
  Listener listener;
  const int port = listener.port();
  listener.close();
  const Plan plan = tested.check({{"port", port}}, FakeHost());
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_TRUE(plan.steps[0].renewal);
  EXPECT_THAT(tested.check({{"port", port}, {"state", "stopped"}}, FakeHost()).steps, IsEmpty());
}

TEST(WaitForAPort, ReadsWhatItSays) {
  const Listener listener("SSH-2.0-OpenSSH_9.2\r\n");
  const Plan plan =
      tested.check({{"port", listener.port()}, {"search_regex", "OpenSSH_(?P<version>[0-9.]+)"}}, FakeHost());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(*plan.result.find("match_groups"), Value(List{"9.2"}));
  EXPECT_EQ(*plan.result.find("match_groupdict"), Value(Map{{"version", "9.2"}}));
}

TEST(WaitForAPort, CountsTheConnectionsThatAreOpen) {
  FakeHost host;
  host.with_file("/proc/net/tcp",
                 "  sl  local_address rem_address   st tx_queue rx_queue\n"
                 "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"
                 "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000\n"
                 "   2: 0100007F:1F90 0200007F:C351 06 00000000:00000000 00:00000000\n"
                 "   3: 0100007F:0016 0200007F:C352 01 00000000:00000000 00:00000000\n");
  host.with_file("/proc/net/tcp6",
                 "   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000300007F:C350 01 0:0 0:0\n");
  Want want;
  want.port = 8080;
  EXPECT_EQ(active_connections(want, host), 3U);
  want.exclude_hosts = {"127.0.0.1", "127.0.0.3"};
  EXPECT_EQ(active_connections(want, host), 1U);
  want.active_connection_states = {"SYN_SENT"};
  EXPECT_EQ(active_connections(want, host), 0U);
}

TEST(WaitForAFile, LooksAgainUntilItIsThere) {
  FakeHost host;
  int sleeps = 0;
  host.answers_with([&](FakeHost& machine, const Strings&) -> std::optional<Output> {
    if (++sleeps == 3) machine.with_file("/log", "epoch 7 done\n");
    return Output{};
  });
  const Plan plan = tested.check({{"path", "/log"}, {"search_regex", "^epoch (\\d+)"}}, host);
  const Map result = tested.apply(plan, host).result;
  EXPECT_EQ(*result.find("match_groups"), Value(List{"7"}));
  EXPECT_EQ(sleeps, 3);
}

TEST(WaitForAFile, FailsWhenTheTimeIsOver) {
  FakeHost host;
  host.answers_with([](FakeHost&, const Strings&) { return Output{}; });
  const Plan plan = tested.check({{"path", "/log"}, {"timeout", 0}}, host);
  EXPECT_EQ(error_of([&] { tested.apply(plan, host); }), "file /log was not started within 0 seconds");
  const Plan with_text = tested.check({{"path", "/log"}, {"timeout", 0}, {"msg", "no log"}}, host);
  EXPECT_EQ(error_of([&] { tested.apply(with_text, host); }), "no log");
}

TEST(WaitForAFile, CanWaitForItsAbsence) {
  FakeHost host;
  host.with_file("/lock", "held");
  EXPECT_EQ(tested.check({{"path", "/lock"}, {"state", "absent"}}, host).steps.size(), 1U);
  EXPECT_THAT(tested.check({{"path", "/none"}, {"state", "absent"}}, host).steps, IsEmpty());
  EXPECT_THAT(tested.check({{"path", "/lock"}, {"state", "absent"}, {"search_regex", "free"}}, host).steps, IsEmpty());
}

TEST(WaitForTime, SleepsForTheTimeout) {
  FakeHost host;
  const Plan plan = tested.check({{"timeout", 20}, {"delay", 5}}, host);
  tested.apply(plan, host);
  EXPECT_EQ(std::get<Exec>(host.performed().at(0)).argv, (Strings{"sleep", "5"}));
  EXPECT_EQ(std::get<Exec>(host.performed().at(1)).argv, (Strings{"sleep", "15"}));
}

TEST(WaitFor, ExplainsItsMistakes) {
  const FakeHost host;
  EXPECT_THAT(error_of([&] { tested.check({{"port", 70000}}, host); }), HasSubstr("a port is a number"));
  EXPECT_THAT(error_of([&] { tested.check({{"state", "drained"}}, host); }), HasSubstr("needs 'port'"));
  EXPECT_THAT(error_of([&] {
                tested.check({{"path", "/x"}, {"search_regex", "("}}, host);
              }),
              HasSubstr("the pattern '(' is wrong"));
  EXPECT_THAT(error_of([&] { tested.check({{"path", "/x"}, {"port", 1}}, host); }), HasSubstr("only one of"));
}

}  // namespace
}  // namespace agent::wait_for
