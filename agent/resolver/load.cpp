#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <agent/resolver/lists.hpp>
#include <agent/resolver/load.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::resolver {
namespace {

struct RawRow {
  std::string identity;
  Value value;
  std::shared_ptr<const SourceTexts> sources;
};
/// The rows of each list, by file and name, later folders laid over earlier ones.
using RawLists = std::map<std::pair<std::string, std::string>, std::vector<RawRow>>;

Strings file_names() {
  Strings names;
  for (const ListOf& list : lists())
    if (std::find(names.begin(), names.end(), list.file) == names.end()) names.push_back(list.file);
  return names;
}

const ListOf* find_list(const std::string& file, const std::string& name) {
  for (const ListOf& list : lists())
    if (list.file == file && list.name == name) return &list;
  return nullptr;
}

std::string identity_of(const Value& row, const ListOf& list) {
  std::string identity;
  for (const std::string& field : list.identity) {
    const Value& part = row[field];
    if (!part.is_string())
      throw Error(list.what + " has no '" + field + "' that is text").at(row.where()).hint("write it in quotes");
    identity += (identity.empty() ? "" : " ") + part.string();
  }
  return identity;
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

std::shared_ptr<const SourceTexts> read_sources(const Value& root) {
  auto texts = std::make_shared<SourceTexts>();
  if (const Value* sources = root.find("sources"); sources && sources->is_map())
    for (const auto& [id, text] : sources->map()) (*texts)[id] = text.is_string() ? text.string() : text.json();
  return texts;
}

void read_rules(Tables& tables, const std::string& file, const Value& root) {
  if (const Value* semantics = root.find("semantics"); semantics && semantics->is_map())
    for (const auto& [key, text] : semantics->map())
      if (text.is_string()) tables.rules[file + "." + key] = {text.string(), {.where = text.where()}};
}

void read_list(RawLists& raw, const std::string& file, const std::string& name, const Value& list,
               const std::shared_ptr<const SourceTexts>& sources) {
  const ListOf* known = find_list(file, name);
  if (!known) {
    Strings names;
    for (const ListOf& one : lists())
      if (one.file == file) names.push_back(one.name);
    Error error = Error("'" + file + "' has no list '" + name + "'").at(list.where());
    if (auto hint = did_you_mean(name, names)) error.hint(*hint);
    throw error;
  }
  if (!list.is_list()) throw Error("'" + name + "' is " + list.json() + ": expected a list of rows").at(list.where());
  auto& rows = raw[{file, name}];
  std::set<std::string> here;
  for (const Value& row : list.list()) {
    if (!row.is_map()) throw Error(known->what + " is " + row.json() + ": expected a mapping").at(row.where());
    const std::string identity = identity_of(row, *known);
    if (!here.insert(identity).second)
      throw Error(known->what + " '" + identity + "' stands here a second time").at(row.where());
    lay_over(rows, {identity, row, sources});
  }
}

void read_file(Tables& tables, RawLists& raw, const Path& path, const std::string& file) {
  const yaml::Document document = yaml::read(yaml::load(path), path.string(), {.templates = false});
  const Value& root = document.root;
  if (!root.is_map()) throw Error("'" + path.string() + "' holds no mapping").at(root.where());
  const Value& schema = root["schema"];
  if (!(schema == Value(1)))
    throw Error("the table is of schema " + schema.json() + ": this agent reads schema 1")
        .at(schema.where() ? schema.where() : root.where());
  if (const Value& updated = root["updated"]; updated.is_string() && updated.string() > tables.updated)
    tables.updated = updated.string();
  const auto sources = read_sources(root);
  read_rules(tables, file, root);
  static const std::set<std::string> heads = {"schema", "updated", "semantics", "sources"};
  for (const auto& [name, list] : root.map())
    if (!heads.contains(name)) read_list(raw, file, name, list, sources);
}

void read_folder(Tables& tables, RawLists& raw, const Path& folder, bool is_first) {
  const Strings names = file_names();
  if (!is_first && !std::filesystem::is_directory(folder)) return;
  if (!is_first)
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const Path path = entry.path();
      if (path.extension() != ".yml" || std::find(names.begin(), names.end(), path.stem().string()) != names.end())
        continue;
      Error error("'" + path.string() + "' is none of the tables");
      if (auto hint = did_you_mean(path.stem().string(), names)) error.hint(*hint);
      throw error;
    }
  for (const std::string& name : names) {
    const Path path = folder / (name + ".yml");
    if (is_first || std::filesystem::exists(path)) read_file(tables, raw, path, name);
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
