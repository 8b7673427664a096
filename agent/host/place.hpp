#pragma once

#include <string>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Where a path leads: an open directory, and a name in it. What is done there with the ...at() calls cannot be led
/// elsewhere by somebody who swaps a directory for a link meanwhile (reliability R3).
struct Place {
  Fd directory;
  std::string name;      ///< "." for the root itself
  Path path;             ///< without links, for messages and for programs that take a path
  bool can_list = true;  ///< the directory may be read, not only searched
};

/// Walks `path` (absolute) from the root, one directory at a time. Links on the way are followed where nobody but root
/// and the caller could have placed them, or where they lead into a directory of the one who did; the last part is
/// followed the same way where `follow` says so. What the last part names need not exist.
/// Throws Error: a directory is missing or may not be entered, a link is not to be trusted, links run in a circle.
Place find_place(const Path& path, bool follow);

}  // namespace agent
