#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/host/users.hpp>

namespace agent {
namespace {

TEST(AUser, IsFoundByNameAndByNumber) {
  for (const char* root : {"root", "0"}) {
    const auto user = find_user(root);
    ASSERT_TRUE(user) << root;
    EXPECT_EQ(user->name, "root");
    EXPECT_EQ(user->uid, 0u);
  }
  ASSERT_TRUE(user_of(0));
  EXPECT_EQ(user_of(0)->name, "root");
}

TEST(AUser, WhomNobodyKnowsIsNotFound) {
  EXPECT_FALSE(user_of(0xFFFFFFF0u));
  EXPECT_FALSE(find_user("4294967280"));
  EXPECT_FALSE(find_user("no such user"));
}

}  // namespace
}  // namespace agent
