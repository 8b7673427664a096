#include <cstdio>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/host/dpkg_version.hpp>

namespace agent {
namespace {

int sign(int value) {
  return (value > 0) - (value < 0);
}

TEST(DpkgVersions, CompareAsThePolicyManualSays) {
  struct Case {
    const char* a;
    const char* b;
    int order;
  };
  const Case cases[] = {
      {"1.0", "1.0", 0},
      {"1.0", "1.0-0", 0},
      {"1.0", "1.0-1", -1},
      {"0:1.0", "1.0", 0},
      {"1:1.0", "2.0", 1},
      {"1.0~rc1", "1.0", -1},
      {"1.0~~", "1.0~", -1},
      {"1.0~~a", "1.0~", -1},
      {"1.10", "1.9", 1},
      {"1.010", "1.10", 0},
      {"1.0a", "1.0+", -1},
      {"1.0a", "1.0", 1},
      {"1.0-1-2", "1.0-1-3", -1},
      {"2.36-9+deb12u10", "2.36-9+deb12u9", 1},
      {"99999999999999999999999999", "100000000000000000000000000", -1},
      {"", "~", 1},
      {"a", "1", 1},
  };
  for (const auto& [a, b, order] : cases) {
    EXPECT_EQ(sign(compare_dpkg_versions(a, b)), order) << a << " and " << b;
    EXPECT_EQ(sign(compare_dpkg_versions(b, a)), -order) << b << " and " << a;
  }
}

class VersionMaker {
 public:
  explicit VersionMaker(unsigned seed) : random_(seed) {}
  std::string next() {
    std::string version = chance(4) ? std::to_string(random_() % 3) + ":" : "";
    version += std::to_string(random_() % 12);
    for (unsigned parts = random_() % 5; parts > 0; --parts) version += part("+.~-");
    if (chance(2)) version += "-" + std::to_string(random_() % 3) + (chance(2) ? part("+.~") : "");
    return version.back() == '-' ? version + "1" : version;  // dpkg refuses an empty revision
  }

 private:
  bool chance(unsigned in) { return random_() % in == 0; }
  std::string part(const std::string& signs) {
    constexpr const char* words[] = {"a", "b", "rc", "deb", "u", "z", "A"};
    std::string text = chance(3) ? "" : std::string(1, signs[random_() % signs.size()]);
    if (chance(2)) text += words[random_() % 7];
    if (!chance(4)) text += std::to_string(random_() % (chance(3) ? 1000 : 11));
    if (chance(10)) text += "00" + std::to_string(random_() % 4);
    return text;
  }
  std::mt19937 random_;
};

// One shell asks dpkg whether it agrees; versions hold no character that a shell minds.
TEST(DpkgVersions, CompareAsDpkgItselfDoes) {
  if (::access("/usr/bin/dpkg", X_OK) != 0) GTEST_SKIP() << "no dpkg here";
  VersionMaker make(20240607);
  constexpr int pairs = 2000;
  std::string script;
  for (int i = 0; i < pairs; ++i) {
    const std::string a = make.next();
    const std::string b = i % 7 == 0 ? a : make.next();
    const int order = compare_dpkg_versions(a, b);
    const std::string relation = a + (order < 0 ? " lt " : order > 0 ? " gt " : " eq ") + b;
    script += "dpkg --compare-versions " + relation + " || echo " + relation + "\n";
  }
  char name[] = "/tmp/dpkg-versions-XXXXXX";
  const int fd = ::mkstemp(name);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::write(fd, script.data(), script.size()), static_cast<ssize_t>(script.size()));
  ::close(fd);
  FILE* pipe = ::popen((std::string("sh ") + name + " 2>/dev/null").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string denied;
  char buffer[65536];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) denied.append(buffer, size);
  ::pclose(pipe);
  ::unlink(name);
  EXPECT_EQ(denied, "");
}

}  // namespace
}  // namespace agent
