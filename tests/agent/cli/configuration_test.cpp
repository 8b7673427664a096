#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include <agent/cli/configuration.hpp>

namespace agent::cli {
namespace {

using testing::ElementsAre;

class AConfiguration : public testing::Test {
 protected:
  AConfiguration() {
    char name[] = "/tmp/agent-configuration-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~AConfiguration() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& text) { std::ofstream(directory_ / "ansible.cfg") << text; }
  Path directory_;
};

TEST_F(AConfiguration, IsReadFromTheDirectory) {
  write("[defaults]\nforks = 7\nroles_path = roles:~/x:/y\n# no\nforce_handlers: True ; why\n[diff]\nalways=yes\n");
  const auto settings = Configuration::find({{"HOME", "/home/me"}}, directory_);
  EXPECT_EQ(settings.number("defaults", "forks"), 7);
  EXPECT_EQ(settings.flag("defaults", "force_handlers"), true);
  EXPECT_EQ(settings.flag("diff", "always"), true);
  EXPECT_EQ(settings.flag("defaults", "gathering"), std::nullopt);
  EXPECT_THAT(settings.paths("defaults", "roles_path"),
              ElementsAre(directory_ / "roles", Path("/home/me/x"), Path("/y")));
}

TEST_F(AConfiguration, GivesWayToTheEnvironment) {
  write("[defaults]\nforks = 7\n");
  EXPECT_EQ(Configuration::find({{"ANSIBLE_FORKS", "3"}}, directory_).number("defaults", "forks"), 3);
}

TEST_F(AConfiguration, IsPassedOverWhereOthersMayWrite) {
  write("[defaults]\nforks = 7\n");
  std::filesystem::permissions(directory_, std::filesystem::perms::all);
  const auto settings = Configuration::find({}, directory_);
  EXPECT_EQ(settings.number("defaults", "forks"), std::nullopt);
  EXPECT_EQ(settings.refused(), directory_ / "ansible.cfg");
}

TEST_F(AConfiguration, IsTheOneThatTheEnvironmentNames) {
  write("[defaults]\nforks = 7\n");
  const auto settings = Configuration::find({{"ANSIBLE_CONFIG", (directory_ / "ansible.cfg").string()}}, "/");
  EXPECT_EQ(settings.number("defaults", "forks"), 7);
}

}  // namespace
}  // namespace agent::cli
