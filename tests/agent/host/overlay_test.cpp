#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/printing.hpp>

#include <agent/host/overlay.hpp>
#include <agent/host/real.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

using test::alice;
using test::FakeHost;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

FakeHost machine() {
  FakeHost host;
  host.with_user(alice())
      .with_environment("PATH", "/usr/local/bin:/usr/bin")
      .with_file("/etc/motd", "old\n", 0640, "alice")
      .with_file("/srv/data/a", "A")
      .with_file("/srv/data/sub/b", "B")
      .with_link("/data", "srv/data")
      .with_file("/usr/bin/cat", "", 0755)
      .with_file("/usr/bin/python3", "", 0755)
      .answers_with([](FakeHost&, const Strings& argv) {
        return Output{0, "real " + argv.front(), ""};
      });
  host.package_db().installed("vim", "2:9.0").installed("git", "1:2.39").offers("nginx", {"1.22"});
  return host;
}

std::string reason_of(const std::function<void()>& look) {
  try {
    look();
  } catch (const Unknown& unknown) {
    return unknown.reasons().front();
  }
  return "";
}

// ---- what a task would make is there for the tasks after it -------------------------------------------------------

TEST(TheOverlay, ShowsTheMachineWhereNothingIsPredicted) {
  const FakeHost real = machine();
  const OverlayHost host(real);
  EXPECT_EQ(host.read("/data/a"), "A");
  EXPECT_EQ(host.stat("/etc/motd")->mode, 0640u);
  EXPECT_THAT(host.list("/srv/data"), ElementsAre("a", "sub"));
  EXPECT_EQ(host.packages().find("vim").front().version, "2:9.0");
  EXPECT_EQ(host.query({{"cat", "/etc/motd"}}).out, "real cat");
}

TEST(TheOverlay, ShowsWhatWouldBeWritten) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(WriteFile{"/etc/motd", "new\n"});
  host.perform(WriteFile{"/data/c", "C", {0600, "alice", "alice"}});
  EXPECT_EQ(host.read("/etc/motd"), "new\n");
  EXPECT_EQ(host.stat("/etc/motd")->mode, 0640u);
  EXPECT_EQ(host.stat("/etc/motd")->uid, 1000u);
  EXPECT_EQ(host.read("/srv/data/c"), "C") << "it was written through a link";
  EXPECT_EQ(host.stat("/srv/data/c")->mode, 0600u);
  EXPECT_EQ(host.stat("/srv/data/c")->uid, 1000u);
  EXPECT_THAT(host.list("/srv/data"), ElementsAre("a", "c", "sub"));
  EXPECT_EQ(real.content("/etc/motd"), "old\n");
  EXPECT_THAT(real.performed(), IsEmpty());
}

TEST(TheOverlay, LetsALaterTaskWriteIntoADirectoryThatWouldBeMade) {
  const FakeHost real = machine();
  OverlayHost host(real);
  EXPECT_THROW(host.perform(WriteFile{"/opt/ml/env/f", "x"}), Error);
  host.perform(MakeDirectory{"/opt/ml/env", {0750, "alice"}});
  host.perform(WriteFile{"/opt/ml/env/f", "x"});
  EXPECT_EQ(host.stat("/opt/ml")->mode, 0750u);
  EXPECT_EQ(host.stat("/opt/ml/env")->uid, 1000u);
  EXPECT_THAT(host.list("/opt/ml/env"), ElementsAre("f"));
}

TEST(TheOverlay, ShowsNothingOfADirectoryThatWouldBeRemovedAndMadeAnew) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(RemovePath{"/srv/data"});
  EXPECT_FALSE(host.stat("/srv/data/a"));
  EXPECT_FALSE(host.stat("/data"));
  EXPECT_TRUE(host.stat("/data", false)->is_link());
  EXPECT_THAT(host.list("/srv"), IsEmpty());
  host.perform(MakeDirectory{"/srv/data"});
  EXPECT_THAT(host.list("/data"), IsEmpty());
  EXPECT_EQ(host.read("/data/a"), std::nullopt);
}

TEST(TheOverlay, FollowsLinksThatWouldBeMade) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(MakeLink{"/opt/current", "../srv/data"});
  EXPECT_EQ(host.read("/opt/current/sub/b"), "B");
  EXPECT_EQ(host.stat("/opt/current", false)->target, "../srv/data");
  host.perform(MakeLink{"/opt/second", "/opt/current/a", true});
  EXPECT_EQ(host.read("/opt/second"), "A");
  EXPECT_EQ(host.stat("/opt/second")->links, 2u);
}

TEST(TheOverlay, ChangesAttributesAndKeepsTheContent) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(SetAttributes{"/etc/motd", {0600, "root"}, std::nullopt, 5.0});
  EXPECT_EQ(host.read("/etc/motd"), "old\n");
  EXPECT_EQ(host.stat("/etc/motd")->mode, 0600u);
  EXPECT_EQ(host.stat("/etc/motd")->uid, 0u);
  EXPECT_EQ(host.stat("/etc/motd")->modification_time, 5.0);
  EXPECT_THROW(host.perform(SetAttributes{"/nowhere", {0600}}), Error);
}

TEST(TheOverlay, CopiesWhatIsAndWhatWouldBe) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(WriteFile{"/srv/data/sub/b", "newer"});
  host.perform(CopyPath{"/srv/data", "/opt/copy"});
  EXPECT_EQ(host.read("/opt/copy/a"), "A");
  EXPECT_EQ(host.read("/opt/copy/sub/b"), "newer");
  host.perform(RemovePath{"/srv/data"});
  EXPECT_EQ(host.read("/opt/copy/a"), "A");
}

TEST(TheOverlay, KnowsThePackagesThatWouldBeThere) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(InstallPackages{{"nginx"}, {{"nginx", "1.22", "amd64"}, {"nginx-common", "1.22", "all"}}});
  host.perform(RemovePackages{{"vim"}});
  host.perform(HoldPackages{{"git"}});
  EXPECT_EQ(host.packages().find("nginx").front().version, "1.22");
  EXPECT_EQ(host.packages().find("vim").front().state, Package::State::config_files);
  EXPECT_TRUE(host.packages().find("git").front().held);
  EXPECT_THAT(host.packages().find("nginx*"), SizeIs(2));
  EXPECT_EQ(real.packages().find("nginx").size(), 0u);
}

TEST(TheOverlay, AppliesTheEffectsThatACommandDeclares) {
  const FakeHost real = machine();
  OverlayHost host(real);
  const Output output = host.perform(Exec{.argv = {"python3", "-m", "venv", "/opt/env"},
                                          .effects = {.directories = {"/opt/env"},
                                                      .files = {{"/opt/env/pyvenv.cfg", "home = /usr/bin\n"}},
                                                      .opaque = {"/opt/env/bin/python"},
                                                      .removed = {"/srv/data"},
                                                      .complete = true},
                                          .title = "making the environment /opt/env"});
  EXPECT_THAT(output.unknown, SizeIs(1));
  EXPECT_EQ(host.read("/opt/env/pyvenv.cfg"), "home = /usr/bin\n");
  EXPECT_TRUE(host.stat("/opt/env/bin/python")->is_file());
  EXPECT_FALSE(host.stat("/opt/env/lib"));
  EXPECT_FALSE(host.stat("/srv/data/a"));
  EXPECT_EQ(reason_of([&] { host.read("/opt/env/bin/python"); }),
            "'/opt/env/bin/python' depends on 'making the environment /opt/env', which check mode did not do");
}

TEST(TheOverlay, DoesNotKnowWhatACommandMayTakeAwayOrLeave) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(Exec{.argv = {"tidy"}, .effects = {.opaque = {"/srv/data"}, .removed = {"/srv/data"}}});
  const std::string reason = "'/srv/data' depends on 'run tidy', which check mode did not do";
  EXPECT_EQ(reason_of([&] { host.stat("/srv/data"); }), reason);
  EXPECT_EQ(reason_of([&] { host.list("/srv"); }), reason);
  EXPECT_EQ(reason_of([&] { host.stat("/srv/data/a"); }), reason);
  EXPECT_EQ(host.list("/opt"), real.list("/opt"));
}

TEST(TheOverlay, SharesItsPredictionWithAnotherOne) {
  const FakeHost real = machine();
  OverlayHost first(real);
  first.perform(MakeDirectory{"/opt/ml"});
  first.perform(WriteFile{"/opt/ml/f", "x"});
  OverlayHost second(real, first.performed());
  EXPECT_EQ(second.read("/opt/ml/f"), "x");
  EXPECT_EQ(second.performed(), first.performed());
}

TEST(TheOverlay, PassesOverWhatItCannotForesee) {
  const FakeHost real = machine();
  const OverlayHost host(real, {WriteFile{"/nowhere/f", "x"}, MakeDirectory{"/opt/ml"}});
  EXPECT_TRUE(host.stat("/opt/ml"));
}

// ---- what cannot be known ----------------------------------------------------------------------------------------

TEST(TheOverlay, DoesNotKnowWhatAnIncompleteCommandPutsIntoItsDirectory) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(Exec{.argv = {"git", "clone", "url", "/opt/src"}, .effects = {.directories = {"/opt/src"}}});
  EXPECT_TRUE(host.stat("/opt/src")->is_directory());
  EXPECT_THAT(reason_of([&] { host.stat("/opt/src/Makefile"); }), HasSubstr("'run git clone url /opt/src'"));
  EXPECT_THAT(reason_of([&] { host.list("/opt/src"); }), HasSubstr("which check mode did not do"));
  host.perform(WriteFile{"/opt/src/mine", "x"});
  EXPECT_EQ(host.read("/opt/src/mine"), "x");
}

TEST(TheOverlay, DoesNotKnowWhetherThereIsAUserThatACommandMayMake) {
  const FakeHost real = machine();
  OverlayHost host(real);
  EXPECT_EQ(host.user("bob"), std::nullopt);
  host.perform(Exec{.argv = {"useradd", "bob"}});
  EXPECT_THAT(reason_of([&] { host.user("bob"); }), HasSubstr("'run useradd bob'"));
  EXPECT_EQ(host.user("carol"), std::nullopt);
  EXPECT_EQ(host.user("alice")->uid, 1000u);
}

TEST(TheOverlay, DoesNotKnowWhatASourceWouldOfferThatIsNotThereYet) {
  const FakeHost real = machine();
  OverlayHost host(real);
  EXPECT_THAT(host.packages().candidates("cuda"), IsEmpty());
  host.perform(MakeDirectory{"/etc/apt/sources.list.d"});
  host.perform(WriteFile{"/etc/apt/sources.list.d/cuda.list", "deb ..."});
  EXPECT_THAT(reason_of([&] { host.packages().candidates("cuda"); }),
              HasSubstr("whether there is a package 'cuda' depends on"));
  EXPECT_THAT(host.packages().candidates("nginx"), SizeIs(1));
}

struct QueryCase {
  const char* name;
  Action before;
  Strings argv;
  bool known;
};
void PrintTo(const QueryCase& one, std::ostream* out) {
  *out << one.name;
}

class AQueryAfterAPrediction : public ::testing::TestWithParam<QueryCase> {};

TEST_P(AQueryAfterAPrediction, RunsOnlyWhereItsAnswerWouldBeTheSame) {
  const FakeHost real = machine();
  OverlayHost host(real);
  host.perform(GetParam().before);
  const Output output = host.query({GetParam().argv});
  EXPECT_EQ(output.unknown.empty(), GetParam().known) << ::testing::PrintToString(output.unknown);
  EXPECT_EQ(real.queried().size(), GetParam().known ? 1u : 0u);
}

const WriteFile write_motd{"/etc/motd", "x"};
const MakeDirectory make_env{"/opt/env/bin"};
const InstallPackages install_python{{"python3-yaml"}, {{"python3-yaml", "6", "amd64"}}};
const Exec make_undeclared{.argv = {"/usr/bin/systemctl", "enable", "x"}};

INSTANTIATE_TEST_SUITE_P(
    Cases, AQueryAfterAPrediction,
    ::testing::Values(
        QueryCase{"an_unrelated_file", write_motd, {"cat", "/srv/data/a"}, true},
        QueryCase{"the_file_itself", write_motd, {"cat", "/etc/motd"}, false},
        QueryCase{"the_file_behind_an_option", write_motd, {"cat", "--file=/etc/motd"}, false},
        QueryCase{"the_file_in_a_script", write_motd, {"sh", "-c", "grep x </etc/motd;"}, false},
        QueryCase{"the_directory_above", write_motd, {"cat", "/etc"}, false},
        QueryCase{"below_a_removed_directory", RemovePath{"/srv/data"}, {"cat", "/data/sub/b"}, false},
        QueryCase{"a_neighbour_by_name", write_motd, {"cat", "/etc/motd2"}, true},
        QueryCase{"a_program_that_is_not_there_yet", make_env, {"/opt/env/bin/python", "-V"}, false},
        QueryCase{"a_real_program_of_a_changed_environment", WriteFile{"/srv/data/x", ""}, {"/srv/data/sub/b"}, false},
        QueryCase{"a_missing_program_when_packages_may_bring_it", install_python, {"yq"}, false},
        QueryCase{"a_missing_program_otherwise", write_motd, {"yq"}, true},
        QueryCase{"python_when_a_package_of_it_would_come", install_python, {"python3", "-c", "import yaml"}, false},
        QueryCase{"the_package_manager_when_packages_change", install_python, {"dpkg-query", "-l"}, false},
        QueryCase{"another_program_when_packages_change", install_python, {"cat", "/srv/data/a"}, true},
        QueryCase{"the_program_of_an_undeclared_command", make_undeclared, {"systemctl", "is-enabled", "x"}, false},
        QueryCase{"another_program_than_that", make_undeclared, {"cat", "/srv/data/a"}, true}),
    [](const auto& test) { return test.param.name; });

TEST(AQueryAfterAPackageChange, IsNotBelievedOfAProgramOfThatPackage) {
  FakeHost real = machine();
  real.with_file("/var/lib/dpkg/info/git.list", "/.\n/usr/bin\n/usr/bin/git\n").with_file("/usr/bin/git", "", 0755);
  OverlayHost host(real);
  host.perform(InstallPackages{{"git"}, {{"git", "1:3", "amd64"}}});
  EXPECT_THAT(host.query({{"git", "--version"}}).unknown, ElementsAre(HasSubstr("the package 'git'")));
  EXPECT_THAT(host.query({{"cat", "x"}}).unknown, IsEmpty());
}

// ---- over the real machine ---------------------------------------------------------------------------------------

/// All that a task could see below `top`: type, mode, content, target.
Strings snapshot(const Host& host, const Path& top) {
  Strings lines;
  for (const auto& name : host.list(top)) {
    const Path path = top / name;
    const auto info = host.stat(path, false);
    if (!info) {
      lines.push_back(path.string() + " listed but absent");
      continue;
    }
    std::string line = path.string() + " " + std::to_string(static_cast<int>(info->type)) + " " +
                       std::to_string(info->mode) + " " + std::to_string(info->uid) + " " + info->target;
    if (info->is_file()) line += " " + std::to_string(info->size) + " " + host.read(path).value_or("(none)");
    lines.push_back(line);
    if (info->is_directory())
      for (auto& below : snapshot(host, path)) lines.push_back(below);
  }
  return lines;
}

/// A repeatable stream of actions on a handful of paths, most of which make sense.
class Dice {
 public:
  Dice(unsigned seed, Path top) : state_(seed * 2654435761u + 1), top_(std::move(top)) {}
  Action action() {
    switch (roll(8)) {
      case 0:
      case 1:
        return WriteFile{path(), std::string(roll(5), 'x'), attributes()};
      case 2:
      case 3:
        return MakeDirectory{path(), attributes()};
      case 4:
        return MakeLink{path(), roll(2) != 0 ? path().string() : "a", roll(4) == 0};
      case 5:
        return SetAttributes{path(), {0600u + 8 * roll(8)}, {}, {}, roll(2) == 0};
      case 6:
        return CopyPath{path(), path()};
      default:
        return RemovePath{path()};
    }
  }

 private:
  unsigned roll(unsigned sides) {
    state_ = state_ * 1664525u + 1013904223u;
    return (state_ >> 16) % sides;
  }
  Path path() {
    Path path = top_;
    for (unsigned depth = 1 + roll(3); depth > 0; --depth) path /= std::string(1, static_cast<char>('a' + roll(3)));
    return path;
  }
  Attributes attributes() { return roll(3) == 0 ? Attributes{0700u + 8 * roll(8)} : Attributes{}; }

  unsigned state_;
  Path top_;
};

/// "" or why not.
template <class DoIt>
std::string outcome_of(DoIt do_it) {
  try {
    do_it();
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(ThePrediction, IsWhatTheRealMachineThenIs) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    const TemporaryDirectory directory;
    directory.put("a/b/f", "one");
    directory.put("b/g", "two", 0600);
    RealHost real({});
    OverlayHost predicted(real);
    Dice dice(seed, directory.path());
    std::vector<Action> actions;
    Strings promised;
    const Strings before = snapshot(real, directory.path());
    for (int i = 0; i < 12; ++i) {
      actions.push_back(dice.action());
      promised.push_back(outcome_of([&] { predicted.perform(actions.back()); }));
    }
    const Strings promise = snapshot(predicted, directory.path());
    ASSERT_EQ(snapshot(real, directory.path()), before) << "nothing on disk may change, seed " << seed;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const std::string outcome = outcome_of([&] { real.perform(actions[i]); });
      ASSERT_EQ(outcome.empty(), promised[i].empty())
          << "seed " << seed << ", action " << i << " of " << ::testing::PrintToString(actions)
          << "\npromised: " << promised[i] << "\nis: " << outcome;
    }
    ASSERT_EQ(snapshot(real, directory.path()), promise) << "seed " << seed << ::testing::PrintToString(actions);
  }
}

}  // namespace
}  // namespace agent
