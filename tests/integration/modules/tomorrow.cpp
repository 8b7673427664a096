#include <agent/sdk/abi.h>

/// A module of an agent that does not exist yet: only its version can be read.
extern "C" __attribute__((visibility("default"))) const agent_module_table* agent_module(void) {
  static const agent_module_table table{AGENT_ABI_VERSION + 1, nullptr, nullptr};
  return &table;
}
