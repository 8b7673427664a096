#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <agent/sdk/where.hpp>

namespace agent {

class Value;
class Map;
using List = std::vector<Value>;
using Strings = std::vector<std::string>;

/// What a value is. `object` is anything only the template engine knows (undefined, a macro, a lazy variable view).
enum class Kind { null, boolean, integer, real, string, list, map, unknown, object };

/// The kind as playbook authors call it: "text", "a list", "a mapping", "a boolean", ...
std::string_view name_of(Kind kind);

/// Something that lives inside the template engine and never leaves the process.
class Object {
 public:
  virtual ~Object() = default;
  /// What messages call it, for example "an undefined variable".
  virtual std::string_view what() const = 0;
};

/// A value of the playbook language: immutable, shared, cheap to copy, with the place it came from.
///
/// Text that a play, role, inventory or variable file wrote may be marked as a template (`is_template`). The mark is
/// the only licence to render it: values that came from a host, and results of rendering, never carry it (reliability
/// R14).
///
/// `unknown` is the third answer of check mode: a value that would only be known after a change that was not made. It
/// carries the reasons, and every expression that depends on it is unknown in turn.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  template <std::integral I>
  requires(!std::same_as<I, bool>) Value(I value) : data_(static_cast<std::int64_t>(value)) {}
  Value(double value) : data_(value) {}
  Value(std::string value) : data_(std::make_shared<const Text>(Text{std::move(value), false})) {}
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(const char* value) : Value(std::string(value)) {}
  Value(List value);
  Value(Map value);
  Value(const Strings& value);
  Value(std::shared_ptr<const Object> object) : data_(std::move(object)) {}

  /// Text that may be rendered. Whether it needs to be is for the engine to see.
  static Value template_text(std::string text, Where where = {});
  /// A value that cannot be known now. `reason` is a sentence part: "task 'x' was not run: its command may write".
  static Value unknown(std::string reason);
  static Value unknown(Strings reasons);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_boolean() const { return kind() == Kind::boolean; }
  bool is_integer() const { return kind() == Kind::integer; }
  bool is_real() const { return kind() == Kind::real; }
  bool is_number() const { return is_integer() || is_real(); }
  bool is_string() const { return kind() == Kind::string; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_map() const { return kind() == Kind::map; }
  bool is_unknown() const { return kind() == Kind::unknown; }
  bool is_object() const { return kind() == Kind::object; }
  /// Text that may be compiled as a template.
  bool is_template() const { return is_string() && std::get<4>(data_)->is_template; }

  // Each of these requires the kind it names; asking another is a programming error (std::bad_variant_access).
  bool boolean() const { return std::get<bool>(data_); }
  std::int64_t integer() const { return std::get<std::int64_t>(data_); }
  double real() const { return is_integer() ? static_cast<double>(integer()) : std::get<double>(data_); }
  const std::string& string() const { return std::get<4>(data_)->text; }
  const List& list() const { return *std::get<5>(data_); }
  const Map& map() const { return *std::get<6>(data_); }
  /// Why an unknown value is unknown, first cause first.
  const Strings& reasons() const { return *std::get<7>(data_); }
  const std::shared_ptr<const Object>& object() const { return std::get<8>(data_); }

  /// The member of a map, or null when this is no map or has no such key.
  const Value* find(std::string_view key) const;
  /// The member of a map, or a null value.
  const Value& operator[](std::string_view key) const;

  const Where& where() const { return where_; }
  /// The same value, said to come from `where`.
  Value at(Where where) const&;
  Value at(Where where) &&;

  /// Compact JSON, for messages and logs; an unknown is written as "<unknown: reason>". Never fails.
  std::string json() const;
  /// JSON as people read it, with `indent` spaces a level; keys sorted where `sorted`.
  std::string json(int indent, bool sorted = false) const;

  /// Deep equality of what is said, whatever its place or template mark; 1 equals 1.0, as in Python.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Text {
    std::string text;
    bool is_template;
  };
  // The order is that of Kind, so that index() is the kind; string, list, map and unknown are shared.
  std::variant<std::monostate, bool, std::int64_t, double, std::shared_ptr<const Text>, std::shared_ptr<const List>,
               std::shared_ptr<const Map>, std::shared_ptr<const Strings>, std::shared_ptr<const Object>>
      data_;
  Where where_;
};

/// A mapping that keeps the order of insertion, as Python's does. Keys are text; other scalars are written as text by
/// whoever reads them in. Small maps are searched in order, large ones through an index.
class Map {
 public:
  using Entry = std::pair<std::string, Value>;
  Map() = default;
  Map(std::initializer_list<Entry> entries);

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// The value under `key`, or null. Valid until the map changes.
  const Value* find(std::string_view key) const;
  /// Puts `value` under `key`; a key that is there keeps its place.
  void set(std::string_view key, Value value);
  /// Takes `key` out; false when it was not there. Linear.
  bool erase(std::string_view key);
  void reserve(std::size_t count) { entries_.reserve(count); }
  /// Puts every entry of `other` over this one's.
  void merge(const Map& other);

 private:
  std::size_t position(std::string_view key) const;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> index_;  // only once there are many entries
};

/// Order does not count: {a: 1, b: 2} equals {b: 2, a: 1}.
bool operator==(const Map& a, const Map& b);

}  // namespace agent
