#pragma once

#include <optional>
#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// What a look at a tree found.
struct TreeLook {
  /// It is a bundle that was sent to this machine and kept: its folder has the bundle's id as its name, and holds its
  /// manifest. Another one, as an installation, is not looked at any further.
  bool is_kept = false;
  /// What is not as it was sent; nothing where all is well.
  std::optional<std::string> wrong;
};

/// A kept tree is held against its manifest (reliability R34), which has to be the one that the id is the hash of: each
/// file's kind, size and owner, and that nobody else may write to it. A file that was touched since the last look is
/// hashed, too; all are at the first, and that look is remembered in the tree.
TreeLook look_at_tree(const Path& tree);

/// Removes kept trees beside this one, but for the two of them that came last and those that something runs from.
void remove_old_trees(const Path& tree);

/// Takes a kept tree out of the way, so that it is sent anew. Its programs that run go on.
void discard_tree(const Path& tree);

}  // namespace agent::fleet
