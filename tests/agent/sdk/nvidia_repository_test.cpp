#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/nvidia_repository.hpp>

namespace agent {
namespace {

System system_of(const std::string& id, const std::string& version) {
  System system;
  system.id = id;
  system.version = version;
  return system;
}

TEST(TheRepositoryOfNvidia, IsTheOneOfThisVeryRelease) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"ubuntu", "22.04", "ubuntu2204"},
      {"ubuntu", "24.10", ""},
      {"debian", "13", "debian13"},
      {"fedora", "42", "fedora42"},
      {"fedora", "45", ""},
      {"rhel", "9.6", "rhel9"},
      {"almalinux", "10.1", "rhel10"},
      {"rocky", "8", "rhel8"},
      {"linuxmint", "22", ""},
      {"debian", "1", ""},
      {"ubuntu", "22", ""},
      {"", "", ""},
  };
  for (const auto& [id, version, name] : cases) {
    const NvidiaRepository* found = nvidia_repository_for(system_of(id, version));
    EXPECT_EQ(found ? found->name : "", name) << id << " " << version;
  }
}

TEST(TheRepositoryOfNvidia, IsKnownByItsAddress) {
  for (const char* address : {"https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/",
                              "http://developer.download.nvidia.cn/compute/cuda/repos/rhel9/x86_64",
                              "http://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu2004/x86_64",
                              "file:///var/cuda-repo-ubuntu2004-11-0-local"})
    EXPECT_TRUE(is_nvidia_address(address)) << address;
  for (const char* address :
       {"https://nvidia.github.io/libnvidia-container/stable/deb/", "https://download.docker.com/",
        "https://example.org/developer.download.nvidia.com/compute/cuda/repos/", "file:///srv"})
    EXPECT_FALSE(is_nvidia_address(address)) << address;
}

// The table in the code and the one that people may look into say the same.
TEST(TheRepositoryOfNvidia, IsAsTheTableOfTheResolverHasIt) {
  const std::filesystem::path file = std::filesystem::path(AGENT_SOURCE_DIR) / "share/compat/distro_cuda.yml";
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << file << " is not there yet";
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const NvidiaRepository& repository : nvidia_repositories()) {
    const std::regex row("- \\{repo: \"" + std::string(repository.name) +
                         "\".*key: \"(\\w+)\".*cuda_first: (\\S+), cuda_last: (\\S+),");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(text, found, row)) << repository.name;
    const auto quoted = [](std::string_view series) {
      return series.empty() ? std::string("null") : "\"" + std::string(series) + "\"";
    };
    EXPECT_EQ(found[1].str(), repository.key) << repository.name;
    EXPECT_EQ(found[2].str(), quoted(repository.first)) << repository.name;
    EXPECT_EQ(found[3].str(), quoted(repository.last)) << repository.name;
  }
}

}  // namespace
}  // namespace agent
