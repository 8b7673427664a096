#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/host/apt_index.hpp>
#include <agent/host/apt_report.hpp>

namespace agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string captured(const std::string& name) {
  std::ifstream in(AGENT_SOURCE_DIR "/tests/agent/host/captured/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(AptPolicy, PutsTheCandidateFirstAndLeavesOutWhatNobodyOffers) {
  const auto all = parse_apt_policy(
      "tool:\n  Installed: 3.0\n  Candidate: 2.0\n  Version table:\n *** 3.0 100\n        100 /var/lib/dpkg/status\n"
      "     2.5-1~bpo12+1 100\n        100 http://deb.debian.org/debian bookworm-backports/main amd64 Packages\n"
      "     2.0 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n");
  ASSERT_THAT(all, SizeIs(1));
  ASSERT_THAT(all.at("tool"), SizeIs(2));
  EXPECT_EQ(all.at("tool")[0].version, "2.0");
  EXPECT_EQ(all.at("tool")[1].version, "2.5-1~bpo12+1");
}

TEST(AptPolicy, ReadsRealOutput) {
  const auto all = parse_apt_policy(captured("apt_policy"));
  ASSERT_THAT(all.at("vim"), SizeIs(testing::Ge(1u)));
  EXPECT_EQ(all.at("vim")[0].version, "2:9.0.1378-2+deb12u2");
  EXPECT_THAT(all.at("mail-transport-agent"), IsEmpty());
  EXPECT_FALSE(all.count("nosuch"));
}

TEST(AptStatusLine, IsRead) {
  const auto status = parse_apt_status("pmstatus:vim:42.8571:Unpacking vim (amd64)");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, AptStatus::Kind::package);
  EXPECT_EQ(status->subject, "vim");
  EXPECT_NEAR(status->fraction, 0.428571, 1e-9);
  EXPECT_EQ(status->text, "Unpacking vim (amd64)");
}

TEST(AptStatusLine, MayNameAnArchitecture) {
  const auto status = parse_apt_status("pmerror:libc6:i386:20.0000:it failed: badly");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->subject, "libc6:i386");
  EXPECT_EQ(status->text, "it failed: badly");
}

TEST(AptStatusLine, OfADownloadHasItsFraction) {
  const auto status = parse_apt_status("dlstatus:1:50.0000:Retrieving file 1 of 2 (3s remaining)");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, AptStatus::Kind::download);
  EXPECT_DOUBLE_EQ(status->fraction, 0.5);
}

TEST(AptStatusLine, IsPassedOverWhenItIsNone) {
  for (const char* line : {"", "hello", "pmstatus", "pmstatus:a:b", "other:a:1.0:x", "pmstatus:a:nan-sense:x", ":::"})
    EXPECT_FALSE(parse_apt_status(line)) << line;
}

TEST(AptUpdate, FailsForEveryRepositoryThatDidNotAnswer) {
  const auto failed = failed_repositories(
      {.rc = 100, .out = captured("apt_update_errors.out"), .err = captured("apt_update_errors.err")});
  ASSERT_THAT(failed, SizeIs(3));
  EXPECT_EQ(failed[0].what, "http://deb.debian.org/debian nosuchsuite Release");
  EXPECT_THAT(failed[0].reason, HasSubstr("404  Not Found"));
  EXPECT_EQ(failed[1].what, "http://127.0.0.1:9/debian bookworm InRelease");
  EXPECT_EQ(failed[2].reason, "Could not resolve 'nonexistent.invalid'");
}

TEST(AptUpdate, FailsThoughAptSaysZero) {
  const Output output{
      .rc = 0,
      .out =
          "Err:1 http://nonexistent.invalid/debian bookworm InRelease\n  Could not resolve "
          "'nonexistent.invalid'\nReading package lists...\n",
      .err =
          "W: Failed to fetch http://nonexistent.invalid/debian/dists/bookworm/InRelease  Could not resolve "
          "'nonexistent.invalid'\nW: Some index files failed to download. They have been ignored, or "
          "old ones used instead.\n"};
  EXPECT_THAT(failed_repositories(output), SizeIs(1));
  const Error error = refresh_error(output);
  EXPECT_EQ(
      error.message(),
      "the package index could not be fetched: repository 'http://nonexistent.invalid/debian bookworm InRelease': "
      "Could not resolve 'nonexistent.invalid'");
  EXPECT_THAT(error.hints(), ElementsAre(HasSubstr("check the network")));
}

TEST(AptUpdate, SucceedsWhereAptTriedAgainByItself) {
  // As apt 2.6 said it of a repository on the disk, of which a retry came to its end.
  EXPECT_THAT(
      failed_repositories({.rc = 0,
                           .out = "Get:3 file:/srv/repo ./ Packages\nErr:3 file:/srv/repo ./ Packages\n  Method "
                                  "gave a blank filename\nGet:3 file:/srv/repo ./ Packages [186 B]\n"}),
      IsEmpty());
}

TEST(AptUpdate, SucceedsInSpiteOfMereWarnings) {
  EXPECT_THAT(
      failed_repositories({.rc = 0,
                           .out = "Hit:1 http://deb.debian.org/debian bookworm InRelease\n",
                           .err = "W: Target Packages (main/binary-amd64/Packages) is configured multiple times\n"
                                  "W: http://x/InRelease: Key is stored in legacy trusted.gpg keyring\n"}),
      IsEmpty());
}

TEST(AptUpdate, TellsWhatIsWrongWithAKeyOrADate) {
  const std::pair<const char*, const char*> cases[] = {
      {"W: GPG error: http://r ./ InRelease: The following signatures couldn't be verified because the public key is "
       "not "
       "available: NO_PUBKEY 6494C6D6997C215E\nE: The repository 'http://r ./ InRelease' is not signed.\n",
       "its signing key is not known here"},
      {"E: Release file for http://r/dists/stable/InRelease is not valid yet (invalid for another 3h). Updates for "
       "this "
       "repository will not be applied.\n",
       "this machine's clock is behind"},
      {"E: Release file for http://r/dists/stable/InRelease is expired (invalid since 3d). Updates for this repository "
       "will not be applied.\n",
       "the mirror is out of date"},
      {"E: Failed to fetch http://r/dists/stable/main/binary-amd64/Packages.gz  Hash Sum mismatch\n",
       "the mirror is being updated"},
  };
  for (const auto& [err, hint] : cases)
    EXPECT_THAT(refresh_error({.rc = 100, .err = err}).hints(), ElementsAre(HasSubstr(hint))) << err;
}

TEST(AptFailure, NamesThePackageAndItsScript) {
  const Error error =
      package_error("installing toy", {.rc = 100},
                    {{AptStatus::Kind::error, "toy", 0.5,
                      "installed toy package post-installation script subprocess returned error exit status 3"}});
  EXPECT_EQ(error.message(),
            "installing toy failed: package 'toy': its post-installation script failed with exit status 3");
}

TEST(AptFailure, IsReadFromDpkgsOwnWords) {
  const Error error =
      package_error("installing toy",
                    {.rc = 100,
                     .out = "Setting up toy (1.0) ...\n",
                     .err = "no licence found\ndpkg: error processing package toy (--configure):\n installed toy "
                            "package post-installation script "
                            "subprocess returned error exit status 3\nErrors were encountered while processing:\n toy\n"
                            "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"},
                    {});
  EXPECT_EQ(error.message(),
            "installing toy failed: package 'toy': its post-installation script failed with exit status 3");
  EXPECT_THAT(error.hints(), ElementsAre("the script said: no licence found"));
}

TEST(AptFailure, SaysWhatToDo) {
  const std::pair<const char*, const char*> cases[] = {
      {"E: You don't have enough free space in /var/cache/apt/archives/.\n", "the disk is full"},
      {"E: Held packages were changed and -y was used without --allow-change-held-packages.\n",
       "allow_change_held_packages"},
      {"E: Packages were downgraded and -y was used without --allow-downgrades.\n", "allow_downgrade"},
      {"E: There were unauthenticated packages and -y was used without --allow-unauthenticated\n", ""},
      {"E: Unable to locate package nosuch\n", "update_cache"},
      {"E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)\n", "lock_timeout"},
  };
  for (const auto& [err, hint] : cases) {
    const Error error = package_error("installing toy", {.rc = 100, .err = err}, {});
    EXPECT_THAT(error.message(), HasSubstr("installing toy failed: ")) << err;
    if (*hint) {
      EXPECT_THAT(error.hints(), ElementsAre(HasSubstr(hint))) << err;
    }
  }
}

TEST(AptFailure, KeepsTheWholeOutput) {
  const Error error = package_error("installing toy", {.rc = 7, .out = "o", .err = "e"}, {});
  EXPECT_EQ(error.message(), "installing toy failed: the package manager ended with exit code 7");
  EXPECT_EQ(error.result().find("rc")->integer(), 7);
  EXPECT_EQ(error.result().find("stdout")->string(), "o");
  EXPECT_EQ(error.result().find("stderr")->string(), "e");
}

}  // namespace
}  // namespace agent
