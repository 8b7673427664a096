#include "bashrc_env.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>

namespace agent::bashrc_env {
namespace {

using namespace agent::test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Path bashrc = "/home/alice/.bashrc";

FakeHost alices(const std::string& text, System system = debian()) {
  FakeHost host(std::move(system));
  host.with_user(alice()).with_file(bashrc, text, 0640, "alice").as(alice());
  return host;
}

/// The file after the module has done its work, which must keep the laws.
std::string written(const std::string& before, Args args) {
  FakeHost host = alices(before);
  expect_laws(*any(), args, host);
  return host.content(bashrc);
}

const Args local_bin = {{"name", "PATH"}, {"prepend", "$HOME/.local/bin"}};
const Args ml_path = {{"name", "ML_PATH"}, {"value", "$HOME/ml"}};

std::string guard(const std::string& entry) {
  return "case \":${PATH-}:\" in *\":" + entry + ":\"*) export PATH ;; *) export PATH=\"" + entry +
         "${PATH:+:$PATH}\" ;; esac  # agent: set by bashrc_env\n";
}

// ---- a value --------------------------------------------------------------------------------------------------------

TEST(BashrcEnvForAValue, AddsOneMarkedLineAtTheEnd) {
  EXPECT_EQ(written("alias ll='ls -l'\n", ml_path),
            "alias ll='ls -l'\nexport ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\n");
}

TEST(BashrcEnvForAValue, EndsAnUnfinishedLastLineFirst) {
  EXPECT_EQ(written("true", ml_path), "true\nexport ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\n");
}

TEST(BashrcEnvForAValue, SaysTheCommentBehindTheLine) {
  Args args = ml_path;
  args.set("comment", "where models live");
  EXPECT_EQ(written("", args), "export ML_PATH=\"$HOME/ml\"  # agent: where models live\n");
}

class EqualExport : public ::testing::TestWithParam<const char*> {};

TEST_P(EqualExport, CountsAsOursHoweverItIsWritten) {
  EXPECT_EQ(written(GetParam(), ml_path), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    BashrcEnv, EqualExport,
    ::testing::Values("export ML_PATH=/home/alice/ml\n", "export ML_PATH=\"/home/alice/ml\"\n",
                      "export ML_PATH='/home/alice/ml'", "export ML_PATH=~/ml\n",
                      "export ML_PATH=\"$HOME\"/ml # mine\n", "export ML_PATH=${HOME}/ml\n",
                      "ML_PATH=/home/alice/ml; export ML_PATH\n", "ML_PATH=~/ml\nexport ML_PATH\n",
                      "export ML_PATH\nML_PATH=$HOME/ml\n", "declare -x ML_PATH=/home/alice/ml\n",
                      "typeset -x ML_PATH=/home/alice/ml\n", "export A=1 ML_PATH=/home/alice/ml B=2\n",
                      "export 'ML_PATH=/home/alice/ml'\n", "export ML_PATH=$'/home/alice/\\x6dl'\n",
                      "D=/home/alice\nexport ML_PATH=$D/ml\n", "  export \\\n  ML_PATH=/home/alice/ml\n",
                      "export ML_PATH=/tmp\nexport ML_PATH=/home/alice/ml\n"));

class OtherExport : public ::testing::TestWithParam<const char*> {};

TEST_P(OtherExport, DoesNotCount) {
  EXPECT_THAT(written(GetParam(), ml_path), EndsWith("export ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\n"));
}

INSTANTIATE_TEST_SUITE_P(BashrcEnv, OtherExport,
                         ::testing::Values("# export ML_PATH=/home/alice/ml\n", "ML_PATH=/home/alice/ml\n",
                                           "export ML_PATH='$HOME/ml'\n", "export ML_PATH='~/ml'\n",
                                           "ML_PATH=~/ml make\n", "if true; then export ML_PATH=/home/alice/ml; fi\n",
                                           "f() { export ML_PATH=/home/alice/ml; }\n", "true && export ML_PATH=~/ml\n",
                                           "cat <<E\nexport ML_PATH=/home/alice/ml\nE\n",
                                           "export ML_PATH=/home/alice/ml\nunset ML_PATH\n",
                                           "export ML_PATH=/home/alice/ml\nif [ -d /x ]; then ML_PATH=/x; fi\n",
                                           "export ML_PATH=/home/alice/ml\nexport -n ML_PATH\n",
                                           "echo 'export ML_PATH=~/ml'\n"));

TEST(BashrcEnvForAValue, ChangesItsOwnLineWhereItStands) {
  EXPECT_EQ(written("export ML_PATH=\"/old\"  # agent: set by bashrc_env\nalias a=b\n", ml_path),
            "export ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\nalias a=b\n");
}

TEST(BashrcEnvForAValue, MovesItsOwnLineBehindWhatUndoesIt) {
  EXPECT_EQ(written("export ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\nexport ML_PATH=/other\n", ml_path),
            "export ML_PATH=/other\nexport ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\n");
}

TEST(BashrcEnvForAValue, StandsBeforeAReturnThatEveryShellRunsInto) {
  EXPECT_EQ(written("alias a=b\nreturn\nnever here\n", ml_path),
            "alias a=b\nexport ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\nreturn\nnever here\n");
}

TEST(BashrcEnvForAValue, StandsBeforeWhatBashCannotRead) {
  EXPECT_EQ(written("alias a=b\nif true; then\n", ml_path),
            "alias a=b\nexport ML_PATH=\"$HOME/ml\"  # agent: set by bashrc_env\nif true; then\n");
}

TEST(BashrcEnvForAValue, LetsNoTextRunAsACommand) {
  EXPECT_THAT(written("", {{"name", "X"}, {"value", "`id` $(id) \"; id; \\ $9 ${x:-y} \\$HOME"}}),
              HasSubstr(R"(export X="\`id\` \$(id) \"; id; \\ \$9 \${x:-y} \$HOME")"));
}

// ---- entries of a list ----------------------------------------------------------------------------------------------

TEST(BashrcEnvForAList, KeepsWhatIsInTheList) {
  EXPECT_EQ(written("", local_bin), guard("$HOME/.local/bin"));
}

TEST(BashrcEnvForAList, MakesNoEmptyEntryOfAnUnsetVariable) {
  EXPECT_THAT(written("", {{"name", "LD_LIBRARY_PATH"}, {"append", "/usr/local/cuda/lib64"}}),
              HasSubstr("LD_LIBRARY_PATH=\"${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/usr/local/cuda/lib64\""));
}

struct Edit {
  const char *name, *before, *after;
};
std::ostream& operator<<(std::ostream& out, const Edit& edit) {
  return out << edit.name;
}

class PersonsLine : public ::testing::TestWithParam<Edit> {};

TEST_P(PersonsLine, GetsTheEntryInPlaceAndGivesItBack) {
  FakeHost host = alices(GetParam().before);
  expect_laws(*any(), local_bin, host);
  EXPECT_EQ(host.content(bashrc), GetParam().after);
  Args absent = local_bin;
  absent.set("state", "absent");
  expect_laws(*any(), absent, host);
  EXPECT_EQ(host.content(bashrc), GetParam().before);
}

INSTANTIATE_TEST_SUITE_P(
    BashrcEnv, PersonsLine,
    ::testing::Values(
        Edit{"bare", "export PATH=/a:$PATH\n",
             "export PATH=$HOME/.local/bin:/a:$PATH  # agent: added $HOME/.local/bin\n"},
        Edit{"quoted", "export PATH=\"/a:$PATH\"\nx=1\n",
             "export PATH=\"$HOME/.local/bin:/a:$PATH\"  # agent: added $HOME/.local/bin\nx=1\n"},
        Edit{"commented", "export PATH=\"/a:$PATH\" # mine",
             "export PATH=\"$HOME/.local/bin:/a:$PATH\" # mine  # agent: added $HOME/.local/bin"},
        Edit{"without_export", "PATH=$PATH:/a\n", "PATH=$HOME/.local/bin:$PATH:/a  # agent: added $HOME/.local/bin\n"},
        Edit{"single_quotes", "export PATH='/a b':$PATH\n",
             "export PATH=$HOME/.local/bin:'/a b':$PATH  # agent: added $HOME/.local/bin\n"},
        Edit{"the_last_of_two", "export PATH=/a:$PATH\nexport PATH=/b:$PATH\n",
             "export PATH=/a:$PATH\nexport PATH=$HOME/.local/bin:/b:$PATH  # agent: added $HOME/.local/bin\n"}));

TEST(BashrcEnvForAList, AppendsBehindAPersonsEntries) {
  EXPECT_EQ(written("export PATH=\"$PATH:/a\"\n", {{"name", "PATH"}, {"append", "/opt/my tools"}}),
            "export PATH=\"$PATH:/a:/opt/my tools\"  # agent: added /opt/my tools\n");
}

TEST(BashrcEnvForAList, PutsSeveralEntriesInTheirOrder) {
  EXPECT_EQ(written("export PATH=/a:$PATH\n", {{"name", "PATH"}, {"prepend", List{"/x", "/y"}}}),
            "export PATH=/x:/y:/a:$PATH  # agent: added /y:/x\n");
}

class EntryThatIsThere : public ::testing::TestWithParam<const char*> {};

TEST_P(EntryThatIsThere, IsNotDoubled) {
  EXPECT_EQ(written(GetParam(), local_bin), GetParam());
}

INSTANTIATE_TEST_SUITE_P(BashrcEnv, EntryThatIsThere,
                         ::testing::Values("export PATH=$HOME/.local/bin:$PATH\n", "export PATH=~/.local/bin:$PATH\n",
                                           "export PATH=\"$PATH:/home/alice/.local/bin\"\n",
                                           "PATH=${HOME}/.local/bin${PATH:+:${PATH}}\n", "PATH+=:~/.local/bin\n",
                                           "export PATH=$PATH:~/.local/bin\nexport PATH=/b:$PATH\n",
                                           "export PATH=\"$HOME/.local/bin\"\n"));

class NotAPersonsLine : public ::testing::TestWithParam<const char*> {};

TEST_P(NotAPersonsLine, GetsALineOfItsOwnBehindIt) {
  EXPECT_EQ(written(GetParam(), local_bin), std::string(GetParam()) + guard("$HOME/.local/bin"));
}

INSTANTIATE_TEST_SUITE_P(BashrcEnv, NotAPersonsLine,
                         ::testing::Values("if [ -d /a ]; then export PATH=/a:$PATH; fi\n",
                                           "export PATH=/a:$PATH; alias a=b\n", "export PATH=$(make_path)\n",
                                           "[ -d /a ] && PATH=/a:$PATH\n",
                                           "export PATH=/a:$PATH\nif true; then PATH=/b:$PATH; fi\n",
                                           "case $- in *i*) ;; *) return;; esac\n", "PATH_X=/a\n"));

TEST(BashrcEnvForAList, ComesBackWhenALaterLineDropsIt) {
  EXPECT_EQ(written(guard("$HOME/.local/bin") + "export PATH=$(make_path)\n", local_bin),
            "export PATH=$(make_path)\n" + guard("$HOME/.local/bin"));
}

TEST(BashrcEnvForAList, TellsOfALineThatReplacesTheWholePath) {
  const FakeHost host = alices("export PATH=\"$HOME/.local/bin\"\n");
  EXPECT_THAT(
      any()->check(local_bin, host).notes,
      ElementsAre("line 1 of ~/.bashrc replaces the whole PATH; to keep what was in it, it should end in \":$PATH\""));
}

// ---- absent ---------------------------------------------------------------------------------------------------------

TEST(BashrcEnvAbsent, TakesOutOnlyWhatItMade) {
  const std::string persons = "export ML_PATH=/mine\n";
  EXPECT_EQ(written(persons + "export ML_PATH=\"/x\"  # agent: set by bashrc_env\n# end\n",
                    {{"name", "ML_PATH"}, {"state", "absent"}}),
            persons + "# end\n");
}

TEST(BashrcEnvAbsent, TellsWhoseLineIsKept) {
  const FakeHost host = alices("\nexport ML_PATH=/mine\n");
  const Plan plan = any()->check({{"name", "ML_PATH"}, {"state", "absent"}}, host);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_THAT(plan.notes, ElementsAre("line 2 of ~/.bashrc sets ML_PATH and was written by a person: it is kept"));
}

TEST(BashrcEnvAbsent, WithoutAnEntryTakesOutAllOfTheVariable) {
  EXPECT_EQ(
      written("export PATH=/x:/a:$PATH  # agent: added /x\n" + guard("/b"), {{"name", "PATH"}, {"state", "absent"}}),
      "export PATH=/a:$PATH\n");
}

// ---- whose file -----------------------------------------------------------------------------------------------------

TEST(BashrcEnvOfAnotherUser, KeepsOwnerAndModeOfTheFile) {
  FakeHost host = alices("");
  host.as(root());
  Args args = ml_path;
  args.set("user", "alice");
  expect_laws(*any(), args, host);
  EXPECT_EQ(host.stat(bashrc)->mode, 0640U);
  EXPECT_EQ(host.stat(bashrc)->uid, alice().uid);
}

TEST(BashrcEnvOfAnotherUser, GivesANewFileToThem) {
  FakeHost host;
  host.with_user(alice());
  Args args = ml_path;
  args.set("user", "alice");
  const Plan plan = expect_laws(*any(), args, host);
  EXPECT_EQ(host.stat(bashrc)->uid, alice().uid);
  EXPECT_EQ(plan.result, (Map{{"file", "/home/alice/.bashrc"}, {"name", "ML_PATH"}, {"value", "/home/alice/ml"}}));
}

TEST(BashrcEnvOfAnotherUser, RefusesALinkOutOfTheirHome) {
  FakeHost host;
  host.with_user(alice()).with_file("/etc/profile", "").with_link(bashrc, "/etc/profile");
  Args args = ml_path;
  args.set("user", "alice");
  EXPECT_THROW(any()->check(args, host), Error);
}

TEST(BashrcEnvOfAnotherUser, FollowsALinkInsideTheirHome) {
  FakeHost host;
  host.with_user(alice())
      .with_file("/home/alice/dotfiles/bashrc", "", 0644, "alice")
      .with_link(bashrc, "dotfiles/bashrc");
  Args args = ml_path;
  args.set("user", "alice");
  expect_laws(*any(), args, host);
  EXPECT_THAT(host.content("/home/alice/dotfiles/bashrc"), HasSubstr("ML_PATH"));
  EXPECT_TRUE(host.stat(bashrc, false)->is_link());
}

TEST(BashrcEnvOnFedora, WritesIntoTheDirectoryThatBashrcReads) {
  FakeHost host = alices("for rc in ~/.bashrc.d/*; do . \"$rc\"; done\n", test::fedora());
  expect_laws(*fedora(), ml_path, host);
  EXPECT_THAT(host.content("/home/alice/.bashrc.d/agent.sh"), HasSubstr("export ML_PATH=\"$HOME/ml\""));
  EXPECT_EQ(host.stat("/home/alice/.bashrc.d")->uid, alice().uid);
}

TEST(BashrcEnvOnFedora, UsesBashrcWhereTheDirectoryIsNotRead) {
  FakeHost host = alices("", test::fedora());
  expect_laws(*fedora(), ml_path, host);
  EXPECT_THAT(host.content(bashrc), HasSubstr("export ML_PATH"));
}

TEST(BashrcEnvOnFedora, CountsWhatAPersonExportsInBashrc) {
  FakeHost host = alices("export ML_PATH=~/ml\n. ~/.bashrc.d/x\n", test::fedora());
  EXPECT_THAT(expect_laws(*fedora(), ml_path, host).steps, IsEmpty());
}

// ---- mistakes -------------------------------------------------------------------------------------------------------

struct Mistake {
  const char* name;
  Args args;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
  return out << mistake.name;
}

class BashrcEnvMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(BashrcEnvMistake, IsExplained) {
  const FakeHost host = alices("");
  try {
    any()->check(GetParam().args, host);
    FAIL() << "nothing was said";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    BashrcEnv, BashrcEnvMistake,
    ::testing::Values(Mistake{"name", {{"name", "MY-PATH"}, {"value", "x"}}, "'MY-PATH' is not a name for a variable"},
                      Mistake{"nothing", {{"name", "X"}}, "needs 'value', 'prepend' or 'append'"},
                      Mistake{"empty", {{"name", "PATH"}, {"prepend", ":"}}, "'prepend' is empty"},
                      Mistake{"control", {{"name", "X"}, {"value", "a\x1b[0m"}}, "control character"},
                      Mistake{"user", {{"name", "X"}, {"value", "a"}, {"user", "bob"}}, "there is no user 'bob'"}));

}  // namespace
}  // namespace agent::bashrc_env
