#pragma once

#include <optional>
#include <string>

#include <agent/sdk/managed_file.hpp>

namespace agent {

/// Content that comes from elsewhere, and where it shall lie: what `copy` and `template` do.
struct PlacedFile {
  std::string dest;  ///< a file; or a directory (it ends in "/", or is one), to which `name` is added
  std::string name;  ///< what the file is called where it comes from; empty: it comes from nowhere
  std::string content;
  FileAttributes attributes = {};
  std::optional<std::string> directory_mode = {};  ///< of directories that are made on the way
  bool force = true;                               ///< replace a file that differs
  bool backup = false;
  bool follow = false;
  std::string validate = {};
  std::string checksum = {};  ///< sha1 that the content must have; empty: any
};

/// Plans what puts it there. The result is what `copy` registers: dest, checksum, md5sum, mode, owner, ...
Plan plan_placed_file(const PlacedFile& want, const Host& host);

/// Adds the step that makes the missing directories down to `directory`; true when there are such.
bool plan_directories(const Path& directory, const FileAttributes& attributes, const Host& host, Plan& plan);

/// Where a file called `name` ends up: `dest`, or `dest`/`name` where `dest` is a directory or ends in a slash.
Path destination(const std::string& dest, const std::string& name, const Host& host);

}  // namespace agent
