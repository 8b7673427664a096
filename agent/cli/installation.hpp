#pragma once

#include <memory>

#include <agent/sdk/index.hpp>

namespace agent::cli {

/// Where the program's own files are: found relative to the executable, so that a tree may be moved.
struct Installation {
  Path executable;
  Path modules;  ///< lib/agent/modules
  Path share;    ///< share/agent

  static Installation find();
  /// What is known of the modules. Throws Error when the tree is not whole.
  std::unique_ptr<ModuleIndex> index() const;
};

}  // namespace agent::cli
