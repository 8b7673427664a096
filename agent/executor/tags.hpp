#pragma once

#include <agent/sdk/value.hpp>

namespace agent::executor {

/// Which tasks a person asked for with `--tags` and `--skip-tags`.
struct TagSelection {
  Strings only;  ///< empty: all
  Strings skip;

  /// Whether a task with these tags (its own and all inherited ones) is to run. `always`, `never`, `tagged`,
  /// `untagged` and `all` mean what they do in Ansible.
  bool selects(const Strings& tags) const;
};

}  // namespace agent::executor
