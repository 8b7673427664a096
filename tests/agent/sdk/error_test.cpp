#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/error.hpp>

namespace agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AnError, KeepsTheFirstPlaceItIsGiven) {
  const auto file = std::make_shared<const std::string>("a.yml");
  Error error("wrong");
  error.at(Where{file, 1, 2}).at(Where{file, 9, 9});
  EXPECT_EQ(error.where().text(), "a.yml:1:2");
}

TEST(Nearest, FindsTyposAndSwappedLetters) {
  EXPECT_THAT(nearest("nmae", {"name", "state"}), ElementsAre("name"));
  EXPECT_THAT(nearest("torhc", {"torch", "touch"}, 2), ElementsAre("torch"));
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_THAT(nearest("frobnicate", {"name", "state"}), IsEmpty());
}

TEST(Nearest, DoesNotTakeAnyShortWordForAnother) {
  EXPECT_THAT(nearest("a", {"name", "xyz"}), IsEmpty());
}

TEST(DidYouMean, IsASentence) {
  EXPECT_EQ(did_you_mean("stat", {"state"}), "did you mean 'state'?");
}

}  // namespace
}  // namespace agent
