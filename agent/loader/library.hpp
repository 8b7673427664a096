#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/spec.hpp>

namespace agent {

/// What stands for a module library in the index: the SHA-256 of its content, and of the library that the modules
/// beside it share (`../lib/libagent-sdk.so`), where there is one. Throws Error for files that cannot be trusted.
std::string fingerprint_of(const Path& library);

/// One open module library. It stays loaded to the end of the process: unloading C++ code is a crash waiting (peers.md
/// 3.6), and a worker's life is short.
class Library {
 public:
  /// Opens the library behind `path`. Refused, each with a sentence that says so: a file that is not ours to trust
  /// (owner neither root nor the caller, or writable by others), one whose fingerprint is not `sha256` (empty: any),
  /// one that is no module, and one of another ABI version. With `distros`, as the index has them, the module need not
  /// say what it serves.
  static Library open(const Path& path, const std::string& sha256 = "", std::optional<Strings> distros = std::nullopt);

  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;
  ~Library();

  /// Asked of the module at the first call. Throws what it throws.
  const Spec& spec() const;
  /// The distributions it has variants for.
  const Strings& distros() const;
  /// The variant for `system`: by ID, then each ID_LIKE word, then "any". Throws Error naming those that are served.
  std::string variant_for(const System& system) const;
  /// Throws what the module throws: Error, Unknown.
  Plan check(const std::string& variant, const Args& args, const Host& host) const;
  Outcome apply(const std::string& variant, const Plan& plan, Host& host) const;

 private:
  struct State;
  explicit Library(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace agent
