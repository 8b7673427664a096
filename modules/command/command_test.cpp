#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::command {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TestedModule tested(manifest());

FakeHost with_true() {
  FakeHost host;
  host.with_directory("/work")
      .with_environment("PATH", "/usr/bin")
      .with_file("/usr/bin/true", "", 0755)
      .with_environment("N", "5");
  return host;
}

Exec exec_of(const Args& args, const FakeHost& host) {
  return std::get<Exec>(tested.check(args, host).steps.at(0).actions.at(0));
}

TEST(Command, IsSplitIntoWordsWithoutAShell) {
  EXPECT_THAT(exec_of({{"cmd", "echo 'a b' $N ~/x ; | \"$NONE\""}}, with_true()).argv,
              ElementsAre("echo", "a b", "5", "/root/x", ";", "|", "$NONE"));
  EXPECT_THAT(exec_of({{"argv", List{"echo", "a b", 3}}, {"expand_argument_vars", false}}, with_true()).argv,
              ElementsAre("echo", "a b", "3"));
}

TEST(Command, IsAnEventThatShowsItsLine) {
  const Plan plan = tested.check({{"cmd", "echo 'a b'"}}, with_true());
  EXPECT_TRUE(plan.steps.at(0).event);
  EXPECT_THAT(plan.steps.at(0).changes, ElementsAre(Change{"command", std::nullopt, "echo 'a b'"}));
}

TEST(Command, DoesNotUseTheShellThatItIsGiven) {
  const Plan plan = tested.check({{"cmd", "true"}, {"executable", "/bin/bash"}}, with_true());
  EXPECT_THAT(std::get<Exec>(plan.steps.at(0).actions.at(0)).argv, ElementsAre("true"));
  EXPECT_THAT(plan.notes, ElementsAre(HasSubstr("'executable' is not used")));
}

TEST(Command, TakesItsDirectoryAndInput) {
  const Exec exec = exec_of({{"cmd", "cat"}, {"chdir", "/work"}, {"stdin", "text"}}, with_true());
  EXPECT_EQ(exec.directory, Path("/work"));
  EXPECT_EQ(exec.input, "text\n");
  EXPECT_EQ(exec_of({{"cmd", "cat"}, {"stdin", "text"}, {"stdin_add_newline", false}}, with_true()).input, "text");
}

TEST(Command, RegistersWhatItSaid) {
  FakeHost host = with_true();
  host.answers({"ls"}, {.out = "a\nb\r\n\n", .err = "warned\n"});
  const Args args = {{"cmd", "ls"}};
  const Map result = tested.apply(expect_laws(tested, args, host), host).result;
  EXPECT_EQ(*result.find("stdout"), Value("a\nb"));
  EXPECT_EQ(*result.find("stdout_lines"), Value(List{"a", "b"}));
  EXPECT_EQ(*result.find("stderr_lines"), Value(List{"warned"}));
  EXPECT_EQ(*result.find("rc"), Value(0));
  EXPECT_THAT(result.find("start")->string(), ::testing::MatchesRegex("....-..-.. ..:..:..\\......."));
  EXPECT_THAT(result.find("delta")->string(), ::testing::MatchesRegex("0:00:0.\\......."));
}

TEST(Command, KeepsEmptyEndsWhereThatIsAskedFor) {
  FakeHost host = with_true();
  host.answers({"ls"}, {.out = "a\n\n"});
  const Plan plan = tested.check({{"cmd", "ls"}, {"strip_empty_ends", false}}, host);
  EXPECT_EQ(*tested.apply(plan, host).result.find("stdout"), Value("a\n\n"));
}

TEST(Command, FailsWithAllItSaid) {
  FakeHost host = with_true();
  host.answers({"/usr/bin/true"}, {.rc = 3, .out = "half\n", .err = "no\n"});
  try {
    tested.apply(tested.check({{"cmd", "/usr/bin/true"}}, host), host);
    FAIL() << "nothing failed";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "non-zero return code");
    EXPECT_EQ(*error.result().find("rc"), Value(3));
    EXPECT_EQ(*error.result().find("stderr"), Value("no"));
    EXPECT_EQ(*error.result().find("cmd"), Value(List{"/usr/bin/true"}));
  }
}

TEST(Command, NamesTheProgramThatIsNot) {
  for (const char* line : {"nonesuch -x", "/usr/bin/nonesuch"}) {
    FakeHost host = with_true();
    host.answers_with([](FakeHost&, const Strings&) { return Output{.rc = 127}; });
    try {
      tested.apply(tested.check({{"cmd", line}}, host), host);
      FAIL() << "nothing failed";
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr("there is no program '"));
      EXPECT_EQ(*error.result().find("rc"), Value(2));
    }
  }
}

TEST(Command, IsUnknownAfterwardsWhereItWasNotRun) {
  FakeHost host = with_true();
  host.answers({"ls"}, {.unknown = {"not run"}});
  EXPECT_TRUE(tested.apply(tested.check({{"cmd", "ls"}}, host), host).result.find("stdout")->is_unknown());
}

struct Skipped {
  Args args;
  const char *msg, *out;
};

class CommandThatIsDone : public ::testing::TestWithParam<Skipped> {};

TEST_P(CommandThatIsDone, IsNotRunAgain) {
  FakeHost host = with_true();
  host.with_file("/work/made.txt", "");
  Args args = GetParam().args;
  args.set("cmd", "make");
  const Plan plan = tested.check(args, host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(*plan.result.find("msg"), Value(GetParam().msg));
  EXPECT_EQ(*plan.result.find("stdout"), Value(GetParam().out));
  EXPECT_EQ(*plan.result.find("rc"), Value(0));
}

INSTANTIATE_TEST_SUITE_P(Command, CommandThatIsDone,
                         ::testing::Values(Skipped{{{"creates", "/work/made.txt"}},
                                                   "Did not run command since '/work/made.txt' exists",
                                                   "skipped, since /work/made.txt exists"},
                                           Skipped{{{"creates", "/work/*.txt"}},
                                                   "Did not run command since '/work/*.txt' exists",
                                                   "skipped, since /work/*.txt exists"},
                                           Skipped{{{"creates", "made.txt"}, {"chdir", "/work"}},
                                                   "Did not run command since 'made.txt' exists",
                                                   "skipped, since made.txt exists"},
                                           Skipped{{{"removes", "/work/none"}},
                                                   "Did not run command since '/work/none' does not exist",
                                                   "skipped, since /work/none does not exist"}));

TEST(Command, PromisesWhatItCreates) {
  EXPECT_THAT(exec_of({{"cmd", "make"}, {"creates", "out"}, {"chdir", "/work"}}, with_true()).effects.opaque,
              ElementsAre("/work/out"));
}

TEST(Command, MayTakeAwayWhatItNeeds) {
  FakeHost host = with_true();
  host.with_file("/work/old", "");
  const Exec exec = exec_of({{"cmd", "tidy"}, {"removes", "old"}, {"chdir", "/work"}}, host);
  EXPECT_THAT(exec.effects.opaque, ElementsAre("/work/old"));
  EXPECT_THAT(exec.effects.removed, ElementsAre("/work/old"));
  EXPECT_EQ(exec_of({{"cmd", "tidy"}, {"removes", "/work/o*"}}, host).effects, Effects{});
}

TEST(Command, ExplainsItsMistakes) {
  const FakeHost host = with_true();
  EXPECT_EQ(error_of([&] {
              tested.check({{"cmd", "ls"}, {"chdir", "/none"}}, host);
            }),
            "there is no directory '/none' to run the command in");
  EXPECT_EQ(error_of([&] { tested.check({{"cmd", ""}}, host); }), "no command given");
  EXPECT_THAT(error_of([&] { tested.check({{"cmd", "echo 'a"}}, host); }), HasSubstr("without its end"));
  EXPECT_EQ(error_of([&] { tested.check({}, host); }), "command needs one of 'cmd' or 'argv'");
}

}  // namespace
}  // namespace agent::command
