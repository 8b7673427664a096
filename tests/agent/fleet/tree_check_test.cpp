#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/fleet/tree_check.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/value.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A tree as a bundle is unpacked to, with two files.
class AKeptTree : public testing::Test {
 protected:
  AKeptTree() : tree(folder / made()) {}
  std::string made() {
    List files;
    for (const auto& [path, content, mode] :
         {std::tuple{"bin/agent", "program", 0755}, std::tuple{"lib/x.so", "library", 0644}})
      files.push_back(Map{{"path", path},
                          {"mode", mode},
                          {"size", std::string(content).size()},
                          {"sha256", checksum(Digest::sha256, content)}});
    Map manifest{{"format", 1}, {"files", std::move(files)}};
    const std::string id = checksum(Digest::sha256, Value(manifest).json()).substr(0, 32);
    manifest.set("id", id);
    folder.put(id + "/manifest.json", Value(manifest).json() + "\n");
    folder.put(id + "/bin/agent", "program", 0755);
    folder.put(id + "/lib/x.so", "library");
    return id;
  }
  std::string wrong() const { return look_at_tree(tree).wrong.value_or(""); }
  /// Another content of the same size.
  void change(const char* file) const {
    std::ofstream(tree / file) << (std::string(file) == "lib/x.so" ? "LIBRARY" : "PROGRAM");
  }

  test::TemporaryDirectory folder;
  Path tree;
};

TEST_F(AKeptTree, IsAsItWasSent) {
  EXPECT_TRUE(look_at_tree(tree).is_kept);
  EXPECT_FALSE(look_at_tree(folder.path()).is_kept) << "an installation is nobody's bundle";
  EXPECT_EQ(wrong(), "");
  EXPECT_EQ(wrong(), "") << "and still is, when only touched files are hashed";
}

TEST_F(AKeptTree, IsFoundChangedAtTheFirstLook) {
  change("lib/x.so");
  EXPECT_THAT(wrong(), HasSubstr("'lib/x.so' has another content"));
  EXPECT_FALSE(fs::exists(tree / ".verified"));
}

TEST_F(AKeptTree, IsFoundChangedAfterALookThatWentWell) {
  EXPECT_EQ(wrong(), "");
  const auto before = fs::last_write_time(tree / "lib/x.so");
  change("lib/x.so");
  fs::last_write_time(tree / "lib/x.so", before);
  EXPECT_THAT(wrong(), HasSubstr("'lib/x.so' has another content")) << "the time of writing can be set back";
}

TEST_F(AKeptTree, IsFoundOpenToOthersOrCutOrLost) {
  EXPECT_EQ(wrong(), "");
  ::chmod((tree / "lib/x.so").c_str(), 0664);
  EXPECT_THAT(wrong(), HasSubstr("may be changed by others"));
  ::chmod((tree / "lib/x.so").c_str(), 0644);
  EXPECT_EQ(wrong(), "") << "its content is what it was";
  ::chmod((tree / "bin/agent").c_str(), 0644);
  EXPECT_THAT(wrong(), HasSubstr("'bin/agent' cannot be run"));
  ::chmod((tree / "bin/agent").c_str(), 0755);
  fs::resize_file(tree / "lib/x.so", 3);
  EXPECT_THAT(wrong(), HasSubstr("has another size"));
  fs::remove(tree / "lib/x.so");
  EXPECT_THAT(wrong(), HasSubstr("is missing"));
  fs::create_symlink("/etc/passwd", tree / "lib/x.so");
  EXPECT_THAT(wrong(), HasSubstr("is no file"));
}

TEST_F(AKeptTree, IsNotItsOwnWitness) {
  folder.put(tree.filename() / "manifest.json", "{\"format\":1,\"files\":[]}");
  EXPECT_THAT(wrong(), HasSubstr("'manifest.json' is not the one that it came with"));
}

TEST_F(AKeptTree, GoesAsAWhole) {
  discard_tree(tree);
  EXPECT_EQ(folder.names(), Strings{});
}

}  // namespace
}  // namespace agent::fleet
