#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>

#include <agent/worker/carry_out.hpp>
#include <agent/worker/refusals.hpp>

namespace agent {
namespace {

using Status = TaskReply::Status;
using test::FakeHost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A module that wants /motd to hold "hi", or does as its test says.
class Scripted : public Module {
 public:
  std::function<Plan(const Host&)> plan = [](const Host& host) -> Plan {
    const auto now = host.read("/motd");
    if (now == "hi") return {.steps = {}, .result = {{"state", "is"}, {"msg", "nothing to do"}}};
    return {.steps = {{{{"/motd", now, "hi"}}, {WriteFile{"/motd", "hi"}}}},
            .result = {{"state", "was not"}, {"msg", "written"}}};
  };
  Plan check(const Args&, const Host& host) const override { return plan(host); }
};

Spec spec_that_returns_rc() {
  Spec spec;
  spec.name = "scripted";
  spec.returns = {{"rc", "integer", "the exit code"}};
  return spec;
}

Plan command(Exec exec) {
  return {.steps = {{{{"command", std::nullopt, "make"}}, {exec}, true}}};
}

struct Task {
  Scripted module;
  Spec spec = spec_that_returns_rc();
  Args args;
  Carry carry{module, [this]() -> const Spec& { return spec; }, args, {}};
};

TEST(ATaskThatIsAlreadySo, IsOkAndPerformsNothing) {
  Task task;
  FakeHost host;
  host.with_file("/motd", "hi");
  EXPECT_EQ(make_so(task.carry, host).status, Status::ok);
  EXPECT_THAT(host.performed(), IsEmpty());
}

/// Wants the index fetched, and what it then finds: `offers` is looked at after that.
Plan renewing(const Host& host, bool offers) {
  Plan plan;
  if (!host.read("/index")) plan.steps.push_back({{{"index", std::nullopt, "fetched"}}, {WriteFile{"/index", "x"}}});
  if (!plan.empty()) plan.steps.back().renewal = true;
  if (offers && host.read("/index") && !host.read("/new"))
    plan.steps.push_back({{{"/new", std::nullopt, "there"}}, {WriteFile{"/new", "x"}}});
  return plan;
}

TEST(ATaskThatRenewsWhatIsKnown, IsOkWhenThatBringsNothingNew) {
  Task task;
  task.module.plan = [](const Host& host) { return renewing(host, false); };
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host);
  EXPECT_EQ(reply.status, Status::ok);
  EXPECT_THAT(reply.changes, IsEmpty());
  EXPECT_EQ(host.content("/index"), "x");
}

TEST(ATaskThatRenewsWhatIsKnown, CarriesOutWhatItFindsThen) {
  Task task;
  task.module.plan = [](const Host& host) { return renewing(host, true); };
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host);
  EXPECT_EQ(reply.status, Status::changed);
  EXPECT_THAT(reply.changes, ElementsAre(Change{"/new", std::nullopt, "there"}));
}

TEST(ATaskThatRenewsWhatIsKnown, IsNoChangeInCheckMode) {
  Task task;
  task.module.plan = [](const Host& host) { return renewing(host, false); };
  FakeHost overlay;
  const TaskReply reply = predict(task.carry, overlay);
  EXPECT_EQ(reply.status, Status::ok);
  EXPECT_THAT(reply.changes, IsEmpty());
}

TEST(ATaskWithAnApproval, DoesWhatWasApproved) {
  Task task;
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host, std::vector<Change>{{"/motd", std::nullopt, "hi"}});
  EXPECT_EQ(reply.status, Status::changed);
  EXPECT_FALSE(reply.refused);
}

TEST(ATaskWithAnApproval, IsRefusedBeforeItsFirstActionWhenItWouldDoSomethingElse) {
  Task task;
  FakeHost host;
  host.with_file("/motd", "ho");
  const TaskReply reply = make_so(task.carry, host, std::vector<Change>{{"/motd", std::nullopt, "hi"}});
  EXPECT_EQ(reply.status, Status::failed);
  EXPECT_TRUE(reply.refused);
  EXPECT_EQ(reply.error->message(), "this was not approved: /motd: ho -> hi");
  EXPECT_THAT(reply.error->hints().front(), HasSubstr("/motd: absent -> hi"));
  EXPECT_THAT(reply.changes, IsEmpty());
  EXPECT_THAT(host.performed(), IsEmpty());
}

TEST(ATaskWithAnApproval, MayDoNothing) {
  Task task;
  FakeHost host;
  host.with_file("/motd", "hi");
  const TaskReply reply = make_so(task.carry, host, std::vector<Change>());
  EXPECT_EQ(reply.status, Status::ok);
  EXPECT_FALSE(reply.refused);
}

TEST(ATaskWithSomethingToDo, IsChangedAndShowsItsChanges) {
  Task task;
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host);
  EXPECT_EQ(reply.status, Status::changed);
  EXPECT_THAT(reply.changes, ElementsAre(Change{"/motd", std::nullopt, "hi"}));
  EXPECT_EQ(host.content("/motd"), "hi");
}

TEST(ATaskWithSomethingToDo, ReportsWhatIsAfterwardsAndWhatWasDone) {
  Task task;
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host);
  EXPECT_EQ(reply.result.find("state")->string(), "is");
  EXPECT_EQ(reply.result.find("msg")->string(), "written");
}

TEST(ATaskWhoseChangeDoesNotHold, FailsSayingWhatIsLeft) {
  Task task;
  task.module.plan = [](const Host&) -> Plan {
    return {.steps = {{{{"/motd", "ho", "hi"}}, {WriteFile{"/motd", "hi"}}}}};
  };
  FakeHost host;
  const TaskReply reply = make_so(task.carry, host);
  EXPECT_EQ(reply.status, Status::failed);
  EXPECT_THAT(reply.error->message(), HasSubstr("did not converge"));
  EXPECT_THAT(reply.error->message(), HasSubstr("/motd: is ho, should be hi"));
}

TEST(ATaskThatLacksARight, FailsBeforeItsFirstChange) {
  Task task;
  task.carry.missing_right = [](const Action&) { return Error("writing /motd needs root"); };
  FakeHost host;
  EXPECT_EQ(make_so(task.carry, host).error->message(), "writing /motd needs root");
  EXPECT_THAT(host.performed(), IsEmpty());
}

TEST(ACommand, IsAnEventAndIsNotCheckedAgain) {
  Task task;
  task.module.plan = [](const Host&) { return command({.argv = {"make"}}); };
  FakeHost host;
  host.answers({"make"}, {.out = "built\n"});
  EXPECT_EQ(make_so(task.carry, host).status, Status::changed);
}

TEST(AModuleThatThrowsSomethingElse, FailsItsTask) {
  Task task;
  task.module.plan = [](const Host&) -> Plan { throw std::runtime_error("boom"); };
  FakeHost host;
  EXPECT_THAT(make_so(task.carry, host).error->message(), HasSubstr("boom"));
}

TEST(APrediction, OfSomethingToDoWouldChange) {
  Task task;
  FakeHost overlay;
  const TaskReply reply = predict(task.carry, overlay);
  EXPECT_EQ(reply.status, Status::would_change);
  EXPECT_EQ(overlay.content("/motd"), "hi");
}

TEST(APrediction, OfACommandWithoutDeclaredEffectsIsUnknownAndSoAreItsAnswers) {
  Task task;
  task.module.plan = [](const Host&) { return command({.argv = {"make"}}); };
  FakeHost overlay;
  overlay.answers({"make"}, {});
  const TaskReply reply = predict(task.carry, overlay);
  EXPECT_EQ(reply.status, Status::unknown);
  EXPECT_THAT(reply.reasons, ElementsAre("'run make' was not run: it may write"));
  EXPECT_TRUE(reply.result.find("rc")->is_unknown());
}

TEST(APrediction, OfACommandThatDeclaresWhatItCreatesWouldChange) {
  Task task;
  task.module.plan = [](const Host&) { return command({.argv = {"make"}, .effects = {.opaque = {"/out"}}}); };
  FakeHost overlay;
  overlay.answers({"make"}, {});
  EXPECT_EQ(predict(task.carry, overlay).status, Status::would_change);
}

TEST(APrediction, ThatDependsOnWhatWasNotDoneIsUnknownWithTheReason) {
  Task task;
  task.module.plan = [](const Host&) -> Plan { throw Unknown("the venv is only predicted"); };
  FakeHost overlay;
  const TaskReply reply = predict(task.carry, overlay);
  EXPECT_EQ(reply.status, Status::unknown);
  EXPECT_THAT(reply.reasons, ElementsAre("the venv is only predicted"));
}

/// A module whose apply does more than its plan says.
class Sly : public Scripted {
 public:
  Action more;
  Outcome apply(const Plan& shown, Host& host) const override {
    host.perform(more);
    return Module::apply(shown, host);
  }
};

TaskReply with_more(Action more, FakeHost& host) {
  Sly module;
  module.more = std::move(more);
  const Spec spec = spec_that_returns_rc();
  const Args args;
  return make_so({module, [&]() -> const Spec& { return spec; }, args, {}}, host);
}

TEST(AModuleThatDoesWhatItsPlanDoesNotShow, IsStoppedBeforeItAndNamed) {
  for (const Action& more : {Action(WriteFile{"/etc/other", "x"}), Action(RemovePath{"/etc"}), Action(Exec{{"reboot"}}),
                             Action(RemovePackages{{"bash"}})}) {
    FakeHost host;
    const TaskReply reply = with_more(more, host);
    ASSERT_EQ(reply.status, Status::failed) << describe(more);
    EXPECT_THAT(reply.error->message(),
                HasSubstr("the module 'scripted' was about to do what its check does not show"));
    EXPECT_FALSE(host.read("/motd"));
  }
}

TEST(AModuleThatDoesMoreOfTheSame, IsWithinItsPlan) {
  FakeHost named;
  EXPECT_EQ(with_more(WriteFile{"/motd-of-another-name", "hi"}, named).status, Status::changed);
  FakeHost host;
  EXPECT_EQ(with_more(WriteFile{"/motd", "half"}, host).status, Status::changed);
}

TaskReply judged(const std::vector<wall::Refusal>& refusals, bool check_mode, int rc, const std::string& said = "",
                 bool was_root = true) {
  TaskRequest request;
  request.module = "scripted";
  request.check_mode = check_mode;
  TaskReply reply;
  reply.result = {{"rc", rc}, {"stderr", said}};
  judge_refusals(refusals, request, was_root, reply);
  return reply;
}

TEST(WhatTheWallRefused, MakesTheAnswerOfACommandUnknownAndNamesIt) {
  const TaskReply reply = judged({{"openat", "/etc/motd"}}, false, 0);
  EXPECT_EQ(reply.status, Status::unknown);
  EXPECT_THAT(reply.reasons, ElementsAre(HasSubstr("openat '/etc/motd'")));
  EXPECT_TRUE(reply.result.empty());
}

TEST(WhatTheWallRefused, CountsForWhatAProgramCanDoWithoutOnlyWhereItFailed) {
  const wall::Refusal opened_a_ring{.call = "io_uring_setup", .counts = false};
  EXPECT_EQ(judged({opened_a_ring}, false, 0).status, Status::ok);
  EXPECT_EQ(judged({opened_a_ring}, false, 1).status, Status::unknown);
}

TEST(WhatTheWallRefused, SaysHowTheNetworkIsReadFrom) {
  const TaskReply reply = judged({{.call = "connect", .path = "192.0.2.1:80", .network = true}}, false, 0);
  EXPECT_EQ(reply.status, Status::unknown);
  EXPECT_THAT(reply.notes, ElementsAre(HasSubstr("agent_network: true")));
}

TEST(WhatTheWallRefused, IsTakenFromWhatRootsCommandSaysOfRights) {
  const char* said = "RTNETLINK answers: Operation not permitted";
  EXPECT_EQ(judged({}, false, 2, said).status, Status::unknown);
  EXPECT_EQ(judged({}, false, 0, said).status, Status::ok);
  EXPECT_EQ(judged({}, false, 2, said, false).status, Status::ok);  // a user lacks the right in a run as well
  EXPECT_EQ(judged({}, false, 2, "no such thing").status, Status::ok);
}

TEST(WhatTheWallRefused, IsABugOfAModuleThatOnlyHadToLook) {
  const TaskReply reply = judged({{.call = "openat", .path = "/etc/motd", .own = true}}, true, 0);
  EXPECT_EQ(reply.status, Status::failed);
  EXPECT_THAT(reply.error->message(), HasSubstr("the module 'scripted' tried to change the machine"));
  EXPECT_EQ(judged({{"openat", "/var/cache/apt/x"}}, true, 0).status, Status::ok);  // of a tool it asked
}

}  // namespace
}  // namespace agent
