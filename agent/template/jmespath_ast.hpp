#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::jinja::jmes {

struct Node;
using NodePtr = std::unique_ptr<Node>;

/// One part of a JMESPath expression. What `children` are depends on the kind.
struct Node {
  enum class Kind {
    current,
    field,
    literal,
    index,
    slice,
    sub,
    pipe,
    project_list,
    project_values,
    flatten,
    filter,
    list,
    map,
    compare,
    both,
    either,
    negate,
    call,
    reference
  };
  Kind kind = Kind::current;
  std::string text = {};  ///< a field, a function, a comparison
  Value value = {};       ///< a literal
  std::int64_t index = 0;
  std::optional<std::int64_t> slice[3] = {};
  std::vector<NodePtr> children = {};
  Strings keys = {};  ///< of a map
};

/// Throws Error for what is no JMESPath expression.
NodePtr parse(std::string_view query);
/// A call of `node.text`.
Value call(const Node& node, const Value& current);
Value evaluate(const Node& node, const Value& current);
bool is_truth(const Value& value);

}  // namespace agent::jinja::jmes
