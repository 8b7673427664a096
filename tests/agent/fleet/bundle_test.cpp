#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/fleet/bundle.hpp>
#include <agent/fleet/elf.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;

TEST(TheLibrariesOfAProgram, AreThoseThatItWouldBeGivenButForTheCLibrary) {
  Strings names;
  for (const auto& path : libraries_of(fs::canonical("/proc/self/exe"))) names.push_back(path.filename().string());
  EXPECT_THAT(names, Contains("libstdc++.so.6"));
  EXPECT_THAT(names, Not(Contains("libc.so.6")));
}

TEST(TheNewestGlibc, IsReadOutOfTheNamesOfVersions) {
  EXPECT_EQ(newest_glibc_in("..GLIBC_2.2.5..GLIBC_2.34..GLIBC_2.9.."), "2.34");
  EXPECT_EQ(newest_glibc_in("GLIBC_PRIVATE"), "");
}

TEST(LibcSuffices, ComparesVersionsAsNumbers) {
  EXPECT_TRUE(libc_suffices("glibc 2.36", "2.34"));
  EXPECT_TRUE(libc_suffices("glibc 2.36", "2.36"));
  EXPECT_FALSE(libc_suffices("glibc 2.9", "2.34"));
  EXPECT_TRUE(libc_suffices("", "2.34")) << "where nothing is known the host may try";
}

class ATree : public testing::Test {
 protected:
  ATree() : folder_(fs::path(testing::TempDir()) / ("bundle-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    for (const char* part : {"bin", "lib/agent/modules", "share/agent/compat"}) fs::create_directories(folder_ / part);
    fs::copy_file("/proc/self/exe", folder_ / "bin/agent");
    write("share/agent/modules.cbor", "index");
    write("share/agent/compat/tables.yml", "one");
  }
  ~ATree() override { fs::remove_all(folder_); }
  void write(const std::string& path, const std::string& text) { std::ofstream(folder_ / path) << text; }
  std::string id() { return Bundle(folder_ / "bin/agent", folder_ / "cache").id(); }

  fs::path folder_;
};

TEST_F(ATree, IsTheSameBundleAsLongAsNothingInItIsAnother) {
  const std::string first = id();
  EXPECT_EQ(id(), first);
  write("share/agent/compat/tables.yml", "two");
  const std::string second = id();
  EXPECT_NE(second, first);
  write("share/agent/compat/more.yml", "more");
  EXPECT_NE(id(), second);
}

TEST_F(ATree, SaysInItsManifestWhatEachFileIs) {
  const Value manifest = Bundle(folder_ / "bin/agent", folder_ / "cache").manifest();
  Strings paths;
  for (const Value& file : manifest["files"].list()) paths.push_back(file["path"].string());
  EXPECT_THAT(paths, testing::IsSupersetOf({"bin/agent", "share/agent/modules.cbor", "lib/agent/lib/libstdc++.so.6"}));
  EXPECT_EQ(manifest["files"].list().front()["mode"], Value(0755));
  EXPECT_TRUE(libc_suffices(manifest["libc"].string(), "2.2"));
}

TEST_F(ATree, IsPackedOnceAndRefusesToBePackedWhenAFileChangedMeanwhile) {
  Bundle bundle(folder_ / "bin/agent", folder_ / "cache");
  EXPECT_EQ(bundle.archive(Bundle::Packing::gzip).bytes.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(Bundle(folder_ / "bin/agent", folder_ / "cache").archive(Bundle::Packing::gzip).sha256,
            bundle.archive(Bundle::Packing::gzip).sha256);
  write("share/agent/compat/tables.yml", "three");
  Bundle other(folder_ / "bin/agent", folder_ / "cache");
  write("share/agent/compat/tables.yml", "four");
  EXPECT_THROW(other.archive(Bundle::Packing::gzip), Error);
}

}  // namespace
}  // namespace agent::fleet
