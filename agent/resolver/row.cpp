#include <agent/resolver/row.hpp>

namespace agent::resolver {

Row::Row(const Value& row, std::string what, std::shared_ptr<const SourceTexts> sources)
    : row_(row), what_(std::move(what)), sources_(std::move(sources)) {}

Error Row::wrong(const std::string& key, const std::string& expected) {
  const Value& value = row_[key];
  return Error("'" + key + "' of " + what_ + " is " + (value.is_null() ? "null" : value.json()) + ": expected " +
               expected)
      .at(value.where() ? value.where() : row_.where());
}

const Value* Row::find(const std::string& key) {
  asked_.insert(key);
  const Value* value = row_.find(key);
  return value && !value->is_null() ? value : nullptr;
}

const Value& Row::need(const std::string& key) {
  if (const Value* value = find(key)) return *value;
  if (row_.find(key)) throw wrong(key, "a value");
  throw Error(what_ + " has no '" + key + "'").at(row_.where()).hint("every row of this list needs one");
}

std::string Row::text(const std::string& key) {
  const Value& value = need(key);
  if (!value.is_string()) throw wrong(key, "text in quotes");
  return value.string();
}

std::string Row::text_or_nothing(const std::string& key) {
  return find(key) ? text(key) : "";
}

bool Row::flag(const std::string& key, bool otherwise) {
  const Value* value = find(key);
  if (!value) return otherwise;
  if (!value->is_boolean()) throw wrong(key, "true or false");
  return value->boolean();
}

Strings Row::texts(const std::string& key) {
  const Value& value = need(key);
  if (!value.is_list()) throw wrong(key, "a list of texts");
  Strings texts;
  for (const Value& item : value.list()) {
    if (!item.is_string())
      throw Error("'" + key + "' of " + what_ + " holds " + item.json() + ": expected text in quotes").at(item.where());
    texts.push_back(item.string());
  }
  return texts;
}

Dotted Row::dotted(const std::string& key) {
  if (auto version = Dotted::parse(text(key))) return *version;
  throw wrong(key, "numbers joined by dots, such as \"12.4.1\"");
}

std::optional<Dotted> Row::dotted_or_nothing(const std::string& key) {
  return find(key) ? std::optional(dotted(key)) : std::nullopt;
}

Capability Row::capability(const std::string& key) {
  if (auto capability = capability_from(text(key))) return *capability;
  throw wrong(key, "a compute capability such as \"8.6\"");
}

std::vector<Capability> Row::capabilities(const std::string& key) {
  std::vector<Capability> all;
  for (const std::string& item : texts(key)) {
    const auto capability = capability_from(item);
    if (!capability) throw wrong(key, "a list of compute capabilities such as \"8.6\"");
    all.push_back(*capability);
  }
  return all;
}

pep440::Version Row::version(const std::string& key) {
  if (auto version = pep440::Version::parse(text(key))) return *version;
  throw wrong(key, "a version such as \"2.4.1\"");
}

int Row::branch(const std::string& key) {
  const auto version = Dotted::parse(text(key));
  if (!version || version->size() != 1) throw wrong(key, "the number of a driver branch such as \"580\"");
  return version->major();
}

std::optional<int> Row::branch_or_nothing(const std::string& key) {
  return find(key) ? std::optional(branch(key)) : std::nullopt;
}

Origin Row::finish(const Strings& unused) {
  Origin origin{row_.where(), texts("source"), sources_, flag("verified", true), text_or_nothing("note")};
  for (const std::string& id : origin.ids)
    if (!sources_->contains(id)) {
      Strings known;
      for (const auto& [name, text] : *sources_) known.push_back(name);
      Error error = Error("'source' of " + what_ + " names '" + id + "', which the file's `sources` do not have")
                        .at(row_["source"].where());
      if (auto hint = did_you_mean(id, known)) error.hint(*hint);
      throw error;
    }
  asked_.insert(unused.begin(), unused.end());
  for (const auto& [key, value] : row_.map())
    if (!asked_.contains(key)) {
      Error error = Error(what_ + " has no field '" + key + "'").at(value.where() ? value.where() : row_.where());
      if (auto hint = did_you_mean(key, Strings(asked_.begin(), asked_.end()))) error.hint(*hint);
      throw error;
    }
  return origin;
}

}  // namespace agent::resolver
