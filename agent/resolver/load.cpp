#include <algorithm>
#include <cstdlib>
#include <map>

#include <agent/resolver/lists.hpp>
#include <agent/resolver/load.hpp>
#include <agent/resolver/raw_file.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::resolver {
namespace {

/// The rows of each list, by file and name, later folders laid over earlier ones.
using RawLists = std::map<std::pair<std::string, std::string>, std::vector<RawRow>>;

Strings file_names() {
  Strings names;
  for (const ListOf& list : lists())
    if (std::find(names.begin(), names.end(), list.file) == names.end()) names.push_back(list.file);
  return names;
}

void lay_over(std::vector<RawRow>& rows, RawRow row) {
  const bool is_removed = row.value["removed"] == Value(true);
  const auto same = [&](const RawRow& other) { return other.identity == row.identity; };
  const auto found = std::find_if(rows.begin(), rows.end(), same);
  if (is_removed) {
    if (found == rows.end())
      throw Error("there is no row '" + row.identity + "' that could be removed").at(row.value.where());
    rows.erase(found);
  } else if (found == rows.end()) {
    rows.push_back(std::move(row));
  } else {
    *found = std::move(row);
  }
}

void take(Tables& tables, RawLists& lists, const std::string& file, RawFile&& raw) {
  tables.updated = std::max(tables.updated, raw.updated);
  for (auto& [name, rule] : raw.rules) tables.rules[file + "." + name] = std::move(rule);
  for (auto& [name, rows] : raw.lists)
    for (RawRow& row : rows) lay_over(lists[{file, name}], std::move(row));
}

void read_folder(Tables& tables, RawLists& raw, const Path& folder, bool is_first) {
  const Strings names = file_names();
  if (!is_first && !std::filesystem::is_directory(folder)) return;
  if (!is_first)
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const Path& path = entry.path();
      if (path.extension() != ".yml" || std::find(names.begin(), names.end(), path.stem().string()) != names.end())
        continue;
      Error error("'" + path.string() + "' is none of the tables");
      if (auto hint = did_you_mean(path.stem().string(), names)) error.hint(*hint);
      throw error;
    }
  const Compiled compiled(folder / "tables.cbor");
  for (const std::string& name : names) {
    const Path path = folder / (name + ".yml");
    if (!is_first && !std::filesystem::exists(path)) continue;
    const std::string text = yaml::load(path);
    auto found = compiled.find(name, path, text);
    take(tables, raw, name, found ? *std::move(found) : read_raw_file(name, path, text));
  }
}

template <class Rows, class Key>
void newest_first(Rows& rows, Key key) {
  std::stable_sort(rows.begin(), rows.end(), [key](const auto& a, const auto& b) { return a.*key > b.*key; });
}

}  // namespace

Tables load(const std::vector<Path>& from) {
  Tables tables;
  RawLists raw;
  for (std::size_t i = 0; i < from.size(); ++i) read_folder(tables, raw, from[i], i == 0);
  for (const ListOf& list : lists()) {
    if (!list.read) continue;
    for (const RawRow& row : raw[{list.file, list.name}]) {
      Row reader(row.value, list.what + " '" + row.identity + "'", row.sources);
      list.read(tables, reader);
    }
  }
  newest_first(tables.toolkits, &Toolkit::version);
  newest_first(tables.branches, &DriverBranch::branch);
  newest_first(tables.cudnn, &CudnnRelease::version);
  newest_first(tables.torch, &TorchRelease::version);
  newest_first(tables.tensorflow, &TensorflowRelease::version);
  newest_first(tables.jax, &JaxRelease::version);
  return tables;
}

std::vector<Path> folders() {
  std::vector<Path> all = {
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "share/agent/compat",
      "/etc/agent/compat"};
  if (const char* more = std::getenv("AGENT_COMPAT")) {
    std::string_view rest = more;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      if (end > 0) all.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return all;
}

}  // namespace agent::resolver
