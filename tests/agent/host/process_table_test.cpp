#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/host/process_table.hpp>

namespace agent {
namespace {

TEST(AProcessOfTheTable, DescendsFromThoseThatStartedIt) {
  EXPECT_EQ(parent_of(::getpid()), ::getppid());
  EXPECT_TRUE(descends_from(::getpid(), ::getppid()));
  EXPECT_TRUE(descends_from(::getpid(), ::getpid()));
  EXPECT_FALSE(descends_from(::getppid(), ::getpid()));
}

TEST(AProcessOfTheTable, ThatIsNotThereHasNoParent) {
  EXPECT_FALSE(process(0x7FFFFFFF));
  EXPECT_EQ(parent_of(0x7FFFFFFF), 0);
}

}  // namespace
}  // namespace agent
