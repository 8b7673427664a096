#pragma once

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// A directory in memory for a check that has no mounts of its own, removed with all that is in it.
class Scratch {
 public:
  /// Throws Error where memory cannot be had as files.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const Path& path() const { return path_; }

 private:
  Path path_;
};

}  // namespace agent::wall
