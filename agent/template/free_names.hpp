#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <agent/template/parser.hpp>

namespace agent::jinja {

struct NameUse {
  std::string name;
  std::uint32_t offset;
  bool guarded;
};

/// The names that a program takes from its scope, in the order of the text.
std::vector<NameUse> free_names(const Program& program, const Registry& registry);

}  // namespace agent::jinja
