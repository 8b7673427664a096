#include <algorithm>
#include <iostream>
#include <memory>

#include <agent/cli/doc_page.hpp>
#include <agent/cli/installation.hpp>
#include <agent/cli/program.hpp>
#include <agent/executor/directives.hpp>
#include <agent/playbook/module_names.hpp>

namespace agent::cli {
namespace {

struct Options {
  Strings names;
  bool markdown = false, list = false, json = false;
};

Strings all_names(const ModuleIndex& index) {
  Strings names = index.names();
  for (const auto& spec : executor::directive_specs()) names.push_back(spec.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

const Spec& spec_of(const ModuleIndex& index, const std::string& written) {
  const std::string name = canonical_module(written);
  if (const auto* entry = index.find(name)) return entry->spec;
  if (const Spec* spec = executor::find_directive(name)) return *spec;
  Error error("there is no module '" + written + "'");
  if (const auto hint = did_you_mean(name, all_names(index))) error.hint(*hint);
  throw std::move(error).hint("'agent doc -l' lists all");
}

int show(const Options& options) {
  const auto index = Installation::find().index();
  if (options.list || options.names.empty()) {
    for (const auto& name : all_names(*index))
      std::cout << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << spec_of(*index, name).summary
                << "\n";
    return 0;
  }
  for (const auto& name : options.names) {
    const Spec& spec = spec_of(*index, name);
    const auto* entry = index->find(spec.name);
    std::cout << (options.json       ? spec.to_value().json(2) + "\n"
                  : options.markdown ? markdown_page(spec, entry ? entry->distros : Strings())
                                     : text_page(spec, entry ? entry->distros : Strings()));
  }
  return 0;
}

}  // namespace

void add_doc(const Program& program) {
  program.add("doc", "Prints what a module does and takes.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("module", options->names, "the modules");
    command.add_flag("--markdown", options->markdown, "as Markdown, for a README");
    command.add_flag("-j,--json", options->json, "the whole Spec as JSON");
    command.add_flag("-l,--list", options->list, "list all modules");
    return [options] { return show(*options); };
  });
}

}  // namespace agent::cli
