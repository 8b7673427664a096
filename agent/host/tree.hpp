#pragma once

#include <functional>

#include <agent/host/place.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Removes what is at `place`, a directory with all that is in it; nothing there is no failure. No link is followed out
/// of it, and a file system that is mounted inside is not emptied but refused. Throws Error; what was removed until
/// then is gone.
void remove_tree(const Place& place);

/// Copies a directory into a directory that exists, with all that is in it: files whole, each in one step; links as
/// links; modes and times kept. `attributes`' owner and group are for everything, its mode for files. What `to` has
/// beside it stays. Throws Error for devices and sockets.
void copy_tree(const Place& from, const Place& to, const Attributes& attributes);

/// Copies one file, in one step. Returns the path of the backup, or "".
std::string copy_file(const Place& from, const Place& to, const Attributes& attributes, bool backup);

}  // namespace agent
