#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/host/fd.hpp>

namespace agent {

/// Descriptors that came from another process, and what was said with them.
struct PassedFds {
  std::string bytes;
  std::vector<Fd> fds;
};

/// Hands descriptors (four at most) to the process on the other side of a unix socket that keeps messages apart, with
/// at least one byte (unix(7), SCM_RIGHTS). False when they could not be sent. The caller keeps its own.
bool pass_fds(int socket, const std::vector<int>& fds, std::string_view bytes);
/// Waits for a message with just `count` descriptors, and at most 4 KiB. Nothing when the other side is gone or sent
/// something else; what came with that is closed.
std::optional<PassedFds> take_fds(int socket, std::size_t count);

}  // namespace agent
