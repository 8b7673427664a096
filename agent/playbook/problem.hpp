#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/error.hpp>

namespace agent {

/// One thing that is wrong with a playbook, found without running it. An error keeps the run from starting; a warning
/// is only shown.
struct Problem {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string rule;  ///< a short stable name for tools: "unknown-keyword", "missing-file", ...
  Error error;
};

/// Collects problems, so that all of them are reported and not only the first.
class Problems {
 public:
  void error(std::string_view rule, Error error);
  void warning(std::string_view rule, Error error);

  const std::vector<Problem>& all() const { return all_; }
  bool has_errors() const;
  /// Throws the first error, when there is one.
  void raise() const;
  /// Orders by file, line and column, and drops repetitions.
  void sort();

 private:
  std::vector<Problem> all_;
};

}  // namespace agent
