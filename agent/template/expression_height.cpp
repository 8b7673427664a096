#include <algorithm>

#include <agent/template/expression_height.hpp>

namespace agent::jinja {
namespace {

int height_of(const ExpressionPtr& node) {
  return node ? node->height : 0;
}
int height_of(const Expressions& nodes) {
  int highest_one = 0;
  for (const auto& node : nodes) highest_one = std::max(highest_one, node->height);
  return highest_one;
}
int height_of(const CallArguments& arguments) {
  int highest_one =
      std::max({height_of(arguments.positional), height_of(arguments.star), height_of(arguments.double_star)});
  for (const auto& entry : arguments.named) highest_one = std::max(highest_one, entry.second->height);
  return highest_one;
}

}  // namespace

int height_below(const Constant&) {
  return 0;
}
int height_below(const Name&) {
  return 0;
}
int height_below(const Sequence& node) {
  return height_of(node.items);
}
int height_below(const Concat& node) {
  return height_of(node.items);
}
int height_below(const MapDisplay& node) {
  int highest_one = 0;
  for (const auto& [key, value] : node.entries) highest_one = std::max({highest_one, key->height, value->height});
  return highest_one;
}
int height_below(const Unary& node) {
  return height_of(node.operand);
}
int height_below(const Binary& node) {
  return std::max(height_of(node.left), height_of(node.right));
}
int height_below(const Compare& node) {
  int highest_one = height_of(node.first);
  for (const auto& entry : node.rest) highest_one = std::max(highest_one, entry.second->height);
  return highest_one;
}
int height_below(const Conditional& node) {
  return std::max({height_of(node.condition), height_of(node.yes), height_of(node.no)});
}
int height_below(const Attribute& node) {
  return height_of(node.object);
}
int height_below(const Subscript& node) {
  return std::max(height_of(node.object), height_of(node.index));
}
int height_below(const Slice& node) {
  return std::max({height_of(node.start), height_of(node.stop), height_of(node.step)});
}
int height_below(const Call& node) {
  return std::max(height_of(node.callee), height_of(node.arguments));
}
int height_below(const FilterUse& node) {
  return std::max(height_of(node.input), height_of(node.arguments));
}
int height_below(const TestUse& node) {
  return std::max(height_of(node.input), height_of(node.arguments));
}

}  // namespace agent::jinja
