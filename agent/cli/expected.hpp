#pragma once

#include <agent/executor/approval.hpp>

namespace agent::cli {

/// The report of a check that a run is held to (`--expect`).
class Expected {
 public:
  /// Reads a `json` report; with `public_key` only one whose signature, beside it in FILE.sig, is that key's. Throws
  /// Error for what is no report of a check.
  Expected(const Path& report, const std::string& public_key);
  const executor::Approval& approval() const { return approval_; }
  /// Throws Error when the report was made of other playbooks than these.
  void require_same(const std::string& playbook_hash) const;

 private:
  void take_task(const std::string& play, const Value& task);

  std::string file_, playbook_hash_;
  executor::Approval approval_;
};

/// What a file holds. Throws Error.
std::string file_text(const Path& path);

}  // namespace agent::cli
