#include <iostream>
#include <memory>

#include <fnmatch.h>

#include <agent/cli/installation.hpp>
#include <agent/cli/local_machine.hpp>
#include <agent/cli/program.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

struct Options {
  Strings subsets;
  std::string filter;
};

int show(const Options& options) {
  const Installation installation = Installation::find();
  const auto index = installation.index();
  LocalMachine machine(installation, *index, std::nullopt, [](const Identity&) { return std::nullopt; });
  const Value facts = machine.at("localhost", {}).facts(options.subsets, Identity());
  Map out;
  if (facts.is_map())
    for (const auto& [name, value] : facts.map())
      if (options.filter.empty() || ::fnmatch(options.filter.c_str(), name.c_str(), 0) == 0 ||
          ::fnmatch(options.filter.c_str(), ("ansible_" + name).c_str(), 0) == 0)
        out.set(name, value);
  std::cout << report::json_shown(Value(out), 4) << "\n";
  return 0;
}

}  // namespace

void add_facts(const Program& program) {
  program.add("facts", "Prints what is known of this machine, as `ansible_facts` has it.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--subset", options->subsets, "only these: min, network, hardware, ... or !NAME")
        ->delimiter(',');
    command.add_option("filter,--filter", options->filter, "only facts of this name; * and ? stand for anything");
    return [options] { return show(*options); };
  });
}

}  // namespace agent::cli
