#pragma once

#include <map>
#include <string>
#include <string_view>

#include <agent/sdk/host.hpp>

namespace agent {

/// The assignments of an os-release(5) file, quotes taken off.
std::map<std::string, std::string> parse_os_release(std::string_view text);

/// The machine below `root`: os-release there, kernel and architecture of the running kernel.
System read_system(const Path& root = "/");

}  // namespace agent
