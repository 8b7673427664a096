#pragma once

#include <cstddef>
#include <string>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

struct YamlStyle {
  enum class Collections { block, flow, leaves_in_flow };
  /// `leaves_in_flow`: what holds only scalars goes on one line.
  Collections collections = Collections::leaves_in_flow;
  int indent = 2;
  int width = 80;
  bool sort_keys = true, explicit_start = false, explicit_end = false, unicode = true;
};

/// YAML as libyaml's emitter writes it for PyYAML's safe_dump, byte for byte. Throws Error when it gets larger than
/// `max_size` or nests too deeply.
std::string to_yaml(const Value& value, const YamlStyle& style, std::size_t max_size);

}  // namespace agent::jinja
