#pragma once

#include <ostream>
#include <string_view>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::report {

/// What json_shown writes, piece by piece, for what is too large to be held as a whole. Members come in the order in
/// which they are given: whoever writes them sorts them.
class JsonStream {
 public:
  JsonStream(std::ostream& out, int indent) : out_(out), indent_(indent) {}
  /// Begins a map or a list; what follows is in it until `close`.
  void open_map() { open('{', '}'); }
  void open_list() { open('[', ']'); }
  void close();
  /// The next member of a map: its value, or what is opened, comes next.
  void name(std::string_view name);
  /// The next item of a list.
  void item();
  void put(const Value& value);
  void put(std::string_view name_, const Value& value) {
    name(name_);
    put(value);
  }

 private:
  void open(char bracket, char closing);
  void line();

  struct Level {
    char closing;
    bool is_empty = true;
  };
  std::ostream& out_;
  int indent_;
  std::vector<Level> levels_;
};

}  // namespace agent::report
