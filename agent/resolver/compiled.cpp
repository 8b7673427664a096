#include <fstream>
#include <iterator>

#include <agent/resolver/raw_file.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

// The compiled form: {format, files: {NAME: {sha256, updated, sources: {id: text}, rules: {name: [line, column, text]},
// lists: {name: [[line, column, identity, row], ...]}}}}. A row keeps its place, the fields in it do not: what is wrong
// with one was said when the tables were compiled.
namespace agent::resolver {
namespace {

constexpr std::int64_t format = 1;

Value to_value(const RawFile& raw, const std::string& text) {
  Map sources, rules, lists;
  for (const auto& [id, said] : *raw.sources) sources.set(id, said);
  for (const auto& [name, rule] : raw.rules)
    rules.set(name, List{rule.origin.where.line, rule.origin.where.column, rule.text});
  for (const auto& [name, rows] : raw.lists) {
    List written;
    for (const RawRow& row : rows)
      written.push_back(List{row.value.where().line, row.value.where().column, row.identity, row.value});
    lists.set(name, std::move(written));
  }
  return Map{{"sha256", checksum(Digest::sha256, text)},
             {"updated", raw.updated},
             {"sources", std::move(sources)},
             {"rules", std::move(rules)},
             {"lists", std::move(lists)}};
}

RawFile raw_file_from(const Value& value, const Path& path) {
  const auto file = std::make_shared<const std::string>(path.string());
  const auto place = [&](const Value& entry) {
    return Where{file, static_cast<int>(entry.list()[0].integer()), static_cast<int>(entry.list()[1].integer())};
  };
  RawFile raw;
  raw.updated = value["updated"].string();
  auto sources = std::make_shared<SourceTexts>();
  for (const auto& [id, text] : value["sources"].map()) (*sources)[id] = text.string();
  raw.sources = std::move(sources);
  for (const auto& [name, rule] : value["rules"].map())
    raw.rules[name] = {rule.list()[2].string(), {.where = place(rule)}};
  for (const auto& [name, rows] : value["lists"].map()) {
    auto& list = raw.lists[name];
    for (const Value& row : rows.list())
      list.push_back({row.list()[2].string(), row.list()[3].at(place(row)), raw.sources});
  }
  return raw;
}

std::string whole_file(const Path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

std::string compiled_tables(const Path& folder) {
  Map files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (const Path& path = entry.path(); path.extension() == ".yml") {
      const std::string text = whole_file(path);
      files.set(path.stem().string(), to_value(read_raw_file(path.stem().string(), path, text), text));
    }
  const Bytes bytes = to_cbor(Map{{"format", format}, {"files", std::move(files)}});
  return {bytes.begin(), bytes.end()};
}

Compiled::Compiled(const Path& file) {
  const std::string bytes = whole_file(file);
  if (bytes.empty()) return;
  try {
    const Value all = from_cbor(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (all["format"] == Value(format)) files_ = all["files"];
  } catch (const Error&) {  // the tables themselves are there and are read instead
  }
}

std::optional<RawFile> Compiled::find(const std::string& name, const Path& path, const std::string& text) const {
  const Value* found = files_.is_map() ? files_.find(name) : nullptr;
  if (!found || !((*found)["sha256"] == Value(checksum(Digest::sha256, text)))) return std::nullopt;
  return raw_file_from(*found, path);
}

}  // namespace agent::resolver
