#include <filesystem>

#include <gtest/gtest.h>

#include <agent/host/logind_conf.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

LogindConf conf_of(const std::string& text) {
  LogindConf conf;
  apply_logind_conf(conf, text);
  return conf;
}

TEST(LogindConf, LeavesProcessesAloneUnlessToldOtherwise) {
  EXPECT_FALSE(LogindConf().ends_processes_of("alice"));
  EXPECT_FALSE(conf_of("[Login]\n#KillUserProcesses=yes\n ; KillUserProcesses=yes\n").ends_processes_of("alice"));
}

TEST(LogindConf, TakesEverySpellingOfYes) {
  for (const char* yes : {"yes", "Yes", "y", "true", "T", "on", "1"})
    EXPECT_TRUE(conf_of(std::string("[Login]\n KillUserProcesses = ") + yes + " \n").ends_processes_of("alice")) << yes;
}

TEST(LogindConf, KeepsWhatHeldWhereAValueIsNone) {
  EXPECT_TRUE(conf_of("[Login]\nKillUserProcesses=yes\nKillUserProcesses=maybe\n").ends_processes_of("alice"));
  EXPECT_FALSE(conf_of("[Login]\nKillUserProcesses=yes\nKillUserProcesses=off\n").ends_processes_of("alice"));
}

TEST(LogindConf, PassesOverOtherSections) {
  EXPECT_FALSE(conf_of("KillUserProcesses=yes\n[Sleep]\nKillUserProcesses=yes\n").ends_processes_of("alice"));
}

TEST(LogindConf, SparesRootAndWhoIsExcluded) {
  const LogindConf conf = conf_of("[Login]\nKillUserProcesses=yes\nKillExcludeUsers=bob \"carol\"\n");
  EXPECT_TRUE(conf.ends_processes_of("alice"));
  EXPECT_FALSE(conf.ends_processes_of("bob"));
  EXPECT_FALSE(conf.ends_processes_of("carol"));
  EXPECT_FALSE(conf.ends_processes_of("root"));
}

TEST(LogindConf, SparesNobodyOnceTheListWasEmptied) {
  EXPECT_TRUE(conf_of("[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n").ends_processes_of("root"));
}

TEST(LogindConf, EndsProcessesOfNobodyElseThanThoseListed) {
  const LogindConf conf = conf_of("[Login]\nKillUserProcesses=yes\nKillOnlyUsers=alice \\\n# of the lab\n  bob\n");
  EXPECT_TRUE(conf.ends_processes_of("alice"));
  EXPECT_TRUE(conf.ends_processes_of("bob"));
  EXPECT_FALSE(conf.ends_processes_of("carol"));
}

TEST(LogindConfOfAMachine, IsThatOfTheFirstFolderThatHasOne) {
  const test::TemporaryDirectory root;
  root.put("usr/lib/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\n");
  EXPECT_TRUE(read_logind_conf(root.path()).ends_processes_of("alice"));
  root.put("etc/systemd/logind.conf", "[Login]\n");
  EXPECT_FALSE(read_logind_conf(root.path()).ends_processes_of("alice"));
}

TEST(LogindConfOfAMachine, TakesDropInsByTheirNamesWhereverTheyLie) {
  const test::TemporaryDirectory root;
  root.put("etc/systemd/logind.conf", "[Login]\nKillUserProcesses=no\n");
  root.put("usr/lib/systemd/logind.conf.d/20-kill.conf", "[Login]\nKillUserProcesses=yes\n");
  EXPECT_TRUE(read_logind_conf(root.path()).ends_processes_of("alice"));
  root.put("run/systemd/logind.conf.d/10-spare.conf", "[Login]\nKillUserProcesses=no\n");
  EXPECT_TRUE(read_logind_conf(root.path()).ends_processes_of("alice"));
  root.put("run/systemd/logind.conf.d/30-spare.conf", "[Login]\nKillUserProcesses=no\n");
  EXPECT_FALSE(read_logind_conf(root.path()).ends_processes_of("alice"));
  root.put("etc/systemd/logind.conf.d/40-kill.conf.bak", "[Login]\nKillUserProcesses=yes\n");
  EXPECT_FALSE(read_logind_conf(root.path()).ends_processes_of("alice"));
}

TEST(LogindConfOfAMachine, LetsADropInHideItsNamesake) {
  const test::TemporaryDirectory root;
  root.put("usr/lib/systemd/logind.conf.d/50-kill.conf", "[Login]\nKillUserProcesses=yes\n");
  root.put("etc/systemd/logind.conf.d/.keep", "");
  std::filesystem::create_symlink("/dev/null", root / "etc/systemd/logind.conf.d/50-kill.conf");
  EXPECT_FALSE(read_logind_conf(root.path()).ends_processes_of("alice"));
}

TEST(LogindConfOfAMachine, IsTheDefaultWhereThereIsNoSystemd) {
  const test::TemporaryDirectory root;
  EXPECT_FALSE(read_logind_conf(root.path()).ends_processes_of("alice"));
}

}  // namespace
}  // namespace agent
