#pragma once

#include <sys/types.h>

#include <agent/host/process.hpp>

namespace agent {

/// Which of our descriptors the new process gets as its 0, 1, 2 and 3; -1: /dev/null for 0 to 2, none for 3.
struct Stdio {
  int in = -1, out = -1, err = -1, status = -1;
};

/// What became of an attempt to start a program.
struct Launched {
  pid_t pid = -1;
  std::string missing;  ///< not empty: nothing runs, since there is no such program, in a sentence
};

/// Starts `command` in a session of its own. The only door to Boost.Process. Throws Error.
Launched launch(const Command& command, const Stdio& stdio);

}  // namespace agent
