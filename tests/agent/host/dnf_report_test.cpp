#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/host/dnf_db.hpp>
#include <agent/host/dnf_report.hpp>
#include <agent/host/dnf_system.hpp>

namespace agent {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(DnfPackages, AreReadNewestFirst) {
  const auto packages = parse_dnf_packages("toy\t0:1.9-1\tnoarch\n\ntoy\t1.10-1\tnoarch\nnoise\n");
  ASSERT_THAT(packages, SizeIs(2));
  EXPECT_EQ(packages[0].version, "1.10-1");
  EXPECT_EQ(packages[1].version, "1.9-1");
}

TEST(DnfRequest, IsSpelledAsDnfDoes) {
  EXPECT_EQ(dnf_request("vim"), "vim");
  EXPECT_EQ(dnf_request("vim=2:9.0-1"), "vim-2:9.0-1");
  EXPECT_EQ(dnf_request("@development-tools"), "@development-tools");
  EXPECT_EQ(dnf_request("/tmp/a.rpm"), "/tmp/a.rpm");
  EXPECT_EQ(dnf_request("https://x/a=b.rpm"), "https://x/a=b.rpm");
  EXPECT_THROW(dnf_request("vim/stable"), Error);
}

TEST(DnfProgressLine, TellsHowFarItIs) {
  const auto step = parse_dnf_progress("  Installing       : vim-enhanced-2:9.1-1.fc40.x86_64                 3/10 ");
  ASSERT_TRUE(step);
  EXPECT_EQ(step->text, "Installing vim-enhanced-2:9.1-1.fc40.x86_64");
  EXPECT_DOUBLE_EQ(step->fraction, 0.3);
  const auto download = parse_dnf_progress("(2/4): vim-enhanced-9.1-1.fc40.x86_64.rpm     1.2 MB/s | 1.9 MB     00:01");
  ASSERT_TRUE(download);
  EXPECT_DOUBLE_EQ(download->fraction, 0.5);
  const auto five = parse_dnf_progress(
      "[ 3/10] Installing vim-enhanced-2:9.1-1.fc40.x86_64  100% |  10.0 MiB/s |   3.9 MiB |  00m00s");
  ASSERT_TRUE(five);
  EXPECT_EQ(five->text, "Installing vim-enhanced-2:9.1-1.fc40.x86_64");
  EXPECT_FALSE(parse_dnf_progress("Dependencies resolved."));
}

TEST(DnfFailure, NamesWhatDoesNotExist) {
  for (const char* err : {"Error: Unable to find a match: nosuch\n", "No match for argument: nosuch\n"}) {
    const Output output{.rc = 1, .err = err};
    EXPECT_EQ(unmatched_argument(output), "nosuch");
    EXPECT_EQ(dnf_error("installing nosuch", output).message(),
              "installing nosuch failed: no package matches 'nosuch'");
  }
}

TEST(DnfFailure, TellsTheDependencyThatIsMissing) {
  const Error error =
      dnf_error("installing toy", {.rc = 1,
                                   .err = "Error: \n Problem: conflicting requests\n  - nothing provides libx needed "
                                          "by toy-1.0-1.noarch from toys\n(try to add '--skip-broken')\n"});
  EXPECT_EQ(error.message(), "installing toy failed: nothing provides libx needed by toy-1.0-1.noarch from toys");
  EXPECT_THAT(error.hints(), Contains(HasSubstr("no enabled repository")));
}

TEST(DnfFailure, SaysWhatToDoAboutTheNetwork) {
  const Error error = dnf_error(
      "installing toy",
      {.rc = 1,
       .err = "Errors during downloading metadata for repository 'x':\n  - Curl error (6): Could not resolve host: "
              "nonexistent.invalid\nError: Failed to download metadata for repo 'x': Cannot download repomd.xml\n"});
  EXPECT_THAT(error.message(), HasSubstr("Failed to download metadata for repo 'x'"));
  EXPECT_THAT(error.hints(), Contains(HasSubstr("check the network")));
}

TEST(DnfIndex, IsNotFreshWithoutARepository) {
  EXPECT_EQ(ignored_repository({.err = "Ignoring repositories: broken\n"}), "broken");
  EXPECT_EQ(ignored_repository({.err = "Ignoring repositories: _dnf_local, broken\n"}), "broken");
  EXPECT_EQ(ignored_repository({.err = "Ignoring repositories: _dnf_local\n"}), "");
  EXPECT_EQ(ignored_repository({.out = "Metadata cache created.\n"}), "");
}

}  // namespace
}  // namespace agent
