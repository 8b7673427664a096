#include "fake_host.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "laws.hpp"
#include "mock_host.hpp"

namespace agent::test {
namespace {

using ::testing::ElementsAre;
using ::testing::NiceMock;
using ::testing::Throw;

TEST(FakeHost, FollowsLinksAlongTheWayAndAtTheEnd) {
  FakeHost host;
  host.with_file("/srv/data/file", "x").with_link("/data", "srv/data").with_link("/srv/data/other", "file");
  EXPECT_EQ(host.read("/data/other"), "x");
  EXPECT_TRUE(host.stat("/data/other", false)->is_link());
  EXPECT_THAT(host.list("/data"), ElementsAre("file", "other"));
}

TEST(FakeHost, WritesAFileWithTheModeAndOwnerThatAreAskedFor) {
  FakeHost host;
  host.with_user(alice());
  host.perform(WriteFile{"/home/alice/note", "hi", {0600, "alice", "alice"}});
  EXPECT_EQ(host.content("/home/alice/note"), "hi");
  EXPECT_EQ(host.stat("/home/alice/note")->mode, 0600u);
  EXPECT_EQ(host.stat("/home/alice/note")->uid, 1000u);
}

TEST(FakeHost, KeepsModeAndOwnerOfAFileThatItWritesAgain) {
  FakeHost host;
  host.with_user(alice()).with_file("/f", "old", 0640, "alice");
  EXPECT_EQ(host.read(host.perform(WriteFile{"/f", "new", {}, true}).out), "old");
  EXPECT_EQ(host.stat("/f")->mode, 0640u);
  EXPECT_EQ(host.stat("/f")->uid, 1000u);
}

TEST(FakeHost, RefusesToWriteWhereThereIsNoDirectory) {
  FakeHost host;
  EXPECT_THROW(host.perform(WriteFile{"/nowhere/f", ""}), Error);
}

TEST(FakeHost, RemovesADirectoryWithAllThatIsInIt) {
  FakeHost host;
  host.with_file("/srv/a/b", "").with_file("/srv/ab", "");
  host.perform(RemovePath{"/srv/a"});
  EXPECT_THAT(host.list("/srv"), ElementsAre("ab"));
}

TEST(FakeHost, InstallsWhatThePlanPromises) {
  FakeHost host;
  host.perform(InstallPackages{{"vim"}, {{"vim", "2:9", "amd64"}}});
  EXPECT_EQ(host.packages().find("vim").front().version, "2:9");
  host.perform(RemovePackages{{"vim"}});
  EXPECT_EQ(host.packages().find("vim").front().state, Package::State::config_files);
}

TEST(FakeHost, AppliesTheEffectsThatACommandDeclares) {
  FakeHost host;
  host.perform(Exec{.argv = {"make"}, .effects = {{"/out"}, {{"/out/a", "A"}}, {"/out/b"}, {}}});
  EXPECT_THAT(host.list("/out"), ElementsAre("a", "b"));
}

TEST(FakeHost, FailsTheTestWhenAskedWhatItWasNotTold) {
  static FakeHost host;
  EXPECT_NONFATAL_FAILURE(EXPECT_THROW(host.query({{"uptime"}}), Error), "no answer to the query 'uptime'");
  EXPECT_NONFATAL_FAILURE(EXPECT_THROW(host.perform(Exec{{"make"}}), Error), "no answer to the command 'make'");
}

TEST(FakePackageDb, ComparesVersionsAsDpkgDoes) {
  const FakePackageDb db;
  const Strings ascending = {"1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0.1", "1.9", "1.10", "1:0.1"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    EXPECT_LT(db.compare(ascending[i], ascending[i + 1]), 0) << ascending[i] << " " << ascending[i + 1];
    EXPECT_GT(db.compare(ascending[i + 1], ascending[i]), 0);
    EXPECT_EQ(db.compare(ascending[i], ascending[i]), 0);
  }
}

TEST(MockHost, AnswersFromTheFakeBehindItUnlessTold) {
  NiceMock<MockHost> host;
  host.fake.with_file("/f", "x");
  EXPECT_CALL(host, perform).WillOnce(Throw(Error("the disk is full")));
  EXPECT_EQ(host.read("/f"), "x");
  EXPECT_THROW(host.perform(RemovePath{"/f"}), Error);
}

/// Wants /f to hold "x"; with a mistake that the laws find.
class Greeting : public Module {
 public:
  explicit Greeting(std::string writes) : writes_(std::move(writes)) {}
  Plan check(const Args&, const Host& host) const override {
    if (host.read("/f") == "x") return {};
    return {{Step{{{"/f", host.read("/f"), "x"}}, {WriteFile{"/f", writes_}}}}};
  }

 private:
  std::string writes_;
};

TEST(Laws, HoldForAModuleThatConverges) {
  FakeHost host;
  EXPECT_EQ(expect_laws(Greeting("x"), {}, host).steps.size(), 1u);
  EXPECT_THAT(host.performed(), ElementsAre(Action(WriteFile{"/f", "x"})));
}

TEST(Laws, FindAModuleThatDoesNotConverge) {
  EXPECT_NONFATAL_FAILURE(
      {
        FakeHost host;
        expect_laws(Greeting("y"), {}, host);
      },
      "did not converge");
}

}  // namespace
}  // namespace agent::test
