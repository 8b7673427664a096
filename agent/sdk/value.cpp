#include <algorithm>

#include <agent/sdk/value.hpp>

namespace agent {

namespace {

constexpr std::size_t small_map = 12;  // up to here a linear search beats a hash

const Value null_value;

}  // namespace

std::string Where::text() const {
  if (!file) return "";
  if (line == 0) return *file;
  return *file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "a whole number";
    case Kind::real:
      return "a number";
    case Kind::string:
      return "text";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a mapping";
    case Kind::unknown:
      return "unknown";
    case Kind::object:
      return "an object";
  }
  return "nothing";
}

Value::Value(List value) : data_(std::make_shared<const List>(std::move(value))) {}
Value::Value(Map value) : data_(std::make_shared<const Map>(std::move(value))) {}
Value::Value(const Strings& value) : Value(List(value.begin(), value.end())) {}

Value Value::template_text(std::string text, Where where) {
  Value value;
  value.data_ = std::make_shared<const Text>(Text{std::move(text), true});
  value.where_ = std::move(where);
  return value;
}

Value Value::unknown(std::string reason) {
  return unknown(Strings{std::move(reason)});
}

Value Value::unknown(Strings reasons) {
  Value value;
  value.data_ = std::make_shared<const Strings>(std::move(reasons));
  return value;
}

const Value* Value::find(std::string_view key) const {
  return is_map() ? map().find(key) : nullptr;
}

const Value& Value::operator[](std::string_view key) const {
  const Value* found = find(key);
  return found ? *found : null_value;
}

Value Value::at(Where where) const& {
  Value copy = *this;
  copy.where_ = std::move(where);
  return copy;
}

Value Value::at(Where where) && {
  where_ = std::move(where);
  return std::move(*this);
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number() && a.kind() != b.kind()) return a.real() == b.real();
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.boolean() == b.boolean();
    case Kind::integer:
      return a.integer() == b.integer();
    case Kind::real:
      return a.real() == b.real();
    case Kind::string:
      return a.string() == b.string();
    case Kind::list:
      return a.list() == b.list();
    case Kind::map:
      return a.map() == b.map();
    case Kind::unknown:
      return a.reasons() == b.reasons();
    case Kind::object:
      return a.object() == b.object();
  }
  return false;
}

Map::Map(std::initializer_list<Entry> entries) {
  reserve(entries.size());
  for (const auto& [key, value] : entries) set(key, value);
}

std::size_t Map::position(std::string_view key) const {
  if (index_.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].first == key) return i;
    return entries_.size();
  }
  const auto found = index_.find(std::string(key));
  return found == index_.end() ? entries_.size() : found->second;
}

const Value* Map::find(std::string_view key) const {
  const std::size_t i = position(key);
  return i == entries_.size() ? nullptr : &entries_[i].second;
}

void Map::set(std::string_view key, Value value) {
  const bool is_indexed = !index_.empty();
  // One look into the index does both, to find the key and to note it: large mappings are built by this.
  const std::size_t i =
      is_indexed ? index_.try_emplace(std::string(key), entries_.size()).first->second : position(key);
  if (i < entries_.size()) {
    entries_[i].second = std::move(value);
    return;
  }
  entries_.emplace_back(std::string(key), std::move(value));
  if (!is_indexed && entries_.size() > small_map) {
    for (std::size_t n = 0; n < entries_.size(); ++n) index_.emplace(entries_[n].first, n);
  }
}

bool Map::erase(std::string_view key) {
  const std::size_t i = position(key);
  if (i == entries_.size()) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  index_.clear();
  if (entries_.size() > small_map)
    for (std::size_t n = 0; n < entries_.size(); ++n) index_.emplace(entries_[n].first, n);
  return true;
}

void Map::merge(const Map& other) {
  for (const auto& [key, value] : other) set(key, value);
}

bool operator==(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const Map::Entry& entry) {
    const Value* other = b.find(entry.first);
    return other && *other == entry.second;
  });
}

}  // namespace agent
