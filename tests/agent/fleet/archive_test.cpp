// The archive in which the agent travels; that it is unpacked rightly is for tests/agent/unpack.
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/fleet/archive.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

using testing::HasSubstr;

std::string archive_of(std::initializer_list<std::pair<std::string, std::string>> files) {
  Packer packer;
  for (const auto& [path, content] : files) packer.add(path, 0644, content);
  return packer.finish();
}

const std::string content(1'000'003, 'x');

TEST(ThePacker, MakesWhatTarTakesToo) {
  if (std::system("tar --version >/dev/null 2>&1 && zstd --version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no tar or no zstd here to compare with";
  const test::TemporaryDirectory folder;
  const Path packed = folder.put("packed.tar.zst", archive_of({{"a/b", content}, {"c", "c"}}));
  const std::string listed = (folder.path() / "listed").string();
  ASSERT_EQ(std::system(("zstd -qdc " + packed.string() + " | tar -tvf - --numeric-owner >" + listed).c_str()), 0);
  std::ifstream in(listed);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(text, HasSubstr("-rw-r--r-- 0/0         1000003 1970-01-01 00:00 a/b"));
  EXPECT_THAT(text, HasSubstr("-rw-r--r-- 0/0               1 1970-01-01 00:00 c"));
}

TEST(ThePacker, RefusesPathsThatDoNotFit) {
  Packer packer;
  EXPECT_THROW(packer.add(std::string(100, 'x'), 0644, ""), Error);
}

TEST(PackedFiles, AreReadAsTheyWerePacked) {
  const std::string archive = archive_of({{"a/b", content}, {"c", ""}});
  PackedFiles files(archive);
  EXPECT_EQ(files.next()->content, content);
  EXPECT_EQ(files.next()->path, "c");
  EXPECT_FALSE(files.next());
}

TEST(PackedFiles, AreRefusedWhereTheArchiveIsDamaged) {
  const std::string archive = archive_of({{"a/b", content}});
  for (const std::string& wrong : {std::string(), std::string("no archive"), archive.substr(0, archive.size() / 2)}) {
    PackedFiles files(wrong);
    EXPECT_THROW(files.next(), Error);
  }
}

}  // namespace
}  // namespace agent::fleet
