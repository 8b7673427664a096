#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <agent/wall/wall.hpp>

namespace agent::wall {

/// One way to change the machine, tried from behind a wall.
struct Attempt {
  std::string name;
  bool blocked = false;
  std::string answer;  ///< what the kernel said: "Read-only file system", "killed by signal 31"
};

struct SelfTest {
  Wall wall;
  std::vector<Attempt> attempts;
  bool holds() const;
};

/// What wall `request` gets on this machine, found out in a process of its own. Throws Error where it cannot be built.
Wall probe(const Request& request);

/// How long it takes to build the wall that `request` asks for, as workers have it: the middle of several. Throws as
/// above.
std::chrono::microseconds time_to_build(const Request& request);

/// Builds the wall that `request` asks for, once for each attempt and each in a process of its own, and tries to break
/// it. What is aimed at lies in a fresh directory below `playground`, which is removed again. Throws Error where the
/// wall cannot be built. `watched`: as workers have it, with somebody who is told of what is refused.
SelfTest self_test(const Request& request, const Path& playground = "/var/tmp", bool watched = true);

}  // namespace agent::wall
