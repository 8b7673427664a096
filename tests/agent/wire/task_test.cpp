#include <gtest/gtest.h>

#include <agent/sdk/codec.hpp>
#include <agent/wire/task.hpp>

namespace agent {
namespace {

TEST(ATaskRequest, SurvivesTheWire) {
  TaskRequest request;
  request.module = "apt";
  request.args = {{"name", List{"vim"}}, {"state", Value::unknown("not run")}};
  request.check_mode = true;
  request.environment = {{"HTTP_PROXY", "http://proxy:3128"}};
  request.identity.become = true;
  request.identity.user = "alice";
  request.timeout = std::chrono::milliseconds(1500);
  const TaskRequest back = task_request_from(from_cbor(to_cbor(to_value(request))));
  EXPECT_EQ(back.module, request.module);
  EXPECT_EQ(back.args, request.args);
  EXPECT_TRUE(back.check_mode);
  EXPECT_EQ(back.environment, request.environment);
  EXPECT_EQ(back.identity, request.identity);
  EXPECT_EQ(back.timeout, request.timeout);
}

TEST(ATaskReply, SurvivesTheWire) {
  TaskReply reply;
  reply.status = TaskReply::Status::failed;
  reply.result = {{"rc", 1}};
  reply.changes = {{"/etc/motd", "a", std::nullopt, true, true}};
  reply.notes = {"a note"};
  reply.error = Error("it broke").hint("mend it");
  reply.reasons = {"why"};
  reply.predicted = {MakeDirectory{"/srv"}};
  const TaskReply back = task_reply_from(from_cbor(to_cbor(to_value(reply))));
  EXPECT_EQ(back.status, reply.status);
  EXPECT_EQ(back.result, reply.result);
  EXPECT_EQ(back.changes, reply.changes);
  EXPECT_EQ(back.notes, reply.notes);
  EXPECT_EQ(back.error->message(), "it broke");
  EXPECT_EQ(back.reasons, reply.reasons);
  EXPECT_EQ(back.predicted, reply.predicted);
}

TEST(ATaskReply, WithAStatusOutOfRangeIsRefused) {
  EXPECT_THROW(task_reply_from(Map{{"status", 77}}), Error);
}

}  // namespace
}  // namespace agent
