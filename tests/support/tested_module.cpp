#include "tested_module.hpp"

namespace agent::test {
namespace {

const Variant& chosen(const Manifest& manifest, const System& system) {
  const Variant* variant = choose(manifest.variants, system);
  if (!variant) throw Error("the module has no variant for " + system.id);
  return *variant;
}

bool comes_from_controller(const Spec& spec, const std::string& name) {
  for (const char* end : {"_content", "_tree", "_mode"}) {
    const std::string suffix = end;
    if (name.size() <= suffix.size() || name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0) continue;
    const Argument* argument = spec.find(name.substr(0, name.size() - suffix.size()));
    if (argument && !argument->source.empty()) return true;
  }
  return false;
}

}  // namespace

TestedModule::TestedModule(const Manifest& manifest, const System& system)
    : spec_(manifest.spec()), module_(chosen(manifest, system).make()) {}

Plan TestedModule::check(const Args& args, const Host& host) const {
  Map given, brought;
  for (const auto& [name, value] : args) (comes_from_controller(spec_, name) ? brought : given).set(name, value);
  Map checked = spec_.check(given);
  checked.merge(brought);
  return module_->check(checked, host);
}

Outcome TestedModule::apply(const Plan& plan, Host& host) const {
  return module_->apply(plan, host);
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

}  // namespace agent::test
