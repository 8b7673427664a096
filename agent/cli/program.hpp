#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace agent::cli {

/// The command line while it is put together: each command adds itself, and what it does when it is chosen.
struct Program {
  CLI::App& app;
  std::function<int()>& chosen;
  std::vector<std::string> words = {};  ///< the command line

  /// A command named `name`; what `setup` returns is done when it is given. `setup` adds its options to the command.
  void add(const std::string& name, const std::string& help,
           const std::function<std::function<int()>(CLI::App&)>& setup) const;
};

void add_run(const Program& program);
void add_resume(const Program& program);
void add_attach(const Program& program);
void add_check(const Program& program);
void add_facts(const Program& program);
void add_doc(const Program& program);
void add_modules(const Program& program);
void add_inventory(const Program& program);
void add_lint(const Program& program);
void add_vars(const Program& program);
void add_resolve(const Program& program);
void add_history(const Program& program);
void add_report(const Program& program);
void add_exec(const Program& program);
void add_pull(const Program& program);
void add_bundle(const Program& program);
void add_completion(const Program& program);

}  // namespace agent::cli
