#pragma once

#include <optional>
#include <string>

#include <agent/sdk/managed_file.hpp>

namespace agent::file {

/// The arguments of `file`.
struct Want : FileAttributes {
  std::string path;
  std::optional<std::string> state, src;
  bool recurse = false, force = false, follow = true;
  std::optional<std::string> access_time, modification_time;
  std::string access_time_format = "%Y%m%d%H%M.%S", modification_time_format = "%Y%m%d%H%M.%S";
};

/// Adds a step to the plan that makes owner, mode and times of `path` (which is `now`) as wanted, when they are not.
/// Returns the file as it will be.
FileInfo plan_attributes(const Want& want, const Path& path, const FileInfo& now, const Host& host, Plan& plan);

Plan plan_link(const Want& want, const Path& path, const Host& host);
Plan plan_hard_link(const Want& want, const Path& path, const Host& host);

}  // namespace agent::file
