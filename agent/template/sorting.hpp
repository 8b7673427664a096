#pragma once

#include <vector>

#include <agent/template/objects.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

/// What items are compared by: themselves or attributes ("a", "a.b", "a,b"), text without its case unless told.
class SortKey {
 public:
  SortKey(const Value& attribute, bool case_sensitive);
  Value of(Context& context, const Value& item) const;

 private:
  std::vector<Value> attributes_;
  bool case_sensitive_;
};

/// In order, equal items as they were.
List sorted(Context& context, const List& items, const SortKey& key, bool reverse);

}  // namespace agent::jinja
