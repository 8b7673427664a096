#pragma once

#include <optional>
#include <string>

#include <agent/sdk/host.hpp>

namespace agent {

/// The whole content of a regular file (also one of /proc and /sys, whose size is not known); nothing when there is
/// none. Throws Error when it may not be read, is larger than `limit`, or is no file.
std::optional<std::string> read_file(const Path& file, std::size_t limit = std::size_t{64} << 20);
/// What the kernel says of a path; nothing when there is nothing. Throws Error when it may not be seen.
std::optional<FileInfo> look_at(const Path& path, bool follow);
/// The names in a directory, sorted; empty when there is no such directory. Throws Error when it may not be read.
Strings list_directory(const Path& directory);

}  // namespace agent
