#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/reference.hpp>

namespace agent::lineinfile {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule lineinfile(manifest());
const Path reference = Path(AGENT_SOURCE_DIR) / "modules/lineinfile/reference.json";

// Behind a last line without its end the reference puts the new line on the same line.
bool glues_lines(const Value& given) {
  return given["args"].find("insertafter") && given["before"].is_string() &&
         given["before"] == Value("one\ntwo\nthree") && given["after"].string().rfind("one\ntwo\nthree\n", 0) != 0;
}

TEST(LineInFileEdits, AreThoseOfTheReference) {
  expect_edits_of_reference(lineinfile, reference, glues_lines);
}

FakeHost with_sshd(const std::string& text = "#Port 22\nUser x\n") {
  FakeHost host;
  host.with_user(alice()).with_file("/etc/sshd", text);
  return host;
}

const Args port = {{"path", "/etc/sshd"}, {"regexp", "^#?Port"}, {"line", "Port 2222"}};

TEST(LineInFile, KeepsTheLaws) {
  FakeHost host = with_sshd();
  const Plan plan = expect_laws(lineinfile, port, host);
  EXPECT_EQ(host.content("/etc/sshd"), "Port 2222\nUser x\n");
  EXPECT_EQ(*plan.result.find("msg"), Value("line replaced"));
}

TEST(LineInFile, SetsTheModeInTheSameStep) {
  FakeHost host = with_sshd();
  Args args = port;
  args.merge({{"mode", "0600"}, {"owner", "alice"}});
  const Plan plan = expect_laws(lineinfile, args, host);
  EXPECT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(*plan.result.find("msg"), Value("line replaced and ownership, perms or SE linux context changed"));
  EXPECT_EQ(host.stat("/etc/sshd")->mode, 0600U);
}

TEST(LineInFile, MakesAFileWithItsDirectories) {
  FakeHost host = with_sshd();
  expect_laws(lineinfile, {{"path", "/srv/a/b"}, {"line", "x"}, {"create", true}}, host);
  EXPECT_EQ(host.content("/srv/a/b"), "x\n");
}

TEST(LineInFile, RegistersItsBackup) {
  FakeHost host = with_sshd();
  Args args = port;
  args.set("backup", true);
  const Outcome outcome = lineinfile.apply(lineinfile.check(args, host), host);
  EXPECT_EQ(host.content(outcome.result.find("backup")->string()), "#Port 22\nUser x\n");
}

TEST(LineInFile, SaysThatItWouldChangeEachTime) {
  FakeHost host = with_sshd("a\na\n");
  const Plan plan = lineinfile.check({{"path", "/etc/sshd"}, {"regexp", "a"}, {"line", "b"}}, host);
  EXPECT_TRUE(plan.steps.at(0).event);
  EXPECT_EQ(plan.notes.size(), 1U);
}

TEST(LineInFile, EditsWhatALinkLeadsTo) {
  FakeHost host = with_sshd();
  host.with_link("/etc/link", "sshd");
  Args args = port;
  args.set("path", "/etc/link");
  expect_laws(lineinfile, args, host);
  EXPECT_TRUE(host.stat("/etc/link", false)->is_link());
  EXPECT_EQ(host.content("/etc/sshd"), "Port 2222\nUser x\n");
}

TEST(LineInFile, ExplainsItsMistakes) {
  FakeHost host = with_sshd();
  const auto error = [&](Args args) {
    args.set("path", "/etc/sshd");
    return error_of([&] { lineinfile.check(args, host); });
  };
  EXPECT_EQ(error({}), "lineinfile needs 'line': the line that shall be there");
  EXPECT_EQ(error({{"state", "absent"}}),
            "lineinfile needs 'line', 'regexp' or 'search_string': what shall not be there");
  EXPECT_EQ(error({{"line", "x"}, {"backrefs", true}}), "'backrefs' needs 'regexp': its groups are what is put in");
  EXPECT_THAT(error({{"line", "x"}, {"regexp", "a("}}), ::testing::HasSubstr("the pattern 'a(' is wrong at character"));
  EXPECT_EQ(error_of([&] { lineinfile.check({{"path", "/none"}, {"line", "x"}}, host); }), "'/none' does not exist");
}

}  // namespace
}  // namespace agent::lineinfile
