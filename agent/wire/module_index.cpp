#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include <agent/sdk/codec.hpp>
#include <agent/wire/module_index.hpp>

namespace agent {

namespace {

constexpr std::int64_t format = 1;

class Index : public ModuleIndex {
 public:
  explicit Index(std::vector<Entry> entries) {
    for (Entry& entry : entries) {
      std::string name = entry.name;
      entries_.insert_or_assign(std::move(name), std::move(entry));
    }
  }
  const Entry* find(std::string_view name) const override {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
  }
  Strings names() const override {
    Strings names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace

std::unique_ptr<ModuleIndex> make_module_index(std::vector<ModuleIndex::Entry> entries) {
  return std::make_unique<Index>(std::move(entries));
}

std::string module_index_bytes(const std::vector<ModuleIndex::Entry>& entries) {
  List modules;
  for (const auto& entry : entries)
    modules.push_back(Map{{"name", entry.name},
                          {"library", entry.library.filename().string()},
                          {"sha256", entry.sha256},
                          {"distros", entry.distros},
                          {"spec", entry.spec.to_value()}});
  const Bytes bytes = to_cbor(Map{{"format", format}, {"modules", std::move(modules)}});
  return {bytes.begin(), bytes.end()};
}

std::unique_ptr<ModuleIndex> load_module_index(const Path& file, const Path& module_directory) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw Error("the module index '" + file.string() + "' cannot be read")
        .hint("the installation is not whole: build again with './dev build', or install the agent again");
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const Value index = from_cbor(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!index["format"].is_integer() || index["format"].integer() != format || !index["modules"].is_list())
    throw Error("the module index '" + file.string() + "' is of another version of the agent")
        .hint("build again with './dev build', or install the agent again");
  std::vector<ModuleIndex::Entry> entries;
  for (const Value& module : index["modules"].list())
    entries.push_back({.name = module["name"].string(),
                       .library = module_directory / module["library"].string(),
                       .sha256 = module["sha256"].string(),
                       .distros = strings_from(module["distros"]),
                       .spec = Spec::from_value(module["spec"])});
  return make_module_index(std::move(entries));
}

}  // namespace agent
