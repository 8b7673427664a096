#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/fleet/hand_over.hpp>
#include <agent/fleet/journalled_runner.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using Beyond = JournalledRunner::Beyond;
using Status = TaskReply::Status;

/// A machine where each call is noted, and answers with how many there were.
class Pool : public TaskRunner {
 public:
  Pool(Strings& calls, std::map<std::string, Status> answers) : calls_(calls), answers_(std::move(answers)) {}
  TaskReply run(const TaskRequest& request, const ProgressSink&) override {
    calls_.push_back(request.module);
    TaskReply reply;
    const auto found = answers_.find(request.module);
    reply.status = found == answers_.end() ? Status::changed : found->second;
    if (reply.status == Status::failed) reply.error = Error("no");
    reply.result = Map{{"call", calls_.size()}};
    return reply;
  }
  Value facts(const Strings&, const Identity&) override {
    calls_.push_back("facts");
    return Map{{"call", calls_.size()}};
  }
  void reset() override {}

 private:
  Strings& calls_;
  std::map<std::string, Status> answers_;
};

class AJournalledRunner : public testing::Test {
 protected:
  AJournalledRunner() : folder_(fs::path(testing::TempDir()) / ("runner-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  ~AJournalledRunner() override { fs::remove_all(folder_); }

  /// The agent of the run, begun or begun again.
  std::unique_ptr<JournalledRunner> agent(std::map<std::string, Status> answers = {},
                                          Beyond beyond = Beyond::carry_out) {
    calls_.clear();
    auto journal = std::make_unique<Journal>(folder_, "run-1", std::string(Seal::key_size, 'k'));
    auto runner =
        std::make_unique<JournalledRunner>(std::make_unique<Pool>(calls_, std::move(answers)), std::move(journal),
                                           beyond, JournalledRunner::Ears{[](const std::string&) {}});
    runner->begin_walk("site.yml#0");
    return runner;
  }
  static TaskReply call(JournalledRunner& runner, const std::string& place, const std::string& module,
                        bool check = false) {
    TaskRequest request;
    request.module = module;
    request.check_mode = check;
    runner.come_to(place);
    return runner.run(request, {});
  }

  fs::path folder_;
  Strings calls_;
};

TEST_F(AJournalledRunner, AnswersWhatWasDoneAsItWasThenAndDoesTheRest) {
  {
    const auto first = agent();
    call(*first, "1.0", "copy");
    call(*first, "1.1", "shell");
    call(*first, "1.1", "shell");  // the next item of its loop
  }
  const auto second = agent();
  EXPECT_EQ(call(*second, "1.0", "copy").result, (Map{{"call", 1}}));
  EXPECT_EQ(call(*second, "1.1", "shell").result, (Map{{"call", 2}}));
  EXPECT_EQ(call(*second, "1.1", "shell").result, (Map{{"call", 3}}));
  EXPECT_THAT(calls_, IsEmpty());
  call(*second, "1.1", "shell");
  call(*second, "1.2", "file");
  EXPECT_THAT(calls_, ElementsAre("shell", "file"));
}

TEST_F(AJournalledRunner, TakesAnotherModuleAtAPlaceForAnotherCall) {
  { call(*agent(), "1.0", "copy"); }
  call(*agent(), "1.0", "shell");
  EXPECT_THAT(calls_, ElementsAre("shell"));
}

TEST_F(AJournalledRunner, DoesAFailureAgainWhenItWasTheLastThing) {
  {
    const auto first = agent({{"rescued", Status::failed}, {"fatal", Status::failed}});
    call(*first, "1.0", "rescued");
    call(*first, "1.1", "copy");
    call(*first, "1.2", "fatal");
  }
  const auto second = agent();
  EXPECT_EQ(call(*second, "1.0", "rescued").status, Status::failed);
  call(*second, "1.1", "copy");
  EXPECT_EQ(call(*second, "1.2", "fatal").status, Status::changed);
  EXPECT_THAT(calls_, ElementsAre("fatal"));
}

TEST_F(AJournalledRunner, KeepsFacts) {
  { agent()->facts({"min"}, {}); }
  EXPECT_EQ(agent()->facts({"min"}, {}), Value(Map{{"call", 1}}));
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(AJournalledRunner, DoesAgainWhatOnlyPredicts) {
  { call(*agent(), "1.0", "copy", true); }
  call(*agent(), "1.0", "copy", true);
  EXPECT_THAT(calls_, ElementsAre("copy"));
}

TEST_F(AJournalledRunner, KnowsCallsOfTheControllersOwnWalkByWhatIsAskedFor) {
  TaskRequest one, two;
  one.module = two.module = "shell";
  one.args = Map{{"cmd", "one"}};
  two.args = Map{{"cmd", "two"}};
  {
    const auto first = agent();
    first->begin_walk("");
    first->run(one, {});
    first->run(two, {});
  }
  const auto second = agent();
  second->begin_walk("");
  EXPECT_EQ(second->run(two, {}).result, (Map{{"call", 2}}));
  EXPECT_EQ(second->run(one, {}).result, (Map{{"call", 1}}));
  second->run(one, {});
  EXPECT_THAT(calls_, ElementsAre("shell"));
}

TEST_F(AJournalledRunner, OnlyCollectsWhereItIsNotToGoOn) {
  { call(*agent(), "1.0", "copy"); }
  const auto second = agent({}, Beyond::refuse);
  call(*second, "1.0", "copy");
  EXPECT_THROW(call(*second, "1.1", "copy"), Unreachable);
  EXPECT_THAT(calls_, IsEmpty());
}

TEST(AHandOver, IsAskedForByWhoHasTheKeyAndLastsUntilTheEnd) {
  const std::string key(Seal::key_size, 'h'), other(Seal::key_size, 'o');
  const auto yes = [] { return true; };
  EXPECT_FALSE(HandOver::ask(key, {}, yes));
  std::atomic<bool> asked{false};
  HandOver agent(key, [&] { asked = true; });
  EXPECT_FALSE(HandOver::ask(other, {}, yes));
  bool is_told = false;
  // This process does not end: whoever asks loses patience.
  EXPECT_THROW(HandOver::ask(
                   key, [&] { is_told = true; }, [] { return false; }),
               Error);
  EXPECT_TRUE(asked);
  EXPECT_TRUE(is_told);
}

TEST_F(AJournalledRunner, AsksTheControllerOnceForWhatOnlyThatCanSay) {
  int asked = 0;
  const auto at = [&](JournalledRunner& runner, const std::string& place, Value answer, agent::Status status) {
    runner.come_to(place);
    return runner.told("errand", [&] {
      return JournalledRunner::Told{Value(answer.json() + std::to_string(++asked)), status};
    });
  };
  {
    const auto first = agent();
    at(*first, "1.0", 7, agent::Status::changed);
    at(*first, "1.1", 8, agent::Status::failed);
    first->come_to("1.2");
    first->told("once", [&] { return JournalledRunner::Told{}; });
    EXPECT_EQ(asked, 2);
  }
  const auto again = agent();
  EXPECT_EQ(at(*again, "1.0", 0, agent::Status::ok), Value("71"));
  EXPECT_EQ(at(*again, "1.1", 9, agent::Status::ok), Value("93")) << "a failure that was the last thing to happen";
  again->come_to("1.2");
  bool is_asked = false;
  again->told("once", [&] {
    is_asked = true;
    return JournalledRunner::Told{};
  });
  EXPECT_TRUE(is_asked) << "nothing was said there";
}

TEST_F(AJournalledRunner, AsksTheControllerNothingWhereItOnlyCollects) {
  const auto runner = agent({}, Beyond::refuse);
  EXPECT_THROW(runner->told("errand", [] { return JournalledRunner::Told{1}; }), Unreachable);
}

}  // namespace
}  // namespace agent::fleet
