#include <fstream>
#include <iostream>
#include <memory>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/installation.hpp>
#include <agent/cli/local_machine.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/stack_text.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/resolver/load.hpp>
#include <agent/resolver/machine.hpp>
#include <agent/resolver/raw_file.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

struct Options {
  Strings wanted, gpus, installed;
  std::string driver, distro, python, cuda, prefer = "newest", format = "text", compiled;
  bool toolkit = false, here = false, explain = false;
};

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

resolver::Request request_of(const Options& options, const resolver::Tables& tables) {
  resolver::Request request;
  for (const std::string& text : options.wanted) resolver::add_requirement(request, text, tables);
  request.gpus = options.gpus;
  request.driver = given(options.driver);
  request.distro = given(options.distro);
  request.python = given(options.python);
  if (!options.cuda.empty()) request.cuda = options.cuda;
  request.toolkit |= options.toolkit;
  request.prefer = options.prefer == "oldest"      ? resolver::Prefer::oldest
                   : options.prefer == "installed" ? resolver::Prefer::installed
                                                   : resolver::Prefer::newest;
  for (const std::string& text : options.installed) {
    const auto sign = text.find('=');
    if (sign == std::string::npos)
      throw Error("--installed is '" + text + "': expected NAME=VERSION").hint("--installed torch=2.4.1+cu121");
    request.installed[text.substr(0, sign)] = text.substr(text.find_first_not_of('=', sign));
  }
  return request;
}

/// What this machine is, as `agent facts` has it.
resolver::Machine this_machine() {
  const Installation installation = Installation::find();
  const auto index = installation.index();
  LocalMachine machine(installation, *index, std::nullopt, [](const Identity&) { return std::nullopt; });
  const Value facts = machine.at("localhost", {}).facts({"!all", "gpu", "distribution", "python"}, Identity());
  const auto text = [&](const char* name) { return facts[name].is_string() ? facts[name].string() : std::string(); };
  std::string id = text("distribution");
  for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::string version = text("distribution_version");
  return {facts["gpu"], id.empty() || version.empty() ? "" : id + version, text("python_version")};
}

std::variant<resolver::Stack, resolver::Conflict> answer(const Options& options) {
  const resolver::Tables tables = resolver::load(resolver::folders());
  const resolver::Request request = request_of(options, tables);
  return options.here ? resolver::resolve_on(tables, request, this_machine()) : resolver::resolve(tables, request);
}

int show(const Options& options) {
  const auto found = answer(options);
  const auto* stack = std::get_if<resolver::Stack>(&found);
  const auto* conflict = std::get_if<resolver::Conflict>(&found);
  if (options.format == "json")
    std::cout << report::json_shown(stack ? stack->to_value() : conflict->to_value(), 4) << "\n";
  else if (stack)
    std::cout << report::shown(stack_text(*stack, options.explain), true);
  else
    std::cerr << report::shown(conflict_text(*conflict, options.explain), true);
  return static_cast<int>(stack ? ExitCode::fine : ExitCode::wrong_input);
}

/// Writes what saves later runs the reading of the shipped tables.
int compile(const Path& file) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << resolver::compiled_tables(resolver::folders().front());
  stream.close();
  if (!stream) throw Error("'" + file.string() + "' cannot be written");
  return static_cast<int>(ExitCode::fine);
}

}  // namespace

void add_resolve(const Program& program) {
  program.add(
      "resolve", "Works out which driver, CUDA, cuDNN, Python and framework go together.", [](CLI::App& command) {
        auto options = std::make_shared<Options>();
        command.add_option("wanted", options->wanted, "torch==2.4.*, tensorflow, jax, cupy, cuda==12.4, ...");
        command
            .add_option("--gpu", options->gpus,
                        "a card (\"RTX 3070\"), PCI id (10de:2484) or capability (8.6); none: the CPU")
            ->allow_extra_args(false);
        command.add_option("--driver", options->driver, "the driver that is there: 550.54.15, or its branch: 550");
        command.add_option("--distro", options->distro, "the distribution: ubuntu22.04, debian12, fedora43, rocky9");
        command.add_option("--python", options->python, "the Python: 3.10, or limits: '>=3.9,<3.12'");
        command.add_option("--cuda", options->cuda, "the CUDA: 12.4, '12.*', '>=12.1'; none: for the CPU");
        command.add_flag("--toolkit", options->toolkit, "CUDA is needed on the machine itself as well (nvcc)");
        command.add_option("--prefer", options->prefer, "newest, installed or oldest of what fits")
            ->check(CLI::IsMember({"newest", "installed", "oldest"}));
        command
            .add_option("--installed", options->installed, "what is there, for --prefer installed: torch=2.4.1+cu121")
            ->allow_extra_args(false);
        command.add_flag("--here", options->here, "what is not said is as this machine has it");
        command.add_flag("--explain", options->explain, "with the facts that the answer follows from, and who says so");
        command.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
        command.add_option("--compile-tables", options->compiled, "what the build calls")->group("");
        return [options] { return options->compiled.empty() ? show(*options) : compile(options->compiled); };
      });
}

}  // namespace agent::cli
