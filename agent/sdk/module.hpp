#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <agent/sdk/abi.h>
#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/spec.hpp>

namespace agent {

/// One kind of thing a playbook can ask for, on one distribution. Stateless and const, so all tasks share it.
class Module {
 public:
  virtual ~Module();
  /// Compares what is wanted with what is. May only look. Throws `Error` for what cannot be, `Unknown` for what cannot
  /// be known before a change that check mode did not make.
  virtual Plan check(const Args& want, const Host& host) const = 0;
  /// Makes the plan true. Unless overridden, performs its actions in order and stops at the first that fails.
  virtual Outcome apply(const Plan& plan, Host& host) const;
};

/// The module as it is on one distribution, named by its os-release ID, or "any".
struct Variant {
  std::string_view distro;
  std::unique_ptr<Module> (*make)();
};

/// What AGENT_MODULE exports behind the C table of abi.h.
struct Manifest {
  const Spec& (*spec)();
  std::span<const Variant> variants;
};

/// For the variant table: `{"debian", variant<DebianApt>}`.
template <class M>
std::unique_ptr<Module> variant() {
  return std::make_unique<M>();
}

/// The variant for `system` by ID, then each ID_LIKE word in order, then "any"; null when the distro is not served.
const Variant* choose(std::span<const Variant> variants, const System& system);

namespace abi {
/// Fills the C table for a module library. Only AGENT_MODULE calls it.
const agent_module_table* table_of(const Manifest& manifest);
}  // namespace abi

}  // namespace agent

/// Exports a module: `AGENT_MODULE(specification, variants)`, a function that returns the Spec (or a SpecOf) and an
/// array of Variant. Stands once in each module library, outside every namespace.
#define AGENT_MODULE(specification, variant_table)                                                                    \
  extern "C" __attribute__((visibility("default"))) const agent_module_table* agent_module(void) {                    \
    static const ::agent::Manifest manifest{[]() -> const ::agent::Spec& { return specification(); }, variant_table}; \
    static const agent_module_table* const table = ::agent::abi::table_of(manifest);                                  \
    return table;                                                                                                     \
  }
