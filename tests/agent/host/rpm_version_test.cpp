#include <cstdio>
#include <random>

#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/host/rpm_version.hpp>

namespace agent {
namespace {

int sign(int value) {
  return (value > 0) - (value < 0);
}

TEST(RpmVersions, CompareAsRpmDocumentsIt) {
  struct Case {
    const char* a;
    const char* b;
    int order;
  };
  const Case cases[] = {
      {"1.0-1", "1.0-1", 0},         {"1:1.0-1", "2.0-1", 1},    {"0:1.0-1", "1.0-1", 0},
      {"1.0-1", "1.0-2", -1},        {"1.0~rc1-1", "1.0-1", -1}, {"1.0^git1-1", "1.0-1", 1},
      {"1.0^git1-1", "1.0.1-1", -1}, {"1.10-1", "1.9-1", 1},     {"1.0-1.fc40", "1.0-1.fc39", 1},
      {"1.0", "1.0-7", 0},           {"2_0-1", "2.0-1", 0},      {"1.a-1", "1.1-1", -1},
      {"1.0.1-1", "1.0-9", 1},
  };
  for (const auto& [a, b, order] : cases) {
    EXPECT_EQ(sign(compare_rpm_versions(a, b)), order) << a << " and " << b;
    EXPECT_EQ(sign(compare_rpm_versions(b, a)), -order) << b << " and " << a;
  }
}

class VersionMaker {
 public:
  explicit VersionMaker(unsigned seed) : random_(seed) {}
  std::string next() { return (chance(4) ? std::to_string(random_() % 3) + ":" : "") + word() + "-" + word(); }

 private:
  bool chance(unsigned in) { return random_() % in == 0; }
  std::string word() {
    constexpr const char* parts[] = {"a",  "b", "rc", "fc", "1", "2", "10",  "09",
                                     "00", "~", "^",  ".",  "_", "+", "git", "Z"};
    std::string text = std::to_string(random_() % 4);
    for (unsigned count = random_() % 6; count > 0; --count) text += parts[random_() % 16];
    return text;
  }
  std::mt19937 random_;
};

TEST(RpmVersions, CompareAsRpmItselfDoes) {
  if (::access("/usr/bin/rpm", X_OK) != 0) GTEST_SKIP() << "no rpm here";
  VersionMaker make(20240608);
  constexpr int batches = 10, pairs = 500;
  for (int batch = 0; batch < batches; ++batch) {
    std::string lua;
    for (int i = 0; i < pairs; ++i) {
      const std::string a = make.next();
      const std::string b = i % 7 == 0 ? a : make.next();
      const std::string order = std::to_string(sign(compare_rpm_versions(a, b)));
      lua += "d('" + a + "','" + b + "'," + order + ") ";
    }
    const std::string define = "function d(a,b,o) if rpm.vercmp(a,b) ~= o then print(a..' '..b..' ') end end ";
    FILE* pipe = ::popen(("rpm --eval \"%{lua: " + define + lua + "print('all asked')}\"").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string denied;
    char buffer[65536];
    while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) denied.append(buffer, size);
    ::pclose(pipe);
    EXPECT_EQ(denied, "all asked\n");
  }
}

}  // namespace
}  // namespace agent
