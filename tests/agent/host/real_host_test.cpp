#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/support/fake_package_db.hpp>
#include <tests/support/printing.hpp>
#include <unistd.h>

#include <agent/host/real.hpp>
#include <agent/host/users.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

using namespace std::chrono_literals;
using test::is_root;
using test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Do>
std::string failure_of(Do do_it) {
  try {
    do_it();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

/// Acts as an ordinary user while it lives.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() {
    const gid_t none = 12345;
    ::setgroups(1, &none);
    ok_ = ::setegid(12345) == 0 && ::seteuid(12345) == 0;
  }
  ~AsOrdinaryUser() {
    const bool back = ::seteuid(0) == 0 && ::setegid(0) == 0;
    const gid_t root = 0;
    if (back) ::setgroups(1, &root);
  }
  bool ok() const { return ok_; }

 private:
  bool ok_;
};

TEST(TheRealHost, ReadsFilesOfEveryKind) {
  const TemporaryDirectory directory;
  const RealHost host({});
  const std::string bytes("\0\xff\n", 3);
  EXPECT_EQ(host.read(directory.put("f", bytes)), bytes);
  EXPECT_EQ(host.read(directory / "absent"), std::nullopt);
  EXPECT_EQ(host.read(directory / "f/below"), std::nullopt);
  EXPECT_THAT(host.read("/proc/self/status").value_or(""), HasSubstr("Umask:"));
  EXPECT_THAT(failure_of([&] { host.read(directory.path()); }), HasSubstr("it is a directory"));
}

TEST(TheRealHost, RefusesAFileThatIsTooLargeToHold) {
  const TemporaryDirectory directory;
  const Path file = directory.put("huge", "");
  std::filesystem::resize_file(file, std::uintmax_t{10} << 30);
  EXPECT_EQ(failure_of([&] { RealHost({}).read(file); }),
            "cannot read '" + file.string() + "': it is larger than 64 MiB");
}

TEST(TheRealHost, IsNotHeldUpByAPipe) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "p").c_str(), 0600), 0);
  EXPECT_THAT(failure_of([&] { RealHost({}).read(directory / "p"); }), HasSubstr("not a regular file"));
}

TEST(TheRealHost, SaysWhatIsAtAPath) {
  const TemporaryDirectory directory;
  directory.put("f", "text", 0640);
  std::filesystem::create_symlink("f", directory / "l");
  std::filesystem::create_symlink("gone", directory / "dangling");
  const RealHost host({});
  EXPECT_TRUE(host.stat(directory / "l")->is_file());
  EXPECT_EQ(host.stat(directory / "l")->mode, 0640u);
  EXPECT_EQ(host.stat(directory / "l")->size, 4u);
  EXPECT_EQ(host.stat(directory / "l", false)->target, "f");
  EXPECT_FALSE(host.stat(directory / "dangling"));
  EXPECT_TRUE(host.stat("/dev/null")->type == FileInfo::Type::character);
  EXPECT_THAT(host.list(directory.path()), ElementsAre("dangling", "f", "l"));
  EXPECT_THAT(host.list(directory / "absent"), IsEmpty());
}

TEST(TheRealHost, KnowsUsersByNameAndByNumber) {
  const RealHost host({});
  EXPECT_EQ(host.user("root")->uid, 0u);
  EXPECT_EQ(host.user("0")->name, "root");
  EXPECT_EQ(host.group("0")->name, "root");
  EXPECT_EQ(host.user("no-such-user"), std::nullopt);
  EXPECT_EQ(host.user("4294967295"), std::nullopt);
  EXPECT_EQ(host.user(""), std::nullopt);
  EXPECT_EQ(host.self().uid, ::geteuid());
}

TEST(TheRealHost, AsksInEnglishWithTheTasksEnvironment) {
  RealHost host({});
  host.set_environment({{"LC_ALL", "de_DE.UTF-8"}, {"COLOUR", "red"}});
  const Output output = host.query({{"/bin/sh", "-c", "echo $LC_ALL $COLOUR $MORE"}, {{"MORE", "x"}}});
  EXPECT_EQ(output.out, "C red x\n");
  EXPECT_EQ(host.environment("COLOUR"), "red");
  EXPECT_EQ(host.environment("HOME"), host.self().home);
  EXPECT_EQ(host.environment("NO_SUCH_VARIABLE"), std::nullopt);
}

TEST(TheRealHost, LetsAModuleThatLooksSeeWhatItWouldSeeInARun) {
  const Environment forced = {{"TMPDIR", "/behind/the/wall"}, {"AGENT_WALL", "full"}};
  for (const bool shows : {false, true}) {
    RealHost host({.forced = forced, .shows_forced = shows});
    host.set_environment({{"TMPDIR", "/large"}});
    const std::string seen = shows ? "/behind/the/wall" : "/large";
    EXPECT_EQ(host.environment("TMPDIR"), seen);
    EXPECT_EQ(host.environment("AGENT_WALL"), "full");
    EXPECT_EQ(host.query({{"/bin/sh", "-c", "echo $TMPDIR"}}).out, "/behind/the/wall\n");
    EXPECT_EQ(host.facts({"env"})["env"]["TMPDIR"], Value("/large"));
  }
}

TEST(TheRealHost, TakesANoForAnAnswerAndSilenceForAFailure) {
  const RealHost host({});
  EXPECT_EQ(host.query({{"/bin/false"}}).rc, 1);
  EXPECT_EQ(host.query({{"no-such-program"}}).rc, 127);
  EXPECT_EQ(failure_of([&] {
              host.query({{"sleep", "60"}, {}, {}, 50ms});
            }),
            "'sleep 60' gave no answer within 1 s, and was ended");
}

TEST(TheRealHost, RunsACommandWhereAndHowItIsTold) {
  const TemporaryDirectory directory;
  RealHost host({});
  const Output output = host.perform(Exec{.argv = {"/bin/sh", "-c", "pwd; cat; echo $A"},
                                          .environment = {{"A", "1"}},
                                          .directory = directory.path(),
                                          .input = "in\n"});
  EXPECT_EQ(output.out, directory.path().string() + "\nin\n1\n");
}

TEST(TheRealHost, SaysWhyACommandFailed) {
  RealHost host({});
  const Exec fails{.argv = {"/bin/sh", "-c", "echo working; echo 'no such thing' >&2; exit 3"}};
  EXPECT_EQ(failure_of([&] { host.perform(fails); }),
            "'/bin/sh -c echo working; echo 'no such thing' >&2; exit 3' failed with exit code 3: no such thing");
  Exec named = fails;
  named.title = "making things";
  try {
    host.perform(named);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "'making things' failed with exit code 3: no such thing");
    EXPECT_EQ(error.result().find("rc")->integer(), 3);
    EXPECT_EQ(error.result().find("stdout")->string(), "working\n");
  }
  named.any_exit = true;
  EXPECT_EQ(host.perform(named).rc, 3);
  EXPECT_THAT(failure_of([&] {
                host.perform(Exec{{"/bin/sh", "-c", "kill -9 $$"}});
              }),
              HasSubstr("was killed by signal 9 (Killed)"));
}

TEST(TheRealHost, ReportsTheProgressOfPip) {
  std::vector<std::pair<std::string, double>> news;
  RealHost host({.progress = [&](const std::string& text, double fraction) { news.emplace_back(text, fraction); }});
  host.perform(Exec{.argv = {"printf",
                             "Collecting torch==2.3\n  Downloading https://x/torch-2.3-cp311.whl (700.0 MB)\n"
                             "Progress 350 of 700\nnoise\nInstalling collected packages: a, b, torch\n"},
                    .progress = Progress::pip});
  EXPECT_THAT(news, ElementsAre(std::pair<std::string, double>("collecting torch==2.3", -1),
                                std::pair<std::string, double>("downloading torch-2.3-cp311.whl (700.0 MB)", 0),
                                std::pair<std::string, double>("downloading torch-2.3-cp311.whl", 0.5),
                                std::pair<std::string, double>("installing 3 packages", -1)));
}

/// A package system that does what it is told to a database made of maps, and runs one tool.
class ToyPackages : public PackageSystem {
 public:
  explicit ToyPackages(PackageContext context) : context_(std::move(context)) {}
  const PackageDb& db() const override { return db_; }
  Output perform(const InstallPackages& action) override {
    db_.perform(action);
    PackageCommand tool;
    tool.argv = {"/bin/sh", "-c", "echo half >&3; echo $LC_ALL $X; echo $HOME; pwd"};
    tool.environment = {{"X", "1"}};
    tool.status = [&](std::string_view line) { context_.progress(std::string(line), 0.5); };
    return context_.run(tool);
  }
  Output perform(const RemovePackages&) override { return {}; }
  Output perform(const UpgradePackages&) override { return {}; }
  Output perform(const RefreshPackageIndex&) override { return {}; }
  Output perform(const RepairPackages&) override { return {}; }
  Output perform(const TidyPackages&) override { return {}; }
  Output perform(const HoldPackages&) override { return {}; }

 private:
  PackageContext context_;
  test::FakePackageDb db_;
};

TEST(TheRealHost, LetsThePackageSystemRunItsToolsAndReport) {
  Strings news;
  RealHost host({.progress = [&](const std::string& text, double) { news.push_back(text); },
                 .packages = [](const System&, PackageContext context) -> std::unique_ptr<PackageSystem> {
                   return std::make_unique<ToyPackages>(std::move(context));
                 }});
  const Output output = host.perform(InstallPackages{{"vim"}, {{"vim", "9", "amd64"}}});
  EXPECT_EQ(output.out, "C 1\n" + host.self().home + "\n/\n");
  EXPECT_THAT(news, ElementsAre("half"));
  EXPECT_EQ(host.packages().find("vim").front().version, "9");
}

// ---- rights, before the first change -----------------------------------------------------------------------------

std::string missing(const Action& action) {
  const RealHost host({});
  const auto error = host.missing_right(action);
  return error ? error->message() : "";
}

TEST(AMissingRight, IsNamedForAnOrdinaryUser) {
  if (!is_root()) GTEST_SKIP() << "only root can change who it is";
  const TemporaryDirectory directory;
  directory.put("theirs/f", "x");
  std::filesystem::create_directory(directory / "mine");
  ASSERT_EQ(::chown((directory / "mine").c_str(), 12345, 12345), 0);
  const std::string theirs = (directory / "theirs/f").string(), mine = (directory / "mine/f").string();
  const AsOrdinaryUser user;
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(missing(WriteFile{theirs, ""}), "writing '" + theirs + "' needs root");
  EXPECT_EQ(missing(RemovePath{theirs}), "removing '" + theirs + "' needs root");
  EXPECT_EQ(missing(MakeDirectory{directory / "theirs/a/b"}),
            "making the directory '" + (directory / "theirs/a/b").string() + "' needs root");
  EXPECT_EQ(missing(SetAttributes{theirs, {0600}}), "changing '" + theirs + "', which belongs to 'root', needs root");
  EXPECT_EQ(missing(InstallPackages{{"vim"}}), "installing packages needs root");
  EXPECT_EQ(missing(WriteFile{mine, ""}), "");
  EXPECT_EQ(missing(MakeDirectory{directory / "mine/a/b"}), "");
  EXPECT_EQ(missing(WriteFile{mine, "", {{}, "root"}}), "writing '" + mine + "' for the owner 'root' needs root");
  EXPECT_EQ(missing(WriteFile{mine, "", {{}, "12345", "0"}}), "writing '" + mine + "' for the group '0' needs root");
  EXPECT_EQ(missing(Exec{{"anything"}}), "");
}

TEST(AMissingRight, SaysTheWayOut) {
  if (!is_root()) GTEST_SKIP() << "only root can change who it is";
  const AsOrdinaryUser user;
  const auto error = RealHost({}).missing_right(WriteFile{"/etc/motd", ""});
  ASSERT_TRUE(error);
  EXPECT_THAT(error->hints(), ElementsAre("run with become: true (-b)"));
}

TEST(AMissingRight, IsNoneForRootWhereTheDiskLetsIt) {
  if (!is_root()) GTEST_SKIP() << "only root can";
  const TemporaryDirectory directory;
  EXPECT_EQ(missing(WriteFile{directory / "f", "", {0600, "nobody"}}), "");
  EXPECT_EQ(missing(InstallPackages{{"vim"}}), "");
}

}  // namespace
}  // namespace agent
