#include <iostream>
#include <memory>

#include <agent/cli/inventory_hosts.hpp>
#include <agent/cli/program.hpp>
#include <agent/inventory/show.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

struct Options {
  Strings sources;
  std::string host, group, limit, playbook_directory;
  bool list = false, graph = false, variables = false, is_export = false;
};

int show(const Options& options) {
  const Path directory = options.playbook_directory.empty() ? std::filesystem::current_path()
                                                            : std::filesystem::absolute(options.playbook_directory);
  const InventoryHosts hosts(options.sources, directory, options.limit);
  const auto& all = hosts.inventory();
  for (const auto& warning : all.warnings()) std::cerr << report::diagnostic(warning, "warning");
  if (!options.host.empty()) {
    if (!all.has_host(options.host)) throw Error("there is no host '" + options.host + "' in the inventory");
    std::cout << report::json_shown(Value(all.variables(options.host)), 4) << "\n";
  } else if (options.graph) {
    std::cout << report::shown(inventory::graph(all, options.group.empty() ? "all" : options.group, options.variables),
                               true);
  } else {
    std::cout << report::json_shown(inventory::list(all, options.limit, options.is_export), 4) << "\n";
  }
  return 0;
}

}  // namespace

void add_inventory(const Program& program) {
  program.add("inventory", "Shows the hosts and groups of an inventory.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("-i,--inventory", options->sources, "the inventory")->allow_extra_args(false);
    command.add_flag("--list", options->list, "all hosts, groups and variables as JSON");
    command.add_flag("--graph", options->graph, "the groups as a tree");
    command.add_option("--host", options->host, "the variables of one host");
    command.add_flag("--vars", options->variables, "with --graph: show variables");
    command.add_flag("--export", options->is_export, "with --list: keep the variables of groups with the groups");
    command.add_option("-l,--limit", options->limit, "only these hosts");
    command.add_option("--playbook-dir", options->playbook_directory,
                       "where group_vars/ and host_vars/ of a playbook are");
    command.add_option("group", options->group, "with --graph: the group to begin with");
    return [options] { return show(*options); };
  });
}

}  // namespace agent::cli
