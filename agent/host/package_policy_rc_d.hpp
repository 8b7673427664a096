#pragma once

#include <optional>

#include <agent/sdk/plan.hpp>

namespace agent {

/// While it lives, /usr/sbin/policy-rc.d answers every question with `code` (101: do not start services); what was
/// there before comes back afterwards. What a killed run left behind is recognised and not taken for the machine's own.
class PolicyRcD {
 public:
  /// Does nothing where there is no `code`. Throws Error when the file cannot be written.
  PolicyRcD(const Path& root, std::optional<unsigned> code);
  ~PolicyRcD();
  PolicyRcD(const PolicyRcD&) = delete;
  PolicyRcD& operator=(const PolicyRcD&) = delete;

 private:
  Path file_, saved_;
  bool active_ = false;
};

}  // namespace agent
