#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/fleet/login_way.hpp>

namespace agent::fleet {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

class ALoginsWay : public testing::Test {
 protected:
  ALoginsWay() : folder_(Path(testing::TempDir()) / ("ways-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ALoginsWay() override { std::filesystem::remove_all(folder_); }

  Path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::string way(const std::string& host, const std::string& arguments = "") {
    executor::Login login;
    login.arguments = arguments;
    return ways_.way_to(host, login);
  }

  Path folder_;
  std::vector<Strings> asked_;
  std::string ssh_says_;
  LoginWays ways_{[this](const std::optional<std::string>& instead) {
                    return std::vector<Path>{instead ? Path(*instead) : folder_ / "config"};
                  },
                  [this](const Strings& argv) {
                    asked_.push_back(argv);
                    return ssh_says_;
                  }};
};

TEST_F(ALoginsWay, IsItsOwnWhereNothingSpeaksOfProxies) {
  write("config", "# ProxyJump bastion\nHost *\n  User me\n");
  EXPECT_NE(way("a"), way("b"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ALoginsWay, IsSharedByThoseWithOneJumpHost) {
  EXPECT_EQ(way("a", "-J bastion"), way("b", "-o ProxyJump=bastion"));
  EXPECT_EQ(way("a", "-Jbastion,inner"), way("b", "-v -o 'ProxyJump bastion'"));
  EXPECT_NE(way("a", "-J bastion"), way("b", "-J other"));
  EXPECT_EQ(way("a", "-o ProxyCommand='ssh -W %h:%p bastion'"), way("b", "-oProxyCommand='ssh -W %h:%p bastion'"));
  EXPECT_NE(way("a", "-J none"), way("b", "-J none"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ALoginsWay, IsAskedOfSshWhereTheConfigurationSpeaksOfProxies) {
  write("more", "Host *.lab\n  proxyjump=bastion\n");
  write("config", "Include " + (folder_ / "mo*").string() + "\n");
  ssh_says_ = "hostname a.lab\nproxyjump bastion\n";
  EXPECT_EQ(way("a.lab"), way("b.lab", "-J bastion"));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_.front(), Contains("-G"));
  EXPECT_THAT(asked_.front(), Contains("a.lab"));
  ssh_says_ = "hostname c\n";
  EXPECT_NE(way("c"), way("a.lab", "-J bastion"));
}

TEST_F(ALoginsWay, IsThatOfTheFileWhichTheArgumentsName) {
  write("config", "ProxyJump bastion\n");
  const Path other = write("other", "User me\n");
  way("a", "-F " + other.string());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ALoginsWay, IsNoMistakesPlaceToBeTold) {
  EXPECT_EQ(way("a", "-o 'unfinished"), way("a"));
}

}  // namespace
}  // namespace agent::fleet
