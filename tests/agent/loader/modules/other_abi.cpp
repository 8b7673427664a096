// A library of a later agent.
#include <agent/sdk/abi.h>

extern "C" __attribute__((visibility("default"))) const agent_module_table* agent_module(void) {
  static const agent_module_table table{99, nullptr, nullptr};
  return &table;
}
