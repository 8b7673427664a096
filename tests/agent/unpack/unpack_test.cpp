// The program as it is sent, as a child, with archives that are right and wrong.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/fleet/archive.hpp>

namespace agent::unpack {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TheUnpacker : public testing::Test {
 protected:
  struct Outcome {
    int code = 0;
    std::string said;
  };

  Outcome unpack(const std::string& archive, const std::string& words = "") {
    const Path packed = folder_.put("packed", archive);
    const std::string command = AGENT_BINARY_DIR "/lib/agent/unpack " + to().string() + " " + words + " <" +
                                packed.string() + " 2>" + (folder_.path() / "said").string();
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder_.path() / "said")};
  }

  Path to() const { return folder_.path() / "to"; }

  static std::string content(const Path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TemporaryDirectory folder_;
};

std::string archive_of(std::initializer_list<std::pair<std::string, std::string>> files) {
  fleet::Packer packer;
  for (const auto& [path, content] : files) packer.add(path, 0644, content);
  return packer.finish();
}

/// So large that it comes in many pieces, and so irregular that it cannot be made much smaller.
std::string much() {
  std::string out;
  for (unsigned state = 1; out.size() < 1'000'003; state = state * 1664525 + 1013904223)
    out += static_cast<char>(state >> 24);
  return out;
}

TEST_F(TheUnpacker, MakesTheFilesWithTheirModesWhateverTheUmaskIs) {
  fleet::Packer packer;
  packer.add("bin/program", 0755, much());
  packer.add("share/empty", 0644, "");
  packer.add("one/two/three", 0644, std::string(512, 'x'));
  const Path packed = folder_.put("packed", packer.finish());
  const std::string command =
      "umask 077; " AGENT_BINARY_DIR "/lib/agent/unpack " + to().string() + " <" + packed.string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(content(to() / "bin/program"), much());
  EXPECT_EQ(content(to() / "one/two/three"), std::string(512, 'x'));
  EXPECT_EQ(fs::file_size(to() / "share/empty"), 0U);
  EXPECT_EQ(fs::status(to() / "bin/program").permissions(), static_cast<fs::perms>(0755));
  EXPECT_EQ(fs::status(to() / "one/two").permissions(), static_cast<fs::perms>(0755));
}

TEST_F(TheUnpacker, LeavesWhatStandsBehindTheArchiveToWhoeverReadsNext) {
  const std::string archive = archive_of({{"a", much()}});
  const Path packed = folder_.put("packed", archive + "the rest\n");
  const std::string command = "{ " AGENT_BINARY_DIR "/lib/agent/unpack " + to().string() + " " +
                              std::to_string(archive.size()) + " && cat >" + (folder_.path() / "rest").string() +
                              "; } <" + packed.string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(content(folder_.path() / "rest"), "the rest\n");
}

TEST_F(TheUnpacker, RefusesWhatIsNotWhole) {
  const std::string archive = archive_of({{"a", much()}, {"b", "b"}});
  for (const std::size_t size : {std::size_t(0), std::size_t(3), archive.size() / 2, archive.size() - 1}) {
    fs::remove_all(to());
    const Outcome outcome = unpack(archive.substr(0, size));
    EXPECT_EQ(outcome.code, 1) << size;
    EXPECT_THAT(outcome.said, HasSubstr("is not whole")) << size;
  }
}

TEST_F(TheUnpacker, RefusesWhatWasDamagedOnItsWay) {
  const std::string archive = archive_of({{"a", much()}});
  for (const std::size_t place : {std::size_t(1), archive.size() / 2, archive.size() - 2}) {
    fs::remove_all(to());
    std::string damaged = archive;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    EXPECT_EQ(unpack(damaged).code, 1) << place;
  }
}

TEST_F(TheUnpacker, WritesNowhereButIntoItsFolder) {
  for (const char* path : {"../out", "a/../../out", "/tmp/agent-unpack-out", "a//b", "a/.."}) {
    fs::remove_all(to());
    const Outcome outcome = unpack(archive_of({{path, "x"}}));
    EXPECT_EQ(outcome.code, 1) << path;
    EXPECT_THAT(outcome.said, HasSubstr("is no place in the agent's tree")) << path;
  }
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

TEST_F(TheUnpacker, WritesOverNothing) {
  EXPECT_THAT(unpack(archive_of({{"a", "1"}, {"a", "2"}})).said, HasSubstr("File exists"));
  fs::remove_all(to());
  fs::create_directory(to());
  EXPECT_THAT(unpack(archive_of({{"a", "1"}})).said, HasSubstr("File exists"));
}

}  // namespace
}  // namespace agent::unpack
