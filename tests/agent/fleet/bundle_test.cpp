#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/fleet/archive.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/fleet/elf.hpp>
#include <agent/sdk/codec.hpp>
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
    // Without what debuggers want to know, which takes long to pack.
    if (std::system(("strip -o " + (folder_ / "bin/agent").string() + " " + fs::canonical("/proc/self/exe").string())
                        .c_str()) != 0)
      std::abort();
    write("share/agent/modules.cbor", "index");
    write("lib/agent/unpack", "a program");
    write("share/agent/compat/tables.yml", "one");
  }
  ~ATree() override { fs::remove_all(folder_); }
  void write(const std::string& path, const std::string& text) { std::ofstream(folder_ / path) << text; }
  static std::string content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path the_kept_archive() {
    for (const auto& file : fs::directory_iterator(folder_ / "cache"))
      if (file.path().extension() == ".zst") return file.path();
    return {};
  }
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

TEST_F(ATree, TakesAlongTheLibrariesThatItCameWith) {
  const std::string name = "lib/agent/lib/libstdc++.so.6";
  fs::create_directories(folder_ / "lib/agent/lib");
  for (const auto& library : libraries_of(fs::canonical("/proc/self/exe")))
    if (library.filename() == "libstdc++.so.6") fs::copy_file(library, folder_ / name);
  const Bundle bundle(folder_ / "bin/agent", folder_ / "cache");
  EXPECT_THAT(bundle.files(),
              Contains(testing::AllOf(testing::Field(&Bundle::File::path, name),
                                      testing::Field(&Bundle::File::from, fs::canonical(folder_) / name))));
}

TEST_F(ATree, IsPackedOnceAndRefusesToBePackedWhenAFileChangedMeanwhile) {
  const std::string packed = Bundle(folder_ / "bin/agent", folder_ / "cache").archive().packed;
  const fs::path kept = the_kept_archive();
  const auto time = fs::last_write_time(kept);
  EXPECT_EQ(Bundle(folder_ / "bin/agent", folder_ / "cache").archive().packed, packed);
  EXPECT_EQ(fs::last_write_time(kept), time);
  write("share/agent/compat/tables.yml", "three");
  Bundle other(folder_ / "bin/agent", folder_ / "cache");
  write("share/agent/compat/tables.yml", "four");
  EXPECT_THROW(other.archive(), Error);
}

TEST_F(ATree, IsPackedAnewWhereWhatWasKeptIsNotWhatTheManifestSays) {
  const std::string packed = Bundle(folder_ / "bin/agent", folder_ / "cache").archive().packed;
  Packer packer;
  packer.add("bin/agent", 0755, "another program");
  std::ofstream(the_kept_archive(), std::ios::binary) << packer.finish();
  EXPECT_EQ(Bundle(folder_ / "bin/agent", folder_ / "cache").archive().packed, packed);
  fs::resize_file(the_kept_archive(), packed.size() / 2);
  EXPECT_EQ(Bundle(folder_ / "bin/agent", folder_ / "cache").archive().packed, packed);
  EXPECT_EQ(fs::file_size(the_kept_archive()), packed.size()) << "and kept";
}

TEST_F(ATree, ForgetsTheArchivesOfAgentsThatNobodySentForLong) {
  fs::create_directories(folder_ / "cache");
  for (const char* name : {"cache/old.tar.zst", "cache/new.tar.zst", "cache/old.record"}) write(name, "x");
  for (const char* name : {"cache/old.tar.zst", "cache/old.record"})
    fs::last_write_time(folder_ / name, fs::file_time_type::clock::now() - std::chrono::hours(24 * 40));
  Bundle(folder_ / "bin/agent", folder_ / "cache").archive();
  EXPECT_FALSE(fs::exists(folder_ / "cache/old.tar.zst"));
  EXPECT_TRUE(fs::exists(folder_ / "cache/new.tar.zst"));
  EXPECT_TRUE(fs::exists(folder_ / "cache/old.record"));
}

TEST_F(ATree, IsUnpackedByTheProgramThatGoesAhead) {
  Bundle bundle(folder_ / "bin/agent", folder_ / "cache");
  std::ofstream(folder_ / "packed", std::ios::binary) << bundle.archive().packed;
  const Path to = folder_ / "unpacked";
  const std::string command =
      std::string(AGENT_BINARY_DIR "/lib/agent/unpack ") + to.string() + " <" + (folder_ / "packed").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const auto& file : bundle.files()) {
    EXPECT_EQ(content(to / file.path), content(file.from)) << file.path;
    EXPECT_EQ(static_cast<unsigned>(fs::status(to / file.path).permissions()), file.mode) << file.path;
  }
  EXPECT_EQ(parse_json(content(to / "manifest.json"), "manifest"), bundle.manifest());
}

}  // namespace
}  // namespace agent::fleet
