#include "laws.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace agent::test {
namespace {

void expect_well_formed(const Plan& plan) {
  for (const auto& step : plan.steps) {
    EXPECT_FALSE(step.changes.empty()) << "a step acts without showing a change: " << ::testing::PrintToString(step);
    EXPECT_FALSE(step.actions.empty()) << "a step shows a change and does nothing: " << ::testing::PrintToString(step);
    for (const auto& change : step.changes) {
      EXPECT_FALSE(change.subject.empty()) << "a change has no subject: " << ::testing::PrintToString(step);
      if (!step.event) {
        EXPECT_NE(change.before, change.after) << "nothing changes about '" << change.subject << "'";
      }
    }
  }
}

}  // namespace

Plan expect_laws(const Module& module, const Args& args, FakeHost& host) {
  const auto actions_before = host.performed().size();
  Plan plan = module.check(args, host);
  EXPECT_EQ(host.performed().size(), actions_before) << "check must not act";
  expect_well_formed(plan);
  EXPECT_EQ(module.check(args, host).steps, plan.steps) << "the same question has another answer";

  module.apply(plan, host);
  const Plan again = module.check(args, host);
  Plan left;
  std::copy_if(again.steps.begin(), again.steps.end(), std::back_inserter(left.steps),
               [](const Step& step) { return !step.event && !step.renewal; });
  EXPECT_TRUE(left.empty()) << "did not converge, left is: " << ::testing::PrintToString(left);
  return plan;
}

}  // namespace agent::test
