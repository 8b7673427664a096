#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/support/fake_host.hpp>
#include <unistd.h>

#include <agent/loader/library.hpp>

namespace agent {
namespace {

using test::FakeHost;
using testing::ElementsAre;
using testing::HasSubstr;

Path library(const std::string& name) {
  return Path(TEST_MODULES) / (name + ".so");
}

std::string refusal(const Path& path, const std::string& sha256 = "") {
  try {
    Library::open(path, sha256);
  } catch (const Error& error) {
    return error.message();
  }
  return "not refused";
}

/// A copy of the good library that a test may spoil.
class SpoiledLibrary : public testing::Test {
 protected:
  SpoiledLibrary() {
    std::filesystem::create_directories(folder_);
    std::filesystem::copy_file(library("good"), copy_, std::filesystem::copy_options::overwrite_existing);
  }
  ~SpoiledLibrary() override { std::filesystem::remove_all(folder_); }
  const Path folder_ = Path(testing::TempDir()) / ("spoiled." + std::to_string(::getpid()));
  const Path copy_ = folder_ / "good.so";
};

TEST(ALibrary, TellsItsSpecAndTheDistributionsItServes) {
  const Library good = Library::open(library("good"));
  EXPECT_EQ(good.spec().name, "good");
  EXPECT_THAT(good.distros(), ElementsAre("debian"));
}

TEST(ALibrary, IsTakenToServeWhatTheIndexSaysAndTellsItsSpecAllTheSame) {
  const Library good = Library::open(library("good"), "", Strings{"fedora"});
  EXPECT_THAT(good.distros(), ElementsAre("fedora"));
  EXPECT_EQ(good.spec().name, "good");
  EXPECT_THAT(good.distros(), ElementsAre("fedora"));
}

TEST(ALibrary, ChecksAgainstAHostAndAppliesItsPlan) {
  const Library good = Library::open(library("good"));
  FakeHost host;
  const Plan plan = good.check("debian", {{"text", "hello"}}, host);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.result.find("seen_on")->string(), "debian");
  good.apply("debian", plan, host);
  EXPECT_EQ(host.content("/good"), "hello");
  EXPECT_TRUE(good.check("debian", {{"text", "hello"}}, host).empty());
}

TEST(ALibrary, BringsTheModulesErrorAcrossWhole) {
  const Library good = Library::open(library("good"));
  try {
    good.check("debian", {{"text", "throw"}}, FakeHost());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the module refuses");
    EXPECT_THAT(error.hints(), ElementsAre("ask for something else"));
    EXPECT_EQ(error.argument(), "text");
  }
}

TEST(ALibrary, BringsUnknownAcross) {
  const Library good = Library::open(library("good"));
  EXPECT_THROW(good.check("debian", {{"text", "wonder"}}, FakeHost()), Unknown);
}

TEST(ALibrary, ThatThrowsSomethingStrangeIsAnError) {
  const Library good = Library::open(library("good"));
  EXPECT_THROW(good.check("debian", {{"text", "crash"}}, FakeHost()), Error);
}

TEST(ALibrary, PicksTheVariantByIdThenByIdLike) {
  const Library good = Library::open(library("good"));
  EXPECT_EQ(good.variant_for({.id = "debian"}), "debian");
  EXPECT_EQ(good.variant_for({.id = "ubuntu", .like = {"debian"}}), "debian");
}

TEST(ALibrary, NamesThoseItServesWhereADistributionIsNotServed) {
  const Library good = Library::open(library("good"));
  try {
    good.variant_for({.id = "arch", .name = "Arch Linux"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the module 'good' does not serve Arch Linux");
    EXPECT_THAT(error.hints(), ElementsAre("it serves: debian"));
  }
}

TEST(ALibraryOfAnotherAbi, IsRefusedNamingBothVersions) {
  EXPECT_THAT(refusal(library("other_abi")), HasSubstr("was built for module ABI 99, this agent has ABI 1"));
}

TEST(ALibraryWithoutTheSymbol, IsRefused) {
  EXPECT_THAT(refusal(library("no_symbol")), HasSubstr("is no module library: it does not export 'agent_module'"));
}

TEST(AMissingLibrary, IsRefusedByName) {
  EXPECT_EQ(refusal("/nowhere/x.so"), "the module library '/nowhere/x.so' cannot be opened: No such file or directory");
}

TEST_F(SpoiledLibrary, ThatIsTextIsRefused) {
  std::ofstream(copy_) << "not a library, but long enough to be looked at by anybody who asks what it might be\n";
  EXPECT_THAT(refusal(copy_), HasSubstr("is no module library: it is not a shared library"));
}

TEST_F(SpoiledLibrary, ThatOthersMayWriteIsRefused) {
  ASSERT_EQ(::chmod(copy_.c_str(), 0666), 0);
  EXPECT_THAT(refusal(copy_), HasSubstr("may be written by others"));
}

TEST_F(SpoiledLibrary, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(copy_.c_str(), 12345, 12345), 0);
  EXPECT_THAT(refusal(copy_), HasSubstr("belongs to another user (uid 12345)"));
}

TEST_F(SpoiledLibrary, OfAnotherHashThanTheIndexSaysIsRefused) {
  EXPECT_THAT(refusal(copy_, std::string(64, '0')), HasSubstr("is not the one that was built"));
}

/// A tree of a module and of what it shares, which a test may spoil.
class ALibraryThatSharesAnother : public testing::Test {
 protected:
  ALibraryThatSharesAnother() {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(Path(TEST_MODULES) / "tree", folder_, std::filesystem::copy_options::recursive);
  }
  ~ALibraryThatSharesAnother() override { std::filesystem::remove_all(folder_); }
  // The loader knows a tree by its name for as long as we live.
  const Path folder_ = Path(testing::TempDir()) / ("sharing." + std::to_string(::getpid()) + "." +
                                                   testing::UnitTest::GetInstance()->current_test_info()->name());
  const Path library_ = folder_ / "modules/sharing.so", shared_ = folder_ / "lib/libagent-sdk.so";
};

TEST_F(ALibraryThatSharesAnother, FindsItBesideItsFolder) {
  EXPECT_EQ(Library::open(library_, fingerprint_of(library_)).spec().summary, "Says what it shares.");
}

TEST_F(ALibraryThatSharesAnother, HasAnotherFingerprintWithoutIt) {
  const Path alone = folder_ / "alone";
  std::filesystem::create_directories(alone / "modules");
  std::filesystem::copy_file(library_, alone / "modules/sharing.so");
  EXPECT_NE(fingerprint_of(alone / "modules/sharing.so"), fingerprint_of(library_));
}

TEST_F(ALibraryThatSharesAnother, IsNotTheIndexedOneWhenThatHasChanged) {
  const std::string before = fingerprint_of(Path(TEST_MODULES) / "tree/modules/sharing.so");
  std::ofstream(shared_, std::ios::app) << "a byte more";
  EXPECT_THAT(refusal(library_, before), HasSubstr("is not the one that was built"));
}

TEST_F(ALibraryThatSharesAnother, IsRefusedWhereOthersMayWriteThat) {
  ASSERT_EQ(::chmod(shared_.c_str(), 0666), 0);
  EXPECT_THAT(refusal(library_), HasSubstr("may be written by others"));
}

}  // namespace
}  // namespace agent
