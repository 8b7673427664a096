#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/cli/seen_agents.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

using testing::HasSubstr;

class WhatWasSeen : public testing::Test {
 protected:
  Path file() const { return folder_ / "state" / "signed-agents.json"; }
  void admit(const std::string& key, std::int64_t number, bool allow_older = false) const {
    SeenAgents(file()).admit(key, number, allow_older);
  }
  std::string refusal(const std::string& key, std::int64_t number) const {
    try {
      admit(key, number);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  }

 private:
  test::TemporaryDirectory folder_;
};

TEST_F(WhatWasSeen, AdmitsTheSameAndTheNewer) {
  admit("one", 5);
  admit("one", 5);
  admit("one", 7);
  EXPECT_THAT(refusal("one", 6), HasSubstr("its number is 6, and 7 was seen"));
}

TEST_F(WhatWasSeen, CountsForEachKeyByItself) {
  admit("one", 7);
  admit("another", 3);
  EXPECT_THAT(refusal("one", 3), HasSubstr("7 was seen"));
}

TEST_F(WhatWasSeen, StaysWhenAnOlderOneWasAllowed) {
  admit("one", 7);
  admit("one", 3, true);
  EXPECT_THAT(refusal("one", 3), HasSubstr("7 was seen"));
}

TEST_F(WhatWasSeen, IsItsOwnersAlone) {
  admit("one", 7);
  struct stat info {};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(WhatWasSeen, IsNotTakenForNothingWhereItWasDamaged) {
  admit("one", 7);
  for (const char* text : {"", "{", "[7]", "{\"one\": \"7\"}"}) {
    std::ofstream(file()) << text;
    EXPECT_THAT(refusal("one", 8), HasSubstr("is not as it was written")) << text;
  }
}

}  // namespace
}  // namespace agent::cli
