// Arrows go only downwards (docs/architecture.md): who may include whom, and which folder is the door of which package.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const std::map<std::string, Names> may_include = {
    {"sdk", {}},
    {"wire", {"sdk"}},
    {"unpack", {}},
    {"host", {"sdk", "resolver"}},
    {"template", {"sdk"}},
    {"yaml", {"sdk"}},
    {"resolver", {"sdk", "yaml"}},
    {"inventory", {"sdk", "yaml"}},
    {"loader", {"sdk", "wire"}},
    {"wall", {"sdk", "host"}},
    {"worker", {"sdk", "wire", "host", "wall", "loader"}},
    {"playbook", {"sdk", "template", "yaml"}},
    {"report", {"sdk", "wire", "yaml"}},
    {"history", {"sdk", "wire", "report"}},
    {"executor", {"sdk", "wire", "playbook", "template"}},
    {"fleet", {"unpack", "sdk", "wire", "host", "template", "wall", "worker", "playbook", "executor"}},
    {"parcel", {"sdk", "wire", "host", "template", "playbook", "executor", "fleet", "report"}},
    {"cli",
     {"sdk", "wire", "host", "template", "yaml", "inventory", "wall", "loader", "worker", "playbook", "report",
      "history", "executor", "fleet", "parcel", "resolver"}},
    {"modules", {"sdk", "resolver"}},
};

const std::map<std::string, Names> doors = {
    {"yaml-cpp/", {"yaml", "template"}},
    {"boost/dll", {"loader"}},
    {"boost/process", {"host"}},
    {"spdlog/", {"report", "cli"}},
    {"CLI/", {"cli"}},
    {"nlohmann/", {"sdk", "template"}},
    {"sqlite3.h", {"history", "host"}},
    {"zstd.h", {"unpack", "fleet"}},
};

struct Include {
  fs::path file;
  std::string from, what;
};

std::vector<Include> includes_below(const std::string& top) {
  static const std::regex line(R"re(^\s*#include\s+[<"]([^>"]+)[>"])re");
  std::vector<Include> all;
  const fs::path root = fs::path(AGENT_SOURCE_DIR) / top;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".cpp" && file.extension() != ".hpp" && file.extension() != ".h") continue;
    if (file.stem().string().ends_with("_test")) continue;
    const std::string first = fs::relative(file, root).begin()->string();
    const std::string from = top == "modules" ? "modules" : first;
    std::ifstream stream(file);
    for (std::string text; std::getline(stream, text);)
      if (std::smatch match; std::regex_search(text, match, line)) all.push_back({file, from, match[1]});
  }
  return all;
}

std::vector<Include> all_includes() {
  std::vector<Include> all = includes_below("agent");
  for (Include& include : includes_below("modules")) all.push_back(std::move(include));
  return all;
}

TEST(TheIncludes, GoOnlyDownwards) {
  for (const auto& [file, from, what] : all_includes()) {
    if (from == "main.cpp" || !what.starts_with("agent/")) continue;
    const std::string to = what.substr(6, what.find('/', 6) - 6);
    ASSERT_TRUE(may_include.contains(from)) << file << ": the folder '" << from << "' is not in the table";
    EXPECT_TRUE(to == from || may_include.at(from).contains(to)) << file << " includes <" << what << ">";
  }
}

TEST(TheIncludes, ReachEachPackageThroughItsOneDoor) {
  for (const auto& [file, from, what] : all_includes())
    for (const auto& [package, folders] : doors) {
      EXPECT_TRUE(!what.starts_with(package) || folders.contains(from)) << file << " includes <" << what << ">";
    }
}

TEST(AModule, NeverIncludesAnother) {
  for (const auto& [file, from, what] : includes_below("modules")) EXPECT_FALSE(what.starts_with("modules/")) << file;
}

}  // namespace
