#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/resolver/stack.hpp>
#include <agent/sdk/error.hpp>

#include "tables_for_tests.hpp"

namespace agent::resolver {
namespace {

/// A folder of a site's own tables.
class SiteFolder {
 public:
  SiteFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "compat-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("no temporary directory");
    path_ = name;
  }
  ~SiteFolder() { std::filesystem::remove_all(path_); }
  SiteFolder(const SiteFolder&) = delete;
  SiteFolder& operator=(const SiteFolder&) = delete;
  void write(const char* name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  Tables loaded() const { return load({Path(AGENT_SOURCE_DIR) / "share/compat", path_}); }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

const std::string head = "schema: 1\nsources: {site: \"the site's own list\"}\n";

TEST(TheTables, AreShippedWhole) {
  const Tables& tables = shipped();
  EXPECT_GT(tables.torch.size(), 40U);
  EXPECT_GT(tables.gpus.size(), 80U);
  EXPECT_GT(tables.toolkits.size(), 40U);
  EXPECT_GT(tables.repositories.size(), 20U);
  EXPECT_EQ(tables.torch.front().version.text(), "2.15.0");
  EXPECT_EQ(tables.gpus.front().origin.sources().size(), 2U);
}

TEST(ASite, AddsRows) {
  SiteFolder site;
  site.write("gpus.yml",
             head + "gpus:\n  - {name: Lab Card 9000, cc: \"8.6\", arch: Ampere, pci: [\"abcd\"], source: [site]}\n");
  Request request;
  const Tables tables = site.loaded();
  add_requirement(request, "torch==2.4.1", tables);
  request.gpus = {"10de:abcd"};
  const auto found = resolve(tables, request);
  EXPECT_EQ(std::get<Stack>(found).gpus, Strings{"Lab Card 9000"});
}

TEST(ASite, OverridesAndRemovesRows) {
  SiteFolder site;
  site.write("pytorch.yml",
             head +
                 "releases:\n"
                 "  - {torch: \"2.4.1\", removed: true}\n"
                 "  - {torch: \"2.4.0\", torchvision: \"0.19.0\", torchaudio: null, python_min: \"3.8\", "
                 "python_max: \"3.9\", index: index-url, source: [site], wheels: [{cuda: \"12.1\", tag: "
                 "cu121, arch: [\"8.6\"]}]}\n");
  const Tables tables = site.loaded();
  Request request;
  add_requirement(request, "torch==2.4.*", tables);
  request.gpus = {"RTX 3070"};
  const auto found = resolve(tables, request);
  const Stack& stack = std::get<Stack>(found);
  EXPECT_EQ(stack.frameworks[0].version, "2.4.0");
  EXPECT_EQ(stack.python, "3.9");
}

TEST(ASite, NeedsNoTablesAtAll) {
  EXPECT_EQ(load({Path(AGENT_SOURCE_DIR) / "share/compat", "/nonexistent"}).torch.size(), shipped().torch.size());
}

struct Broken {
  const char *file, *rows, *message, *place;
};
void PrintTo(const Broken& one, std::ostream* out) {
  *out << one.message;
}

class ABrokenRow : public ::testing::TestWithParam<Broken> {};

TEST_P(ABrokenRow, IsAnErrorAtItsPlace) {
  SiteFolder site;
  site.write(GetParam().file, head + GetParam().rows);
  try {
    site.loaded();
    FAIL() << "nothing was found";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr(GetParam().message));
    EXPECT_EQ(error.where().text(), (site.path() / GetParam().file).string() + GetParam().place);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Found, ABrokenRow,
    ::testing::Values(
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: 8.6, arch: Ampere, pci: [], source: [site]}\n",
               "'cc' of a GPU 'A' is 8.6: expected text in quotes", ":4:19"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: \"eight\", arch: Ampere, pci: [], source: [site]}\n",
               "expected a compute capability", ":4:20"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, arch: Ampere, pci: [], source: [site]}\n", "a GPU 'A' has no 'cc'",
               ":4:5"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: \"8.6\", arch: Amper, pci: [], source: [site]}\n",
               "the name of one of the file's `architectures`", ":4:32"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: \"8.6\", arch: Ampere, pci: [\"10DE:1\"], source: [site]}\n",
               "four hex digits", ":4:45"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: \"8.6\", arch: Ampere, pci: [], source: [siet]}\n",
               "names 'siet', which the file's `sources` do not have", ":4:57"},
        Broken{"gpus.yml", "gpus:\n  - {name: A, cc: \"8.6\", arch: Ampere, pci: [], sauce: 1, source: [site]}\n",
               "has no field 'sauce'", ":4:56"},
        Broken{"gpus.yml", "gpus:\n  - {cc: \"8.6\"}\n", "has no 'name' that is text", ":4:5"},
        Broken{"gpus.yml", "gpus:\n  - {name: Nobody, removed: true}\n", "could be removed", ":4:5"},
        Broken{"gpus.yml", "gups: []\n", "'gpus' has no list 'gups'", ":3:7"},
        Broken{"gpus.yml", "gpus: 3\n", "expected a list of rows", ":3:7"},
        Broken{"cuda_driver.yml",
               "toolkits:\n  - {cuda: \"12.x\", series: \"12.0\", min_driver: \"525\", source: [site]}\n",
               "expected numbers joined by dots", ":4:13"},
        Broken{"pytorch.yml",
               "releases:\n  - {torch: \"9.0\", python_min: \"3.9\", python_max: \"3.8\", index: index-url, source: "
               "[site], wheels: []}\n",
               "not older than python_min", ":4:52"},
        Broken{"pytorch.yml",
               "releases:\n  - {torch: \"9.0\", python_min: \"3.9\", python_max: \"3.9\", index: web, source: [site], "
               "wheels: []}\n",
               "expected find-links, extra-index-url or index-url", ":4:65"}));

TEST(ATable, OfAnotherSchemaIsRefused) {
  SiteFolder site;
  site.write("gpus.yml", "schema: 2\n");
  EXPECT_THROW(site.loaded(), Error);
}

TEST(ATable, WithAnUnknownNameIsRefused) {
  SiteFolder site;
  site.write("gpu.yml", head);
  try {
    site.loaded();
    FAIL() << "nothing was found";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr("is none of the tables"));
    EXPECT_THAT(error.hints(), ::testing::Contains("did you mean 'gpus'?"));
  }
}

}  // namespace
}  // namespace agent::resolver
