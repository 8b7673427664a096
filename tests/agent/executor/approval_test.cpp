#include <gmock/gmock.h>

#include "stage.hpp"

namespace agent::executor {
namespace {

using testing::ElementsAre;

event::TaskResult foreseen(const std::string& task, int line, Status status, std::vector<Change> changes) {
  event::TaskResult e;
  e.host = "h";
  e.play = "p";
  e.task = task;
  e.where = {std::make_shared<const std::string>("here/site.yml"), line, 5};
  e.status = status;
  e.changes = std::move(changes);
  return e;
}

Approval::Asked asked(const std::string& task, int line) {
  return {"h", "p", task, {std::make_shared<const std::string>("/elsewhere/site.yml"), line, 5}, {}};
}

const Change change{"/etc/motd", "a", "b"};

TEST(AnApproval, IsFoundFromAnotherFolderButNotForAnotherPlace) {
  Approval approval;
  approval.add(foreseen("t", 3, Status::would_change, {change}));
  EXPECT_EQ(approval.changes(asked("t", 3)), std::vector<Change>{change});
  EXPECT_EQ(approval.changes(asked("t", 4)), std::vector<Change>());
  EXPECT_EQ(approval.changes(asked("u", 3)), std::vector<Change>());
}

TEST(AnApproval, AllowsEverythingWhereTheCheckCouldNotKnow) {
  Approval approval;
  approval.add(foreseen("t", 3, Status::unknown, {}));
  EXPECT_EQ(approval.changes(asked("t", 3)), std::nullopt);
  auto item = asked("t", 3);
  item.item = "x";
  EXPECT_EQ(approval.changes(item), std::nullopt);
}

TEST(AnApproval, OfAChangeThatNoLogHidesIsForAnyOfThatTask) {
  Approval approval;
  approval.add(foreseen("t", 3, Status::would_change, {{"(hidden by no_log)", {}, {}, true}}));
  EXPECT_EQ(approval.changes(asked("t", 3)), std::nullopt);
  EXPECT_EQ(approval.changes(asked("t", 4)), std::vector<Change>());
}

TEST(AnApproval, IsForEachItemOfALoop) {
  Approval approval;
  approval.add(foreseen("t", 3, Status::would_change, {}));
  auto one = foreseen("t", 3, Status::would_change, {change});
  one.item = "x";
  approval.add(one);
  auto item = asked("t", 3);
  item.item = "x";
  EXPECT_EQ(approval.changes(item), std::vector<Change>{change});
  item.item = "y";
  EXPECT_EQ(approval.changes(item), std::vector<Change>());
}

/// A module `careful` that wants one change, and a module that never makes one.
TaskReply careful(const TaskRequest& request) {
  TaskReply reply;
  reply.changes = {change};
  reply.status = TaskReply::Status::changed;
  if (request.approved && !is_approved(change, *request.approved)) {
    reply.status = TaskReply::Status::failed;
    reply.refused = true;
    reply.error = Error("this was not approved");
  }
  return reply;
}

Strings results_with(const std::string& play, const Approval& approval) {
  Stage stage;
  stage.module("careful", careful);
  stage.approval = &approval;
  stage.play("- name: p\n  hosts: all\n  gather_facts: false\n  tasks:\n" + play);
  return stage.results();
}

TEST(ARunWithAnApproval, StopsBeforeTheFirstTaskThatWasNotApproved) {
  EXPECT_THAT(results_with("    - {name: a, careful: {}}\n    - {name: b, debug: {msg: x}}\n", Approval()),
              ElementsAre("localhost a: failed"));
}

TEST(ARunWithAnApproval, DoesWhatWasApproved) {
  Approval approval;
  auto e = foreseen("a", 5, Status::would_change, {change});
  e.host = "localhost";
  e.where.column = 7;
  approval.add(e);
  EXPECT_THAT(results_with("    - {name: a, careful: {}}\n", approval), ElementsAre("localhost a: changed"));
}

TEST(ARunWithAnApproval, IsNotTalkedRoundByRescueOrIgnoredErrors) {
  EXPECT_THAT(results_with("    - block:\n        - {name: a, careful: {}, ignore_errors: true, failed_when: false}\n"
                           "      rescue:\n        - {name: b, debug: {msg: x}}\n"
                           "      always:\n        - {name: c, debug: {msg: x}}\n",
                           Approval()),
              ElementsAre("localhost a: failed"));
}

TEST(ARunWithAnApproval, StopsInTheMiddleOfALoop) {
  EXPECT_THAT(results_with("    - {name: a, careful: {}, loop: [1, 2]}\n", Approval()),
              ElementsAre("localhost a (1): failed", "localhost a: failed"));
}

}  // namespace
}  // namespace agent::executor
