#pragma once

#include <functional>

#include <agent/sdk/plan.hpp>

namespace agent {

/// Carries out the actions that change files (reliability R1 to R3). Each throws Error when it fails, and leaves what
/// it was to replace as it was. A file or attribute is reached through a link only where the link can be trusted
/// (place.hpp).
class FileActions {
 public:
  /// Runs the `validate` command of a WriteFile.
  using Run = std::function<Output(const Strings& argv)>;
  explicit FileActions(Run run) : run_(std::move(run)) {}

  /// `out` of a WriteFile or CopyPath with `backup` is the path of the backup, where there was something to keep.
  Output perform(const WriteFile& action) const;
  Output perform(const MakeDirectory& action) const;
  Output perform(const MakeLink& action) const;
  Output perform(const SetAttributes& action) const;
  Output perform(const CopyPath& action) const;
  Output perform(const RemovePath& action) const;

 private:
  void validate(const WriteFile& action, const Path& file) const;
  Run run_;
};

}  // namespace agent
