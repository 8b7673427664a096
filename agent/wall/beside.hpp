#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <sys/types.h>

#include <agent/host/fd.hpp>

namespace agent::wall {

/// A process that stays outside when a wall is built, and the line to it: a socket that keeps messages apart.
struct Beside {
  Fd line;
  pid_t process;
};
/// Starts one, which does `work` with its end of the line, and ends then, or with us. It has no other descriptor of
/// ours: a line would not be seen to close while it holds it.
std::optional<Beside> start_beside(const std::function<void(int line)>& work);

/// Closes every descriptor past the standard three but `kept`.
void close_all_but(const std::vector<int>& kept);

}  // namespace agent::wall
