#include <set>

#include <agent/resolver/lists.hpp>
#include <agent/resolver/raw_file.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::resolver {
namespace {

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

std::shared_ptr<const SourceTexts> read_sources(const Value& root) {
  auto texts = std::make_shared<SourceTexts>();
  if (const Value* sources = root.find("sources"); sources && sources->is_map())
    for (const auto& [id, text] : sources->map()) (*texts)[id] = text.is_string() ? text.string() : text.json();
  return texts;
}

void read_rules(RawFile& raw, const Value& root) {
  if (const Value* semantics = root.find("semantics"); semantics && semantics->is_map())
    for (const auto& [key, text] : semantics->map())
      if (text.is_string()) raw.rules[key] = {text.string(), {.where = text.where()}};
}

const ListOf& known_list(const std::string& file, const std::string& name, const Value& list) {
  if (const ListOf* known = find_list(file, name)) return *known;
  Strings names;
  for (const ListOf& one : lists())
    if (one.file == file) names.push_back(one.name);
  Error error = Error("'" + file + "' has no list '" + name + "'").at(list.where());
  if (auto hint = did_you_mean(name, names)) error.hint(*hint);
  throw error;
}

std::vector<RawRow> read_list(const ListOf& known, const Value& list,
                              const std::shared_ptr<const SourceTexts>& sources) {
  if (!list.is_list())
    throw Error("'" + known.name + "' is " + list.json() + ": expected a list of rows").at(list.where());
  std::vector<RawRow> rows;
  std::set<std::string> here;
  for (const Value& row : list.list()) {
    if (!row.is_map()) throw Error(known.what + " is " + row.json() + ": expected a mapping").at(row.where());
    const std::string identity = identity_of(row, known);
    if (!here.insert(identity).second)
      throw Error(known.what + " '" + identity + "' stands here a second time").at(row.where());
    rows.push_back({identity, row, sources});
  }
  return rows;
}

}  // namespace

RawFile read_raw_file(const std::string& name, const Path& path, const std::string& text) {
  const yaml::Document document = yaml::read(text, path.string(), {.templates = false});
  const Value& root = document.root;
  if (!root.is_map()) throw Error("'" + path.string() + "' holds no mapping").at(root.where());
  const Value& schema = root["schema"];
  if (!(schema == Value(1)))
    throw Error("the table is of schema " + schema.json() + ": this agent reads schema 1")
        .at(schema.where() ? schema.where() : root.where());
  RawFile raw;
  if (const Value& updated = root["updated"]; updated.is_string()) raw.updated = updated.string();
  raw.sources = read_sources(root);
  read_rules(raw, root);
  static const std::set<std::string> heads = {"schema", "updated", "semantics", "sources"};
  for (const auto& [list_name, list] : root.map())
    if (!heads.contains(list_name))
      raw.lists[list_name] = read_list(known_list(name, list_name, list), list, raw.sources);
  return raw;
}

}  // namespace agent::resolver
