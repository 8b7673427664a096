#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// What a line of dnf's output says of the work's progress: "Installing vim", 0.3.
struct DnfProgress {
  std::string text;
  double fraction = -1;
};
std::optional<DnfProgress> parse_dnf_progress(std::string_view line);

/// A repository that could not be fetched though dnf went on without it (skip_if_unavailable); empty when all is well.
std::string ignored_repository(const Output& output);

/// The argument that no package matches, in dnf's own words or dnf5's; empty when that is not what went wrong.
std::string unmatched_argument(const Output& output);

/// The Error for a failed dnf: what it was doing, the reason, and the way out.
Error dnf_error(const std::string& doing, const Output& output);

}  // namespace agent
