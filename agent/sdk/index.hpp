#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/sdk/spec.hpp>

namespace agent {

/// What is known of the modules at hand without opening any library: made at build time, read at start.
class ModuleIndex {
 public:
  struct Entry {
    std::string name;
    Path library;        ///< absolute
    std::string sha256;  ///< of the library, in hex
    Strings distros;     ///< the variants it has
    Spec spec;
  };
  virtual ~ModuleIndex() = default;
  /// The module of that canonical name, or null.
  virtual const Entry* find(std::string_view name) const = 0;
  /// All names, sorted.
  virtual Strings names() const = 0;
};

}  // namespace agent
