#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include <agent/resolver/load.hpp>
#include <agent/resolver/raw_file.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::resolver {
namespace {

const Path shipped_folder = Path(AGENT_SOURCE_DIR) / "share/compat";

/// A folder with copies of the shipped tables.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "compiled-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("no temporary directory");
    path_ = name;
    std::filesystem::copy(shipped_folder, path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void compile() const { write("tables.cbor", compiled_tables(path_)); }
  void write(const char* name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

/// Everything that a file says, in one text.
std::string told(const RawFile& raw) {
  std::string out = raw.updated + "\n";
  for (const auto& [id, text] : *raw.sources) out += id + " = " + text + "\n";
  for (const auto& [name, rule] : raw.rules) out += name + " " + rule.origin.where.text() + " " + rule.text + "\n";
  for (const auto& [name, rows] : raw.lists)
    for (const RawRow& row : rows)
      out += name + " " + row.identity + " " + row.value.where().text() + " " + row.value.json() + "\n";
  return out;
}

TEST(CompiledTables, SayWhatTheTablesSay) {
  Folder folder;
  folder.compile();
  const Compiled compiled(folder.path() / "tables.cbor");
  for (const auto& entry : std::filesystem::directory_iterator(shipped_folder)) {
    const Path path = folder.path() / entry.path().filename();
    const std::string name = path.stem().string(), text = yaml::load(path);
    const auto found = compiled.find(name, path, text);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(told(*found), told(read_raw_file(name, path, text)));
  }
}

TEST(CompiledTables, AreNotUsedForATableThatWasEditedSince) {
  Folder folder;
  folder.compile();
  const Path path = folder.path() / "gpus.yml";
  std::ofstream(path, std::ios::app) << "# a remark\n";
  EXPECT_FALSE(Compiled(folder.path() / "tables.cbor").find("gpus", path, yaml::load(path)));
}

TEST(CompiledTables, ThatAreBrokenArePassedOver) {
  Folder folder;
  folder.write("tables.cbor", "what is this?");
  EXPECT_GT(load({folder.path()}).gpus.size(), 80U);
}

}  // namespace
}  // namespace agent::resolver
