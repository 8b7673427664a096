#pragma once

#include <agent/template/ast.hpp>

namespace agent::jinja {

/// The height of the highest tree right below a node; 0 for a leaf.
int height_below(const Constant& node);
int height_below(const Name& node);
int height_below(const Sequence& node);
int height_below(const Concat& node);
int height_below(const MapDisplay& node);
int height_below(const Unary& node);
int height_below(const Binary& node);
int height_below(const Compare& node);
int height_below(const Conditional& node);
int height_below(const Attribute& node);
int height_below(const Subscript& node);
int height_below(const Slice& node);
int height_below(const Call& node);
int height_below(const FilterUse& node);
int height_below(const TestUse& node);

}  // namespace agent::jinja
