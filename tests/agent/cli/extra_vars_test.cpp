#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include <agent/cli/extra_vars.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

TEST(ExtraVars, AreTakenInEveryWayPeopleWriteThem) {
  struct Case {
    Strings given;
    std::string expected;
  };
  const Case cases[] = {{{"a=1"}, R"({"a":"1"})"},
                        {{"a=1 b='two words'"}, R"({"a":"1","b":"two words"})"},
                        {{R"({"a": 1, "b": [true]})"}, R"({"a":1,"b":[true]})"},
                        {{"a: 1"}, R"({"a":1})"},
                        {{"a=1", "a=2"}, R"({"a":"2"})"},
                        {{""}, "{}"}};
  for (const auto& one : cases) EXPECT_EQ(Value(extra_vars(one.given)).json(), one.expected);
}

TEST(ExtraVars, MayStandInAFile) {
  char name[] = "/tmp/agent-extra-XXXXXX";
  const int fd = ::mkstemp(name);
  ::close(fd);
  std::ofstream(name) << "a: 1\nb: {c: yes}\n";
  EXPECT_EQ(Value(extra_vars({std::string("@") + name})).json(), R"({"a":1,"b":{"c":true}})");
  std::remove(name);
}

TEST(ExtraVars, ThatAreNoVariablesAreRefusedWithTheWayToWriteThem) {
  for (const char* text : {"[1, 2]", "plain"}) {
    try {
      extra_vars({text});
      ADD_FAILURE() << text << " was taken";
    } catch (const Error& error) {
      EXPECT_THAT(error.hints(), testing::Contains(testing::HasSubstr("-e name=value")));
    }
  }
}

TEST(ExtraVars, AreTemplatesOfThePersonWhoRunsIt) {
  EXPECT_TRUE(extra_vars({"a='{{ b }}'"}).find("a")->is_template());
}

}  // namespace
}  // namespace agent::cli
