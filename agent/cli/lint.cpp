#include <iostream>
#include <memory>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/lint_output.hpp>
#include <agent/cli/lint_pins.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/session.hpp>

namespace agent::cli {
namespace {

struct Options {
  RunOptions run;
  std::string format = "text";
};

int look(const Options& options) {
  Session session(options.run);
  Problems problems = session.load(true);
  check_pins(session.playbooks(), problems);
  if (options.format == "json")
    write_json(std::cout, problems);
  else if (options.format == "sarif")
    write_sarif(std::cout, problems, AGENT_VERSION);
  else
    write_text(std::cout, problems);
  return static_cast<int>(problems.has_errors() ? ExitCode::wrong_input : ExitCode::fine);
}

}  // namespace

void add_lint(const Program& program) {
  program.add("lint", "Finds mistakes in playbooks without running them.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("playbook", options->run.playbooks, "the playbooks")->required();
    command.add_option("--format", options->format, "text, json or sarif")
        ->check(CLI::IsMember({"text", "json", "sarif"}));
    command.add_option("-i,--inventory", options->run.inventories, "the inventory")->allow_extra_args(false);
    command.add_option("-e,--extra-vars", options->run.extra_vars, "further variables")->allow_extra_args(false);
    return [options] { return look(*options); };
  });
}

}  // namespace agent::cli
