#include <charconv>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include <agent/sdk/codec.hpp>
#include <agent/wire/module_index.hpp>

namespace agent {

namespace {

// Of the file: eight digits, the size of the table; the table; the Specs, one after the other. Most runs need a few of
// many Specs, and a Spec takes long to read.
constexpr std::int64_t format = 2;
constexpr std::size_t digits = 8;

class Index : public ModuleIndex {
 public:
  /// One that may have its Spec still to be read, `size` bytes from `at` on.
  struct Item {
    Entry entry;
    std::size_t at = 0, size = 0;
  };
  Index(std::vector<Item> items, std::string specs) : specs_(std::move(specs)) {
    for (Item& item : items) {
      std::string name = item.entry.name;
      items_.insert_or_assign(std::move(name), std::move(item));
    }
  }
  const Entry* find(std::string_view name) const override {
    const auto found = items_.find(name);
    if (found == items_.end()) return nullptr;
    Item& item = found->second;
    const std::lock_guard lock(mutex_);
    if (item.size > 0) {
      item.entry.spec =
          Spec::from_value(from_cbor(reinterpret_cast<const std::uint8_t*>(specs_.data()) + item.at, item.size));
      item.size = 0;
    }
    return &item.entry;
  }
  Strings names() const override {
    Strings names;
    for (const auto& [name, item] : items_) names.push_back(name);
    return names;
  }

 private:
  const std::string specs_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Item, std::less<>> items_;
};

std::string text_of(const Value& value) {
  const Bytes bytes = to_cbor(value);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::unique_ptr<ModuleIndex> make_module_index(std::vector<ModuleIndex::Entry> entries) {
  std::vector<Index::Item> items;
  items.reserve(entries.size());
  for (auto& entry : entries) items.push_back({std::move(entry)});
  return std::make_unique<Index>(std::move(items), "");
}

std::string module_index_bytes(const std::vector<ModuleIndex::Entry>& entries) {
  List modules;
  std::string specs;
  for (const auto& entry : entries) {
    const std::string spec = text_of(entry.spec.to_value());
    modules.push_back(Map{{"name", entry.name},
                          {"library", entry.library.filename().string()},
                          {"sha256", entry.sha256},
                          {"distros", entry.distros},
                          {"at", specs.size()},
                          {"size", spec.size()}});
    specs += spec;
  }
  const std::string table = text_of(Map{{"format", format}, {"modules", std::move(modules)}});
  std::string size = std::to_string(table.size());
  size.insert(0, digits - size.size(), '0');
  return size + table + specs;
}

std::unique_ptr<ModuleIndex> load_module_index(const Path& file, const Path& module_directory) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw Error("the module index '" + file.string() + "' cannot be read")
        .hint("the installation is not whole: build again with './dev build', or install the agent again");
  std::ostringstream whole;
  whole << stream.rdbuf();
  const std::string bytes = std::move(whole).str();
  const auto refuse = [&](const std::string& why) -> Error {
    return Error("the module index '" + file.string() + "' is " + why)
        .hint("build again with './dev build', or install the agent again");
  };
  constexpr const char* const other = "of another version of the agent";
  std::size_t size = 0;
  const char* const begin = bytes.data();
  if (bytes.size() < digits || std::from_chars(begin, begin + digits, size).ptr != begin + digits) throw refuse(other);
  if (size > bytes.size() - digits) throw refuse("not whole");
  const Value index = from_cbor(reinterpret_cast<const std::uint8_t*>(begin) + digits, size);
  if (!index["format"].is_integer() || index["format"].integer() != format || !index["modules"].is_list())
    throw refuse(other);
  std::string specs = bytes.substr(digits + size);
  std::vector<Index::Item> items;
  for (const Value& module : index["modules"].list()) {
    Index::Item item{{.name = module["name"].string(),
                      .library = module_directory / module["library"].string(),
                      .sha256 = module["sha256"].string(),
                      .distros = strings_from(module["distros"]),
                      .spec = {}},
                     static_cast<std::size_t>(module["at"].integer()),
                     static_cast<std::size_t>(module["size"].integer())};
    if (item.at > specs.size() || item.size > specs.size() - item.at) throw refuse("not whole");
    items.push_back(std::move(item));
  }
  return std::make_unique<Index>(std::move(items), std::move(specs));
}

}  // namespace agent
