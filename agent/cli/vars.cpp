#include <iostream>
#include <memory>

#include <agent/cli/program.hpp>
#include <agent/cli/session.hpp>
#include <agent/executor/variable_view.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

struct Options {
  RunOptions run;
  std::string host, name;
  bool explain = false;
};

void explain(const executor::VariableView& view, const jinja::Engine& engine, const std::string& name) {
  const auto origins = view.origins(name);
  if (origins.empty()) {
    Error error("nobody says anything about '" + name + "'");
    if (const auto hint = did_you_mean(name, view.names())) error.hint(*hint);
    throw error;
  }
  std::cout << name << " = " << report::json_shown(engine.render(origins.front().value, view)) << "\n";
  for (std::size_t i = 0; i < origins.size(); ++i) {
    const Value& value = origins[i].value;
    std::cout << (i == 0 ? "  from " : "  over ") << report::shown(origins[i].layer);
    if (value.where()) std::cout << " (" << report::shown(value.where().text()) << ")";
    std::cout << ": " << report::json_shown(value) << "\n";
  }
}

int show(Options& options) {
  Session session(options.run);
  auto& world = session.world();
  if (!world.hosts.exists(options.host)) throw Error("there is no host '" + options.host + "' in the inventory");
  const executor::VariableView view(world, nullptr, world.state_of(options.host), nullptr, nullptr);
  if (!options.name.empty() && options.explain) {
    explain(view, world.engine, options.name);
    return 0;
  }
  Map out;
  for (const auto& name : options.name.empty() ? view.names() : Strings{options.name}) {
    if (options.name.empty() && (name == "hostvars" || name == "vars" || name == "omit" || name == "groups")) continue;
    const auto raw = view.find(name);
    if (!raw) throw Error("'" + name + "' is not defined for '" + options.host + "'");
    try {
      out.set(name, world.engine.render(*raw, view));
    } catch (const Error& error) {
      out.set(name, "<" + error.message() + ">");
    }
    if (options.explain)
      if (const auto origins = view.origins(name); !origins.empty())
        std::cout << "# " << report::shown(name) << ": " << report::shown(origins.front().layer)
                  << (raw->where() ? " (" + report::shown(raw->where().text()) + ")" : "") << "\n";
  }
  std::cout << report::json_shown(options.name.empty() ? Value(out) : *out.find(options.name), 4) << "\n";
  return 0;
}

}  // namespace

void add_vars(const Program& program) {
  program.add("vars", "Prints a host's variables, and where each comes from.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("host", options->host, "the host")->required();
    command.add_option("name", options->name, "only this variable");
    command.add_flag("--explain", options->explain, "say where a value comes from, and what it overrode");
    command.add_option("-i,--inventory", options->run.inventories, "the inventory")->allow_extra_args(false);
    command.add_option("-e,--extra-vars", options->run.extra_vars, "further variables")->allow_extra_args(false);
    return [options] { return show(*options); };
  });
}

}  // namespace agent::cli
