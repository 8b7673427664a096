#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::script {

Manifest manifest();

namespace {

using namespace agent::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const TestedModule tested(manifest());

const Args setup = {{"cmd", "setup.sh 'a b' $N"}, {"cmd_content", "#!/bin/sh\necho hi\n"}};

FakeHost with_home() {
  FakeHost host;
  host.with_directory("/root", 0700).with_environment("N", "5");
  host.answers_with([](FakeHost& machine, const Strings& argv) -> std::optional<Output> {
    const std::string& file = argv[argv.size() - 3];
    return Output{.rc = machine.stat(file)->mode == 0700U ? 0 : 9, .out = machine.content(file)};
  });
  return host;
}

TEST(Script, RunsFromAPrivatePlaceAndIsGoneAfterwards) {
  FakeHost host = with_home();
  const Plan plan = expect_laws(tested, setup, host);
  const auto& exec = std::get<Exec>(plan.steps.at(0).actions.at(2));
  EXPECT_THAT(exec.argv, ElementsAre(HasSubstr("/root/.cache/agent/script-"), "a b", "5"));
  EXPECT_FALSE(host.stat(exec.argv[0]).has_value());
  EXPECT_EQ(host.stat("/root/.cache/agent")->mode, 0700U);
  EXPECT_EQ(*tested.apply(plan, host).result.find("stdout"), Value("#!/bin/sh\necho hi"));
}

TEST(Script, IsGoneAlsoWhereItFails) {
  FakeHost host = with_home();
  host.answers_with([](FakeHost&, const Strings&) { return Output{.rc = 1}; });
  const Plan plan = tested.check(setup, host);
  EXPECT_EQ(error_of([&] { tested.apply(plan, host); }), "non-zero return code");
  EXPECT_TRUE(host.list("/root/.cache/agent").empty());
}

TEST(Script, CanBeRunByAProgram) {
  FakeHost host = with_home();
  Args args = setup;
  args.set("executable", "/usr/bin/python3 -u");
  const Plan plan = tested.check(args, host);
  EXPECT_THAT(std::get<Exec>(plan.steps.at(0).actions.at(2)).argv,
              ElementsAre("/usr/bin/python3", "-u", HasSubstr("/script-"), "a b", "5"));
}

TEST(Script, IsSkippedWhereItIsDone) {
  FakeHost host = with_home();
  host.with_file("/done", "");
  Args args = setup;
  args.set("creates", "/done");
  EXPECT_EQ(tested.check(args, host).result,
            (Map{{"skipped", true}, {"msg", "/done exists, matching creates option"}}));
}

}  // namespace
}  // namespace agent::script
