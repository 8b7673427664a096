#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/reference.hpp>

namespace agent::file {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule file(manifest());
const Path reference = Path(AGENT_SOURCE_DIR) / "modules/file/reference.json";

// The reference fails, or leaves a temporary file, where a hard link is asked for that is there, and where one replaces
// a symbolic link that leads elsewhere; and it takes a touch of a link to nothing for done when both times are
// preserved.
bool is_reference_mistake(const Value& given) {
  const Value& args = given["args"];
  const std::string path = args["path"].string();
  if (args["state"] == Value("hard")) {
    const bool itself = args["src"] == Value(path) || (path == "/d/d1" && args["src"] == Value("/d/d1/f"));
    return itself || path == "/d/gone" || path == "/d/dl";
  }
  return args["state"] == Value("touch") && path == "/d/gone";
}

TEST(FileTrees, AreThoseOfTheReference) {
  expect_trees_of_reference(file, reference, is_reference_mistake);
}

FakeHost with_things() {
  FakeHost host;
  host.with_user(alice()).with_file("/d/f", "text\n").with_link("/d/l", "f").with_directory("/d/e");
  return host;
}

TEST(File, MakesADirectoryWithItsParentsInOneStep) {
  FakeHost host = with_things();
  const Plan plan =
      expect_laws(file, {{"path", "/d/a/b/"}, {"state", "directory"}, {"owner", "alice"}, {"mode", "0750"}}, host);
  EXPECT_THAT(plan.steps, ::testing::ElementsAre(Step{{{"/d/a", std::nullopt, "directory"},
                                                       {"/d/a/b", std::nullopt, "directory"},
                                                       {"/d/a/b mode", std::nullopt, "0750"},
                                                       {"/d/a/b owner", std::nullopt, "alice"}},
                                                      {MakeDirectory{"/d/a/b", {0750, "alice", {}}}}}));
  EXPECT_EQ(host.stat("/d/a")->uid, alice().uid);
}

TEST(File, KeepsTheLawsInEveryState) {
  for (const Args& args :
       {Args{{"path", "/d/f"}, {"mode", "0600"}}, Args{{"path", "/d/new"}, {"state", "touch"}},
        Args{{"path", "/d/new"}, {"state", "link"}, {"src", "f"}},
        Args{{"path", "/d/l"}, {"state", "link"}, {"src", "e"}},
        Args{{"path", "/d/new"}, {"state", "hard"}, {"src", "/d/f"}}, Args{{"path", "/d"}, {"state", "absent"}},
        Args{{"path", "/d"}, {"state", "directory"}, {"recurse", true}, {"owner", "alice"}, {"mode", "u=rwX,go="}},
        Args{{"path", "/d/f"}, {"modification_time", "202401311200.00"}}}) {
    SCOPED_TRACE(Value(args).json());
    FakeHost host = with_things();
    EXPECT_FALSE(expect_laws(file, args, host).empty());
  }
}

TEST(File, TouchesWithoutNeedingToOwn) {
  FakeHost host = with_things();
  const Plan plan = expect_laws(file, {{"path", "/d/f"}, {"state", "touch"}, {"access_time", "preserve"}}, host);
  EXPECT_TRUE(plan.steps.at(0).event);
  EXPECT_EQ(std::get<SetAttributes>(plan.steps[0].actions[0]),
            (SetAttributes{.path = "/d/f", .modification_now = true}));
}

TEST(File, NeverRemovesTheWholeMachine) {
  EXPECT_THAT(error_of([] {
                file.check({{"path", "/"}, {"state", "absent"}}, with_things());
              }),
              ::testing::HasSubstr("the whole machine"));
}

struct Mistake {
  Args args;
  const char* message;
};
class FileMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(FileMistake, IsExplained) {
  EXPECT_EQ(error_of([] { file.check(GetParam().args, with_things()); }), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    File, FileMistake,
    ::testing::Values(
        Mistake{{{"path", "/d/none"}}, "'/d/none' does not exist"},
        Mistake{{{"path", "/d/e"}, {"state", "file"}}, "'/d/e' is a directory, not a file"},
        Mistake{{{"path", "/d/f"}, {"state", "directory"}}, "'/d/f' is a file already, not a directory"},
        Mistake{{{"path", "/d/f/x"}, {"state", "directory"}}, "'/d/f' is a file, so nothing can be made below it"},
        Mistake{{{"path", "/d/f"}, {"recurse", true}}, "'recurse' is for directories, and the state here is 'file'"},
        Mistake{{{"path", "/d/f"}, {"src", "x"}}, "'src' is for links, and the state here is 'file'"},
        Mistake{{{"path", "/d/new"}, {"state", "link"}, {"src", "none"}},
                "the link would lead to '/d/none', which does not exist"},
        Mistake{{{"path", "/d/f"}, {"state", "link"}, {"src", "e"}}, "'/d/f' is a file, and is not replaced by a link"},
        Mistake{{{"path", "/d/f"}, {"mode", "999"}}, "'999' is not a file mode"},
        Mistake{{{"path", "/d/f"}, {"owner", "bob"}}, "there is no user 'bob' on this machine"},
        Mistake{{{"path", "/d/f"}, {"access_time", "yesterday"}},
                "'yesterday' is not a time written as '%Y%m%d%H%M.%S'"},
        Mistake{{{"path", "/d/f"}, {"state", "gone"}},
                "file has no state 'gone': it is 'file', 'directory', 'link', 'hard', 'touch' or 'absent'"}));

}  // namespace
}  // namespace agent::file
