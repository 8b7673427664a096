// How a task ended, on its way from one executor to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/fleet/carried_outcome.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {
namespace {

using executor::TaskOutcome;
using testing::ElementsAre;

/// As it goes over the line.
Value sent(const Value& value) {
  return from_cbor(to_cbor(value));
}

TaskOutcome whole() {
  TaskOutcome out;
  out.status = Status::failed;
  out.result = Map{{"rc", 1}, {"later", Value::unknown(Strings{"a reason"})}};
  out.changes = {{"/etc/motd", "old", "new", false, true}};
  out.notes = {"a note"};
  out.reasons = {"a reason"};
  out.error = Error("it broke").hint("mend it").at({std::make_shared<const std::string>("site.yml"), 3, 5});
  out.output = "printed";
  out.facts = {{"kernel", "6.1"}};
  out.variables = {{"mine", 1}, {"ansible_become_password", "hunter2"}};
  out.included_variables = {{"read", "{{ x }}"}};
  out.delegate = "localhost";
  out.is_shown = out.is_refused = true;
  out.assumption = "assumed";
  return out;
}

TEST(AnOutcome, ComesOutAsItWentIn) {
  const TaskOutcome in = whole(), out = task_outcome_from(sent(value_of(in)));
  EXPECT_EQ(sent(value_of(out)), sent(value_of(in)));
  EXPECT_EQ(out.status, Status::failed);
  EXPECT_TRUE(out.result["later"].is_unknown());
  EXPECT_EQ(out.error->where().line, 3);
  EXPECT_EQ(out.variables, in.variables);
}

TEST(AnOutcome, OfAMachineSteersNoConnectionAndNamesNoPlaces) {
  const TaskOutcome out = hearsay_from(sent(value_of(whole())));
  EXPECT_EQ(out.variables, (Map{{"mine", 1}}));
  EXPECT_EQ(out.included_variables, Map());
  EXPECT_FALSE(out.error->where());
  EXPECT_EQ(out.error->message(), "it broke");
  EXPECT_FALSE(out.is_refused);
}

TEST(AnOutcome, ThatIsNoneIsAnError) {
  for (const Value& value : {Value(), Value("well"), Value(Map{}), Value(Map{{"status", "perfect"}})})
    EXPECT_THROW(task_outcome_from(value), Error) << value.json();
}

TEST(AReportOfAnErrand, NamesWhatIsNotToBeShown) {
  const executor::ErrandReport report{whole(), {"hunter2"}};
  EXPECT_THAT(errand_report_from(sent(value_of(report))).secrets, ElementsAre("hunter2"));
}

}  // namespace
}  // namespace agent::fleet
