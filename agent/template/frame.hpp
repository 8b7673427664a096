#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// One local variable. Lists and mappings that a method changes are kept open between changes, so that growing a list
/// in a loop does not copy it each time.
class Slot {
 public:
  explicit Slot(Value value) : value_(std::move(value)) {}
  const Value& read();
  Kind read_kind() const { return list_ ? Kind::list : map_ ? Kind::map : value_.kind(); }
  void write(Value value);
  /// The list or mapping to change; what the variable holds has to be one.
  List& list();
  Map& map();

 private:
  Value value_;
  std::unique_ptr<List> list_;
  std::unique_ptr<Map> map_;
};

/// The local variables of a statement that has its own: a loop's body, a macro, a `with`. Names not found in it are
/// looked for in the frame around it.
class Frame {
 public:
  explicit Frame(std::shared_ptr<Frame> outer = nullptr) : outer_(std::move(outer)) {}
  /// The nearest variable of that name, or null.
  Slot* find(std::string_view name);
  /// In this frame only.
  Slot* find_here(std::string_view name);
  void set(std::string_view name, Value value);
  void clear() { slots_.clear(); }
  const std::shared_ptr<Frame>& outer() const { return outer_; }
  Frame& outermost() { return outer_ ? outer_->outermost() : *this; }
  Strings names() const;
  /// What the outermost variables are: what an import of this template gives.
  Map exported() const;

 private:
  std::shared_ptr<Frame> outer_;
  std::vector<std::pair<std::string, Slot>> slots_;
};
using FramePtr = std::shared_ptr<Frame>;

}  // namespace agent::jinja
