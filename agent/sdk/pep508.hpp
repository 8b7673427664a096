#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/pep440.hpp>
#include <agent/sdk/value.hpp>

namespace agent::pep508 {

/// "My.Pkg__Name" -> "my-pkg-name": the one spelling under which names compare (PEP 503).
std::string normalized(std::string_view name);

/// What markers can ask about an environment, by the names that PEP 508 gives ("python_version", "sys_platform", ...).
using MarkerValues = std::map<std::string, std::string>;

/// A condition such as `python_version < "3.11" and extra == "test"`.
class Marker {
 public:
  /// Throws Error when `text` is no marker.
  static Marker parse(std::string_view text);
  /// Whether it holds, with `extra` asked for (empty: none). A name that `values` lacks is the empty text.
  bool holds(const MarkerValues& values, std::string_view extra = "") const;
  std::string text() const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

/// "pandas[excel,sql]>=2.1,<3 ; python_version >= '3.9'", or "name @ https://...".
struct Requirement {
  std::string name;  ///< as written
  Strings extras;    ///< normalised
  pep440::SpecifierSet versions;
  std::string url;  ///< of "name @ url"; empty: from an index
  std::optional<Marker> marker;

  /// Throws Error, with what was expected where.
  static Requirement parse(std::string_view text);
  std::string key() const { return normalized(name); }
  /// Without the marker: "pandas[excel]<3,>=2.1".
  std::string text() const;
};

}  // namespace agent::pep508
