#pragma once

#include <functional>
#include <memory>
#include <string>

#include <agent/playbook/reading.hpp>

namespace agent {

/// What a task is read within.
struct TaskPlace {
  ScopePtr parent;
  bool is_handler = false;
  /// Whether we have a module of that canonical name; may be missing.
  std::function<bool(const std::string&)> knows_module;
};

/// Reads one task (no block). Null when it names no module: that is noted, as every other mistake is.
std::shared_ptr<Task> read_task(const Reading& reading, const Map& map, const Where& where, const TaskPlace& place);

}  // namespace agent
