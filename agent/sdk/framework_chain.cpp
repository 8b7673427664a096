#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <agent/sdk/framework_chain.hpp>
#include <agent/sdk/pep440.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

constexpr std::array all_links = {GpuLink::card,    GpuLink::module,    GpuLink::driver, GpuLink::userland,
                                  GpuLink::devices, GpuLink::framework, GpuLink::build,  GpuLink::capability,
                                  GpuLink::compute, GpuLink::cudnn,     GpuLink::speed};

std::string named(const VerifyCase& c) {
  const std::string version = c.probed.text("framework");
  return c.framework.package + (version.empty() ? "" : " " + version);
}

Strings strings_of(const Value& list) {
  Strings all;
  if (list.is_list())
    for (const auto& entry : list.list()) all.push_back(text_of(entry));
  return all;
}

/// What is known of a text, with the case before it; the text itself where nothing is known of it.
GpuFinding told(const VerifyCase& c, const std::string& what, const std::string& said, const char* fallback) {
  if (auto finding = diagnose_text(said, c.framework.package)) {
    finding->message = what + ": " + finding->message;
    return *finding;
  }
  return {.id = fallback, .message = what + ": " + said.substr(0, said.find('\n'))};
}

// ---- the framework by itself ----------------------------------------------------------------------------------------

GpuFinding too_late(const VerifyCase& c, const std::string& doing) {
  const bool on_device = c.probed.stage.starts_with("device");
  GpuFinding late{.id = "deadline",
                  .message = c.framework.package + " in " + c.place + " did not finish within " +
                             std::to_string(c.want.timeout) + " s: it was " + doing};
  late.remedies = {on_device ? "a GPU that hangs shows in `dmesg` as an Xid error"
                             : "a slow disk or a cold cache makes the first import slow: timeout: " +
                                   std::to_string(c.want.timeout * 2)};
  if (on_device) late.at = GpuLink::compute;
  return late;
}

/// A probe that did not come to its end: killed, crashed, too slow, or no Python at all.
GpuFinding cut_off(const VerifyCase& c) {
  const std::string& stage = c.probed.stage;
  const std::string doing = stage.empty()       ? "starting Python"
                            : stage == "import" ? "importing " + c.framework.package
                                                : "computing (" + stage + ")";
  const std::string it = c.framework.package + " in " + c.place;
  if (c.probed.timed_out) return too_late(c, doing);
  const int rc = c.probed.output.rc;
  const auto died = [rc](int signal) { return rc == 128 + signal || rc == -signal; };
  if (died(4))
    return {.id = "processor_too_old",
            .message =
                it + " was ended by SIGILL while " + doing + ": this processor lacks instructions that the build uses"};
  if (died(9))
    return {.id = "machine_out_of_memory",
            .message = it + " was killed while " + doing + ": most likely the machine ran out of memory"};
  if (died(11) || died(6) || died(7))
    return {.id = "crashed",
            .message = it + " crashed while " + doing + " (signal " + std::to_string(rc > 128 ? rc - 128 : -rc) + ")",
            .at = stage.starts_with("device") ? std::optional(GpuLink::compute) : std::nullopt};
  if (rc == 127) return {.id = "python_broken", .message = "the Python of " + c.place + " cannot be started"};
  const std::string reason = text::last_line(c.probed.output.err);
  return told(c, it + " failed while " + doing, reason.empty() ? "it said nothing" : reason,
              stage.empty() ? "python_broken" : "framework_broken");
}

std::optional<GpuFinding> wrong_version(const VerifyCase& c) {
  if (!c.want.version) return std::nullopt;
  const bool is_plain = pep440::Version::parse(*c.want.version) || c.want.version->ends_with(".*");
  const auto wanted = pep440::SpecifierSet::parse((is_plain ? "==" : "") + *c.want.version);
  const std::string version = c.probed.text("framework");
  if (!wanted || wanted->contains(version)) return std::nullopt;
  return GpuFinding{.id = "wrong_version",
                    .message = c.framework.package + " in " + c.place + " is " + version + ", and '" + *c.want.version +
                               "' is asked for",
                    .task = "pip: {name: " + c.framework.package + ", version: \"" + *c.want.version + "\"}"};
}

std::optional<GpuFinding> numpy_in_the_way(const VerifyCase& c) {
  const std::string error = c.probed.text("numpy_error"), &err = c.probed.output.err;
  if (error.empty() && err.find("compiled using NumPy 1.x") == std::string::npos) return std::nullopt;
  return told(c, named(c) + " and numpy " + c.probed.text("numpy") + " do not go together", error + err,
              "numpy_mismatch");
}

/// What is wrong before a GPU is looked at.
std::optional<GpuFinding> without_gpu(const VerifyCase& c) {
  if (!c.probed.report.is_map()) return cut_off(c);
  const std::string failed = c.probed.text("failed"), error = c.probed.text("error");
  if (failed == "import")
    return told(c, c.framework.package + " in " + c.place + " cannot be imported", error, "framework_broken");
  if (auto finding = wrong_version(c)) return finding;
  if (auto finding = numpy_in_the_way(c)) return finding;
  if (!failed.empty())
    return told(c, named(c) + " in " + c.place + " does not compute (" + failed + ")", error, "framework_broken");
  return std::nullopt;
}

// ---- CUDA as a whole ------------------------------------------------------------------------------------------------

GpuFinding no_cuda_build(const VerifyCase& c) {
  const std::string task = c.framework.cuda_build ? c.framework.cuda_build(c.probed.text("framework")) : "";
  if (!c.probed.text("rocm_build").empty())
    return {.id = "rocm_build", .message = named(c) + " was built for ROCm (AMD), not for CUDA", .task = task};
  return {.id = "cpu_only_build", .message = named(c) + " in " + c.place + " was built without it", .task = task};
}

/// PyTorch tells the CUDA that the driver offers as a number: 11040 is 11.4.
std::optional<GpuFinding> driver_says_too_old(const VerifyCase& c, const std::string& said) {
  if (said.find("driver on your system is too old") == std::string::npos) return std::nullopt;
  const std::string_view sign = "found version ";
  const auto at = said.find(sign);
  std::int64_t number = 0;
  if (at != std::string::npos) std::from_chars(said.data() + at + sign.size(), said.data() + said.size(), number);
  const std::string cuda = c.probed.text("cuda_build"), oldest = oldest_driver(cuda);
  const std::string in_use = c.machine.loaded.empty() ? "in use" : c.machine.loaded;
  const std::string offers =
      number ? " offers CUDA " + std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10)
             : " is too old";
  return GpuFinding{
      .id = "driver_too_old",
      .message = "the driver " + in_use + offers + ", and " + named(c) + " needs CUDA " + cuda +
                 (oldest.empty() ? "" : ", that is driver " + oldest + " or newer"),
      .task = oldest.empty() ? "nvidia_driver: {state: present}" : "nvidia_driver: {minimum: \"" + oldest + "\"}"};
}

std::optional<GpuFinding> hidden(const VerifyCase& c) {
  const Value& environment = c.probed.report["environment"];
  if (const Value* visible = environment.find("CUDA_VISIBLE_DEVICES"); visible)
    if (const std::string value = text_of(*visible); value.empty() || value == "-1")
      return GpuFinding{.id = "gpu_hidden",
                        .message = "CUDA_VISIBLE_DEVICES is '" + value + "', which hides every GPU"};
  if (const std::string platforms = text_of(environment["JAX_PLATFORMS"]);
      !platforms.empty() && platforms.find("cuda") == std::string::npos && platforms.find("gpu") == std::string::npos)
    return GpuFinding{.id = "gpu_hidden",
                      .message = "JAX_PLATFORMS is '" + platforms + "', which leaves the GPUs out",
                      .remedies = {"unset it, or write \"cuda,cpu\""}};
  return std::nullopt;
}

/// CUDA cannot be used at all: the first link, from the card on, that tells why.
GpuFinding unavailable(const VerifyCase& c) {
  std::string said = c.probed.text("cuda_error");
  for (const auto& warning : strings_of(c.probed.report["warnings"])) said += (said.empty() ? "" : "\n") + warning;
  const std::string cuda = c.probed.text("cuda_build");
  const bool no_build = cuda.empty() || !c.probed.text("rocm_build").empty();
  GpuFinding finding;
  if (auto machine = diagnose_machine(c.machine, cuda, named(c)); machine && machine->id != "driver_too_old")
    finding = *machine;
  else if (no_build)
    finding = no_cuda_build(c);
  else if (auto old = driver_says_too_old(c, said))
    finding = *old;
  else if (machine)
    finding = *machine;
  else if (auto mask = hidden(c))
    finding = *mask;
  else
    finding =
        told(c, named(c) + " with driver " + c.machine.loaded,
             said.empty() && c.probed.output.err.empty() ? "it does not say why" : said + "\n" + c.probed.output.err,
             "compute_failed");
  if (no_build && finding.link() < GpuLink::build) {
    if (finding.remedies.empty()) finding.remedies = remedies_of(finding);
    finding.remedies.push_back("then " + named(c) + " is to be replaced as well: it was built without CUDA");
  }
  finding.message = "CUDA cannot be used: " + finding.message;
  return finding;
}

// ---- the devices ----------------------------------------------------------------------------------------------------

std::string which(const Value& device) {
  return "GPU " + text_of(device["index"]) + " (" + text_of(device["name"]) + ")";
}

bool works(const Value& device) {
  return device["works"].is_boolean() && device["works"].boolean();
}

GpuFinding broken_device(const VerifyCase& c, const Value& device) {
  const std::string capability = text_of(device["capability"]), error = text_of(device["error"]);
  const Strings architectures = strings_of(c.probed.report["arch_list"]);
  if (!capability.empty() && !architectures.empty() && !runs_on(architectures, capability)) {
    GpuFinding finding{.id = "capability_not_in_build"};
    if (c.framework.other_capability) finding = c.framework.other_capability(capability);
    finding.message = named(c) + " has no code for " + which(device) + ": its capability is " + capability +
                      ", and the build is for " + text::joined(architectures);
    return finding;
  }
  return told(c, which(device) + " does not compute with " + named(c), error + "\n" + c.probed.output.err,
              "compute_failed");
}

std::optional<GpuFinding> too_slow(const VerifyCase& c, const Value& device) {
  if (!c.want.min_tflops || !device["tflops"].is_number() || device["tflops"].real() >= *c.want.min_tflops)
    return std::nullopt;
  return GpuFinding{.id = "too_slow",
                    .message = which(device) + " computes with " + text_of(device["tflops"]) + " TFLOPS, and " +
                               Value(*c.want.min_tflops).json() + " are asked for"};
}

std::optional<GpuFinding> too_few(const VerifyCase& c, std::int64_t working) {
  const std::int64_t least = std::max<std::int64_t>(c.want.min_devices, c.wants_gpus() ? 1 : 0);
  if (working >= least) return std::nullopt;
  GpuFinding finding{.id = "too_few_devices",
                     .message = std::to_string(working) + (working == 1 ? " GPU works" : " GPUs work") + ", and " +
                                std::to_string(least) + " are asked for"};
  if (const Value* visible = c.probed.report["environment"].find("CUDA_VISIBLE_DEVICES"))
    finding.remedies = {"CUDA_VISIBLE_DEVICES is '" + text_of(*visible) + "': unset it, or name more of them"};
  return finding;
}

std::optional<GpuFinding> on_devices(const VerifyCase& c) {
  std::int64_t working = 0;
  const Value& devices = c.probed.report["devices"];
  if (devices.is_list())
    for (const auto& device : devices.list()) {
      if (!works(device)) return broken_device(c, device);
      if (auto slow = too_slow(c, device)) return slow;
      ++working;
    }
  return too_few(c, working);
}

// ---- the chain as a person sees it ----------------------------------------------------------------------------------

std::string found_on_machine(const VerifyCase& c, GpuLink link) {
  const GpuMachine& machine = c.machine;
  if (link == GpuLink::card) {
    Strings cards;
    for (const auto& card : machine.cards)
      cards.push_back(card.slot + " " + card.device + (card.bound.empty() ? "" : " (" + card.bound + ")"));
    return text::joined(cards);
  }
  if (link == GpuLink::module)
    return machine.has_driver()  ? std::string("nvidia") + (machine.is_open_module ? ", open" : "")
           : machine.has_nouveau ? "nouveau"
                                 : "";
  if (link == GpuLink::driver) return machine.loaded;
  if (link == GpuLink::userland) return machine.userland.empty() ? machine.libcuda : machine.userland;
  return text::joined(machine.nodes);
}

std::string found_on_devices(const VerifyCase& c, const char* key) {
  Strings all;
  const Value& devices = c.probed.report["devices"];
  if (devices.is_list())
    for (const auto& device : devices.list())
      if (const std::string text = text_of(device[key]); !text.empty()) all.push_back(text);
  return text::joined(all);
}

std::string found(const VerifyCase& c, GpuLink link) {
  switch (link) {
    case GpuLink::framework: {
      const std::string python = c.probed.text("python");
      return c.probed.text("framework").empty() ? "" : named(c) + ", Python " + python;
    }
    case GpuLink::build: {
      const std::string cuda = c.probed.text("cuda_build");
      return cuda.empty() ? "" : "CUDA " + cuda;
    }
    case GpuLink::capability:
      return found_on_devices(c, "capability");
    case GpuLink::compute:
      return found_on_devices(c, "name");
    case GpuLink::cudnn:
      return c.probed.text("cudnn");
    case GpuLink::speed: {
      const std::string tflops = found_on_devices(c, "tflops");
      return tflops.empty() ? "" : tflops + " TFLOPS";
    }
    default:
      return found_on_machine(c, link);
  }
}

/// What there is to see at each link when nothing is wrong with it: "none" where it does not apply.
std::string state_of(const VerifyCase& c, GpuLink link, bool has_gpu) {
  if (link == GpuLink::framework) return "ok";
  if (c.want.cuda == "none") return "untested";
  if (link == GpuLink::build) return c.probed.text("cuda_build").empty() ? "none" : "ok";
  if (!has_gpu) return "none";
  if (link <= GpuLink::devices) return "ok";
  if (!c.probed.is_available()) return "untested";
  return found(c, link).empty() ? "none" : "ok";
}

List chain_of(const VerifyCase& c, const std::optional<GpuFinding>& finding) {
  const bool proved = c.probed.is_available();
  // A framework that broke by itself leaves open how the machine below is: that is looked at on its own.
  std::optional<GpuFinding> below;
  if (!proved && c.want.cuda != "none") below = diagnose_machine(c.machine, c.probed.text("cuda_build"), named(c));
  const bool has_gpu = proved || !below || below->id != "no_card";
  std::optional<GpuLink> broken;
  if (finding) broken = finding->link();
  List chain;
  for (const GpuLink link : all_links) {
    std::string state = state_of(c, link, has_gpu);
    if (below && below->id != "no_card" && link == below->link()) state = "broken";
    if (below && below->id != "no_card" && link > below->link() && link <= GpuLink::devices) state = "untested";
    if (broken && link == *broken) state = "broken";
    if (broken && link > *broken && link > GpuLink::framework && state == "ok" && link != GpuLink::build)
      state = "untested";
    if (broken && *broken == GpuLink::framework && link > GpuLink::framework) state = "untested";
    const std::string text = found(c, link);
    chain.push_back(Map{{"link", name_of(link)}, {"state", state}, {"found", text.empty() ? Value() : Value(text)}});
  }
  return chain;
}

}  // namespace

std::string chain_in_words() {
  std::string all;
  for (const GpuLink link : all_links) all += (all.empty() ? "`" : ", `") + std::string(name_of(link)) + "`";
  return all;
}

Verdict judge(const VerifyCase& c) {
  Verdict verdict;
  verdict.finding = without_gpu(c);
  if (!verdict.finding && c.want.cuda != "none") {
    if (c.probed.is_available()) {
      verdict.finding = on_devices(c);
    } else {
      const GpuMachine& machine = c.machine;
      // Without being told, a build for CUDA on a machine with a GPU and a driver is held to what it promises.
      const bool promised = !machine.cards.empty() && machine.has_driver() && !c.probed.text("cuda_build").empty();
      verdict.fails = c.wants_gpus() || promised;
      verdict.finding = unavailable(c);
      if (!verdict.fails && verdict.finding->id == "no_card") verdict.finding.reset();
    }
  }
  verdict.chain = chain_of(c, verdict.finding);
  return verdict;
}

}  // namespace agent
