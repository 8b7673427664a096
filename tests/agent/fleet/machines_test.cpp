// The machines of a run, with something else than ssh that carries to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <agent/fleet/machines.hpp>
#include <agent/host/fd.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// Leads to somebody who says nothing.
class Silent : public Carrier {
 public:
  Silent() {
    int both[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
    ours_ = Fd(both[0]);
    theirs_ = Fd(both[1]);
  }
  Line::Ends ends() override { return {ours_.get(), ours_.get()}; }
  std::string printed() override { return ""; }

 private:
  Fd ours_, theirs_;
};

class SomeMachines : public testing::Test {
 protected:
  SomeMachines() {
    terms_.between_tries = {milliseconds(2), milliseconds(4)};
    terms_.tell_more = [this](const std::string& text) { told_.push_back(text); };
    terms_.carry = [this](const std::string& host, const executor::Login&, const std::string&,
                          bool) -> std::unique_ptr<Carrier> {
      ++tries_;
      if (tries_ <= fails_) throw Unreachable("cannot reach '" + host + "': " + why_);
      return std::make_unique<Silent>();
    };
    login_.connection = "ssh";
  }
  Machines& machines() {
    if (!machines_) machines_.emplace([] { return std::unique_ptr<Bundle>(); }, terms_);
    return *machines_;
  }
  /// What comes of it, tried as often as it is worth it.
  std::string outcome() {
    try {
      machines().at("web", login_);
      return "reached";
    } catch (const Unreachable& error) {
      return error.message() + (error.hints().empty() ? "" : "; " + error.hints().back());
    } catch (const Error& error) {
      return "error: " + error.message();
    }
  }

  Terms terms_;
  executor::Login login_;
  std::optional<Machines> machines_;
  Strings told_;
  int tries_ = 0, fails_ = 0;
  std::string why_ = "it does not answer";
};

TEST_F(SomeMachines, AreTriedAgainWhereTheyDoNotAnswerAndItIsTold) {
  fails_ = 2;
  EXPECT_EQ(outcome(), "reached");
  EXPECT_EQ(tries_, 3);
  EXPECT_THAT(told_,
              ElementsAre(HasSubstr("it does not answer; it is tried again in 0.0 s, and 1 time more after that"),
                          HasSubstr("it is tried again in 0.0 s, and then no more")));
}

TEST_F(SomeMachines, AreGivenUpAfterAsManyTriesAsTheLoginSays) {
  fails_ = 100;
  login_.retries = "4";
  EXPECT_EQ(outcome(), "cannot reach 'web': it does not answer; it was tried 5 times (--connect-retries)");
  EXPECT_EQ(outcome(), "cannot reach 'web': it does not answer; it was tried 5 times (--connect-retries)");
  EXPECT_EQ(tries_, 5);
}

TEST_F(SomeMachines, AreTriedOnceWhereTheLoginWantsNoRetriesOrTheySayNo) {
  fails_ = 100;
  login_.retries = "0";
  EXPECT_EQ(outcome(), "cannot reach 'web': it does not answer");
  why_ = "its host key is not known";
  login_.retries = "";
  machines_.reset();
  EXPECT_EQ(outcome(), "cannot reach 'web': its host key is not known");
  EXPECT_EQ(tries_, 2);
  EXPECT_THAT(told_, ElementsAre());
}

TEST_F(SomeMachines, LetWhoSendsAPlayThereCareForOthersBetweenTries) {
  fails_ = 1;
  EXPECT_THROW(machines().outpost("web", login_), executor::NotYet);
  EXPECT_NE(machines().outpost("web", login_), nullptr);
}

TEST_F(SomeMachines, LetAConnectionGoWhenAHostIsLeftAndMakeAnotherWhenItIsNeededAllTheSame) {
  machines().outpost("web", login_)->leave();
  EXPECT_EQ(tries_, 1);
  EXPECT_EQ(outcome(), "reached");
  EXPECT_EQ(tries_, 2);
}

TEST_F(SomeMachines, AreNotWaitedForWhenAPersonStopsTheRun) {
  const std::atomic<bool> interrupted{true};
  terms_.interrupted = &interrupted;
  terms_.between_tries = {std::chrono::hours(1), std::chrono::hours(1)};
  fails_ = 100;
  EXPECT_THAT(outcome(), HasSubstr("it does not answer"));
  EXPECT_EQ(tries_, 1);
}

TEST_F(SomeMachines, RefuseANumberOfRetriesThatIsNone) {
  fails_ = 1;
  login_.retries = "often";
  EXPECT_THAT(outcome(), HasSubstr("'often' is not how often a host can be tried again"));
}

}  // namespace
}  // namespace agent::fleet
