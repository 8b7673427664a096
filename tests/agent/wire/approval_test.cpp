#include <gtest/gtest.h>

#include <agent/sdk/codec.hpp>
#include <agent/wire/task.hpp>

namespace agent {
namespace {

const Change motd{"/etc/motd mode", "0600", "0644"};

TEST(AnApproval, IsForTheSameChangeFromTheSameToTheSame) {
  EXPECT_TRUE(is_approved(motd, {{"/etc/issue", "a", "b"}, motd}));
  EXPECT_FALSE(is_approved(motd, {}));
  EXPECT_FALSE(is_approved(motd, {{"/etc/motd mode", "0640", "0644"}}));
  EXPECT_FALSE(is_approved(motd, {{"/etc/motd mode", "0600", "0666"}}));
  EXPECT_FALSE(is_approved(motd, {{"/etc/motd mode", std::nullopt, "0644"}}));
}

TEST(AnApproval, TakesAnyTextWhereASecretStood) {
  const Change change{"/etc/db.conf", "user=a\n", "user=a\npassword=hunter2\nport=1\n", false, true};
  EXPECT_TRUE(is_approved(change, {{"/etc/db.conf", "user=a\n", "user=a\npassword=********\nport=1\n"}}));
  EXPECT_FALSE(is_approved(change, {{"/etc/db.conf", "user=a\n", "user=a\npassword=********\nport=2\n"}}));
  EXPECT_FALSE(is_approved(change, {{"/etc/db.conf", "user=a\n", "user=b\npassword=********\nport=1\n"}}));
}

TEST(AnApproval, WithSeveralSecretsNeedsWhatStandsBetweenThem) {
  const Change change{"x", std::nullopt, "a=1 b=2 c=3"};
  EXPECT_TRUE(is_approved(change, {{"x", std::nullopt, "a=******** b=******** c=3"}}));
  EXPECT_TRUE(is_approved(change, {{"x", std::nullopt, "********"}}));
  EXPECT_FALSE(is_approved(change, {{"x", std::nullopt, "a=******** d=******** c=3"}}));
  EXPECT_FALSE(is_approved(change, {{"x", std::nullopt, "a=******** c=3 ********b=2"}}));
}

TEST(AnApproval, OfTheNewestVersionIsForWhicheverThatIs) {
  EXPECT_TRUE(is_approved({"package hello", {}, "2.10-3"}, {{"package hello", {}, "newest"}}));
  EXPECT_FALSE(is_approved({"package hello", "2.10-3", {}}, {{"package hello", "2.10-3", "newest"}}));
  EXPECT_FALSE(is_approved({"/etc/motd", {}, "x", false, true}, {{"/etc/motd", {}, "newest", false, true}}));
}

TEST(AnApproval, OfAChangeWithoutValuesIsForItsSubject) {
  EXPECT_TRUE(is_approved({"password of alice", "old", "new", true}, {{"password of alice", {}, {}, true}}));
  EXPECT_FALSE(is_approved({"password of bob", "old", "new", true}, {{"password of alice", {}, {}, true}}));
}

TEST(ATaskRequest, CarriesItsApprovalOverTheWire) {
  TaskRequest request;
  EXPECT_FALSE(task_request_from(from_cbor(to_cbor(to_value(request)))).approved);
  request.approved.emplace();
  EXPECT_EQ(task_request_from(from_cbor(to_cbor(to_value(request)))).approved, request.approved);
  request.approved->push_back(motd);
  EXPECT_EQ(task_request_from(from_cbor(to_cbor(to_value(request)))).approved, request.approved);
}

}  // namespace
}  // namespace agent
