#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/host/dpkg_status.hpp>

namespace agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string stanza(const std::string& name, const std::string& status, const std::string& version,
                   const std::string& architecture = "amd64", const std::string& more = "") {
  return "Package: " + name + "\nStatus: " + status + "\nArchitecture: " + architecture + "\nVersion: " + version +
         "\n" + more + "Description: a package\n with a second line\n Package: not-a-field\n\n";
}

DpkgStatus read(const std::string& text) {
  DpkgStatus status("amd64");
  status.read(text);
  return status;
}

TEST(DpkgStatus, ReadsARealFile) {
  std::ifstream in(AGENT_SOURCE_DIR "/tests/agent/host/captured/dpkg_status");
  std::ostringstream text;
  text << in.rdbuf();
  DpkgStatus status;
  status.read(text.str());
  const auto vim = status.find("vim");
  ASSERT_EQ(vim.size(), 1u);
  EXPECT_EQ(vim[0].version, "2:9.0.1378-2+deb12u2");
  EXPECT_EQ(vim[0].architecture, "amd64");
  EXPECT_EQ(vim[0].state, Package::State::installed);
  EXPECT_THAT(status.providers("editor"), ElementsAre("vim"));
  EXPECT_THAT(status.providers("awk"), ElementsAre("mawk"));
  EXPECT_THAT(status.interrupted(), IsEmpty());
  EXPECT_THAT(status.find("no-such-package"), IsEmpty());
}

TEST(DpkgStatus, TellsEveryState) {
  const std::pair<const char*, Package::State> states[] = {
      {"install ok installed", Package::State::installed},
      {"deinstall ok config-files", Package::State::config_files},
      {"install reinstreq half-installed", Package::State::half_installed},
      {"install ok half-configured", Package::State::half_configured},
      {"install ok unpacked", Package::State::unpacked},
      {"install ok triggers-awaited", Package::State::installed},
      {"install ok triggers-pending", Package::State::installed},
  };
  for (const auto& [text, state] : states) {
    const auto found = read(stanza("a", text, "1.0")).find("a");
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].state, state) << text;
  }
}

TEST(DpkgStatus, LeavesOutWhatIsNotInstalled) {
  EXPECT_THAT(read(stanza("a", "purge ok not-installed", "")).find("a"), IsEmpty());
}

TEST(DpkgStatus, SeesAHold) {
  EXPECT_TRUE(read(stanza("a", "hold ok installed", "1.0")).find("a").at(0).held);
  EXPECT_FALSE(read(stanza("a", "install ok installed", "1.0")).find("a").at(0).held);
}

TEST(DpkgStatus, PutsTheMachinesOwnArchitectureFirst) {
  const DpkgStatus status =
      read(stanza("libc6", "install ok installed", "2.36", "i386") + stanza("libc6", "install ok installed", "2.36"));
  ASSERT_EQ(status.find("libc6").size(), 2u);
  EXPECT_EQ(status.find("libc6")[0].architecture, "amd64");
  ASSERT_EQ(status.find("libc6:i386").size(), 1u);
  EXPECT_EQ(status.find("libc6:i386")[0].architecture, "i386");
  EXPECT_THAT(status.find("libc6:arm64"), IsEmpty());
}

TEST(DpkgStatus, TakesAPackageForAllArchitecturesForTheMachinesOwn) {
  EXPECT_EQ(read(stanza("doc", "install ok installed", "1", "all")).find("doc:amd64").size(), 1u);
}

TEST(DpkgStatus, FindsProvidersOfVersionedNamesAndAcrossLines) {
  const DpkgStatus status =
      read(stanza("b", "install ok installed", "1", "amd64", "Provides: x (= 1.0),\n y, z:any\n") +
           stanza("a", "install ok installed", "1", "amd64", "Provides: y\n") +
           stanza("c", "deinstall ok config-files", "1", "amd64", "Provides: y\n"));
  EXPECT_THAT(status.providers("x"), ElementsAre("b"));
  EXPECT_THAT(status.providers("y"), ElementsAre("a", "b"));
  EXPECT_THAT(status.providers("z"), ElementsAre("b"));
}

TEST(DpkgStatus, MatchesGlobs) {
  const DpkgStatus status =
      read(stanza("php8.2-cli", "install ok installed", "1") + stanza("php8.2", "install ok installed", "1") +
           stanza("python3", "install ok installed", "1"));
  const auto found = status.find("php8.*");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "php8.2");
  EXPECT_EQ(found[1].name, "php8.2-cli");
}

TEST(DpkgStatus, LetsTheJournalReplaceWhatItSpeaksOf) {
  DpkgStatus status = read(stanza("a", "install ok installed", "1.0") + stanza("b", "install ok installed", "1.0"));
  status.read(stanza("a", "install ok half-configured", "2.0"));
  status.read(stanza("b", "purge ok not-installed", ""));
  ASSERT_EQ(status.find("a").size(), 1u);
  EXPECT_EQ(status.find("a")[0].version, "2.0");
  EXPECT_THAT(status.find("b"), IsEmpty());
  EXPECT_EQ(status.find("*").size(), 1u);
}

TEST(DpkgStatus, NamesWhatWasInterrupted) {
  const DpkgStatus status =
      read(stanza("fine", "install ok installed", "1") + stanza("gone", "deinstall ok config-files", "1") +
           stanza("half", "install ok half-configured", "1") + stanza("waiting", "install ok triggers-pending", "1") +
           stanza("broken", "install reinstreq installed", "1"));
  Strings names;
  for (const Package& package : status.interrupted()) names.push_back(package.name);
  EXPECT_THAT(names, ElementsAre("half", "waiting", "broken"));
}

TEST(DpkgStatus, SurvivesTextThatIsNoStatusFile) {
  for (const char* text : {"", "\n\n\n", "garbage", "Package", "Package:\nStatus:\n\n", "Package: a\nStatus: x\n\n",
                           " Package: a\n", "Status: install ok installed\nVersion: 1\n\n"})
    EXPECT_NO_THROW(read(text)) << text;
}

}  // namespace
}  // namespace agent
