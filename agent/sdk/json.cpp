// The one door for nlohmann-json: JSON text, to values and back.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest = 128;

std::string unknown_text(const Strings& reasons) {
  std::string text = "<unknown";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i == 0 ? ": " : "; ") + reasons[i];
  return text + ">";
}

Json json_of(const Value& value, bool sorted) {
  switch (value.kind()) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return value.boolean();
    case Kind::integer:
      return value.integer();
    case Kind::real:
      return value.real();
    case Kind::string:
      return value.string();
    case Kind::list: {
      Json list = Json::array();
      for (const Value& item : value.list()) list.push_back(json_of(item, sorted));
      return list;
    }
    case Kind::map: {
      Json map = Json::object();
      std::vector<const Map::Entry*> entries;
      for (const auto& entry : value.map()) entries.push_back(&entry);
      if (sorted) std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->first < b->first; });
      auto& object = map.get_ref<Json::object_t&>();
      // Keys are unique already; push_back avoids ordered_json's linear search for each of them.
      for (const auto* entry : entries) object.push_back({entry->first, json_of(entry->second, sorted)});
      return map;
    }
    case Kind::unknown:
      return unknown_text(value.reasons());
    case Kind::object:
      return Json("<" + std::string(value.object()->what()) + ">");
  }
  return nullptr;
}

// Builds values while the library parses, without a tree of its own in between.
class Builder {
 public:
  bool null() { return put(Value()); }
  bool boolean(bool value) { return put(Value(value)); }
  bool number_integer(Json::number_integer_t value) { return put(Value(value)); }
  bool number_unsigned(Json::number_unsigned_t value) {
    // Beyond 64 signed bits only a real can hold it.
    if (value > static_cast<Json::number_unsigned_t>(INT64_MAX)) return put(Value(static_cast<double>(value)));
    return put(Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(Json::number_float_t value, const Json::string_t&) { return put(Value(value)); }
  bool string(Json::string_t& value) { return put(Value(std::move(value))); }
  bool binary(Json::binary_t& value) { return put(Value(std::string(value.begin(), value.end()))); }
  bool start_object(std::size_t) { return push(true); }
  bool key(Json::string_t& value) { return open_.back().key = std::move(value), true; }
  bool end_object() { return put(Value(pop().map)); }
  bool start_array(std::size_t) { return push(false); }
  bool end_array() { return put(Value(pop().list)); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) {
    position_ = position;
    message_ = error.what();
    return false;
  }

  Value take() { return std::move(root_); }
  std::size_t position() const { return position_; }
  const std::string& message() const { return message_; }

 private:
  struct Open {
    bool is_map;
    Map map;
    List list;
    std::string key;
  };
  bool push(bool is_map) {
    if (open_.size() >= deepest) {
      message_ = "nested too deeply";
      return false;
    }
    return open_.push_back({is_map, {}, {}, {}}), true;
  }
  Open pop() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return done;
  }
  bool put(Value value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().is_map)
      open_.back().map.set(open_.back().key, std::move(value));
    else
      open_.back().list.push_back(std::move(value));
    return true;
  }
  std::vector<Open> open_;
  Value root_;
  std::size_t position_ = 0;
  std::string message_;
};

// The library's message without its own prefix "[json.exception.parse_error.101] parse error at line 1, column 2: ".
std::string plain(const std::string& message) {
  const auto colon = message.find(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace

std::string Value::json() const {
  return json_of(*this, false).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Value::json(int indent, bool sorted) const {
  return json_of(*this, sorted).dump(indent, ' ', false, Json::error_handler_t::replace);
}

Value parse_json(std::string_view text, const std::string& name) {
  Builder builder;
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  const std::string_view before = text.substr(0, std::min(builder.position(), text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? before.size() : before.size() - last - 1;
  throw Error("this is not JSON: " + plain(builder.message()))
      .at({std::make_shared<const std::string>(name), static_cast<int>(lines) + 1,
           static_cast<int>(std::max<std::size_t>(column, 1))});
}

Strings strings_from(const Value& list) {
  Strings strings;
  if (list.is_string()) return {list.string()};
  if (!list.is_list()) return strings;
  for (const Value& item : list.list()) strings.push_back(item.is_string() ? item.string() : item.json());
  return strings;
}

}  // namespace agent
