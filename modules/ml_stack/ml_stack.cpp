#include <agent/resolver/load.hpp>
#include <agent/resolver/machine.hpp>
#include <agent/sdk/module.hpp>

#include "cpu_index.hpp"

namespace agent::ml_stack {
namespace {

struct Want {
  Strings framework = {"torch"};
  Strings gpu;
  std::optional<std::string> driver, distro, python, cuda;
  bool toolkit = false;
  std::string prefer = "newest";
  Map installed;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("ml_stack", "Works out which driver, CUDA, cuDNN, Python and framework go together on this machine.")
          .description(
              "Nothing is changed: the result is registered, and the tasks after it use it. What is not given is as "
              "the machine has it: its distribution, its Python (preferred), its NVIDIA cards. The driver that is "
              "loaded counts as long as there is an answer with it; otherwise `driver_ok` is false, and "
              "`driver_package` names the one to install. A machine without an NVIDIA GPU gets builds for the CPU: "
              "from PyTorch's index for the CPU where that answers within three seconds, otherwise from the indexes "
              "that pip is configured with; `index` says which. The tables and their sources are those of `agent "
              "resolve`, which explains an answer: see docs/resolver.md.")
          .reads_network()
          .optional("framework", &Want::framework,
                    "what is wanted, with the versions that are allowed: torch==2.4.*, tensorflow, jax, cupy")
          .alias("name")
          .optional("gpu", &Want::gpu, "cards, PCI ids or capabilities instead of the machine's; none: for the CPU")
          .optional("driver", &Want::driver, "the driver that must serve: 550.54.15, or a branch: 550")
          .optional("distro", &Want::distro, "a distribution other than the machine's: ubuntu22.04")
          .optional("python", &Want::python, "the Python: 3.10, or limits: \">=3.9,<3.12\"")
          .optional("cuda", &Want::cuda, "the CUDA: 12.4, \"12.*\", \">=12.1\"; none: for the CPU")
          .optional("toolkit", &Want::toolkit, "CUDA is needed on the machine itself as well (nvcc)")
          .optional("prefer", &Want::prefer, "which of the stacks that fit")
          .choices({"newest", "installed", "oldest"})
          .optional("installed", &Want::installed, "what is there, for `prefer: installed`: {torch: 2.4.1+cu121}")
          .example("Decide once, and let the following tasks use it",
                   "- ml_stack: {framework: \"torch==2.4.*\"}\n"
                   "  register: stack\n"
                   "- pip:\n"
                   "    name: \"{{ stack.packages }}\"\n"
                   "    index_url: \"{{ stack.index_url }}\"\n"
                   "    virtualenv: /opt/ml")
          .example("The stack of a machine that is not at hand",
                   "- ml_stack: {framework: torch, gpu: RTX 3070, distro: ubuntu22.04, driver: \"550\"}")
          .returns("torch", "text", "the version of torch; likewise `tensorflow`, `jax`, `torchvision`, `torchaudio`")
          .returns("packages", "list", "what pip is to install: torch==2.4.1+cu121, ...")
          .returns("index_url", "text", "the index to take them from; null: as pip is configured")
          .returns("extra_index_url", "text", "an index beside pip's own, for older releases")
          .returns("find_links", "text", "a page of links, for the oldest releases")
          .returns("index", "text", "pytorch, or pip where the indexes are those that pip is configured with")
          .returns("tag", "text", "the label of the build: cu121, cpu")
          .returns("python", "text", "the Python; `python_from` says whose, `python_package` the package of it")
          .returns("cuda", "text", "the CUDA of the framework; null: for the CPU")
          .returns("cudnn", "text", "the cuDNN; `cudnn_packages` are those that the machine itself needs")
          .returns("toolkit", "text", "the CUDA that the machine itself needs; null: none. `toolkit_package`")
          .returns("driver_min", "text", "the oldest driver that serves; `driver_full`: with nothing missing")
          .returns("driver_package", "text",
                   "the package of a driver that serves; `driver_packages`, `driver_source`, `driver_branch`, "
                   "`driver_open`")
          .returns("driver_ok", "boolean", "whether the driver that is loaded serves; null: none is loaded")
          .returns("gpu", "text", "the first card; `capability`, `gpus`")
          .returns("warnings", "list", "what to know about this answer")
          .returns("facts", "list", "what it follows from, each with its place in the tables and its sources");
  return spec;
}

resolver::Request request_of(const Want& want, const resolver::Tables& tables) {
  resolver::Request request;
  for (const std::string& text : want.framework) {
    try {
      resolver::add_requirement(request, text, tables);
    } catch (Error& error) {
      throw std::move(error).about("framework");
    }
  }
  request.gpus = want.gpu;
  request.driver = want.driver;
  request.distro = want.distro;
  request.python = want.python;
  if (want.cuda) request.cuda = want.cuda;
  request.toolkit |= want.toolkit;
  request.prefer = want.prefer == "oldest"      ? resolver::Prefer::oldest
                   : want.prefer == "installed" ? resolver::Prefer::installed
                                                : resolver::Prefer::newest;
  for (const auto& [name, version] : want.installed)
    if (version.is_string()) request.installed[name] = version.string();
  return request;
}

resolver::Machine machine_of(const Want& want, const Host& host) {
  // What is given need not be looked for.
  Strings subsets = {"!all", "!min"};
  if (want.gpu.empty() || !want.driver) subsets.emplace_back("gpu");
  if (!want.python) subsets.emplace_back("python");
  const Value facts = host.facts(subsets);
  const Value& python = facts["python_version"];
  return {facts["gpu"], host.system().id + host.system().version, python.is_string() ? python.string() : ""};
}

[[noreturn]] void refuse(const resolver::Conflict& conflict) {
  Error error("there is no such stack: " + conflict.summary());
  for (const resolver::WayOut& way : conflict.ways) error.hint(way.text + (way.gives.empty() ? "" : ": " + way.gives));
  for (const resolver::Fact& fact : conflict.facts)
    if (const std::string place = resolver::shown_place(fact.where); !place.empty())
      error.hint("'" + fact.text + "' says " + place);
  throw std::move(error).with(conflict.to_value().map());
}

class MlStack : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    const resolver::Tables tables = resolver::load(resolver::folders());
    const auto answer = resolver::resolve_on(tables, request_of(want, tables), machine_of(want, host));
    if (const auto* conflict = std::get_if<resolver::Conflict>(&answer)) refuse(*conflict);
    const auto& stack = std::get<resolver::Stack>(answer);
    Plan plan;
    plan.result = stack.to_value().map();
    plan.notes = stack.warnings;
    if (stack.for_cpu) choose_cpu_index(plan, host);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<MlStack>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::ml_stack

AGENT_MODULE(agent::ml_stack::arguments, agent::ml_stack::variants)
