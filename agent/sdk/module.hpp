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
/// What the functions of a module's C table do. Only AGENT_MODULE calls them.
void answer_describe(const Manifest& manifest, agent_reply reply, void* context);
void answer_call(const Manifest& manifest, agent_bytes request, const agent_host_table* host, agent_reply reply,
                 void* context);
}  // namespace abi

}  // namespace agent

/// Exports a module: `AGENT_MODULE(specification, variants)`, a function that returns the Spec (or a SpecOf) and an
/// array of Variant. Stands once in each module library, outside every namespace.
#define AGENT_MODULE(specification, variant_table)                                                                    \
  extern "C" __attribute__((visibility("default"))) const agent_module_table* agent_module(void) {                    \
    static const ::agent::Manifest manifest{[]() -> const ::agent::Spec& { return specification(); }, variant_table}; \
    static const agent_module_table table{                                                                            \
        AGENT_ABI_VERSION,                                                                                            \
        [](agent_reply reply, void* context) { ::agent::abi::answer_describe(manifest, reply, context); },            \
        [](agent_bytes request, const agent_host_table* host, agent_reply reply, void* context) {                     \
          ::agent::abi::answer_call(manifest, request, host, reply, context);                                         \
        }};                                                                                                           \
    return &table;                                                                                                    \
  }
