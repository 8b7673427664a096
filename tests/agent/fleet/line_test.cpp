// A line over connections that break: what is said arrives once and in order all the same.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/dialogue.hpp>
#include <agent/host/process.hpp>

namespace agent::fleet {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr seconds patience{60};  // only ever reached when something is wrong

struct Pair {
  Fd left, right;
};
Pair connected() {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

/// One side of a line, with the connections that it will get.
class Side {
 public:
  explicit Side(Fd first, Line::Limits limits = {}) : now_(std::move(first)) {
    line_ = std::make_unique<Line>(
        Line::Ends{now_.get(), now_.get()},
        Line::Ears{[this](const Value& message) { hear(message); }, [this](const std::string&) { return next(); },
                   [this](const std::string& why) { over_.set_value(why); }},
        limits);
  }
  ~Side() {
    nobody_comes();
    line_.reset();
  }

  void say(const Value& message) { line_->say(message); }
  /// `is_first`: to one who knows of none before.
  void comes(Fd next, bool is_first = false) {
    const std::lock_guard lock(mutex_);
    coming_.emplace_back(std::move(next), is_first);
    moved_.notify_all();
  }
  void nobody_comes() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    moved_.notify_all();
  }
  void breaks() { ::shutdown(now_.get(), SHUT_RDWR); }

  List heard(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(moved_.wait_for(lock, patience, [&] { return heard_.size() >= count; }));
    return heard_;
  }
  std::string why_over() {
    auto future = over_.get_future();
    return future.wait_for(patience) == std::future_status::ready ? future.get() : "it is not over";
  }

 private:
  void hear(const Value& message) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(message);
    moved_.notify_all();
  }
  std::optional<Line::Ends> next() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return is_over_ || !coming_.empty(); });
    if (coming_.empty()) return std::nullopt;
    now_ = std::move(coming_.front().first);
    Line::Ends ends{now_.get(), now_.get()};
    ends.is_first = coming_.front().second;
    coming_.pop_front();
    return ends;
  }

  std::mutex mutex_;
  std::condition_variable moved_;
  Fd now_;
  std::deque<std::pair<Fd, bool>> coming_;
  bool is_over_ = false;
  List heard_;
  std::promise<std::string> over_;
  std::unique_ptr<Line> line_;
};

TEST(ALine, CarriesMessagesBothWays) {
  auto [left, right] = connected();
  Side one(std::move(left)), other(std::move(right));
  one.say("a");
  other.say("b");
  EXPECT_THAT(other.heard(1), ElementsAre(Value("a")));
  EXPECT_THAT(one.heard(1), ElementsAre(Value("b")));
}

TEST(ALine, DeliversEachMessageOnceHoweverOftenItsConnectionBreaks) {
  auto first = connected();
  Side one(std::move(first.left)), other(std::move(first.right));
  constexpr int messages = 400;
  List expected;
  for (int i = 0; i < messages; ++i) {
    expected.push_back(i);
    one.say(i);
    other.say(i);
    if (i % 50 != 25) continue;
    auto next = connected();
    one.breaks();
    one.comes(std::move(next.left));
    other.comes(std::move(next.right));
  }
  EXPECT_EQ(other.heard(messages), expected);
  EXPECT_EQ(one.heard(messages), expected);
}

TEST(ALine, SendsWhatHasTimeTogetherWithWhatHasNone) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);  // a write is a record
  const Fd left(ends[0]), right(ends[1]);
  Line::Limits limits;
  limits.company = std::chrono::hours(1);
  Line line({left.get(), left.get()}, {[](const Value&) {}, {}, [](const std::string&) {}}, limits);
  line.say("first", Line::Haste::soon);
  line.say("second", Line::Haste::soon);
  line.say("third");
  char record[1024];
  const ssize_t got = ::read(right.get(), record, sizeof record);
  ASSERT_GT(got, 0);
  EXPECT_THAT(std::string(record, static_cast<std::size_t>(got)),
              AllOf(HasSubstr("first"), HasSubstr("second"), HasSubstr("third")));
}

TEST(ALine, SendsWhatHasTimeThoughNothingComesAfterIt) {
  auto [left, right] = connected();
  Side other(std::move(right));
  Line line({left.get(), left.get()}, {[](const Value&) {}, {}, [](const std::string&) {}}, {});
  line.say("alone", Line::Haste::soon);
  EXPECT_THAT(other.heard(1), ElementsAre(Value("alone")));
}

TEST(ALine, BeginsAnewWithOneWhoKnowsOfNoConnectionBefore) {
  auto first = connected();
  Side one(std::move(first.left));
  one.say("a");
  auto next = connected();
  one.breaks();
  one.comes(std::move(next.left), true);
  Side other(std::move(next.right));
  one.say("b");
  other.say("c");
  EXPECT_THAT(other.heard(2), ElementsAre(Value("a"), Value("b")));
  EXPECT_THAT(one.heard(1), ElementsAre(Value("c")));
}

TEST(ALine, IsOverWhenNobodyComesAgain) {
  auto [left, right] = connected();
  Side one(std::move(left));
  right.reset();
  one.nobody_comes();
  EXPECT_THAT(one.why_over(), HasSubstr("broke"));
  one.say("to nobody");
}

TEST(ALine, EndsForWhatIsNoMessage) {
  const std::string too_long("\xff\xff\xff\xff", 4);  // announces four GiB
  const std::string no_cbor("\x00\x00\x00\x01\xff", 5);
  const std::string a_gap("\x00\x00\x00\x07\xa2\x61s\x05\x61m\xf6", 11);  // {s: 5, m: null}
  const std::string unsaid("\x00\x00\x00\x04\xa1\x61\x61\x05", 8);        // {a: 5}
  for (const auto& bytes : {too_long, no_cbor, a_gap, unsaid}) {
    auto [left, right] = connected();
    Side one(std::move(left));
    ASSERT_EQ(::write(right.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    EXPECT_THAT(one.why_over(), HasSubstr("no message"));
  }
}

TEST(ALine, TakesNoMoreThanItsLimit) {
  auto [left, right] = connected();
  Line::Limits limits;
  limits.heard = 1u << 20;
  Side one(std::move(left), limits);
  Side other(std::move(right));
  for (int i = 0; i < 20; ++i) other.say(std::string(100'000, 'x'));
  EXPECT_THAT(one.why_over(), HasSubstr("more than 1 MiB"));
}

TEST(ADialogue, BringsAnswersAndErrorsToWhoeverAsked) {
  auto [left, right] = connected();
  std::unique_ptr<Dialogue> server;
  std::promise<void> ready;
  auto is_ready = ready.get_future().share();
  server =
      std::make_unique<Dialogue>(Line::Ends{right.get(), right.get()},
                                 Dialogue::Ears{[&](std::int64_t number, const std::string& what, const Value& with) {
                                                  is_ready.wait();
                                                  if (what == "fail")
                                                    server->fail(number, Error("no").hint("try again"));
                                                  else
                                                    server->answer(number, with);
                                                },
                                                [](const std::string&, const Value&) {}},
                                 Line::Limits{});
  ready.set_value();
  Dialogue asker(Line::Ends{left.get(), left.get()}, {[](auto...) {}, [](auto...) {}}, {});
  EXPECT_EQ(asker.ask("echo", 7), Value(7));
  try {
    asker.ask("fail", {});
    FAIL() << "it did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "no");
    EXPECT_THAT(error.hints(), ElementsAre("try again"));
  }
  server.reset();
  ::shutdown(right.get(), SHUT_RDWR);
  EXPECT_THROW(asker.ask("echo", 8), Dialogue::Gone);
}

TEST(ALine, ConfirmsFewLargeMessagesAsItDoesManySmallOnes) {
  Pair pair = connected();
  Line::Limits narrow;
  narrow.waiting = 300u << 10;
  Side left(std::move(pair.left), narrow), right(std::move(pair.right));
  auto saying = std::async(std::launch::async, [&] {
    for (int i = 0; i < 8; ++i) left.say(std::string(200u << 10, 'x'));
  });
  EXPECT_EQ(right.heard(8).size(), 8U);
  left.nobody_comes();  // so that it ends where it waits for a word that never comes
  left.breaks();
  saying.wait();
}

}  // namespace
}  // namespace agent::fleet
