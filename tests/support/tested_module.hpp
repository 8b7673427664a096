#pragma once

#include <functional>
#include <memory>
#include <string>

#include <agent/sdk/module.hpp>

#include "fake_host.hpp"

namespace agent::test {

/// A module as a task meets it: the arguments are checked against its Spec first, and the variant is that of the
/// system.
///
///     namespace agent::ping { Manifest manifest(); }
///     const TestedModule ping(agent::ping::manifest());
class TestedModule : public Module {
 public:
  explicit TestedModule(const Manifest& manifest, const System& system = debian());
  /// `NAME_content`, `NAME_tree` and `NAME_mode` of an argument that names a file on the controller pass unchecked, as
  /// the engine adds them.
  Plan check(const Args& args, const Host& host) const override;
  Outcome apply(const Plan& plan, Host& host) const override;
  const Spec& spec() const { return spec_; }

 private:
  const Spec& spec_;
  std::unique_ptr<Module> module_;
};

/// The message of the Error that `work` throws, or "" when it throws none.
std::string error_of(const std::function<void()>& work);

}  // namespace agent::test
